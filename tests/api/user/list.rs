//! `user.list`: every filter, against what it should find.

use ks_tests::house::House;
use serde_json::{Value, json};

use super::add;

#[test]
fn filters_find_what_they_say() {
    let house = House::build();
    let account = house.account(710);
    let ks = account.admin();
    let looks = house.role(&account, "LOOKS", "ADMIN_BASE,KMC_READ_ONLY");
    for user in [
        json!({"id": "ann", "screenName": "Ann A", "email": "ann@one.example", "tags": "red,blue", "firstName": "Ann", "lastName": "Ash"}),
        json!({"id": "bob", "screenName": "Bob", "email": "bob@two.example", "tags": "blue", "firstName": "Bob", "roleIds": looks.to_string()}),
        json!({"id": "cat_1", "screenName": "annette", "status": 0, "firstName": "Cat", "lastName": "Bolt"}),
    ] {
        add(&house, &account, &user);
    }
    house.person(&account, "dan", true, "dan710@example.com", super::RIGHT);
    house.group(&account, "team");
    let find = |filter: Value| -> Vec<String> {
        let list = house.good("user.list", &json!({"ks": ks, "filter": filter}));
        let ids = list["objects"]
            .as_array()
            .expect("objects")
            .iter()
            .map(|user| user["id"].as_str().expect("an id").to_owned());
        ids.collect()
    };
    let by_id = |mut filter: Value| {
        filter["orderBy"] = json!("+id");
        find(filter)
    };
    for (filter, expected) in [
        (json!({}), "ann bob cat_1 dan team"),
        (json!({"idEqual": "ann"}), "ann"),
        (json!({"idIn": "dan, ann,nobody"}), "ann dan"),
        (json!({"partnerIdEqual": 710, "statusEqual": 0}), "cat_1"),
        (json!({"statusIn": "0,1", "typeEqual": 1}), "team"),
        (json!({"typeIn": "0", "isAdminEqual": 0}), "ann bob cat_1"),
        (json!({"isAdminEqual": 1}), "dan"),
        (json!({"isAdminEqual": -1}), "ann bob cat_1 dan team"),
        (json!({"screenNameLike": "NN"}), "ann cat_1"),
        (json!({"screenNameStartsWith": "ann"}), "ann cat_1"),
        (json!({"emailLike": "TWO"}), "bob"),
        (json!({"emailStartsWith": "ann@"}), "ann"),
        (json!({"tagsMultiLikeOr": "red,nothing"}), "ann"),
        (json!({"tagsMultiLikeAnd": "red,blue"}), "ann"),
        (json!({"firstNameStartsWith": "b"}), "bob"),
        (json!({"lastNameStartsWith": "b"}), "cat_1"),
        (json!({"firstNameOrLastNameStartsWith": "b"}), "bob cat_1"),
        (json!({"idOrScreenNameStartsWith": "an"}), "ann cat_1"),
        (json!({"idOrScreenNameStartsWith": "cat_"}), "cat_1"),
        (json!({"idOrScreenNameStartsWith": "c%"}), ""),
        (json!({"loginEnabledEqual": 1}), "dan"),
        (json!({"loginEnabledEqual": 0, "typeEqual": 0}), "ann bob cat_1"),
        (json!({"roleIdEqual": looks.to_string()}), "bob"),
        (json!({"roleIdsEqual": looks.to_string()}), "bob"),
        (json!({"roleIdsIn": format!("4711,{looks}")}), "bob"),
        (json!({"permissionNamesMultiLikeOr": "KMC_READ_ONLY,X"}), "bob"),
        (json!({"permissionNamesMultiLikeAnd": "KMC_READ_ONLY,X"}), ""),
        (json!({"createdAtGreaterThanOrEqual": 4_000_000_000_i64}), ""),
        (
            json!({"createdAtLessThanOrEqual": 4_000_000_000_i64, "updatedAtGreaterThanOrEqual": -600, "idEqual": "ann"}),
            "ann",
        ),
    ] {
        assert_eq!(by_id(filter.clone()).join(" "), expected, "{filter}");
    }
    assert_eq!(find(json!({"orderBy": "-id"}))[0], "team");
    let page = house
        .good("user.list", &json!({"ks": ks, "filter": {"orderBy": "+id"}, "pager": {"pageSize": 2, "pageIndex": 2}}));
    assert_eq!((&page["totalCount"], &page["objects"][0]["id"]), (&json!(5), &json!("cat_1")));
    // Another account has nobody.
    let other = house.account(711);
    assert_eq!(house.good("user.list", &json!({"ks": other.admin()}))["totalCount"], 0);
}
