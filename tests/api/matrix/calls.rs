//! Arguments that are in order, so that rights alone decide.

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

/// What a call of an action says besides its session, about things of this account. What the call uses up is made
/// for it alone.
pub(super) fn arguments(house: &House, action: &str, account: &Account) -> Value {
    let pid = account.id;
    let widget = account.widget();
    match action {
        "session.start" => json!({"secret": account.admin_secret, "partnerId": pid}),
        "session.impersonate" => {
            json!({"secret": account.admin_secret, "impersonatedPartnerId": pid, "partnerId": pid})
        }
        "session.impersonateByKs" | "session.get" | "ks_session.revoke" => {
            json!({"session": account.mint(2, "somebody", "")})
        }
        "session.startWidgetSession" => json!({"widgetId": widget}),
        "session.end"
        | "system.ping"
        | "system.getTime"
        | "system.getVersion"
        | "system.pingDatabase"
        | "system.getHealthCheck"
        | "widget.list"
        | "appToken.list"
        | "partner.getInfo"
        | "ks_secret.list"
        | "ks_secret.add" => json!({}),
        "widget.add" => json!({"widget": {"objectType": "KalturaWidget", "sourceWidgetId": widget}}),
        "widget.update" => json!({"id": widget, "widget": {"objectType": "KalturaWidget", "partnerData": "x"}}),
        "widget.get" => json!({"id": widget}),
        "widget.clone" => json!({"widget": {"objectType": "KalturaWidget", "id": widget}}),
        "partner.get" | "partner.getPublicInfo" => json!({"id": pid}),
        "ks_secret.setPrimary" | "ks_secret.disable" | "ks_session.revokeSecret" => {
            json!({"id": house.secret(account, None)})
        }
        "appToken.add" => json!({"appToken": {"objectType": "KalturaAppToken"}}),
        "appToken.get" | "appToken.delete" => json!({"id": app_token(house, account)}),
        "appToken.update" => json!({"id": app_token(house, account), "appToken": {"description": "x"}}),
        "appToken.startSession" => json!({"id": app_token(house, account), "tokenHash": "not a hash"}),
        "ks_session.revokeGroup" => json!({"sessionId": "a group"}),
        "ks_session.why" => json!({"requestId": refused(house, account)}),
        _ => panic!("say here how {action} is called"),
    }
}

/// A request of this account that was refused: its id.
fn refused(house: &House, account: &Account) -> String {
    let ks = account.mint_until(1, 0, "somebody", "");
    let response = house.send(&ks_tests::house::request("session.end", &json!({"ks": ks})));
    response.header("X-Kaltura-Session").expect("a request id").to_owned()
}

/// An app token of this account: its id.
fn app_token(house: &House, account: &Account) -> String {
    let added = house.store.add_app_token(ks_store::NewAppToken::of(account.partner()), ks_tests::house::now());
    house.wait(added).expect("an app token").id.to_string()
}
