//! `getContextData`.

use ks_tests::house::{House, error, now};
use serde_json::{Value, json};

use super::ready;

#[test]
fn the_schedule_decides_when_an_entry_is_played() {
    let house = House::build();
    let account = house.account(1051);
    let admin = account.admin();
    let entry = ready(&house, &admin, "x");
    let context = |ks: &str, id: &str, params: Value| {
        house.good("baseEntry.getContextData", &json!({"ks": ks, "entryId": id, "contextDataParams": params}))
    };
    let always = context(&admin, &entry, json!({"streamerType": "hls"}));
    let expected = json!({
        "isSiteRestricted": false, "isCountryRestricted": false, "isSessionRestricted": false,
        "isIpAddressRestricted": false, "isUserAgentRestricted": false, "previewLength": -1, "isScheduledNow": true,
        "isAdmin": true, "streamerType": "hls", "accessControlMessages": [], "accessControlActions": [],
        "flavorAssets": [], "msDuration": 0, "messages": [], "actions": [],
        "objectType": "KalturaEntryContextDataResult",
    });
    assert_eq!(always, expected);

    let change = json!({"startDate": now() + 100, "endDate": now() + 200});
    let params = json!({"ks": admin, "entryId": entry, "baseEntry": change});
    house.good("baseEntry.update", &params);
    let user = account.mint(0, "ann", "");
    let scheduled = |ks: &str, params: Value| context(ks, &entry, params)["isScheduledNow"].clone();
    assert_eq!(scheduled(&user, json!({})), false);
    assert_eq!(scheduled(&user, json!({"time": now() + 150 + 400_000_000})), false);
    assert_eq!(scheduled(&user, json!({"time": now() + 150})), true);
    assert_eq!(scheduled(&admin, json!({})), false, "administrators, too");
    assert_eq!(scheduled(&account.mint(0, "ann", "sview:*"), json!({})), true);
    assert_eq!(scheduled(&account.mint(0, "ann", &format!("sview:{entry}")), json!({})), true);
    assert_eq!(scheduled(&account.mint(0, "ann", &format!("sview:{entry}x")), json!({})), false);
    assert_eq!(context(&user, &entry, json!({}))["isAdmin"], false);

    // A child is available when its parent is.
    let child = ready(&house, &admin, "child");
    let params = json!({"ks": admin, "entryId": child, "baseEntry": {"parentEntryId": entry}});
    house.good("baseEntry.update", &params);
    assert_eq!(context(&user, &child, json!({}))["isScheduledNow"], false);

    let params = json!({"ks": user, "entryId": entry, "contextDataParams": {"flavorAssetId": "0_f"}});
    let missing = error("FLAVOR_ASSET_ID_NOT_FOUND", &[("FLAVOR_ASSET_ID", "0_f")]);
    assert_eq!(house.fault("baseEntry.getContextData", &params), missing);
}
