//! `recycle` and `restoreRecycled`.

use ks_store::{Permission, PermissionKind};
use ks_tests::house::{House, error, now};
use serde_json::json;

use super::{listed, ready_as};

#[test]
fn what_is_in_the_bin_is_listed_when_it_is_asked_for() {
    let house = House::build();
    let account = house.account(1041);
    let ann = account.mint(0, "ann", "");
    let entry = ready_as(&house, &ann, &json!({"name": "x", "displayInSearch": 2}));
    let params = json!({"ks": ann, "entryId": entry});
    assert_eq!(house.fault("baseEntry.recycle", &params), error("FEATURE_RECYCLE_BIN_DISABLED", &[]));
    let mut feature = Permission::named(account.partner(), "FEATURE_RECYCLE_BIN".to_owned());
    feature.kind = PermissionKind::SpecialFeature;
    house.wait(house.store.add_permission(feature, now())).expect("a feature");

    assert_eq!(house.fault("baseEntry.restoreRecycled", &params), error("INVALID_ENTRY_STATUS_FOR_RESTORE", &[]));
    let bob = json!({"ks": account.mint(0, "bob", ""), "entryId": entry});
    assert_eq!(house.fault("baseEntry.recycle", &bob).0, "INVALID_KS");
    assert_eq!(house.good("baseEntry.recycle", &params)["displayInSearch"], -2);
    assert_eq!(house.fault("baseEntry.recycle", &params), error("INVALID_ENTRY_STATUS_FOR_RECYCLE", &[]));
    assert!(listed(&house, &ann, &json!({})).is_empty());
    assert_eq!(listed(&house, &ann, &json!({"displayInSearchEqual": -2})), ["x"]);
    assert_eq!(house.good("baseEntry.get", &params)["name"], "x");
    assert_eq!(house.fault("baseEntry.restoreRecycled", &bob).0, "INVALID_KS");
    assert_eq!(house.good("baseEntry.restoreRecycled", &params)["displayInSearch"], 2);
    assert_eq!(listed(&house, &ann, &json!({})), ["x"]);
    // Nobody puts an entry there by writing so.
    let params = json!({"ks": ann, "entryId": entry, "baseEntry": {"displayInSearch": -2}});
    let refused = error("ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED", &[("DISPLAY_IN_SEARCH_NEW_VALUE", "-2")]);
    assert_eq!(house.fault("baseEntry.update", &params), refused);
}
