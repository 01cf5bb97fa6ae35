//! The service `responseProfile`, and what kept profiles and related ones do to answers.

use ks_tests::server::Server;
use serde_json::{Value, json};

fn profile(system_name: &str, fields: &str) -> Value {
    json!({"objectType": "KalturaResponseProfile", "name": "narrow", "systemName": system_name, "type": 1, "fields": fields})
}

fn add(server: &Server, profile: &Value) -> Value {
    server.good("responseProfile.add", &json!({"ks": server.admin_ks(), "addResponseProfile": profile}))
}

fn widget(server: &Server, profile: &Value) -> Value {
    let id = format!("_{}", server.partner());
    server.good("widget.get", &json!({"ks": server.admin_ks(), "id": id, "responseProfile": profile}))
}

#[test]
fn a_kept_profile_is_meant_by_its_id_or_its_name() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let added = add(&server, &profile("NARROW", "id"));
    let id = added["id"].as_i64().expect("an id");
    let expected = json!({
        "objectType": "KalturaResponseProfile", "id": id, "partnerId": server.partner(), "name": "narrow",
        "systemName": "NARROW", "type": 1, "fields": "id", "status": 2, "version": 1,
        "createdAt": added["createdAt"], "updatedAt": added["createdAt"],
    });
    assert_eq!(added, expected);
    let narrow = json!({"objectType": "KalturaWidget", "id": format!("_{}", server.partner())});
    for holder in [
        json!({"objectType": "KalturaResponseProfileHolder", "id": id}),
        json!({"objectType": "KalturaResponseProfileHolder", "systemName": "NARROW"}),
        json!({"systemName": "NARROW"}),
    ] {
        assert_eq!(widget(&server, &holder), narrow, "{holder}");
    }
    // A change counts from the next request on.
    let change = json!({"ks": ks, "id": id, "updateResponseProfile": {"fields": "id,partnerId"}});
    assert_eq!(server.good("responseProfile.update", &change)["version"], 2);
    let wider = json!({"objectType": "KalturaWidget", "id": narrow["id"], "partnerId": server.partner()});
    assert_eq!(widget(&server, &json!({"systemName": "NARROW"})), wider);
    // Where nothing is kept, the parameter is what it says itself: nothing.
    let whole = widget(&server, &json!({}));
    assert_eq!(widget(&server, &json!({"systemName": "nothing"})), whole);
    let status =
        server.good("responseProfile.updateStatus", &json!({"ks": ks, "id": id, "status": 1}))["status"].clone();
    assert_eq!(status, 1);
    assert_eq!(widget(&server, &json!({"systemName": "NARROW"})), whole);
    assert_eq!(widget(&server, &json!({"id": id})), whole);
}

#[test]
fn no_two_that_are_enabled_have_one_name() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let first = add(&server, &profile("ONE", "id"))["id"].clone();
    let taken = |call: &str, params: Value| {
        let (code, args) = server.fault(call, &params);
        assert_eq!(
            (code.as_str(), &args["SYSTEM_NAME"]),
            ("RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME", &json!("ONE")),
            "{call}"
        );
    };
    taken("responseProfile.add", json!({"ks": ks, "addResponseProfile": profile("ONE", "id")}));
    taken("responseProfile.clone", json!({"ks": ks, "id": first, "profile": {"objectType": "KalturaResponseProfile"}}));
    let other = json!({"ks": ks, "id": first, "profile": {"systemName": "TWO", "fields": "name"}});
    let other = server.good("responseProfile.clone", &other);
    assert_eq!(
        (&other["systemName"], &other["fields"], &other["name"]),
        (&json!("TWO"), &json!("name"), &json!("narrow"))
    );
    let other = other["id"].clone();
    taken("responseProfile.update", json!({"ks": ks, "id": other, "updateResponseProfile": {"systemName": "ONE"}}));
    // Of one that is not enabled the name is free.
    let _ = server.good("responseProfile.updateStatus", &json!({"ks": ks, "id": first, "status": 1}));
    let _ = server.good(
        "responseProfile.update",
        &json!({"ks": ks, "id": other, "updateResponseProfile": {"systemName": "ONE"}}),
    );
    taken("responseProfile.updateStatus", json!({"ks": ks, "id": first, "status": 2}));
    let listed = server.good(
        "responseProfile.list",
        &json!({"ks": ks, "filter": {"systemNameEqual": "ONE", "orderBy": "+createdAt"}}),
    );
    let ids: Vec<Value> = listed["objects"].as_array().into_iter().flatten().map(|one| one["id"].clone()).collect();
    assert_eq!((ids, &listed["totalCount"]), (vec![first.clone(), other], &json!(2)));
    let enabled = server.good("responseProfile.list", &json!({"ks": ks, "filter": {"statusEqual": 2}}));
    assert_eq!(enabled["totalCount"], 1);
    let nothing = server.good("responseProfile.recalculate", &json!({"ks": ks, "options": {"cachedObjectType": "x"}}));
    assert_eq!(nothing, json!({"objectType": "KalturaResponseProfileCacheRecalculateResults", "recalculated": 0}));
    assert_eq!(server.good("responseProfile.delete", &json!({"ks": ks, "id": first})), Value::Null);
    assert_eq!(server.fault("responseProfile.get", &json!({"ks": ks, "id": first})).0, "RESPONSE_PROFILE_ID_NOT_FOUND");
}

