//! Errors about response profiles.

use ks_tests::house::House;
use serde_json::{Value, json};

use super::cases::{Case, case};

/// All calls.
pub(super) fn cases(house: &House) -> Vec<Case> {
    let own = house.account(971);
    let ks = own.admin();
    let add = |name: &str| {
        let profile = json!({"objectType": "KalturaResponseProfile", "name": "narrow", "systemName": name});
        house.good("responseProfile.add", &json!({"ks": ks, "addResponseProfile": profile}))["id"].clone()
    };
    let first = add("ONE");
    let _ = house.good("responseProfile.updateStatus", &json!({"ks": ks, "id": first, "status": 1}));
    let second = add("ONE");
    let about = |call: &'static str, id: &Value, more: Value, code, args: &[(&'static str, &str)]| {
        let mut params = more;
        params["ks"] = json!(ks);
        params["id"] = id.clone();
        case(call, params, code, args)
    };
    let gone = json!(424_242);
    let missing = |call: &'static str, more: Value| {
        about(call, &gone, more, "RESPONSE_PROFILE_ID_NOT_FOUND", &[("ID", "424242")])
    };
    let taken = |call: &'static str, id: &Value, more: Value| {
        about(call, id, more, "RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME", &[("SYSTEM_NAME", "ONE")])
    };
    let asking = |related: Value, code, args: &[(&'static str, &str)]| {
        let profile = json!({"relatedProfiles": [related]});
        case("widget.get", json!({"ks": ks, "id": own.widget(), "responseProfile": profile}), code, args)
    };
    vec![
        missing("responseProfile.get", json!({})),
        missing("responseProfile.update", json!({"updateResponseProfile": {}})),
        missing("responseProfile.updateStatus", json!({"status": 1})),
        missing("responseProfile.delete", json!({})),
        missing("responseProfile.clone", json!({"profile": {}})),
        taken("responseProfile.updateStatus", &first, json!({"status": 2})),
        taken("responseProfile.clone", &second, json!({"profile": {}})),
        asking(
            json!({"name": "one", "relatedProfiles": [{"name": "two", "relatedProfiles": [{"name": "three"}]}]}),
            "RESPONSE_PROFILE_MAX_NESTING_LEVEL",
            &[],
        ),
        asking(
            json!({"name": "one", "pager": {"pageSize": 101}}),
            "PROPERTY_VALIDATION_MAX_VALUE",
            &[("PROP_NAME", "KalturaFilterPager::pageSize"), ("MAX_VAL", "100")],
        ),
        asking(
            json!({"name": "one", "filter": {"objectType": "KalturaBaseEntryFilter"},
                   "mappings": [{"parentProperty": "nothing", "filterProperty": "idEqual"}]}),
            "PROPERTY_IS_NOT_DEFINED",
            &[("PROP", "nothing"), ("TYPE", "KalturaWidget")],
        ),
    ]
}
