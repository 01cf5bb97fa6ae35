//! Add, list, activate, reject, delete.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

#[test]
fn an_assignment_comes_back_as_it_was_written() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    channels.entry("0_aaaaaaaa", "owen");
    let root = channels.add(json!({"name": "Root", "privacyContext": "math"}));
    let math = channels.add(json!({"name": "Math", "parentId": root}));
    let owen = channels.account.mint(0, "owen", "disableentitlement");
    let sent = json!({"objectType": "KalturaCategoryEntry", "entryId": "0_aaaaaaaa", "categoryId": math});
    let added = channels.good(&owen, "categoryEntry.add", json!({"categoryEntry": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    assert_eq!((&added["status"], &added["creatorUserId"]), (&json!(2), &json!("owen")));
    assert_eq!(added["categoryFullIds"], format!("{root}>{math}"));
    let list = json!({"filter": {"entryIdEqual": "0_aaaaaaaa"}});
    let seen = channels.good(&channels.all, "categoryEntry.list", list.clone());
    assert_eq!((&seen["totalCount"], &seen["objects"]), (&json!(1), &json!([added])));
    let again = channels.fault(&owen, "categoryEntry.add", json!({"categoryEntry": sent}));
    assert_eq!(again, error("CATEGORY_ENTRY_ALREADY_EXISTS", &[]));
    for info in classes::CATEGORY_ENTRY.properties.iter().filter(|info| info.access == Access::ReadOnly) {
        if info.name == "relatedObjects" {
            continue;
        }
        let mut wrong = sent.clone();
        wrong[info.name] = if info.name == "status" { json!(2) } else { json!("7") };
        let name = format!("KalturaCategoryEntry::{}", info.name);
        let named = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &name)]);
        assert_eq!(channels.fault(&owen, "categoryEntry.add", json!({"categoryEntry": wrong})), named);
    }
    let key = json!({"entryId": "0_aaaaaaaa", "categoryId": math});
    assert_eq!(channels.call(&owen, "categoryEntry.delete", key.clone()), json!(null));
    assert_eq!(channels.good(&channels.all, "categoryEntry.list", list)["totalCount"], 0);
    let missing = error("ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY", &[]);
    for action in ["delete", "activate", "reject"] {
        assert_eq!(channels.fault(&owen, &format!("categoryEntry.{action}"), key.clone()), missing, "{action}");
    }
    // The place is free again; spaces around the id do not count.
    channels.put(" 0_aaaaaaaa ", math);
}

#[test]
fn faults_are_told_in_order() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    channels.house.set(&channels.account, &json!({"maxCategoriesPerEntry": 2}));
    for entry in ["0_aaaaaaaa", "0_bbbbbbbb"] {
        channels.entry(entry, "owen");
    }
    let [one, two, three] = ["One", "Two", "Three"].map(|name| channels.add(json!({ "name": name })));
    let closed = channels.add(json!({"name": "Closed", "privacyContext": "math", "contributionPolicy": 2}));
    channels.put("0_aaaaaaaa", one);
    channels.put("0_aaaaaaaa", two);
    let null = |name: &str| {
        error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", &format!("KalturaCategoryEntry::{name}"))])
    };
    let full = error("MAX_CATEGORIES_FOR_ENTRY_REACHED", &[("CATEGORIES", "2")]);
    let zed = channels.user("zed", "math");
    for (ks, place, expected) in [
        (&channels.all, json!({}), null("categoryId")),
        (&channels.all, json!({"categoryId": one}), null("entryId")),
        (
            &channels.all,
            json!({"categoryId": 9999, "entryId": "0_zzzzzzzz"}),
            error("INVALID_ENTRY_ID", &[("ID", "0_zzzzzzzz")]),
        ),
        (
            &channels.all,
            json!({"categoryId": 9999, "entryId": "0_aaaaaaaa"}),
            error("CATEGORY_NOT_FOUND", &[("ID", "9999")]),
        ),
        (&channels.all, json!({"categoryId": one, "entryId": "0_aaaaaaaa"}), full.clone()),
        (&channels.all, json!({"categoryId": three, "entryId": "0_aaaaaaaa"}), full),
        (&zed, json!({"categoryId": closed, "entryId": "0_bbbbbbbb"}), error("CANNOT_ASSIGN_ENTRY_TO_CATEGORY", &[])),
    ] {
        assert_eq!(channels.fault(ks, "categoryEntry.add", json!({"categoryEntry": place})), expected, "{place}");
    }
}

#[test]
fn moderated_entries_wait_until_somebody_judges() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "moderation": 1, "owner": "boss"}));
    channels.member(math, "mod", 1);
    channels.member(math, "ann", 3);
    let add = |ks: &str, entry: &str| -> Value {
        channels.entry(entry, "owen");
        let place = json!({"entryId": entry, "categoryId": math});
        channels.good(ks, "categoryEntry.add", json!({"categoryEntry": place}))["status"].clone()
    };
    let (owen, boss, moderator) =
        (channels.user("owen", "math"), channels.user("boss", "math"), channels.user("mod", "math"));
    assert_eq!(add(&owen, "0_aaaaaaaa"), 1);
    assert_eq!((add(&boss, "0_bbbbbbbb"), add(&moderator, "0_cccccccc")), (json!(2), json!(2)));
    assert_eq!(add(&channels.all, "0_dddddddd"), 2);
    assert_eq!(add(&channels.account.mint(2, "", "disableentitlement,enablecategorymoderation"), "0_eeeeeeee"), 1);
    assert_eq!(channels.counts(math), [3, 3, 2]);
    let judge = |ks: &str, action: &str, entry: &str| {
        channels.call(ks, &format!("categoryEntry.{action}"), json!({"entryId": entry, "categoryId": math}))
    };
    for user in ["ann", "owen", "zed"] {
        let ks = channels.user(user, "math");
        assert_eq!(judge(&ks, "activate", "0_aaaaaaaa")["code"], "CANNOT_ACTIVATE_CATEGORY_ENTRY", "{user}");
        assert_eq!(judge(&ks, "reject", "0_aaaaaaaa")["code"], "CANNOT_REJECT_CATEGORY_ENTRY", "{user}");
    }
    assert_eq!(judge(&moderator, "activate", "0_aaaaaaaa"), json!(null));
    assert_eq!(judge(&boss, "reject", "0_eeeeeeee"), json!(null));
    assert_eq!(channels.counts(math), [4, 4, 0]);
    // Judged is judged.
    assert_eq!(judge(&boss, "activate", "0_aaaaaaaa")["code"], "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY");
    assert_eq!(judge(&boss, "activate", "0_eeeeeeee")["code"], "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY");
    for entry in ["0_aaaaaaaa", "0_eeeeeeee"] {
        assert_eq!(judge(&boss, "reject", entry)["code"], "CANNOT_REJECT_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING");
    }
    // A rejected entry may be tried again, in its old row.
    let place = json!({"categoryEntry": {"entryId": "0_eeeeeeee", "categoryId": math}});
    assert_eq!(channels.good(&boss, "categoryEntry.add", place)["status"], 2);
    let list = json!({"filter": {"categoryIdEqual": math, "entryIdEqual": "0_eeeeeeee"}});
    assert_eq!(channels.good(&channels.all, "categoryEntry.list", list)["totalCount"], 1);
    assert_eq!(channels.counts(math), [5, 5, 0]);
}
