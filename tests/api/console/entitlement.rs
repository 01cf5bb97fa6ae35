//! The switch of entitlement in the account console.

use ks_tests::house::House;
use serde_json::json;

use super::account::{EMAIL, PASSWORD, open_signed_in};

#[test]
fn enforcement_is_switched_and_holds_at_once() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    house.user(&account, "ann", &[]);
    let all = account.mint(2, "", "disableentitlement");
    let category = json!({"name": "Hidden", "privacyContext": "campus"});
    let made = house.good("category.add", &json!({"ks": all, "category": category}));
    let id = &made["id"];
    house.good("category.update", &json!({"ks": all, "id": id, "category": {"privacy": 3}}));
    let plain = account.mint(0, "ann", "");
    let get = || house.call("category.get", &json!({"ks": plain, "id": id}));
    assert_eq!(get()["name"], "Hidden");

    let mut browser = open_signed_in(&house);
    browser.open(&format!("http://{}/console/settings/entitlement", house.addr));
    browser.wait_for_text("Entitlement enforcement disabled");
    browser.click("button", "Switch it on");
    browser.click("button", "Enforce");
    browser.wait_for_text("Entitlement enforcement enabled");
    assert_eq!(get()["code"], "CATEGORY_NOT_FOUND");
    let shown = house.good("partner.getInfo", &json!({"ks": account.admin()}));
    assert_eq!(shown["defaultEntitlementEnforcement"], true);
    browser.click("button", "Switch it off");
    browser.click("button", "Stop enforcing");
    browser.wait_for_text("Entitlement enforcement disabled");
    assert_eq!(get()["name"], "Hidden");
    // Who changed it stands in the trail.
    let trail =
        house.good("ks_audit.list", &json!({"ks": account.admin(), "filter": {"actionIn": "ks_account.update"}}));
    assert_eq!(trail["totalCount"], 2, "{trail}");
    assert_eq!(trail["objects"][0]["userId"], "owner");
    assert_eq!(browser.problems(), Vec::<String>::new());
}
