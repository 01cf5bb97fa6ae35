//! `list`, `count`, `getByIds` and `listByReferenceId`: filters, orders and pages.

use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::{id, names, ready, ready_as};

/// Five entries with content and one without.
struct Scene {
    house: House,
    ks: String,
}

impl Scene {
    fn set(number: i32) -> Self {
        let house = House::build();
        let account = house.account(number);
        let ks = account.admin();
        for entry in [
            json!({"name": "Algebra I", "tags": "math, first year", "description": "Numbers and letters",
                   "referenceId": "ref1", "partnerSortValue": 3, "mediaType": 1, "msDuration": 61_000, "userId": "ann"}),
            json!({"name": "Algebra II", "tags": "math", "adminTags": "exam", "referenceId": "ref2",
                   "partnerSortValue": 1, "mediaType": 5, "msDuration": 500_000, "userId": "ann", "groupId": 4}),
            json!({"name": "Poetry", "description": "100% of all letters", "partnerSortValue": 2, "mediaType": 1,
                   "msDuration": 3_000_000, "userId": "bob", "startDate": 1_700_000_000, "creatorId": "cree"}),
            json!({"name": "Sculpture", "tags": "art", "mediaType": 2, "userId": "bob", "endDate": 1_900_000_000}),
            json!({"name": "algebra lab", "tags": "lab", "adminTags": "exam,hidden", "mediaType": 1, "userId": "cat",
                   "accessControlId": 9, "conversionProfileId": 8, "entitledUsersEdit": "ann,bob", "entitledUsersView": "val"}),
        ] {
            ready_as(&house, &ks, &entry);
        }
        house.good("media.add", &json!({"ks": ks, "entry": {"name": "Draft", "mediaType": 1}}));
        Self { house, ks }
    }

    #[track_caller]
    fn names(&self, filter: &Value) -> Vec<String> {
        super::listed(&self.house, &self.ks, filter)
    }
}

