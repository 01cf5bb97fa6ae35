//! Whose entries are, who changes them, and who deletes them.

use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

use super::{id, ready};

/// What a session is told whose type would have to be another one.
fn wrong_session() -> (String, Value) {
    error("INVALID_KS", &[("KSID", ""), ("ERR_CODE", "-4"), ("ERR_DESC", "INVALID_TYPE")])
}

fn owners(entry: &Value) -> (String, String) {
    let text = |name: &str| entry[name].as_str().unwrap_or("nobody").to_owned();
    (text("userId"), text("creatorId"))
}

fn pair(owner: &str, creator: &str) -> (String, String) {
    (owner.to_owned(), creator.to_owned())
}

#[test]
fn only_administrators_make_entries_of_others() {
    let house = House::build();
    let account = house.account(1011);
    let add = |ks: &str, entry: Value| house.call("baseEntry.add", &json!({"ks": ks, "entry": entry}));
    let (ann, admin) = (account.mint(0, "ann", ""), account.admin());
    for entry in [json!({}), json!({"userId": "ann"}), json!({"userId": "ANN"})] {
        assert_eq!(owners(&add(&ann, entry)), pair("ann", "ann"));
    }
    assert_eq!(owners(&add(&admin, json!({}))), pair("root", "root"));
    assert_eq!(owners(&add(&admin, json!({"userId": "newcomer"}))), pair("newcomer", "newcomer"));
    assert_eq!(owners(&add(&admin, json!({"userId": "bob", "creatorId": "cree"}))), pair("bob", "cree"));
    assert_eq!(owners(&add(&account.mint(2, "", ""), json!({}))), pair("nobody", "nobody"));
    let fault = |ks: &str, entry: Value| house.fault("baseEntry.add", &json!({"ks": ks, "entry": entry}));
    assert_eq!(fault(&ann, json!({"userId": "bob"})), wrong_session());
    assert_eq!(fault(&ann, json!({"creatorId": "bob"})), wrong_session());
    assert_eq!(fault(&admin, json!({"userId": "a b"})), error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "userId")]));
    // Whom an entry is given to becomes a user.
    assert_eq!(house.good("user.get", &json!({"ks": admin, "userId": "newcomer"}))["id"], "newcomer");
}

#[test]
fn entries_are_given_away_by_administrators_and_by_edituser() {
    let house = House::build();
    let account = house.account(1012);
    let ann = account.mint(0, "ann", "");
    let entry = ready(&house, &ann, "x");
    let give = |ks: &str, to: &str| {
        house.call("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": {"userId": to}}))
    };
    for same in ["ann", "Ann"] {
        assert_eq!(give(&ann, same)["userId"], "ann");
    }
    assert_eq!(ks_tests::call::fault(&give(&ann, "bob")), wrong_session());
    for privileges in ["edituser:bobby", "edituser:bo", "edit:*", "all:*,view:*"] {
        let ks = account.mint(0, "ann", privileges);
        assert_eq!(ks_tests::call::fault(&give(&ks, "bob")), wrong_session(), "{privileges}");
    }
    assert_eq!(give(&account.mint(0, "ann", "edituser:bob"), "bob")["userId"], "bob");
    assert_eq!(give(&account.admin(), "newcomer")["userId"], "newcomer");
    assert_eq!(house.good("baseEntry.get", &json!({"ks": ann, "entryId": entry}))["creatorId"], "ann");
}

/// Who may do what with an entry of `owner`, whose co-editor is `ed`, co-publisher `pat` and co-viewer `val`.
struct Scene {
    house: House,
    account: Account,
}

impl Scene {
    fn set(number: i32) -> Self {
        let house = House::build();
        let account = house.account(number);
        Self { house, account }
    }

    fn entry(&self, owner: &str) -> String {
        let entry = json!({"userId": owner, "entitledUsersEdit": "ed,team", "entitledUsersPublish": "pat",
                           "entitledUsersView": "val"});
        let params = json!({"ks": self.account.admin(), "entry": entry, "type": "1"});
        id(&self.house.good("baseEntry.add", &params))
    }

    fn told(&self, action: &str, ks: &str, entry: &str) -> Value {
        let change = json!({"name": "new"});
        let params = json!({"ks": ks, "entryId": entry, "baseEntry": change, "mediaEntry": change});
        let answer = self.house.call(action, &params);
        if answer["objectType"] == "KalturaAPIException" { answer["code"].clone() } else { json!("done") }
    }
}

#[test]
fn owners_co_editors_and_sessions_with_edit_change_entries() {
    let scene = Scene::set(1013);
    let entry = scene.entry("owner");
    let user = |id: &str, privileges: &str| scene.account.mint(0, id, privileges);
    for (ks, expected) in [
        (user("owner", ""), "done"),
        (user("OWNER", ""), "done"),
        (user("ed", ""), "done"),
        (user("pat", ""), "INVALID_KS"),
        (user("val", ""), "INVALID_KS"),
        (user("zed", ""), "INVALID_KS"),
        (user("zed", "edit:*"), "done"),
        (user("zed", "*"), "done"),
        (user("zed", &format!("edit:{entry}")), "done"),
        (user("zed", &format!("edit:0_other123/{entry}")), "done"),
        // Each of these holds the text that the reference looks for.
        (user("zed", &format!("edit:{entry}x")), "INVALID_KS"),
        (user("zed", "editplaylist:*"), "INVALID_KS"),
        (user("zed", "xedit:*"), "INVALID_KS"),
        (scene.account.admin(), "done"),
    ] {
        assert_eq!(scene.told("baseEntry.update", &ks, &entry), expected);
        assert_eq!(scene.told("media.update", &ks, &entry), expected);
    }
}

