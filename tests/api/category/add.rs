//! `category.add`: what is refused, in which order, and what is given.

use ks_store::{Permission, PermissionKind};
use ks_tests::channels::Channels;
use ks_tests::house::{error, now};
use serde_json::{Value, json};

fn add(channels: &Channels, category: Value) -> (String, Value) {
    let mut params = json!({});
    params["category"] = category;
    channels.fault(&channels.all, "category.add", params)
}

#[test]
fn each_fault_is_told_before_the_next_one() {
    let channels = Channels::build();
    channels.add(json!({"name": "Taken"}));
    let math = channels.add(json!({"name": "Math", "privacyContext": "math"}));
    let name = "KalturaCategory::name";
    // From the last fault to the first: each call has one more of them than the one before.
    let mut category = json!({"name": "Taken", "inheritanceType": 1, "privacyContext": "math"});
    let mut expect = |change: Value, expected: (String, Value)| {
        for (name, value) in change.as_object().expect("an object") {
            category[name] = value.clone();
            if value.is_null() {
                category.as_object_mut().expect("an object").remove(name);
            }
        }
        assert_eq!(add(&channels, category.clone()), expected, "{category}");
    };
    expect(json!({}), error("CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET", &[]));
    expect(json!({"parentId": 9999}), error("PARENT_CATEGORY_NOT_FOUND", &[("ID", "9999")]));
    expect(json!({"aggregationCategories": "9998"}), error("CATEGORY_NOT_FOUND", &[("ID", "9998")]));
    expect(json!({"aggregationCategories": math.to_string()}), error("AGGREGATION_CATEGORY_WRONG_ASSOCIATION", &[]));
    // The level MANAGER is 0, and a level.
    expect(
        json!({"defaultPermissionLevel": 0}),
        error("CANNOT_SET_DEFAULT_PERMISSION_LEVEL_WHEN_CATEGORY_INHERIT_MEMBERS", &[]),
    );
    expect(json!({"userJoinPolicy": 1}), error("CANNOT_SET_USER_JOIN_POLICY_WHEN_CATEGORY_INHERIT_MEMBERS", &[]));
    expect(json!({"owner": "no owner"}), error("CANNOT_SET_OWNER_WHEN_CATEGORY_INHERIT_MEMBERS", &[]));
    expect(
        json!({"inheritanceType": 2, "name": "x".repeat(201)}),
        error("PROPERTY_VALIDATION_MAX_LENGTH", &[("PROP_NAME", name), ("MAX_LEN", "200")]),
    );
    expect(json!({"name": ""}), error("PROPERTY_VALIDATION_MIN_LENGTH", &[("PROP_NAME", name), ("MIN_LEN", "1")]));
    expect(json!({"name": null}), error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", name)]));
    expect(json!({"privacyContext": "", "parentId": 9999}), error("CATEGORY_NOT_FOUND", &[("ID", "9999")]));
    expect(json!({"privacyContext": "abc"}), error("PRIVACY_CONTEXT_INVALID_STRING", &[("CONTEXT", "abc")]));
    let owner = json!({"name": "New", "privacyContext": "math", "owner": "no owner"});
    assert_eq!(add(&channels, owner), error("CANNOT_SET_OWNER_FIELD_WITH_USER_ID", &[("ID", "no owner")]));
    let both = json!({"name": "New", "isAggregationCategory": 1, "aggregationCategories": math.to_string()});
    assert_eq!(add(&channels, both).0, "AGGREGATION_CATEGORY_WRONG_ASSOCIATION");
    assert_eq!(add(&channels, json!({"name": "Taken"})), error("DUPLICATE_CATEGORY", &[("CATEGORY", "Taken")]));
}

#[test]
fn without_a_context_there_is_nothing_to_choose() {
    let channels = Channels::build();
    let open = channels.add(json!({"name": "Open"}));
    let below = channels.add(json!({"name": "Below", "parentId": open}));
    let fields = [
        ("appearInList", json!(3), "APPEAR_IN_LIST"),
        ("inheritanceType", json!(1), "INHERITANCE_TYPE"),
        ("privacy", json!(2), "PRIVACY"),
        ("owner", json!("ann"), "OWNER"),
        ("userJoinPolicy", json!(1), "USER_JOIN_POLICY"),
        ("contributionPolicy", json!(2), "CONTIRUBUTION_POLICY"),
        ("defaultPermissionLevel", json!(0), "DEFAULT_PERMISSION_LEVEL"),
    ];
    let mut all = json!({"name": "New", "parentId": open});
    for (name, value, word) in fields.iter().rev() {
        let code = format!("CANNOT_SET_{word}_FIELD_WITH_NO_PRIVACY_CONTEXT");
        let one = json!({"name": "New", "parentId": open, *name: value});
        assert_eq!(add(&channels, one), error(&code, &[]), "{name}");
        all[*name] = value.clone();
        assert_eq!(add(&channels, all.clone()), error(&code, &[]), "the first one decides");
        let update = json!({"id": below, "category": {*name: value}});
        assert_eq!(channels.fault(&channels.all, "category.update", update), error(&code, &[]));
    }
    // Their usual values choose nothing.
    channels.add(json!({"name": "Usual", "appearInList": 1, "inheritanceType": 2, "privacy": 1, "owner": "",
                        "contributionPolicy": 1, "defaultPermissionLevel": 3}));
}

#[test]
fn names_are_kept_without_what_joins_names() {
    let channels = Channels::build();
    let added = channels.category(channels.add(json!({"name": " a>b<c,d "})));
    assert_eq!((&added["name"], &added["fullName"]), (&json!("a_b_c_d"), &json!("a_b_c_d")));
    let zero = channels.category(channels.add(json!({"name": "Zero", "parentId": 0})));
    assert_eq!((&zero["parentId"], &zero["depth"]), (&json!(0), &json!(0)));
}

#[test]
fn whoever_adds_a_category_with_a_context_owns_it() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "ann", &[]);
    let ann = channels.account.mint(2, "ann", "disableentitlement");
    let add = |category: Value| channels.good(&ann, "category.add", json!({ "category": category }));
    let own = add(json!({"name": "Own", "privacyContext": "math"}));
    assert_eq!((&own["owner"], &own["membersCount"]), (&json!("ann"), &json!(1)));
    let member = json!({"categoryId": own["id"], "userId": "ann"});
    let member = channels.good(&channels.all, "categoryUser.get", member);
    assert_eq!(
        (&member["permissionLevel"], &member["status"], &member["updateMethod"]),
        (&json!(0), &json!(1), &json!(0))
    );
    assert_eq!(member["permissionNames"], "CATEGORY_EDIT,CATEGORY_MODERATE,CATEGORY_CONTRIBUTE,CATEGORY_VIEW");
    let below = add(json!({"name": "Below", "parentId": own["id"]}));
    assert_eq!(
        (&below["owner"], &below["privacyContexts"], &below["privacy"]),
        (&json!("ann"), &json!("math"), &json!(1))
    );
    assert!(add(json!({"name": "Open"})).get("owner").is_none());
    let other = add(json!({"name": "Other", "privacyContext": "math", "owner": "new@example.com"}));
    assert_eq!(other["owner"], "new@example.com");
    // Nobody knew the owner before.
    let user = channels.good(&channels.all, "user.get", json!({"userId": "new@example.com"}));
    assert_eq!(user["id"], "new@example.com");
    let unknown = channels.account.mint(2, "stranger", "disableentitlement");
    let made = json!({"category": {"name": "Made", "privacyContext": "math"}});
    assert!(channels.good(&unknown, "category.add", made).get("owner").is_none(), "no such user is known");
}

