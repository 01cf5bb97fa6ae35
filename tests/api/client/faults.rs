//! What a client makes of servers and networks that fail.

use std::time::Duration;

use ks_client::classes::Category;
use ks_client::{Client, ClientBuilder, Credentials, Error, Retry};
use ks_tests::server::Server;

use super::recorder::{Deed, Recorder, answer};
use super::{block, partner};

fn patient(url: &str) -> ClientBuilder {
    let wait = Duration::from_millis(1);
    Client::builder(url).retry(Retry { attempts: 2, first: wait, longest: wait })
}

#[test]
fn what_reads_is_sent_again_and_what_writes_is_not() {
    let server = Server::dev();
    // The answer to every first call of an action is lost.
    let recorder = Recorder::acting(server.addr, |number, _| if number % 2 == 1 { Deed::Lose } else { Deed::Pass });
    block(async {
        let client = patient(&recorder.url).build().unwrap();
        let me = Credentials::local(server.told("adminSecret"), partner(&server)).admin("me");
        let client = client.sign_in(me).await.unwrap();
        assert_eq!(client.category().list().await.unwrap().total_count(), Some(0));
        assert_eq!(recorder.count("list"), 2);
        let error = client.category().add(Category::new().with_name("Once")).await.unwrap_err();
        assert!(matches!(error, Error::Broken { .. }), "{error:?}");
        assert_eq!(recorder.count("add"), 1);
        // It was done; that is why nothing else could know whether to repeat it.
        assert_eq!(client.category().list().await.unwrap().total_count(), Some(1));
    });
}

#[test]
fn attempts_are_bounded() {
    let server = Server::dev();
    let recorder = Recorder::acting(server.addr, |_, _| answer("503 Service Unavailable", "busy"));
    block(async {
        let client = patient(&recorder.url).build().unwrap();
        let error = client.system().ping().await.unwrap_err();
        assert!(matches!(error, Error::Status { status: 503, .. }), "{error:?}");
        assert_eq!(recorder.seen().len(), 3);
    });
}

#[test]
fn there_is_no_connection_where_nobody_listens() {
    block(async {
        let client = patient(&format!("http://{}", ks_tests::programs::free())).build().unwrap();
        let error = client.category().add(Category::new()).await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error:?}");
        assert!(Client::new("nowhere").is_err());
    });
}

#[test]
fn patience_ends() {
    let server = Server::dev();
    let recorder = Recorder::acting(server.addr, |_, _| Deed::Hang);
    block(async {
        let client = patient(&recorder.url).timeout(Duration::from_secs(2)).build().unwrap();
        let error = client.system().ping().await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
        assert!(recorder.seen().len() <= 1, "what may have been done is not asked for again");
    });
}

#[test]
fn answers_that_are_none_are_told_apart() {
    let server = Server::dev();
    for (status, body, told) in [
        ("200 OK", "<html>", "the answer cannot be read: it is not JSON"),
        ("200 OK", "null", "the answer cannot be read: null came where KalturaCategory was expected"),
        (
            "200 OK",
            "\"0123456789012345678901234567890123456789\"",
            "the answer cannot be read: it is larger than 40 bytes",
        ),
        ("200 OK", "{\"code\":\"X\",\"message\":\"m\"}", "X: m"),
        ("400 Bad Request", "{\"code\":\"X\",\"message\":\"m\"}", "X: m"),
        ("404 Not Found", "nothing", "HTTP status 404"),
        ("302 Found", "", "HTTP status 302"),
    ] {
        let recorder = Recorder::acting(server.addr, move |_, _| answer(status, body));
        block(async {
            let client = patient(&recorder.url).largest_answer(40).build().unwrap();
            let error = client.category().get(7).await.unwrap_err().to_string();
            assert!(error.ends_with(told), "{error}");
        });
    }
}

#[test]
fn a_file_has_its_error_in_a_header() {
    let server = Server::dev();
    let refused =
        "HTTP/1.1 200 OK\r\nX-Kaltura: error-SERVICE_FORBIDDEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let recorder = Recorder::acting(server.addr, move |_, _| Deed::Answer(refused.to_owned()));
    block(async {
        let error = Client::new(&recorder.url).unwrap().system().get_health_check().await.unwrap_err();
        assert_eq!(error.api().unwrap().code(), "SERVICE_FORBIDDEN");
    });
}

#[test]
fn another_endpoint_and_an_action_that_nobody_declared() {
    let server = Server::dev();
    let recorder = Recorder::acting(server.addr, |_, request| {
        answer("200 OK", &format!("{{\"objectType\":\"KalturaPlaylist\",\"id\":\"{}\"}}", request.target))
    });
    block(async {
        let client = Client::builder(format!("{}/below/api_v3/", recorder.url)).client_tag("mine").partner(7);
        let client = client.build().unwrap();
        let call = client.action("playlist", "execute").with("id", "0_list").with_ks("canary");
        assert_eq!(format!("{call:?}"), "playlist.execute{\"id\", \"ks\"}");
        assert_eq!(call.await.unwrap()["id"], "/below/api_v3/service/playlist/action/execute");
        let sent = &recorder.seen()[0];
        assert!(sent.head.to_lowercase().contains("content-type: application/json\r\n"), "{}", sent.head);
        let expected = serde_json::json!({ "id": "0_list", "ks": "canary", "partnerId": 7, "format": 1,
            "clientTag": "mine", "apiVersion": ks_client::API_VERSION });
        assert_eq!(sent.json(), expected);
    });
}

#[test]
fn an_answer_in_another_format_is_taken_as_it_is() {
    let server = Server::dev();
    block(async {
        let client = Client::new(&server.url).unwrap();
        let file = client.action("system", "ping").raw(2).await.unwrap();
        assert!(String::from_utf8_lossy(&file.bytes).contains("<result>1</result>"), "{file:?}");
        let file = client.action("system", "ping").raw(3).await.unwrap();
        assert_eq!(&file.bytes[..], b"b:1;");
    });
}