#[test]
fn co_editors_delete_no_entries_of_others() {
    let scene = Scene::set(1014);
    let user = |id: &str, privileges: &str| scene.account.mint(0, id, privileges);
    for (ks, base, media) in [
        (user("owner", ""), "done", "done"),
        (user("ed", ""), "INVALID_KS", "done"),
        (user("pat", ""), "INVALID_KS", "INVALID_KS"),
        (user("zed", "edit:*"), "done", "done"),
        (scene.account.admin(), "done", "done"),
    ] {
        assert_eq!(scene.told("baseEntry.delete", &ks, &scene.entry("owner")), base);
        assert_eq!(scene.told("media.delete", &ks, &scene.entry("owner")), media);
    }
}

#[test]
fn groups_own_and_edit_entries() {
    let scene = Scene::set(1015);
    let (house, account) = (&scene.house, &scene.account);
    house.group(account, "team");
    for user in ["eve", "gus"] {
        house.user(account, user, &[]);
        let _ = house.member(account, user, "team", ks_store::MemberRole::Member);
    }
    let eve = account.mint(0, "eve", "");
    let edited = scene.entry("owner");
    assert_eq!(scene.told("baseEntry.update", &eve, &edited), "done");
    assert_eq!(scene.told("baseEntry.delete", &eve, &edited), "INVALID_KS");
    let owned = scene.entry("team");
    assert_eq!(scene.told("baseEntry.update", &eve, &owned), "done");
    assert_eq!(scene.told("baseEntry.delete", &account.mint(0, "zed", ""), &owned), "INVALID_KS");
    assert_eq!(scene.told("baseEntry.delete", &eve, &owned), "done");
}

#[test]
fn only_owners_say_who_else_edits_and_publishes() {
    let scene = Scene::set(1016);
    let (house, account) = (&scene.house, &scene.account);
    let may = house.role(account, "LECTURER", "BASE_USER_SESSION_PERMISSION,CONTENT_MANAGE_ENTRY_USERS");
    let user = |id: &str| account.mint(0, id, &format!("setrole:{may}"));
    let entry = scene.entry("owner");
    let set = |ks: &str, change: Value| {
        house.call("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": change}))
    };
    for change in [json!({"entitledUsersEdit": "ed,zed"}), json!({"entitledUsersPublish": ""})] {
        assert_eq!(ks_tests::call::fault(&set(&user("ed"), change)), wrong_session());
    }
    // As it is, in whichever order, is no change; and who sees it co-editors do say.
    let change = json!({"entitledUsersEdit": "team, ed", "entitledUsersView": "val,vic"});
    assert_eq!(set(&user("ed"), change)["entitledUsersView"], "val,vic");
    let changed = set(&user("owner"), json!({"entitledUsersEdit": "zed,newcomer,zed"}));
    assert_eq!(changed["entitledUsersEdit"], "zed,newcomer");
    assert_eq!(house.good("user.get", &json!({"ks": account.admin(), "userId": "newcomer"}))["id"], "newcomer");

    house.user(account, "kept out", &[]);
    house.user(account, "gone", &[]);
    house.block_user(account, "kept out", true);
    house.good("user.delete", &json!({"ks": account.admin(), "userId": "gone"}));
    let fault = ks_tests::call::fault(&set(&user("owner"), json!({"entitledUsersEdit": "zed,kept out"})));
    assert_eq!(fault, error("USER_BLOCKED", &[]));
    assert_eq!(set(&user("owner"), json!({"entitledUsersEdit": "zed,gone"}))["entitledUsersEdit"], "zed");
    // Somebody who was blocked since stays.
    house.user(account, "later", &[]);
    assert_eq!(set(&user("owner"), json!({"entitledUsersEdit": "later"}))["entitledUsersEdit"], "later");
    house.block_user(account, "later", true);
    assert_eq!(set(&user("owner"), json!({"entitledUsersEdit": "later,zed"}))["entitledUsersEdit"], "later,zed");
}

#[test]
fn administrators_set_admin_tags_and_dates() {
    let house = House::build();
    let account = house.account(1017);
    let ann = account.mint(0, "ann", "");
    let entry = ready(&house, &ann, "x");
    let update = |ks: &str, change: &Value| {
        house.call("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": change}))
    };
    for (name, value) in
        [("adminTags", json!("a")), ("startDate", json!(1_700_000_000)), ("endDate", json!(1_700_000_000))]
    {
        let refused = error("PROPERTY_VALIDATION_ADMIN_PROPERTY", &[("PROP_NAME", name)]);
        assert_eq!(ks_tests::call::fault(&update(&ann, &json!({name: value}))), refused);
        let add = json!({"ks": ann, "entry": {name: value}});
        assert_eq!(house.fault("baseEntry.add", &add), refused);
        assert_eq!(update(&account.admin(), &json!({name: value}))[name], value);
        assert_eq!(update(&ann, &json!({name: value}))[name], value, "as it is");
    }
    let tagging = account.mint(0, "ann", "editadmintags:*");
    assert_eq!(update(&tagging, &json!({"adminTags": "b"}))["adminTags"], "b");
    let tagging = account.mint(0, "ann", "xeditadmintags:*");
    assert_eq!(update(&tagging, &json!({"adminTags": "c"}))["code"], "PROPERTY_VALIDATION_ADMIN_PROPERTY");
}
