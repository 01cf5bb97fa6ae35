//! What the reference does by accident, and we do not: each is a row of COMPATIBILITY.md.

use ks_store::{MemberRole, NewUser};
use ks_tests::house::{House, now};
use serde_json::{Value, json};

use super::world::{World, build};

fn worlds<const N: usize>(setups: [&str; N]) -> (House, [World; N]) {
    let file = std::fs::read_to_string(ks_tests::root().join("tests/data/entitlement-cases.json")).expect("the cases");
    let file: Value = serde_json::from_str(&file).expect("JSON");
    let house = House::build();
    let mut number = 800;
    let worlds = setups.map(|setup| {
        number += 1;
        build(&house, &file["setups"][setup], number)
    });
    (house, worlds)
}

/// The code of an error; empty for an answer.
fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

#[test]
fn a_part_of_a_multirequest_enforces_nothing_for_the_next() {
    let (house, [on, off]) = worlds(["s1", "s3"]);
    let get = |world: &World| json!({"ks": world.account.mint(2, "", ""), "id": world.categories[&23]});
    let answers = house.multi(&[("category.get", get(&on)), ("category.get", get(&off)), ("category.get", get(&on))]);
    assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), ["CATEGORY_NOT_FOUND", "", "CATEGORY_NOT_FOUND"]);
}

#[test]
fn an_empty_context_is_no_context_for_gets_and_lists() {
    let (house, [world]) = worlds(["s1"]);
    // Only version 1 keeps the colon.
    let ks = world.account.mint_v1(0, "zed", "privacycontext:,list:*");
    assert_eq!(code(&house.call("category.get", &json!({"ks": ks, "id": world.categories[&10]}))), "");
    assert_eq!(
        code(&house.call("category.get", &json!({"ks": ks, "id": world.categories[&20]}))),
        "CATEGORY_NOT_FOUND"
    );
    let listed = house.good("baseEntry.list", &json!({"ks": ks}));
    assert_eq!(listed["totalCount"], 5, "as without any: {listed}");
}

#[test]
fn privileges_are_whole_words() {
    let (house, [world]) = worlds(["s1"]);
    let total = |privileges: &str| {
        let ks = world.account.mint(0, "zed", &format!("privacycontext:appX,{privileges}"));
        house.good("baseEntry.list", &json!({"ks": ks}))["totalCount"].clone()
    };
    assert_eq!(total("list:*"), 4);
    for privileges in ["editplaylist:*", "xlist:*", "list:0_a", "list"] {
        assert_eq!(total(privileges), 1, "{privileges}: the user's own");
    }
}

#[test]
fn a_list_shows_hidden_members_nothing_that_they_cannot_get() {
    let (house, [world]) = worlds(["s1"]);
    let ks = world.account.mint(0, "dave", "privacycontext:appX,list:*");
    let hidden = &world.entries["0_hidn0001"];
    let get = house.call("baseEntry.get", &json!({"ks": ks, "entryId": hidden}));
    assert_eq!(code(&get), "ENTRY_ID_NOT_FOUND");
    let listed = house.good("baseEntry.list", &json!({"ks": ks}));
    assert_eq!(listed["totalCount"], 3, "{listed}");
    let by_ids = house.good("baseEntry.getByIds", &json!({"ks": ks, "entryIds": hidden}));
    assert_eq!(by_ids, json!([]));
    assert_eq!(house.good("baseEntry.count", &json!({"ks": ks})), 3);
}

#[test]
fn however_many_groups_a_user_is_in_each_membership_counts() {
    let (house, [world]) = worlds(["s1"]);
    for number in 0..160 {
        let id = format!("group{number}");
        house.group(&world.account, &id);
        let _ = house.member(&world.account, "alice", &id, MemberRole::Member);
    }
    let late = NewUser::named(world.account.partner(), ks_schema::UserId::new("late"));
    let late = house.wait(house.store.add_user(late, now())).expect("a user");
    let ks = world.account.mint(0, "alice", "privacycontext:appX");
    let get = json!({"ks": ks, "entryId": world.entries["0_priv0001"]});
    assert_eq!(code(&house.call("baseEntry.get", &get)), "", "her own membership");
    // The last of her groups becomes a member of the hidden category.
    let manager = world.account.mint(0, "bob", "privacycontext:appX");
    let member = json!({"categoryId": world.categories[&23], "userId": "group159", "permissionLevel": 3});
    let _ = house.good("categoryUser.add", &json!({"ks": manager, "categoryUser": member}));
    let hidden = json!({"ks": ks, "entryId": world.entries["0_hidn0001"]});
    assert_eq!(code(&house.call("baseEntry.get", &hidden)), "", "that of a group");
    let nobody = world.account.mint(0, late.user_id.as_str(), "privacycontext:appX");
    let hidden = json!({"ks": nobody, "entryId": world.entries["0_hidn0001"]});
    assert_eq!(code(&house.call("baseEntry.get", &hidden)), "ENTRY_ID_NOT_FOUND");
}
