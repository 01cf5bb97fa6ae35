//! What ends the sessions that a login started.

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

use super::{OTHER, RIGHT, is_good, log_in};

fn scene(id: i32, admin: bool) -> (House, Account, String, String) {
    let house = House::build();
    let account = house.account(id);
    house.person(&account, "ann", admin, "ann@example.com", RIGHT);
    let one = log_in(&house, "ann@example.com", RIGHT);
    let two = log_in(&house, "ann@example.com", RIGHT);
    assert!(is_good(&house, &one) && is_good(&house, &two));
    (house, account, one, two)
}

#[track_caller]
fn ends(admin: bool, call: &str, params: impl Fn(&Account) -> Value) -> (House, Account) {
    let (house, account, one, two) = scene(730, admin);
    let mut params = params(&account);
    if params.get("ks").is_none() {
        params["ks"] = json!(account.admin());
    }
    house.good(call, &params);
    assert!(!is_good(&house, &one) && !is_good(&house, &two), "{call}");
    (house, account)
}

#[test]
fn an_administrator_signs_a_user_out_everywhere() {
    let house = House::build();
    let account = house.account(759);
    house.person(&account, "ann", false, "ann759@example.com", RIGHT);
    house.person(&account, "bob", false, "bob759@example.com", RIGHT);
    let sessions = [log_in(&house, "ann759@example.com", RIGHT), log_in(&house, "ann759@example.com", RIGHT)];
    let bob = log_in(&house, "bob759@example.com", RIGHT);
    assert_eq!(house.call("ks_session.revokeUser", &json!({"ks": account.admin(), "userId": "ann"})), json!(null));
    for ks in sessions {
        assert_eq!(house.call("user.get", &json!({ "ks": ks }))["code"], "INVALID_KS");
    }
    assert_eq!(house.good("user.get", &json!({"ks": bob}))["id"], "bob");
    let ks = log_in(&house, "ann759@example.com", RIGHT);
    assert_eq!(house.good("user.get", &json!({ "ks": ks }))["id"], "ann");
    // Sessions that the account signed itself are the account's to end.
    let own = account.mint(0, "ann", "");
    house.good("ks_session.revokeUser", &json!({"ks": account.admin(), "userId": "ann"}));
    assert_eq!(house.good("user.get", &json!({"ks": own}))["id"], "ann");
}

#[test]
fn a_new_password_ends_all_of_them_and_new_ones_start() {
    let change = |_: &Account| json!({"oldLoginId": "ann@example.com", "password": RIGHT, "newPassword": OTHER});
    let (house, _) = ends(false, "user.updateLoginData", change);
    assert!(is_good(&house, &log_in(&house, "ann@example.com", OTHER)));
    let reset = |_: &Account| json!({"loginDataId": "ann@example.com", "newPassword": OTHER});
    let (house, _) = ends(false, "user.loginDataResetPassword", reset);
    assert!(is_good(&house, &log_in(&house, "ann@example.com", OTHER)));
}

#[test]
fn so_do_blocking_demoting_and_taking_the_login_away() {
    let ann = |_: &Account| json!({"userId": "ann"});
    let block = |_: &Account| json!({"userId": "ann", "user": {"status": 0}});
    let (house, account) = ends(false, "user.update", block);
    house.block_user(&account, "ann", false);
    assert!(is_good(&house, &log_in(&house, "ann@example.com", RIGHT)), "unblocked");
    let (house, _) = ends(true, "user.demoteAdmin", ann);
    assert!(is_good(&house, &log_in(&house, "ann@example.com", RIGHT)), "demoted");
    ends(false, "user.disableLogin", ann);
}

#[test]
fn a_deleted_user_is_refused_by_whatever_means() {
    let (house, account) = ends(false, "user.delete", |_| json!({"userId": "ann"}));
    let minted = account.mint(0, "ann", "");
    assert_eq!(house.fault("system.ping", &json!({"ks": minted})).0, "USER_BLOCKED");
    assert_eq!(super::refused(&house, "ann@example.com", RIGHT), "USER_WRONG_PASSWORD");
    // Somebody new may take the id.
    house.user(&account, "ann", &[]);
    assert!(is_good(&house, &minted));
}

#[test]
fn signing_out_here_is_not_signing_out_everywhere() {
    let (house, _, one, two) = scene(731, false);
    let _ = house.call("session.end", &json!({ "ks": one }));
    assert!(!is_good(&house, &one) && is_good(&house, &two));
}

#[test]
fn an_owner_who_revokes_the_group_does_not_lock_the_user_out() {
    let (house, account, one, two) = scene(732, false);
    let group = account.read(&one).privileges.value("sessionid").expect("a group").to_owned();
    let _ = house.call("ks_session.revokeGroup", &json!({"ks": account.admin(), "sessionId": group}));
    assert!(!is_good(&house, &one) && !is_good(&house, &two));
    assert!(is_good(&house, &log_in(&house, "ann@example.com", RIGHT)));
}
