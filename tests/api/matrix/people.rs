//! Arguments of actions about users and groups.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_store::MemberRole;
use ks_tests::house::{Account, House};
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough secret";

/// A number that no other call of this run has.
fn count() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// What a call about users says.
pub(super) fn people(house: &House, action: &str, account: &Account) -> Value {
    let id = format!("person{}", count());
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
        "ks_session.revokeUser" | "user.delete" | "user.notifyBan" | "user.demoteAdmin" | "user.disableLogin" => {
            json!({"userId": id})
        }
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
        "user.serveCsv" => json!({"id": "users.csv"}),
        "user.index" => json!({"id": id}),
        "user.loginByKs" => json!({"requestedPartnerId": account.id}),
        "adminUser.login" | "adminUser.updatePassword" => json!({"email": email, "password": PASSWORD}),
        _ => panic!("say here how {action} is called"),
    }
}

/// What a call about groups says.
pub(super) fn groups(house: &House, action: &str, account: &Account) -> Value {
    let number = count();
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
        "groupUser.sync" => json!({"userId": user, "groupIds": group}),
        "groupUser.list" => json!({"filter": {"userIdEqual": "somebody"}}),
        "group_group.add" => json!({"group": {"id": format!("{group}x")}}),
        "group_group.get" | "group_group.delete" => json!({"groupId": group}),
        "group_group.update" => json!({"groupId": group, "group": {"description": "x"}}),
        "group_group.searchGroup" => json!({"searchParams": {}}),
        "group_group.list" => json!({}),
        "group_group.clone" => json!({"originalGroupId": group, "newGroupId": format!("{group}x")}),
        _ => panic!("say here how {action} is called"),
    }
}