fn entry(server: &Server, ks: &str, name: &str) -> String {
    let entry = json!({"objectType": "KalturaMediaEntry", "mediaType": 1, "name": name});
    let id = server.good("media.add", &json!({"ks": ks, "entry": entry}))["id"].as_str().expect("an id").to_owned();
    let resource = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
    let _ = server.good("media.addContent", &json!({"ks": ks, "entryId": id, "resource": resource}));
    id
}

/// Places in a category, and the entry of each.
fn two_levels() -> Value {
    json!([{
        "objectType": "KalturaDetachedResponseProfile", "name": "places", "type": 1, "fields": "entryId",
        "filter": {"objectType": "KalturaCategoryEntryFilter"},
        "mappings": [{"objectType": "KalturaResponseProfileMapping", "parentProperty": "id", "filterProperty": "categoryIdEqual"}],
        "relatedProfiles": [{
            "objectType": "KalturaDetachedResponseProfile", "name": "entries", "type": 1, "fields": "name",
            "filter": {"objectType": "KalturaBaseEntryFilter"},
            "pager": {"objectType": "KalturaFilterPager", "pageSize": 1},
            "mappings": [{"objectType": "KalturaResponseProfileMapping", "parentProperty": "entryId", "filterProperty": "idEqual"}],
        }],
    }])
}

#[test]
fn related_objects_are_attached_to_each_object() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let category = server.good("category.add", &json!({"ks": ks, "category": {"name": "channel"}}))["id"].clone();
    let id = entry(&server, &ks, "lecture");
    let place = json!({"objectType": "KalturaCategoryEntry", "categoryId": category, "entryId": id});
    let _ = server.good("categoryEntry.add", &json!({"ks": ks, "categoryEntry": place}));
    let expected = json!({
        "objectType": "KalturaCategory", "name": "channel",
        "relatedObjects": {"places": {
            "objectType": "KalturaCategoryEntryListResponse", "totalCount": 1,
            "objects": [{
                "objectType": "KalturaCategoryEntry", "entryId": id,
                "relatedObjects": {"entries": {
                    "objectType": "KalturaBaseEntryListResponse", "totalCount": 1,
                    "objects": [{"objectType": "KalturaMediaEntry", "name": "lecture"}],
                }},
            }],
        }},
    });
    // What fills the filter need not be wanted in the answer.
    let inline = json!({
        "objectType": "KalturaDetachedResponseProfile", "type": 1, "fields": "name", "relatedProfiles": two_levels(),
    });
    let got = server.good("category.get", &json!({"ks": ks, "id": category, "responseProfile": inline}));
    assert_eq!(got, expected);
    let kept = json!({
        "objectType": "KalturaResponseProfile", "name": "channels", "systemName": "CHANNELS", "type": 1,
        "fields": "name", "relatedProfiles": two_levels(),
    });
    assert_eq!(add(&server, &kept)["relatedProfiles"], {
        let mut same = two_levels();
        same[0]["relatedProfiles"][0]["pager"] = json!({"objectType": "KalturaFilterPager", "pageSize": 1});
        same
    });
    let list = json!({
        "ks": ks, "filter": {"objectType": "KalturaCategoryFilter", "idEqual": category},
        "responseProfile": {"objectType": "KalturaResponseProfileHolder", "systemName": "CHANNELS"},
    });
    let listed = server.good("category.list", &list);
    assert_eq!((&listed["totalCount"], &listed["objects"]), (&json!(1), &json!([expected])));
    // XML has the same.
    let text = server.text(2, "category.get", &json!({"ks": ks, "id": category, "responseProfile": inline}));
    assert!(text.contains("<itemKey>places</itemKey>") && text.contains("<name>lecture</name>"), "{text}");
}

