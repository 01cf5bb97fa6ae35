//! Arguments that are in order, so that rights alone decide.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_store::MemberRole;
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
        _ if action.starts_with("user.") || action.starts_with("adminUser.") => people(house, action, account),
        _ if action.starts_with("group") => groups(house, action, account),
        _ => panic!("say here how {action} is called"),
    }
}

const PASSWORD: &str = "a long enough secret";

/// A number that no other call of this run has.
fn fresh() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn people(house: &House, action: &str, account: &Account) -> Value {
    let id = format!("person{}", fresh());
    let email = format!("{id}@example.com");
    let without_login = action == "user.enableLogin";
    if without_login {
        house.user(account, &id, &[]);
    } else {
        let admin = matches!(action, "user.demoteAdmin" | "adminUser.login");
        house.person(account, &id, admin, &email, PASSWORD);
    }
    match action {
        "user.add" => json!({"user": {"objectType": "KalturaUser", "id": format!("{id}x")}}),
        "user.update" => json!({"userId": id, "user": {"objectType": "KalturaUser", "title": "x"}}),
        "user.list" => json!({}),
        "user.get" => json!({"userId": id}),
        "user.delete" | "user.notifyBan" | "user.demoteAdmin" | "user.disableLogin" => json!({"userId": id}),
        "user.getByLoginId" => json!({"loginId": email}),
        "user.login" => json!({"partnerId": account.id, "userId": id, "password": PASSWORD}),
        "user.loginByLoginId" => json!({"loginId": email, "password": PASSWORD}),
        "user.updateLoginData" => json!({"oldLoginId": email, "password": PASSWORD}),
        "user.loginDataResetPassword" => json!({"loginDataId": email, "newPassword": "another long secret"}),
        "user.resetPassword" | "adminUser.resetPassword" => json!({"email": email}),
        "user.setInitialPassword" | "adminUser.setInitialPassword" => json!({"hashKey": "x", "newPassword": PASSWORD}),
        "user.validateHashKey" | "user.generateQrCode" => json!({"hashKey": "x"}),
        "user.enableLogin" => json!({"userId": id, "loginId": email, "password": PASSWORD}),
        "user.replaceUserLoginData" => json!({"userId": id, "newLoginId": email}),
        "user.index" => json!({"id": id}),
        "user.loginByKs" => json!({"requestedPartnerId": account.id}),
        "adminUser.login" | "adminUser.updatePassword" => json!({"email": email, "password": PASSWORD}),
        _ => panic!("say here how {action} is called"),
    }
}

fn groups(house: &House, action: &str, account: &Account) -> Value {
    let number = fresh();
    let (group, user) = (format!("group{number}"), format!("member{number}"));
    house.group(account, &group);
    house.user(account, &user, &[]);
    // Ordinary users may change who is in a group that they manage.
    let somebody = ks_schema::UserId::new("somebody");
    if house.wait(house.store.live_user(account.partner(), &somebody)).expect("a store").is_none() {
        house.user(account, "somebody", &[]);
    }
    let _ = house.member(account, "somebody", &group, MemberRole::Manager);
    let member = || house.member(account, &user, &group, MemberRole::Member);
    match action {
        "groupUser.add" => json!({"groupUser": {"userId": user, "groupId": group}}),
        "groupUser.update" => json!({"groupUserId": member().to_string(), "groupUser": {"userRole": 2}}),
        "groupUser.delete" => {
            member();
            json!({"userId": user, "groupId": group})
        }
        "groupUser.list" => json!({"filter": {"userIdEqual": "somebody"}}),
        "group_group.add" => json!({"group": {"id": format!("{group}x")}}),
        "group_group.get" | "group_group.delete" => json!({"groupId": group}),
        "group_group.update" => json!({"groupId": group, "group": {"description": "x"}}),
        "group_group.list" => json!({}),
        "group_group.clone" => json!({"originalGroupId": group, "newGroupId": format!("{group}x")}),
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