#[test]
fn every_operator_of_the_filter_counts() {
    let scene = Scene::set(1061);
    for (filter, expected) in [
        (json!({}), "Algebra I, Algebra II, Poetry, Sculpture, algebra lab"),
        (json!({"nameEqual": "Poetry"}), "Poetry"),
        (json!({"nameLike": "ALGEBRA"}), "Algebra I, Algebra II, algebra lab"),
        (json!({"nameLike": "%"}), ""),
        (json!({"nameMultiLikeOr": "poet,lab"}), "Poetry, algebra lab"),
        (json!({"nameMultiLikeAnd": "algebra,ii"}), "Algebra II"),
        (json!({"partnerIdEqual": 1061}), "Algebra I, Algebra II, Poetry, Sculpture, algebra lab"),
        (json!({"partnerIdIn": "1,2"}), ""),
        (json!({"userIdEqual": "ann"}), "Algebra I, Algebra II"),
        (json!({"userIdIn": "bob,cat"}), "Poetry, Sculpture, algebra lab"),
        (json!({"userIdNotIn": "bob,cat"}), "Algebra I, Algebra II"),
        (json!({"creatorIdEqual": "cree"}), "Poetry"),
        (json!({"tagsLike": "first"}), "Algebra I"),
        (json!({"tagsMultiLikeOr": "art, lab"}), "Sculpture, algebra lab"),
        (json!({"tagsMultiLikeAnd": "math,year"}), "Algebra I"),
        (json!({"adminTagsLike": "EXAM"}), "Algebra II, algebra lab"),
        (json!({"adminTagsMultiLikeAnd": "exam,hid"}), "algebra lab"),
        (json!({"adminTagsMultiLikeOr": "none,hid"}), "algebra lab"),
        (json!({"tagsNameMultiLikeOr": "poet,lab"}), "Poetry, algebra lab"),
        (json!({"tagsNameMultiLikeAnd": "math,ii"}), "Algebra II"),
        (json!({"tagsAdminTagsMultiLikeOr": "art,hid"}), "Sculpture, algebra lab"),
        (json!({"tagsAdminTagsMultiLikeAnd": "math,exam"}), "Algebra II"),
        (json!({"tagsAdminTagsNameMultiLikeOr": "poet,hid"}), "Poetry, algebra lab"),
        (json!({"tagsAdminTagsNameMultiLikeAnd": "exam,algebra"}), "Algebra II, algebra lab"),
        (json!({"descriptionLike": "letters"}), "Algebra I, Poetry"),
        (json!({"descriptionLike": "100%"}), "Poetry"),
        (json!({"statusEqual": "7"}), "Draft"),
        (json!({"statusNotEqual": "7"}), "Algebra I, Algebra II, Poetry, Sculpture, algebra lab"),
        (json!({"statusIn": "2,7", "nameLike": "d"}), "Draft"),
        (json!({"statusNotIn": "2"}), "Draft"),
        (json!({"moderationStatusEqual": 6, "nameEqual": "Poetry"}), "Poetry"),
        (json!({"moderationStatusNotEqual": 6}), ""),
        (json!({"moderationStatusIn": "6,2", "nameEqual": "Poetry"}), "Poetry"),
        (json!({"moderationStatusNotIn": "6"}), ""),
        (json!({"typeEqual": "1", "nameEqual": "Poetry"}), "Poetry"),
        (json!({"typeIn": "-1,5"}), ""),
        (json!({"createdAtGreaterThanOrEqual": 1_600_000_000, "nameEqual": "Poetry"}), "Poetry"),
        (json!({"createdAtLessThanOrEqual": 1_600_000_000}), ""),
        (json!({"updatedAtGreaterThanOrEqual": 1_600_000_000, "nameEqual": "Poetry"}), "Poetry"),
        (json!({"updatedAtLessThanOrEqual": 1_600_000_000}), ""),
        (json!({"groupIdEqual": 4}), "Algebra II"),
        (json!({"accessControlIdEqual": 9}), "algebra lab"),
        (json!({"accessControlIdIn": "8,9"}), "algebra lab"),
        (json!({"conversionProfileIdEqual": 8}), "algebra lab"),
        (json!({"startDateGreaterThanOrEqual": 1_600_000_000}), "Poetry"),
        (json!({"startDateLessThanOrEqual": 1_600_000_000}), ""),
        (json!({"startDateLessThanOrEqualOrNull": 1_600_000_000}), "Algebra I, Algebra II, Sculpture, algebra lab"),
        (json!({"startDateGreaterThanOrEqualOrNull": 1_600_000_000, "userIdEqual": "bob"}), "Poetry, Sculpture"),
        (json!({"endDateLessThanOrEqual": 1_950_000_000}), "Sculpture"),
        (json!({"endDateGreaterThanOrEqualOrNull": 1_950_000_000}), "Algebra I, Algebra II, Poetry, algebra lab"),
        (json!({"referenceIdEqual": "ref1"}), "Algebra I"),
        (json!({"referenceIdIn": "ref1,ref2,ref3"}), "Algebra I, Algebra II"),
        (json!({"partnerSortValueGreaterThanOrEqual": 2}), "Algebra I, Poetry"),
        (json!({"partnerSortValueLessThanOrEqual": 0}), "Sculpture, algebra lab"),
        (json!({"entitledUsersEditMatchOr": "ann,zed"}), "algebra lab"),
        (json!({"entitledUsersEditMatchAnd": "ann,zed"}), ""),
        (json!({"entitledUsersEditMatchAnd": "ann,bob"}), "algebra lab"),
        (json!({"entitledUsersViewMatchOr": "ann"}), ""),
        (json!({"entitledUsersViewMatchAnd": "val"}), "algebra lab"),
        (json!({"entitledUsersPublishMatchOr": "val"}), ""),
        (json!({"displayInSearchEqual": 1}), ""),
        (json!({"displayInSearchIn": "0,1", "nameEqual": "Poetry"}), "Poetry"),
        (json!({"isRoot": 1, "nameEqual": "Poetry"}), "Poetry"),
        (json!({"isRoot": 0}), ""),
        (json!({"isRoot": -1, "nameEqual": "Poetry"}), "Poetry"),
        (json!({"searchTextMatchOr": "sculp,poet"}), "Poetry, Sculpture"),
        (json!({"searchTextMatchAnd": "algebra,math"}), "Algebra I, Algebra II"),
        (json!({"nothing": "x", "nameEqual": "Poetry"}), "Poetry"),
    ] {
        assert_eq!(scene.names(&filter).join(", "), expected, "{filter}");
        let count = scene.house.good("baseEntry.count", &json!({"ks": scene.ks, "filter": filter}));
        assert_eq!(count, expected.split(", ").filter(|name| !name.is_empty()).count(), "{filter}");
    }
}

#[test]
fn free_text_looks_in_texts_ids_and_names() {
    let scene = Scene::set(1062);
    let (house, ks) = (&scene.house, &scene.ks);
    let poetry = house.good("baseEntry.list", &json!({"ks": ks, "filter": {"nameEqual": "Poetry"}}));
    let poetry = id(&poetry["objects"][0]);
    house.good("user.update", &json!({"ks": ks, "userId": "cat", "user": {"screenName": "Catherine Parr"}}));
    for (text, expected) in [
        ("algebra", "Algebra I, Algebra II, algebra lab"),
        ("algebra letters", "Algebra I"),
        ("sculpture,poetry", "Poetry, Sculpture"),
        ("algebra lab,poetry", "Poetry, algebra lab"),
        ("\"algebra i\"", "Algebra I"),
        ("\"algebra\"", ""),
        ("\"Poetry\" letters", "Poetry"),
        ("ref2", "Algebra II"),
        ("bob", "Poetry, Sculpture"),
        ("catherine", "algebra lab"),
        ("100%", "Poetry"),
        ("nothing", ""),
        (&poetry, "Poetry"),
    ] {
        assert_eq!(scene.names(&json!({"freeText": text})).join(", "), expected, "{text}");
    }
}

