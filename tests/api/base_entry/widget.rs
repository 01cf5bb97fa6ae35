//! Entries of widgets, and what their sessions see.

use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

use super::{assign, category, free, id, ready, strict};

fn widget(house: &House, account: &Account, ks: &str, widget: Value) -> Value {
    let mut widget = widget;
    widget["sourceWidgetId"] = json!(account.widget());
    house.call("widget.add", &json!({"ks": ks, "widget": widget}))
}

/// The session that a widget starts, and the privileges that it has.
fn start(house: &House, account: &Account, widget: &Value) -> (String, String) {
    let started = house.good("session.startWidgetSession", &json!({"widgetId": widget["id"]}));
    let ks = started["ks"].as_str().expect("a session").to_owned();
    let privileges = account.read(&ks).privileges.text().to_owned();
    (ks, privileges)
}

#[test]
fn a_widgets_session_sees_its_entry() {
    let house = House::build();
    let account = strict(&house, 1111);
    let admin = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let entry = ready(&house, &admin, "x");
    let other = ready(&house, &admin, "y");
    assign(&house, &account, &entry, hidden);
    assign(&house, &account, &other, hidden);
    let made = widget(&house, &account, &admin, json!({"entryId": entry}));
    assert_eq!(made["entryId"], json!(entry));
    let (ks, privileges) = start(&house, &account, &made);
    assert_eq!(privileges, format!("view:*,widget:1,disableentitlementforentry:{entry},limitentry:{entry}"));
    assert_eq!(house.good("baseEntry.get", &json!({"ks": ks, "entryId": entry}))["name"], "x");
    let gone = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", &other)]);
    assert_eq!(house.fault("baseEntry.get", &json!({"ks": ks, "entryId": other})), gone);
    let list = house.good("widget.list", &json!({"ks": admin, "filter": {"entryIdEqual": entry}}));
    assert_eq!((&list["totalCount"], &list["objects"][0]["id"]), (&json!(1), &made["id"]));

    // One that enforces entitlement leaves it out, and so does one without an entry.
    let closed = widget(
        &house,
        &account,
        &admin,
        json!({"entryId": entry, "enforceEntitlement": true, "privacyContext": "portal"}),
    );
    let (ks, privileges) = start(&house, &account, &closed);
    assert_eq!(privileges, format!("view:*,widget:1,privacycontext:portal,limitentry:{entry}"));
    assert_eq!(house.fault("baseEntry.get", &json!({"ks": ks, "entryId": entry})).0, "ENTRY_ID_NOT_FOUND");
    let params = json!({"ks": admin, "id": closed["id"], "widget": {"entryId": ""}});
    let freed = house.good("widget.update", &params);
    assert!(freed.get("entryId").is_none(), "{freed}");
    assert_eq!(start(&house, &account, &freed).1, "view:*,widget:1,privacycontext:portal");
}

#[test]
fn nobody_opens_an_entry_to_everybody_by_saying_nothing() {
    let house = House::build();
    let account = strict(&house, 1112);
    let admin = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let entry = ready(&house, &admin, "x");
    assign(&house, &account, &entry, hidden);
    let zed = account.mint(0, "zed", "privacycontext:portal");
    let unseen = widget(&house, &account, &zed, json!({"entryId": entry}));
    assert_eq!(ks_tests::call::fault(&unseen), error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", &entry)]));
    let member = json!({"categoryId": hidden, "userId": "zed"});
    house.good("categoryUser.add", &json!({"ks": admin, "categoryUser": member}));
    let seen = widget(&house, &account, &zed, json!({"entryId": entry}));
    assert_eq!((&seen["entryId"], &seen["enforceEntitlement"]), (&json!(entry), &json!(true)));
    let (ks, _) = start(&house, &account, &seen);
    assert_eq!(house.fault("baseEntry.get", &json!({"ks": ks, "entryId": entry})).0, "ENTRY_ID_NOT_FOUND");
    let said = widget(&house, &account, &zed, json!({"entryId": entry, "enforceEntitlement": false}));
    assert_eq!(said["code"], "CANNOT_DISABLE_ENTITLEMENT_FOR_WIDGET_WHEN_ENTITLEMENT_ENFORCEMENT_ENABLE");
    // Nor by a copy of a widget that is bound to nothing.
    let copied = json!({"ks": zed, "widget": {"sourceWidgetId": account.widget(), "entryId": entry}});
    assert_eq!(house.good("widget.clone", &copied)["enforceEntitlement"], true);
}

#[test]
fn accounts_without_entitlement_have_no_privileges_for_it() {
    let house = House::build();
    let account = house.account(1113);
    let admin = account.admin();
    let entry = id(&house.good("media.add", &json!({"ks": admin, "entry": {"name": "x", "mediaType": 1}})));
    let made = widget(&house, &account, &admin, json!({"entryId": entry, "privacyContext": "portal"}));
    let stored = house.wait(house.store.own_permissions(account.partner())).expect("permissions");
    let feature = stored.permissions.iter().find(|it| it.name == "FEATURE_ENTITLEMENT").expect("new accounts have it");
    let open = format!("view:*,widget:1,disableentitlementforentry:{entry},privacycontext:portal,limitentry:{entry}");
    assert_eq!(start(&house, &account, &made).1, open);
    let deleted = house.store.delete_permission(account.partner(), feature.id, ks_tests::house::now());
    house.wait(deleted).expect("a feature");
    assert_eq!(start(&house, &account, &made).1, format!("view:*,widget:1,limitentry:{entry}"));
}