#[test]
fn under_entitlement_contexts_stay_and_parents_must_be_seen() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math"}));
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "appearInList": 3}));
    let ann = channels.account.mint(2, "ann", "privacycontext:math");
    let add = |category: Value| channels.call(&ann, "category.add", json!({ "category": category }));
    let own = add(json!({"name": "Own", "parentId": math, "privacyContext": "bio1"}));
    assert_eq!(own["code"], "CANNOT_UPDATE_CATEGORY_PRIVACY_CONTEXT");
    assert_eq!(add(json!({"name": "Own", "parentId": hidden}))["code"], "CATEGORY_NOT_FOUND");
    assert_eq!(
        add(json!({"name": "Own", "parentId": math}))["fullName"],
        "Math>Own",
        "no right on the parent is needed"
    );
    let update = json!({"id": math, "category": {"privacyContext": "bio1"}});
    channels.member(math, "boss", 0);
    let boss = channels.account.mint(2, "boss", "privacycontext:math");
    let frozen = error("CANNOT_UPDATE_CATEGORY_PRIVACY_CONTEXT", &[]);
    assert_eq!(channels.fault(&boss, "category.update", update), frozen);
    let cleared = json!({"id": math, "category": {"privacyContext": ""}});
    assert_eq!(channels.fault(&boss, "category.update", cleared), frozen);
    let same = json!({"id": math, "category": {"privacyContext": "math", "description": "d"}});
    assert_eq!(channels.good(&boss, "category.update", same)["description"], "d");
}

#[test]
fn an_account_may_be_limited_to_one_context() {
    let channels = Channels::build();
    let feature = Permission {
        kind: PermissionKind::SpecialFeature,
        ..Permission::named(channels.account.partner(), "FEATURE_DISABLE_CATEGORY_LIMIT")
    };
    let parent = channels.add(json!({"name": "Two", "privacyContext": "math,bio1"}));
    channels.house.wait(channels.house.store.add_permission(feature, now())).expect("a feature");
    let two = json!({"name": "More", "privacyContext": "math,bio1"});
    assert_eq!(add(&channels, two), error("PARTNER_CATEGORY_TOO_MANY_PRIVACY_CONTEXTS", &[("COUNT", "2")]));
    let one = channels.add(json!({"name": "a,b", "privacyContext": "math"}));
    assert_eq!(channels.category(one)["name"], "a,b", "commas are for these accounts");
    let below = json!({"name": "Below", "parentId": one, "privacyContext": "bio1"});
    assert_eq!(add(&channels, below), error("CANNOT_SET_MULTI_PRIVACY_CONTEXT", &[]));
    // What was there before stays usable.
    let change = json!({"id": parent, "category": {"description": "d"}});
    assert_eq!(channels.good(&channels.all, "category.update", change)["privacyContexts"], "math,bio1");
}
