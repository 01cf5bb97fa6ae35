//! Which entries a list shows to whom: own ones, those that are named, and those that entitlement lets through.

use ks_tests::house::House;
use serde_json::{Value, json};

use super::{assign, category, free, id, listed, names, ready_as, strict};

#[test]
fn users_list_their_own_entries() {
    let house = House::build();
    let account = house.account(1071);
    let admin = account.admin();
    for (name, owner) in [("a", "ann"), ("b", "bob"), ("c", "ann")] {
        ready_as(&house, &admin, &json!({"name": name, "userId": owner, "referenceId": format!("ref {name}")}));
    }
    let list = |ks: &str, filter: Value| listed(&house, ks, &filter).join("");
    let count = |ks: &str, filter: Value| house.good("baseEntry.count", &json!({"ks": ks, "filter": filter}));
    let user = |privileges: &str| account.mint(0, "ann", privileges);
    for (ks, expected) in [
        (user(""), "ac"),
        (user("list:*"), "abc"),
        (user("*"), "abc"),
        // What the reference takes for `list:*`, since it looks for parts of the text.
        (user("editplaylist:*"), "ac"),
        (user("list:0_abc"), "ac"),
        (user("all:*,view:*"), "ac"),
        (account.mint(0, "zed", ""), ""),
        (account.mint(0, "", ""), ""),
        (account.mint(0, "0", "view:*,widget:1"), ""),
        (admin.clone(), "abc"),
        (account.mint(2, "", ""), "abc"),
    ] {
        assert_eq!(list(&ks, json!({})), expected);
        assert_eq!(count(&ks, json!({})), expected.len());
    }
    // A filter that names entries shows those of others, too. Counting does not.
    let all = house.good("baseEntry.list", &json!({"ks": admin, "filter": {"orderBy": "+name"}}));
    let b = id(&all["objects"][1]);
    let zed = account.mint(0, "zed", "");
    for filter in [
        json!({"idEqual": b}),
        json!({"idIn": b}),
        json!({"referenceIdEqual": "ref b"}),
        json!({"referenceIdIn": "ref b,ref x"}),
        json!({"redirectFromEntryId": b}),
    ] {
        assert_eq!(list(&zed, filter.clone()), "b", "{filter}");
        assert_eq!(count(&zed, filter.clone()), 0, "{filter}");
        assert_eq!(count(&admin, filter.clone()), 1, "{filter}");
    }
    assert_eq!(list(&zed, json!({"nameEqual": "b"})), "");
}

#[test]
fn the_total_is_exact_under_entitlement() {
    let house = House::build();
    let account = strict(&house, 1072);
    let admin = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let mut ids = Vec::new();
    for number in 0..6 {
        let entry = ready_as(&house, &admin, &json!({"name": format!("n{number}"), "userId": "owner"}));
        // Every other one is out of reach.
        if number % 2 == 0 {
            assign(&house, &account, &entry, hidden);
        }
        ids.push(entry);
    }
    let zed = account.mint(0, "zed", "privacycontext:portal");
    let page = |filter: Value, size: i64, index: i64| {
        let params = json!({"ks": zed, "filter": filter, "pager": {"pageSize": size, "pageIndex": index}});
        let list = house.good("baseEntry.list", &params);
        (list["totalCount"].clone(), names(&list))
    };
    let filter = json!({"idIn": ids.join(","), "orderBy": "+name"});
    // The reference takes away what is hidden on the page that is asked for.
    assert_eq!(page(filter.clone(), 2, 1), (json!(3), vec!["n1".into(), "n3".into()]));
    assert_eq!(page(filter.clone(), 2, 2), (json!(3), vec!["n5".into()]));
    assert_eq!(page(filter, 2, 3), (json!(3), vec![]));
    // An empty context is none: in lists, too.
    let listing = account.mint_v1(0, "zed", "privacycontext:,list:*");
    assert_eq!(listed(&house, &listing, &json!({})), ["n1", "n3", "n5"]);
    let bare = account.mint_v1(0, "zed", "list:*");
    assert_eq!(listed(&house, &bare, &json!({})), ["n1", "n3", "n5"]);
    // What anybody may get by its id is not listed in a context of its own.
    assert!(listed(&house, &account.mint(0, "zed", "privacycontext:portal,list:*"), &json!({})).is_empty());
}

#[test]
fn a_list_shows_no_child_of_an_entry_that_is_hidden() {
    let house = House::build();
    let account = strict(&house, 1073);
    let admin = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let above = ready_as(&house, &admin, &json!({"name": "above"}));
    assign(&house, &account, &above, hidden);
    let below = ready_as(&house, &admin, &json!({"name": "below", "parentEntryId": above}));
    let open = ready_as(&house, &admin, &json!({"name": "open"}));
    ready_as(&house, &admin, &json!({"name": "beside", "parentEntryId": open}));
    let zed = account.mint(0, "zed", "list:*");
    assert_eq!(house.fault("baseEntry.get", &json!({"ks": zed, "entryId": below})).0, "ENTRY_ID_NOT_FOUND");
    assert_eq!(listed(&house, &zed, &json!({})), ["beside", "open"]);
    assert_eq!(house.good("baseEntry.count", &json!({"ks": zed})), 2);
    assert_eq!(listed(&house, &admin, &json!({})), ["above", "below", "beside", "open"]);
    assert_eq!(listed(&house, &zed, &json!({"parentEntryIdEqual": above})), Vec::<String>::new());
    assert_eq!(listed(&house, &zed, &json!({"parentEntryIdEqual": open})), ["beside"]);
}

#[test]
fn entries_that_the_session_names_are_shown() {
    let house = House::build();
    let account = strict(&house, 1074);
    let admin = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let entry = ready_as(&house, &admin, &json!({"name": "x"}));
    assign(&house, &account, &entry, hidden);
    let with = |privileges: &str| listed(&house, &account.mint(0, "zed", privileges), &json!({}));
    assert_eq!(with(&format!("disableentitlementforentry:{entry}")), ["x"]);
    assert_eq!(with(&format!("disableentitlementforentry:0_nothing1/{entry}")), ["x"]);
    assert_eq!(with("disableentitlementforentry:0_nothing1"), Vec::<String>::new());
}
