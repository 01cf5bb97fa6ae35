//! Errors about categories, their members and their entries.

use ks_store::{NewUser, Permission, PermissionKind, UserKind};
use ks_tests::channels::entry;
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

use super::cases::{Case, case};

/// Errors that these actions declare, because the contract does, and cannot raise.
pub(super) const NEVER: &[(&str, &str, &str)] = &[
    ("category.add", "CATEGORIES_LOCKED", LOCKED),
    ("category.update", "CATEGORIES_LOCKED", LOCKED),
    ("category.delete", "CATEGORIES_LOCKED", LOCKED),
    ("category.move", "CATEGORIES_LOCKED", LOCKED),
    ("category.index", "CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", NOBODY),
    ("category.index", "CATEGORY_NOT_FOUND", NOBODY),
    ("categoryUser.index", "CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", NOBODY),
    ("categoryUser.index", "INVALID_USER_ID", NOBODY),
    ("categoryUser.index", "INVALID_CATEGORY_USER_ID", NOBODY),
    ("categoryEntry.index", "CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", NOBODY),
    ("categoryEntry.index", "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY", NOBODY),
    ("categoryEntry.syncPrivacyContext", "INVALID_ENTRY_ID", NOBODY),
    ("categoryEntry.syncPrivacyContext", "CATEGORY_NOT_FOUND", NOBODY),
    ("categoryEntry.syncPrivacyContext", "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY", NOBODY),
    ("categoryEntry.list", "MUST_FILTER_ENTRY_ID_EQUAL", "A filter by category does as well."),
    (
        "categoryEntry.activate",
        "CANNOT_ACTIVATE_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING",
        "What does not wait is not found; nor does the reference raise it.",
    ),
    ("categoryEntry.reject", "CANNOT_ACTIVATE_CATEGORY_ENTRY", "It is CANNOT_REJECT_CATEGORY_ENTRY."),
];

const LOCKED: &str = "Changes of the tree are made before they are answered: nothing is ever locked.";
const NOBODY: &str = "Nobody may call it.";

/// An account that enforces entitlement.
struct Scene<'a> {
    house: &'a House,
    own: Account,
    /// Sees everything.
    all: String,
    /// A root with a context, and one below that has its members.
    math: i64,
    child: i64,
    hidden: i64,
}

/// All calls.
pub(super) fn cases(house: &House) -> Vec<Case> {
    let own = house.account(941);
    house.change(&own, |partner| partner.default_entitlement_enforcement = true);
    house.set(&own, &json!({"maxUsersPerCategory": 3, "maxCategoriesPerEntry": 2}));
    let all = own.mint(2, "", "disableentitlement");
    let add = |category: Value| {
        let added = house.good("category.add", &json!({"ks": all, "category": category}));
        added["id"].as_i64().expect("an id")
    };
    let math = add(json!({"name": "Math", "privacyContext": "math", "owner": "boss", "moderation": 1,
                          "contributionPolicy": 2}));
    let child = add(json!({"name": "Child", "parentId": math, "inheritanceType": 1}));
    let hidden = add(json!({"name": "Hidden", "privacyContext": "math", "privacy": 3, "appearInList": 3}));
    let scene = Scene { house, own, all, math, child, hidden };
    scene.member("ann", 3);
    house.user(&scene.own, "owen", &[]);
    let program = NewUser {
        kind: UserKind::ApplicativeGroup,
        ..NewUser::named(scene.own.partner(), ks_schema::UserId::new("program"))
    };
    house.wait(house.store.add_user(program, now())).expect("a group");
    for id in ["0_errors01", "0_errors02", "0_errors03"] {
        entry(house, &scene.own, id, "owen");
    }
    let mut cases = scene.of_categories();
    cases.extend(scene.of_limited_accounts());
    cases.extend(scene.of_members());
    cases.extend(scene.of_places());
    cases
}

