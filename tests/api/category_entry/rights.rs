//! Who may put entries into categories and take them out, under entitlement.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

#[test]
fn a_category_may_take_entries_from_contributors_only() {
    let channels = Channels::build();
    for user in ["owen", "mod"] {
        channels.house.user(&channels.account, user, &[]);
    }
    let open = channels.add(json!({"name": "Open", "privacyContext": "math"}));
    let closed =
        channels.add(json!({"name": "Closed", "privacyContext": "math", "contributionPolicy": 2, "owner": "boss"}));
    for (user, level) in [("mod", 1), ("cont", 2), ("ann", 3), ("none", 4)] {
        channels.member(closed, user, level);
    }
    channels.entry("0_owensown", "owen");
    channels.entry("0_modsown1", "mod");
    let add = |ks: &str, entry: &str, category: i64| -> Value {
        let place = json!({"entryId": entry, "categoryId": category});
        let answer = channels.call(ks, "categoryEntry.add", json!({"categoryEntry": place.clone()}));
        if answer["code"].is_null() {
            let _ = channels.call(&channels.all, "categoryEntry.delete", place);
        }
        answer["code"].clone()
    };
    let no = json!("CANNOT_ASSIGN_ENTRY_TO_CATEGORY");
    for (user, expected) in [
        ("boss", &Value::Null),
        ("cont", &Value::Null),
        ("mod", &no),
        ("ann", &no),
        ("none", &no),
        ("zed", &no),
        ("owen", &no),
        ("", &no),
    ] {
        assert_eq!(&add(&channels.user(user, "math"), "0_owensown", closed), expected, "{user}");
        // Where all may contribute, the entry need not be one's own.
        assert_eq!(add(&channels.user(user, "math"), "0_owensown", open), Value::Null, "{user}");
    }
    // A moderator brings what is their own.
    assert_eq!(add(&channels.user("mod", "math"), "0_modsown1", closed), Value::Null);
    assert_eq!(add(&channels.account.mint(0, "zed", "disableentitlement"), "0_owensown", closed), Value::Null);
}

#[test]
fn who_has_a_stake_in_an_entry_or_manages_the_category_takes_it_out() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    channels.member(math, "mod", 1);
    channels.entry("0_aaaaaaaa", "owen");
    let key = json!({"entryId": "0_aaaaaaaa", "categoryId": math});
    let refused = error("CANNOT_REMOVE_ENTRY_FROM_CATEGORY", &[]);
    for user in ["mod", "zed"] {
        let _ = channels.call(&channels.all, "categoryEntry.add", json!({"categoryEntry": key}));
        assert_eq!(
            channels.fault(&channels.user(user, "math"), "categoryEntry.delete", key.clone()),
            refused,
            "{user}"
        );
    }
    for user in ["owen", "boss"] {
        let _ = channels.call(&channels.all, "categoryEntry.add", json!({"categoryEntry": key}));
        assert_eq!(
            channels.call(&channels.user(user, "math"), "categoryEntry.delete", key.clone()),
            json!(null),
            "{user}"
        );
    }
}

#[test]
fn whether_a_hidden_entry_is_in_a_category_is_not_told() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "privacy": 3, "appearInList": 3}));
    let shown = channels.add(json!({"name": "Shown", "privacyContext": "math"}));
    for entry in ["0_aaaaaaaa", "0_bbbbbbbb"] {
        channels.entry(entry, "owen");
        channels.put(entry, hidden);
    }
    let zed = channels.user("zed", "math");
    for action in ["delete", "activate", "reject"] {
        for (entry, category) in [("0_aaaaaaaa", hidden), ("0_aaaaaaaa", shown), ("0_zzzzzzzz", hidden)] {
            let call = json!({"entryId": entry, "categoryId": category});
            let told = channels.fault(&zed, &format!("categoryEntry.{action}"), call);
            assert_eq!(told, error("INVALID_ENTRY_ID", &[("ID", entry)]), "{action}");
        }
    }
    channels.entry("0_cccccccc", "owen");
    let call = json!({"entryId": "0_cccccccc", "categoryId": hidden});
    let told = channels.fault(&zed, "categoryEntry.delete", call);
    assert_eq!(told, error("CATEGORY_NOT_FOUND", &[("ID", &hidden.to_string())]));
    // What is seen is told in full.
    let call = json!({"entryId": "0_cccccccc", "categoryId": shown});
    assert_eq!(channels.fault(&zed, "categoryEntry.delete", call).0, "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY");
}
