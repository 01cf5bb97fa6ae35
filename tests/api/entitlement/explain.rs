//! `ks_session.explainAccess` and `ks explain-access`: which rule lets a session through, or hides an object.

use ks_schema::CategoryId;
use ks_store::{Category, Content, Store, StoreConfig};
use ks_tests::house::{House, now};
use ks_tests::server::{Server, run};
use ks_token::PartnerId;
use serde_json::{Value, json};

use super::world::{World, build};

fn setup() -> (House, World) {
    let file = std::fs::read_to_string(ks_tests::root().join("tests/data/entitlement-cases.json")).expect("the cases");
    let file: Value = serde_json::from_str(&file).expect("JSON");
    let house = House::build();
    let world = build(&house, &file["setups"]["s1"], 700);
    (house, world)
}

#[test]
fn each_rule_is_told_in_a_sentence() {
    let (house, world) = setup();
    let appx = "privacycontext:appX";
    // Who, with what, at what: visible, listed, the rule, and a word of the sentence.
    let rows: [(&str, &str, Value, bool, bool, &str, &str); 17] = [
        ("", "disableentitlement", json!(23), true, true, "not-enforced", "disableentitlement"),
        ("zed", appx, json!(22), true, true, "listed", "everybody in its context"),
        ("bob", appx, json!(24), true, true, "member", "is a member"),
        ("zed", appx, json!(23), false, false, "not-member", "only members"),
        ("zed", "", json!(20), false, false, "other-context", "no context"),
        ("zed", "", json!(999), false, false, "gone", "no such category"),
        ("zed", "disableentitlementforentry:0_hidn0001,list:*", json!("0_hidn0001"), true, true, "exempt", "names"),
        ("owen", "", json!("0_hidn0001"), true, true, "owner", "owns"),
        ("gina", "", json!("0_coed0001"), true, false, "co-editor", "list:*"),
        ("ivan", "list:*", json!("0_coed0001"), true, true, "co-publisher", "publish"),
        ("hana", "list:*", json!("0_coed0001"), true, true, "co-viewer", "entitledUsersView"),
        ("eve", "list:*,privacycontext:appY", json!("0_gown0001"), true, true, "owner-group", "group"),
        ("zed", "list:*,privacycontext:appX", json!("0_nocat001"), true, false, "uncategorised", "Lists do not"),
        ("zed", "list:*,privacycontext:appX", json!("0_appx0001"), true, true, "open-category", "\"App\""),
        ("zed", "list:*,privacycontext:appX", json!("0_auth0001"), true, true, "signed-in", "\"App>Auth\""),
        ("alice", "list:*,privacycontext:appX", json!("0_priv0001"), true, true, "member", "\"App>Priv\""),
        ("zed", appx, json!("0_kidp0001"), false, false, "no-category", "the entry above it"),
    ];
    for (user, privileges, object, visible, listed, rule, word) in rows {
        let privileges =
            world.entries.iter().fold(privileges.to_owned(), |said, (old, new)| said.replace(old.as_str(), new));
        let (subject, id) = match &object {
            Value::String(id) => ("entry", world.entries[id].clone()),
            id => {
                let id = id.as_i64().unwrap();
                ("category", world.categories.get(&id).copied().unwrap_or(999_999).to_string())
            }
        };
        let params = json!({"ks": world.account.admin(), "subject": subject, "objectId": id, "userId": user,
                            "privileges": privileges, "type": 0});
        let told = house.good("ks_session.explainAccess", &params);
        assert_eq!(told["objectType"], "KalturaKsAccess", "{told}");
        let found = (&told["visible"], &told["listed"], &told["rule"]);
        assert_eq!(found, (&json!(visible), &json!(listed), &json!(rule)), "{user} {object}: {told}");
        assert!(told["explanation"].as_str().is_some_and(|text| text.contains(word)), "{user} {object}: {told}");
    }
    // What one account has is nothing to another one.
    let other = house.account(701);
    let params = json!({"ks": other.admin(), "subject": "entry", "objectId": world.entries["0_appx0001"],
                        "privileges": "disableentitlement"});
    assert_eq!(house.good("ks_session.explainAccess", &params)["rule"], "gone");
}

#[test]
fn the_command_line_tells_the_same() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let partner = PartnerId::new(i32::try_from(server.partner()).expect("a partner id"));
    let id = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store = Store::open(StoreConfig::in_folder(data.path())).await.expect("the same database");
        let category = Category {
            id: CategoryId::new(1),
            privacy_context: "appX".to_owned(),
            appear_in_list: 3,
            ..Category::named(partner, "Hidden", now())
        };
        let content = Content { categories: vec![category], ..Content::default() };
        let made = store.import_content(partner, content, now()).await.expect("content");
        store.close().await;
        made[&CategoryId::new(1)].to_string()
    });
    let folder = data.path().to_string_lossy();
    let (account, base) = (partner.to_string(), ["explain-access", "category"]);
    let ask = |id: &str, privileges: &str| {
        let mut args: Vec<&str> = base.to_vec();
        args.extend([id, "--partner", &account, "--user", "zed", "--privileges", privileges, "--data-dir", &folder]);
        run(&args)
    };
    let hidden = ask(&id, "enableentitlement,privacycontext:appX");
    assert_eq!(hidden.status.code(), Some(1), "{hidden:?}");
    assert!(hidden.out.starts_with("Hidden: only members see that the category exists"), "{hidden:?}");
    let visible = ask(&id, "disableentitlement");
    assert!(visible.good().starts_with("Visible: every category of the account is."), "{visible:?}");
    assert_eq!(ask("none", "").status.code(), Some(2));
    assert_eq!(ask("999999", "").status.code(), Some(1));
}