#[test]
fn orders_are_stable() {
    let scene = Scene::set(1063);
    let order = |service: &str, order: &str| {
        let filter = json!({"orderBy": order});
        names(&scene.house.good(&format!("{service}.list"), &json!({"ks": scene.ks, "filter": filter}))).join(", ")
    };
    for (by, expected) in [
        ("+name", "Algebra I, Algebra II, Poetry, Sculpture, algebra lab"),
        ("-name", "algebra lab, Sculpture, Poetry, Algebra II, Algebra I"),
    ] {
        assert_eq!(order("baseEntry", by), expected, "{by}");
    }
    assert!(order("baseEntry", "-partnerSortValue").starts_with("Algebra I, Poetry, Algebra II, "));
    assert!(order("media", "-duration").starts_with("Poetry, Algebra II, Algebra I"));
    // Equal ones keep one order, the same on each page.
    for by in ["+createdAt", "-updatedAt", "+plays", "-views", "+mediaType", "+startDate", "-rank", "nothing", ""] {
        let whole: Vec<String> = order("media", by).split(", ").map(str::to_owned).collect();
        let mut paged = Vec::new();
        for index in 1..=3 {
            let params =
                json!({"ks": scene.ks, "filter": {"orderBy": by}, "pager": {"pageSize": 2, "pageIndex": index}});
            let page = scene.house.good("media.list", &params);
            assert_eq!(page["totalCount"], 5);
            paged.extend(names(&page));
        }
        assert_eq!(paged, whole, "{by}");
    }
}

#[test]
fn pages_are_bounded() {
    let house = House::build();
    let account = house.account(1064);
    let ks = account.admin();
    for number in 0..32 {
        ready(&house, &ks, &format!("n{number:02}"));
    }
    let list = |pager: Value| {
        let list = house.good("baseEntry.list", &json!({"ks": ks, "pager": pager, "filter": {"orderBy": "+name"}}));
        assert_eq!(list["totalCount"], 32);
        names(&list)
    };
    assert_eq!(list(json!({})).len(), 30);
    assert_eq!(list(json!({"pageSize": 1000})).len(), 32);
    assert_eq!(list(json!({"pageSize": 10, "pageIndex": 4})), ["n30", "n31"]);
    assert_eq!(list(json!({"pageSize": 10, "pageIndex": -1})).len(), 10);
    assert!(list(json!({"pageSize": 500, "pageIndex": 20})).is_empty());
    for action in ["baseEntry.list", "media.list"] {
        let params = json!({"ks": ks, "pager": {"pageSize": 500, "pageIndex": 21}});
        assert_eq!(house.fault(action, &params), error("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED", &[]), "{action}");
    }
}

#[test]
fn entries_are_found_by_ids_and_reference_ids() {
    let house = House::build();
    let account = house.account(1065);
    let (ks, zed) = (account.admin(), account.mint(0, "zed", ""));
    let one = ready_as(&house, &ks, &json!({"name": "one", "referenceId": "shared"}));
    let two = ready_as(&house, &ks, &json!({"name": "two", "referenceId": "shared"}));
    let draft = id(&house.good("media.add", &json!({"ks": ks, "entry": {"name": "draft"}})));
    let ids = format!("{two}, {one},0_nothing1,{draft},{two}");
    for ks in [&ks, &zed] {
        let found = house.good("baseEntry.getByIds", &json!({"ks": ks, "entryIds": ids}));
        assert_eq!(names(&found), ["two", "one", "draft"], "in the order of the ids");
        let found = house.good("baseEntry.listByReferenceId", &json!({"ks": ks, "refId": "shared"}));
        assert_eq!((&found["totalCount"], names(&found).len()), (&json!(2), 2));
    }
    for blank in ["", " "] {
        let fault = house.fault("baseEntry.listByReferenceId", &json!({"ks": ks, "refId": blank}));
        assert_eq!(fault, error("MISSING_MANDATORY_PARAMETER", &[("PARAM_NAME", "refId")]));
    }
    // Another entry in the place of one.
    let params = json!({"ks": ks, "entryId": one, "baseEntry": {"redirectEntryId": two}});
    house.good("baseEntry.update", &params);
    let list = |from: &str| super::listed(&house, &zed, &json!({"redirectFromEntryId": from}));
    assert_eq!((list(&one), list(&two), list("0_nothing1")), (vec!["two".into()], vec!["two".into()], vec![]));
}
