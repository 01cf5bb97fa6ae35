//! `categoryUser.add`: who may join, as what.

use ks_store::{NewUser, UserKind};
use ks_tests::channels::Channels;
use ks_tests::house::{error, now};
use serde_json::{Value, json};

/// Sets a policy that the API does not write.
fn policy(channels: &Channels, category: i64, policy: i64) {
    let partner = channels.account.partner();
    let id = ks_schema::CategoryId::new(category);
    let rules = ks_store::CategoryRules::default();
    let change = channels.house.store.update_category(partner, id, rules, now(), move |category| {
        category.user_join_policy = policy;
    });
    channels.house.wait(change).expect("a known category");
}

#[test]
fn faults_are_told_in_order() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math"}));
    let child = channels.add(json!({"name": "Child", "parentId": math, "inheritanceType": 1}));
    channels.member(math, "ann", 3);
    let add = |member: Value| channels.fault(&channels.all, "categoryUser.add", json!({"categoryUser": member}));
    let null = |name: &str| {
        error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", &format!("KalturaCategoryUser::{name}"))])
    };
    for (member, expected) in [
        (json!({"userId": "bob"}), null("categoryId")),
        (json!({"categoryId": 9999, "userId": "0"}), error("CATEGORY_NOT_FOUND", &[("ID", "9999")])),
        (
            json!({"categoryId": child, "userId": "0"}),
            error("CATEGORY_INHERIT_MEMBERS", &[("CAT", &child.to_string())]),
        ),
        (json!({"categoryId": math, "userId": "0"}), error("INVALID_USER_ID", &[])),
        (json!({"categoryId": math}), null("userId")),
        (json!({"categoryId": math, "userId": ""}), null("userId")),
        (json!({"categoryId": math, "userId": "ann"}), error("CATEGORY_USER_ALREADY_EXISTS", &[])),
        (json!({"categoryId": math, "userId": "a b"}), error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "userId")])),
    ] {
        assert_eq!(add(member.clone()), expected, "{member}");
    }
    // Nobody knew the user before.
    channels.member(math, "new@example.com", 3);
    assert_eq!(channels.good(&channels.all, "user.get", json!({"userId": "new@example.com"}))["id"], "new@example.com");
}

#[test]
fn who_joins_gets_what_the_category_gives_to_all() {
    let channels = Channels::build();
    let [auto, request, closed] = ["Auto", "Request", "Closed"].map(|name| {
        channels.add(json!({"name": name, "privacyContext": "math", "owner": "boss", "defaultPermissionLevel": 2}))
    });
    policy(&channels, auto, 1);
    policy(&channels, request, 2);
    let join = |user: &str, category: i64| {
        // Asks for more than it gets.
        let member = json!({"categoryId": category, "userId": user, "permissionLevel": 0,
                            "permissionNames": "CATEGORY_EDIT,CATEGORY_VIEW"});
        channels.call(&channels.user(user, "math"), "categoryUser.add", json!({"categoryUser": member}))
    };
    let view = "CATEGORY_CONTRIBUTE,CATEGORY_VIEW";
    for (category, status, counts) in [(auto, 1, [2, 0]), (request, 2, [1, 1])] {
        let joined = join("zed", category);
        assert_eq!((&joined["status"], &joined["permissionLevel"]), (&json!(status), &json!(2)));
        assert_eq!(joined["permissionNames"], view);
        let seen = channels.category(category);
        assert_eq!(["membersCount", "pendingMembersCount"].map(|name| seen[name].as_i64()), counts.map(Some));
        assert_eq!(
            channels.list(&channels.all, &json!({"idEqual": category, "pendingMembersCountGreaterThanOrEqual": 1})).1,
            counts[1]
        );
        let update =
            json!({"categoryId": category, "userId": "zed", "categoryUser": {"permissionLevel": 0}, "override": true});
        assert_eq!(
            channels.fault(&channels.user("zed", "math"), "categoryUser.update", update).0,
            "CANNOT_UPDATE_CATEGORY_USER"
        );
    }
    assert_eq!(
        ks_tests::call::fault(&join("zed", closed)),
        error("CATEGORY_USER_JOIN_NOT_ALLOWED", &[("CAT", &closed.to_string())])
    );
    // Where everybody may join, anybody may be brought along.
    let other = json!({"categoryId": auto, "userId": "friend", "permissionLevel": 0});
    let brought = channels.good(&channels.user("zed", "math"), "categoryUser.add", json!({"categoryUser": other}));
    assert_eq!(
        (&brought["userId"], &brought["permissionLevel"], &brought["status"]),
        (&json!("friend"), &json!(2), &json!(1))
    );
    // Managers decide themselves, and so does a session without entitlement.
    for (ks, user) in
        [(channels.user("boss", "math"), "one"), (channels.account.mint(0, "zed", "disableentitlement"), "two")]
    {
        let member = json!({"categoryId": closed, "userId": user, "permissionLevel": 1});
        let added = channels.good(&ks, "categoryUser.add", json!({"categoryUser": member}));
        assert_eq!((&added["permissionLevel"], &added["status"]), (&json!(1), &json!(1)));
        assert_eq!(added["permissionNames"], "CATEGORY_MODERATE,CATEGORY_VIEW");
    }
    // The manager lets the pending one in.
    let key = json!({"categoryId": request, "userId": "zed"});
    assert_eq!(channels.good(&channels.user("boss", "math"), "categoryUser.activate", key)["status"], 1);
    assert_eq!(channels.category(request)["membersCount"], 2);
}

#[test]
fn a_category_is_full_when_the_account_says_so() {
    let channels = Channels::build();
    channels.house.set(&channels.account, &json!({"maxUsersPerCategory": 2}));
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    channels.member(math, "ann", 3);
    let third = json!({"categoryUser": {"categoryId": math, "userId": "bob"}});
    assert_eq!(
        channels.fault(&channels.all, "categoryUser.add", third),
        error("CATEGORY_MAX_USER_REACHED", &[("MAX", "2")])
    );
    let child = channels.add(json!({"name": "Child", "parentId": math, "owner": "cat"}));
    assert_eq!(
        channels.call(&channels.all, "categoryUser.copyFromCategory", json!({"categoryId": child})),
        json!(null)
    );
    assert_eq!(channels.category(child)["membersCount"], 2, "no more are copied than there is room for");
}

#[test]
fn applicative_groups_are_members_in_name_only() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math"}));
    let program = NewUser {
        kind: UserKind::ApplicativeGroup,
        ..NewUser::named(channels.account.partner(), ks_schema::UserId::new("program"))
    };
    channels.house.wait(channels.house.store.add_user(program, now())).expect("a group");
    for level in [json!(3), json!(0)] {
        let member = json!({"categoryId": math, "userId": "program", "permissionLevel": level});
        let refused = error("APPLICATIVE_GROUP_ASSOCIATION_TO_CATEGORY_NOT_ALLOWED", &[]);
        assert_eq!(channels.fault(&channels.all, "categoryUser.add", json!({"categoryUser": member})), refused);
    }
    channels.member(math, "program", 4);
}