#[test]
fn related_lists_show_what_the_session_sees() {
    let server = Server::dev();
    let _ = entry(&server, &server.start_ks(0, "ann", ""), "of ann");
    let _ = entry(&server, &server.start_ks(0, "bob", ""), "of bob");
    let related = json!({"type": 1, "fields": "id", "relatedProfiles": [
        {"name": "mine", "type": 1, "fields": "name", "filter": {"objectType": "KalturaBaseEntryFilter"}},
        {"name": "without a filter"},
        {"name": "of a category", "filter": {"objectType": "KalturaCategoryEntryFilter"},
         "mappings": [{"parentProperty": "partnerData", "filterProperty": "categoryIdEqual"}]},
    ]});
    let ask = |ks: String| {
        let id = format!("_{}", server.partner());
        let answer = server.good("widget.get", &json!({"ks": ks, "id": id, "responseProfile": related}));
        let attached = answer["relatedObjects"].as_object().expect("related objects").clone();
        assert_eq!(attached.keys().collect::<Vec<_>>(), ["mine"], "nothing without a filter, or without what fills it");
        attached["mine"]["totalCount"].clone()
    };
    assert_eq!(ask(server.start_ks(0, "ann", "")), 1);
    assert_eq!(ask(server.admin_ks()), 2);
    // A list that the session may not ask for is not attached either.
    let roles = json!({"name": "few", "filter": {"objectType": "KalturaUserRoleFilter"}});
    let params = json!({
        "ks": server.start_ks(0, "ann", ""), "id": format!("_{}", server.partner()),
        "responseProfile": {"relatedProfiles": [roles]},
    });
    assert_eq!(server.fault("widget.get", &params).0, "SERVICE_FORBIDDEN");
}

#[test]
fn what_a_profile_may_not_say_is_refused() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let fault = |profile: Value| {
        let id = format!("_{}", server.partner());
        server.fault("widget.get", &json!({"ks": ks, "id": id, "responseProfile": profile}))
    };
    let related = |one: Value| json!({"relatedProfiles": [one]});
    let deep =
        related(json!({"name": "one", "relatedProfiles": [{"name": "two", "relatedProfiles": [{"name": "three"}]}]}));
    assert_eq!(fault(deep), ("RESPONSE_PROFILE_MAX_NESTING_LEVEL".to_owned(), json!([])));
    let large = related(json!({"name": "one", "pager": {"pageSize": 101}}));
    assert_eq!(
        fault(large),
        (
            "PROPERTY_VALIDATION_MAX_VALUE".to_owned(),
            json!({"PROP_NAME": "KalturaFilterPager::pageSize", "MAX_VAL": "100"})
        )
    );
    let unknown = related(json!({"name": "one", "filter": {"objectType": "KalturaBaseEntryFilter"},
        "mappings": [{"parentProperty": "nothing", "filterProperty": "idEqual"}]}));
    assert_eq!(
        fault(unknown),
        ("PROPERTY_IS_NOT_DEFINED".to_owned(), json!({"PROP": "nothing", "TYPE": "KalturaWidget"}))
    );
    let unknown = related(json!({"name": "one", "filter": {"objectType": "KalturaBaseEntryFilter"},
        "mappings": [{"parentProperty": "id", "filterProperty": "nothing"}]}));
    assert_eq!(
        fault(unknown),
        ("PROPERTY_IS_NOT_DEFINED".to_owned(), json!({"PROP": "nothing", "TYPE": "KalturaBaseEntryFilter"}))
    );
    let short = json!({"ks": ks, "addResponseProfile": {"objectType": "KalturaResponseProfile", "name": "x"}});
    assert_eq!(
        server.fault("responseProfile.add", &short),
        (
            "PROPERTY_VALIDATION_MIN_LENGTH".to_owned(),
            json!({"PROP_NAME": "KalturaResponseProfile::name", "MIN_LEN": "2"})
        )
    );
}