impl Scene<'_> {
    fn all(&self, mut params: Value) -> Value {
        params["ks"] = json!(self.all);
        params
    }

    /// The parameters, with the session of a user under entitlement.
    fn user(&self, user: &str, mut params: Value) -> Value {
        params["ks"] = json!(self.own.mint(0, user, "privacycontext:math"));
        params
    }

    fn admin(&self, user: &str, mut params: Value) -> Value {
        params["ks"] = json!(self.own.mint(2, user, "privacycontext:math"));
        params
    }

    fn member(&self, user: &str, level: i64) {
        let member = json!({"categoryId": self.math, "userId": user, "permissionLevel": level});
        self.house.good("categoryUser.add", &self.all(json!({ "categoryUser": member })));
    }

    fn of_categories(&self) -> Vec<Case> {
        let new = |more: Value| {
            let mut category = json!({"name": "New"});
            for (name, value) in more.as_object().into_iter().flatten() {
                category[name] = value.clone();
            }
            self.all(json!({ "category": category }))
        };
        let name = ("PROP_NAME", "KalturaCategory::name");
        let missing = &[("ID", "9999")][..];
        let (math, child) = (self.math.to_string(), self.child.to_string());
        let by_id = self.all(json!({"id": 9999, "category": {}}));
        let of_child = json!({"id": self.child, "category": {"description": "x"}});
        let mut cases = vec![
            case("category.add", self.all(json!({"category": {}})), "PROPERTY_VALIDATION_CANNOT_BE_NULL", &[name]),
            case("category.add", new(json!({"name": ""})), "PROPERTY_VALIDATION_MIN_LENGTH", &[name, ("MIN_LEN", "1")]),
            case(
                "category.add",
                new(json!({"name": "x".repeat(201)})),
                "PROPERTY_VALIDATION_MAX_LENGTH",
                &[name, ("MAX_LEN", "200")],
            ),
            case(
                "category.add",
                new(json!({"privacyContext": "abc"})),
                "PRIVACY_CONTEXT_INVALID_STRING",
                &[("CONTEXT", "abc")],
            ),
            case("category.add", new(json!({"parentId": 9999})), "CATEGORY_NOT_FOUND", missing),
            case(
                "category.add",
                new(json!({"parentId": 9999, "privacyContext": "math"})),
                "PARENT_CATEGORY_NOT_FOUND",
                missing,
            ),
            case("category.add", new(json!({"name": "Math"})), "DUPLICATE_CATEGORY", &[("CATEGORY", "Math")]),
            case(
                "category.add",
                new(json!({"owner": "a b", "privacyContext": "math"})),
                "CANNOT_SET_OWNER_FIELD_WITH_USER_ID",
                &[("ID", "a b")],
            ),
            case(
                "category.add",
                new(json!({"inheritanceType": 1, "privacyContext": "math"})),
                "CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET",
                &[],
            ),
            case(
                "category.add",
                new(json!({"isAggregationCategory": 1, "aggregationCategories": math})),
                "AGGREGATION_CATEGORY_WRONG_ASSOCIATION",
                &[],
            ),
            case(
                "category.add",
                self.admin("boss", json!({"category": {"name": "New", "privacyContext": "bio1"}})),
                "CANNOT_UPDATE_CATEGORY_PRIVACY_CONTEXT",
                &[],
            ),
            case("category.get", by_id.clone(), "CATEGORY_NOT_FOUND", missing),
            case("category.update", by_id.clone(), "CATEGORY_NOT_FOUND", missing),
            case("category.delete", by_id, "CATEGORY_NOT_FOUND", missing),
            case("category.update", self.admin("ann", of_child.clone()), "NOT_ENTITLED_TO_UPDATE_CATEGORY", &[]),
            case("category.delete", self.admin("ann", of_child), "NOT_ENTITLED_TO_UPDATE_CATEGORY", &[]),
            case(
                "category.update",
                self.all(json!({"id": self.math, "category": {"parentId": self.child}})),
                "PARENT_CATEGORY_IS_CHILD",
                &[("PARENT_CATEGORY", &child), ("OTHER_CATEGORY", &math)],
            ),
            case(
                "category.clone",
                self.all(json!({"categoryId": 9999, "fromPartnerId": 941})),
                "CATEGORY_NOT_FOUND",
                missing,
            ),
            case(
                "category.move",
                self.all(json!({"categoryIds": "9999", "targetCategoryParentId": 0})),
                "CATEGORY_NOT_FOUND",
                missing,
            ),
            case(
                "category.move",
                self.all(json!({"categoryIds": format!("{math},{child}"), "targetCategoryParentId": 0})),
                "CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES",
                &[],
            ),
            case(
                "category.list",
                self.all(json!({"pager": {"pageSize": 500, "pageIndex": 21}})),
                "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
                &[],
            ),
        ];
        for (field, value, code) in [
            ("appearInList", json!(3), "CANNOT_SET_APPEAR_IN_LIST_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("inheritanceType", json!(1), "CANNOT_SET_INHERITANCE_TYPE_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("privacy", json!(3), "CANNOT_SET_PRIVACY_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("owner", json!("ann"), "CANNOT_SET_OWNER_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("userJoinPolicy", json!(1), "CANNOT_SET_USER_JOIN_POLICY_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("contributionPolicy", json!(2), "CANNOT_SET_CONTIRUBUTION_POLICY_FIELD_WITH_NO_PRIVACY_CONTEXT"),
            ("defaultPermissionLevel", json!(0), "CANNOT_SET_DEFAULT_PERMISSION_LEVEL_FIELD_WITH_NO_PRIVACY_CONTEXT"),
        ] {
            cases.push(case("category.add", new(json!({ field: value })), code, &[]));
        }
        for (field, value, code) in [
            ("owner", json!("ann"), "CANNOT_SET_OWNER_WHEN_CATEGORY_INHERIT_MEMBERS"),
            ("userJoinPolicy", json!(1), "CANNOT_SET_USER_JOIN_POLICY_WHEN_CATEGORY_INHERIT_MEMBERS"),
            ("defaultPermissionLevel", json!(0), "CANNOT_SET_DEFAULT_PERMISSION_LEVEL_WHEN_CATEGORY_INHERIT_MEMBERS"),
        ] {
            let inherits = json!({"parentId": self.math, "inheritanceType": 1, field: value});
            cases.push(case("category.add", new(inherits), code, &[]));
        }
        cases
    }

    /// Accounts that allow one context.
    fn of_limited_accounts(&self) -> Vec<Case> {
        let limited = self.house.account(942);
        let feature = Permission {
            kind: PermissionKind::SpecialFeature,
            ..Permission::named(limited.partner(), "FEATURE_DISABLE_CATEGORY_LIMIT")
        };
        self.house.wait(self.house.store.add_permission(feature, now())).expect("a feature");
        let ks = limited.mint(2, "", "");
        let root = json!({"ks": ks, "category": {"name": "Root", "privacyContext": "math"}});
        let root = self.house.good("category.add", &root)["id"].clone();
        let two = json!({"ks": ks, "category": {"name": "Two", "privacyContext": "math,bio1"}});
        let below = json!({"ks": ks, "category": {"name": "Below", "parentId": root, "privacyContext": "bio1"}});
        vec![
            case("category.add", two, "PARTNER_CATEGORY_TOO_MANY_PRIVACY_CONTEXTS", &[("COUNT", "2")]),
            case("category.add", below, "CANNOT_SET_MULTI_PRIVACY_CONTEXT", &[]),
        ]
    }

    fn of_members(&self) -> Vec<Case> {
        let (math, child) = (self.math.to_string(), self.child.to_string());
        let add = |category: i64, user: &str, level: i64| json!({"categoryUser": {"categoryId": category, "userId": user, "permissionLevel": level}});
        let key = |category: i64, user: &str| json!({"categoryId": category, "userId": user, "categoryUser": {}});
        let other = self.house.good(
            "category.add",
            &self.all(json!({"category": {"name": "Full", "privacyContext": "math", "owner": "boss"}})),
        );
        let full = other["id"].as_i64().expect("an id");
        for user in ["one", "two"] {
            self.house.good("categoryUser.add", &self.all(add(full, user, 3)));
        }
        let (no, missing) = ("CANNOT_UPDATE_CATEGORY_USER", &[("ID", "9999")][..]);
        let mut cases = vec![
            case("categoryUser.add", self.all(add(9999, "bob", 3)), "CATEGORY_NOT_FOUND", missing),
            case(
                "categoryUser.add",
                self.all(add(self.child, "bob", 3)),
                "CATEGORY_INHERIT_MEMBERS",
                &[("CAT", &child)],
            ),
            case("categoryUser.add", self.all(add(self.math, "0", 3)), "INVALID_USER_ID", &[]),
            case("categoryUser.add", self.all(add(self.math, "ann", 3)), "CATEGORY_USER_ALREADY_EXISTS", &[]),
            case(
                "categoryUser.add",
                self.user("zed", add(self.math, "zed", 3)),
                "CATEGORY_USER_JOIN_NOT_ALLOWED",
                &[("CAT", &math)],
            ),
            case("categoryUser.add", self.all(add(full, "three", 3)), "CATEGORY_MAX_USER_REACHED", &[("MAX", "3")]),
            case(
                "categoryUser.add",
                self.all(add(self.math, "program", 3)),
                "APPLICATIVE_GROUP_ASSOCIATION_TO_CATEGORY_NOT_ALLOWED",
                &[],
            ),
            case("categoryUser.get", self.all(key(9999, "ann")), "CATEGORY_NOT_FOUND", missing),
            case("categoryUser.update", self.all(key(self.math, "ann")), "CANNOT_OVERRIDE_MANUAL_CHANGES", &[]),
            case(
                "categoryUser.delete",
                self.all(key(self.child, "ann")),
                "CATEGORY_INHERIT_MEMBERS",
                &[("CAT", &child)],
            ),
            case("categoryUser.delete", self.all(key(self.math, "boss")), "CANNOT_UPDATE_CATEGORY_USER_OWNER", &[]),
            case("categoryUser.delete", self.user("zed", key(self.math, "ann")), no, &[]),
            case("categoryUser.activate", self.user("zed", key(self.math, "ann")), no, &[]),
            case("categoryUser.deactivate", self.user("zed", key(self.math, "ann")), no, &[]),
            case("categoryUser.list", self.all(json!({})), "MUST_FILTER_USERS_OR_CATEGORY", &[]),
            case("categoryUser.copyFromCategory", self.admin("boss", key(self.child, "")), no, &[]),
            case("categoryUser.copyFromCategory", self.all(key(9999, "")), "CATEGORY_NOT_FOUND", missing),
            case(
                "categoryUser.copyFromCategory",
                self.all(key(self.math, "")),
                "CATEGORY_DOES_NOT_HAVE_PARENT_CATEGORY",
                &[],
            ),
        ];
        let hidden = self.hidden.to_string();
        self.house.good("categoryUser.add", &self.all(add(self.hidden, "ann", 3)));
        let of_hidden = self.user("zed", key(self.hidden, "ann"));
        cases.push(case("categoryUser.delete", of_hidden, "CATEGORY_NOT_FOUND", &[("ID", &hidden)]));
        for action in [
            "categoryUser.get",
            "categoryUser.update",
            "categoryUser.delete",
            "categoryUser.activate",
            "categoryUser.deactivate",
        ] {
            cases.push(case(action, self.all(key(self.math, "nobody")), "INVALID_USER_ID", &[]));
            let args = &[("CAT", &*math), ("USER", "owen")];
            cases.push(case(action, self.all(key(self.math, "owen")), "INVALID_CATEGORY_USER_ID", args));
        }
        cases
    }

    fn of_places(&self) -> Vec<Case> {
        let place = |entry: &str, category: i64| json!({"entryId": entry, "categoryId": category});
        let add = |entry: &str, category: i64| json!({"categoryEntry": place(entry, category)});
        let filter = |filter: Value| json!({ "filter": filter });
        self.house.good("categoryEntry.add", &self.all(add("0_errors01", self.math)));
        for category in [self.math, self.child] {
            self.house.good("categoryEntry.add", &self.all(add("0_errors02", category)));
        }
        // It waits in a category, and is in another one that everybody in the context sees.
        let moderated = json!({"ks": self.own.mint(2, "", "disableentitlement,enablecategorymoderation"),
                               "categoryEntry": place("0_errors03", self.math)});
        assert_eq!(self.house.good("categoryEntry.add", &moderated)["status"], 1);
        let (entry, missing) = (&[("ID", "0_zzzzzzzz")][..], &[("ID", "9999")][..]);
        let mut cases = vec![
            case("categoryEntry.add", self.all(add("0_zzzzzzzz", self.math)), "INVALID_ENTRY_ID", entry),
            case("categoryEntry.add", self.all(add("0_errors01", 9999)), "CATEGORY_NOT_FOUND", missing),
            case("categoryEntry.add", self.all(add("0_errors01", self.math)), "CATEGORY_ENTRY_ALREADY_EXISTS", &[]),
            case(
                "categoryEntry.add",
                self.all(add("0_errors02", self.hidden)),
                "MAX_CATEGORIES_FOR_ENTRY_REACHED",
                &[("CATEGORIES", "2")],
            ),
            case(
                "categoryEntry.add",
                self.user("zed", add("0_errors01", self.math)),
                "CANNOT_ASSIGN_ENTRY_TO_CATEGORY",
                &[],
            ),
            case(
                "categoryEntry.delete",
                self.user("zed", place("0_errors01", self.math)),
                "CANNOT_REMOVE_ENTRY_FROM_CATEGORY",
                &[],
            ),
            case(
                "categoryEntry.activate",
                self.user("zed", place("0_errors03", self.math)),
                "CANNOT_ACTIVATE_CATEGORY_ENTRY",
                &[],
            ),
            case(
                "categoryEntry.reject",
                self.user("zed", place("0_errors03", self.math)),
                "CANNOT_REJECT_CATEGORY_ENTRY",
                &[],
            ),
            case(
                "categoryEntry.reject",
                self.all(place("0_errors01", self.math)),
                "CANNOT_REJECT_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING",
                &[],
            ),
            case(
                "categoryEntry.list",
                self.user("zed", filter(json!({"statusEqual": 2}))),
                "MUST_FILTER_ON_ENTRY_OR_CATEGORY",
                &[],
            ),
            case(
                "categoryEntry.list",
                self.user("zed", filter(json!({"entryIdEqual": "0_zzzzzzzz"}))),
                "ENTRY_ID_NOT_FOUND",
                &[("ENTRY_ID", "0_zzzzzzzz")],
            ),
        ];
        for action in ["categoryEntry.delete", "categoryEntry.activate", "categoryEntry.reject"] {
            cases.push(case(action, self.all(place("0_zzzzzzzz", self.math)), "INVALID_ENTRY_ID", entry));
            cases.push(case(action, self.all(place("0_errors01", 9999)), "CATEGORY_NOT_FOUND", missing));
            let elsewhere = self.all(place("0_errors01", self.hidden));
            cases.push(case(action, elsewhere, "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY", &[]));
        }
        cases
    }
}
