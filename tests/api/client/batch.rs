//! Several calls in one request, with references between them.

use ks_client::classes::{Category, CategoryFilter};
use ks_client::{Client, Error, ErrorCode, Null, Ref};
use ks_tests::server::Server;
use serde_json::json;

use super::recorder::Recorder;
use super::{admin, block, partner};

#[test]
fn calls_refer_to_what_earlier_ones_answer() {
    let server = Server::dev();
    block(async {
        let client = admin(&server).await;
        let mut batch = client.batch();
        let upper = batch.add(client.category().add(Category::new().with_name("Upper")));
        let lower = Category::new().with_name("Lower").with_parent_id(upper.id());
        let lower = batch.add(client.category().add(lower));
        let list = batch.add(client.category().list().filter(CategoryFilter::new().with_parent_id_equal(upper.id())));
        let found = batch.add(client.category().get(list.objects().item(0).id()));
        let ids = list.objects().each(Ref::<Category>::id);
        let listed = batch.add(client.category().list().filter(CategoryFilter::new().with_id_in(ids)));
        assert_eq!(batch.len(), 5);
        let answers = batch.send().await.unwrap();
        assert_eq!(answers.failed(), 0);
        let (upper, lower) = (answers.get(&upper).unwrap(), answers.get(&lower).unwrap());
        assert_eq!((lower.parent_id(), lower.full_name()), (upper.id(), Some("Upper>Lower")));
        assert_eq!(answers.get(&found).unwrap().id(), lower.id());
        assert_eq!(answers.get(&listed).unwrap().objects()[0].id(), lower.id());
    });
}

#[test]
fn a_call_that_fails_does_not_keep_the_others_from_being_done() {
    let server = Server::dev();
    block(async {
        let client = admin(&server).await;
        let mut batch = client.batch();
        let missing = batch.add(client.category().get(7));
        let ping = batch.add(client.system().ping());
        // What cannot be followed is nothing at the server.
        let below = batch.add(client.category().get(missing.id()));
        let untyped = batch.add_untyped(client.action("session", "get"));
        let answers = batch.send().await.unwrap();
        assert_eq!(answers.failed(), 2);
        let error = answers.get(&missing).unwrap_err();
        assert!(error.is(ErrorCode::CategoryNotFound), "{error}");
        assert_eq!(error.api().unwrap().arg("ID"), Some("7"));
        assert!(answers.get(&ping).unwrap());
        assert!(answers.get(&below).is_err());
        assert_eq!(answers.get(&untyped).unwrap()["userId"], "me");
        let other = client.batch().send().await.unwrap();
        assert!(matches!(other.get(&ping), Err(Error::Usage(_))));
    });
}

#[test]
fn a_batch_can_start_its_own_session() {
    let server = Server::dev();
    let recorder = Recorder::new(server.addr);
    block(async {
        let client = Client::new(&recorder.url).unwrap();
        let mut batch = client.batch();
        let start = client.session().start(server.told("adminSecret")).user_id("me").partner_id(partner(&server));
        let ks = batch.add(start.r#type(ks_client::enums::SessionType::Admin));
        let info = batch.add(client.session().get().with_ks(&ks));
        let answers = batch.send().await.unwrap();
        assert_eq!(answers.get(&info).unwrap().user_id(), Some("me"));
        let body = recorder.seen()[0].json();
        assert_eq!(recorder.seen()[0].target, "/api_v3/service/multirequest");
        assert_eq!(body["1"], json!({ "ks": "{1:result}", "service": "session", "action": "get" }));
        assert_eq!((&body["0"]["service"], &body["0"]["type"]), (&json!("session"), &json!(2)));
    });
}

#[test]
fn a_property_is_cleared_left_alone_or_set() {
    let server = Server::dev();
    block(async {
        let client = admin(&server).await;
        let made = Category::new().with_name("Lectures").with_description("of physics").with_tags("a");
        let made = client.category().add(made).await.unwrap();
        assert_eq!((made.description(), made.tags()), (Some("of physics"), Some("a")));
        let change = Category::new().with_description(Null).with_reference_id(None::<&str>);
        let changed = client.category().update(made.id(), change).await.unwrap();
        assert_eq!((changed.description().unwrap_or_default(), changed.tags()), ("", Some("a")));
    });
}
