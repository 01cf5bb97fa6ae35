//! Arguments that are in order, so that rights alone decide.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_store::{NewAppToken, Permission, PermissionItem, ResponseProfile};
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

use super::{content, entries, people};

/// What a call of an action says besides its session, about things of this account. What the call uses up is made
/// for it alone.
pub(crate) fn arguments(house: &House, action: &str, account: &Account) -> Value {
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
        | "userRole.list"
        | "permission.list"
        | "permission.getCurrentPermissions"
        | "permissionItem.list"
        | "ks_audit.list"
        | "partner.list"
        | "partner.count"
        | "partner.listPartnersForUser"
        | "partner.listFeatureStatus"
        | "partner.getUsage"
        | "partner.getStatistics"
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
        // For its own user: in whose name else its sessions may act is a question of more than permissions.
        "appToken.add" => json!({"appToken": {"objectType": "KalturaAppToken", "sessionUserId": "somebody"}}),
        "appToken.get" | "appToken.delete" => json!({"id": app_token(house, account)}),
        "appToken.update" => json!({"id": app_token(house, account), "appToken": {"description": "x"}}),
        "appToken.startSession" => json!({"id": app_token(house, account), "tokenHash": "not a hash"}),
        "userRole.add" => json!({"userRole": {"objectType": "KalturaUserRole", "name": fresh("Role")}}),
        "userRole.get" | "userRole.delete" | "userRole.clone" => json!({"userRoleId": role(house, account)}),
        "userRole.update" => json!({"userRoleId": role(house, account), "userRole": {"description": "x"}}),
        "permission.add" => json!({"permission": {"objectType": "KalturaPermission", "name": fresh("MY_OWN")}}),
        "permission.get" | "permission.delete" => json!({"permissionName": permission(house, account)}),
        "permission.update" => {
            json!({"permissionName": permission(house, account), "permission": {"description": "x"}})
        }
        "partner.register" | "partner.registrationValidation" => json!({"partner": {"name": "x"}}),
        "partner.update" => json!({"partner": {"description": "x"}}),
        "partner.getSecrets" => json!({"partnerId": pid, "adminEmail": "x@example.com", "cmsPassword": "wrong"}),
        "schema.serve" => json!({"type": "syndication"}),
        "responseProfile.list" => json!({}),
        "responseProfile.recalculate" => {
            json!({"options": {"objectType": "KalturaResponseProfileCacheRecalculateOptions"}})
        }
        "responseProfile.add" => json!({"addResponseProfile": {"name": "narrow"}}),
        "responseProfile.get" | "responseProfile.delete" => json!({"id": profile(house, account)}),
        "responseProfile.update" => json!({"id": profile(house, account), "updateResponseProfile": {"fields": "id"}}),
        "responseProfile.updateStatus" => json!({"id": profile(house, account), "status": 1}),
        "responseProfile.clone" => json!({"id": profile(house, account), "profile": {"fields": "id"}}),
        "permissionItem.add" => json!({"permissionItem": action_item()}),
        "permissionItem.get" | "permissionItem.delete" => json!({"permissionItemId": item(house, account)}),
        "permissionItem.update" => json!({"permissionItemId": item(house, account), "permissionItem": action_item()}),
        "ks_session.revokeGroup" => json!({"sessionId": "a group"}),
        "ks_session.why" => json!({"requestId": refused(house, account)}),
        "ks_account.get" | "ks_mail_template.list" => json!({}),
        "ks_mail_template.update" => json!({"mailTemplate": {"kind": "reset", "subject": "x", "body": "{link}"}}),
        "ks_mail_template.reset" => json!({"kind": "reset"}),
        "ks_account.update" => json!({"settings": {}}),
        "ks_stats.list" => json!({"measure": "calls"}),
        "ks_session.revokeUser" => people::people(house, action, account),
        "ks_session.explainAccess" => json!({"subject": "entry", "objectId": "0_nothing0"}),
        _ if action.starts_with("user.") || action.starts_with("adminUser.") => people::people(house, action, account),
        _ if action.starts_with("baseEntry.") || action.starts_with("media.") => {
            entries::entries(house, action, account)
        }
        _ if action.starts_with("category.") => content::categories(house, action, account),
        _ if action.starts_with("categoryUser.") => content::members(house, action, account),
        _ if action.starts_with("categoryEntry.") => content::places(house, action, account),
        _ if action.starts_with("group") => people::groups(house, action, account),
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
    let added = house.store.add_app_token(NewAppToken::of(account.partner()), now());
    house.wait(added).expect("an app token").id.to_string()
}

/// A name that nothing else of this run has.
fn fresh(start: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{start}_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A role of this account that nobody has: its id.
fn role(house: &House, account: &Account) -> i64 {
    house.role(account, &fresh("ROLE"), "")
}

/// A response profile of this account: its id.
fn profile(house: &House, account: &Account) -> i64 {
    let kept = ResponseProfile {
        id: 0,
        partner_id: account.partner(),
        system_name: None,
        status: 2,
        version: 1,
        properties: std::iter::once(("name".to_owned(), json!("narrow"))).collect(),
        created_at: 0,
        updated_at: 0,
    };
    house.wait(house.store.add_response_profile(kept, now())).expect("a response profile").id
}

/// A permission of this account: its name.
fn permission(house: &House, account: &Account) -> String {
    let added = house.store.add_permission(Permission::named(account.partner(), fresh("OWN")), now());
    house.wait(added).expect("a permission").name
}

fn action_item() -> Value {
    json!({"objectType": "KalturaApiActionPermissionItem", "service": "session", "action": "get"})
}

/// A permission item of this account: its id.
fn item(house: &House, account: &Account) -> i64 {
    let item = PermissionItem {
        id: 0,
        partner_id: account.partner(),
        subject: "session".to_owned(),
        detail: "get".to_owned(),
        used: None,
        tags: None,
        created_at: 0,
        updated_at: 0,
    };
    house.wait(house.store.add_permission_item(item, now())).expect("a permission item").id
}
