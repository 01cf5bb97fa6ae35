//! What secrets open, and how long.

use ks_tests::house::now;

use super::*;

#[test]
fn the_user_secret_starts_user_sessions_and_signs_nothing() {
    let house = House::build();
    let account = house.account(807);
    good(&house, &start(&house, &account, &account.user_secret, 0, ""));
    let params = json!({"secret": account.user_secret, "partnerId": account.id, "type": 2});
    let pid = account.id.to_string();
    assert_eq!(house.fault("session.start", &params), error("START_SESSION_ERROR", &[("PID", &pid)]));
    for kind in [0, 2] {
        let ks = account.mint_with(&account.user_secret, now() + 60, kind, "somebody", "");
        bad(&house, &ks, &ks);
    }
}

#[test]
fn a_second_administrator_secret_opens_as_much_as_the_first() {
    let house = House::build();
    let account = house.account(807);
    let second = "another-secret-of-the-account";
    let minted = account.mint_with(second, now() + 60, 2, "root", "");
    bad(&house, &minted, &minted);
    let id = house.secret(&account, Some(second));
    good(&house, &minted);
    let admin = start(&house, &account, second, 2, "");
    let user = start(&house, &account, second, 0, "");
    good(&house, &admin);
    good(&house, &user);
    house.good("ks_secret.disable", &json!({"ks": account.admin(), "id": id}));
    // An ADMIN session is signed with the very secret that was presented, any other one with the primary one.
    bad(&house, &minted, &minted);
    bad(&house, &admin, &admin);
    good(&house, &user);
    let params = json!({"secret": second, "partnerId": account.id});
    let pid = account.id.to_string();
    assert_eq!(house.fault("session.start", &params), error("START_SESSION_ERROR", &[("PID", &pid)]));
}

#[test]
fn version_1_can_be_switched_off() {
    let house = House::build();
    let account = house.account(807);
    let (one, two) = (account.mint_v1(2, "root", ""), account.admin());
    good(&house, &one);
    house.change(&account, |partner| partner.v1_allowed = false);
    // It looks like a token that did not verify.
    bad(&house, &one, &one);
    good(&house, &two);
    house.change(&account, |partner| partner.v1_allowed = true);
    good(&house, &one);
}

/// When a session ends that was started between two times.
#[track_caller]
fn lasts(house: &House, account: &Account, start: impl Fn() -> String, seconds: i64) {
    let before = now();
    let ks = start();
    let after = now();
    let expiry = described(house, account, &ks)["expiry"].as_i64().expect("a time");
    assert!((before + seconds..=after + seconds).contains(&expiry), "{before} {expiry} {after}");
}

#[test]
fn the_accounts_maximum_caps_what_the_server_starts() {
    let house = House::build();
    let account = house.account(807);
    house.change(&account, |partner| partner.ks_max_expiry = 90);
    let plain = |secret: &str, kind: i32, expiry: i64| {
        let params = json!({"secret": secret, "partnerId": account.id, "type": kind, "expiry": expiry});
        house.good("session.start", &params).as_str().expect("a token").to_owned()
    };
    for (asked, given) in [(30, 30), (90, 90), (91, 90), (86_400, 90), (i64::MAX, 90)] {
        lasts(&house, &account, || plain(&account.admin_secret, 2, asked), given);
        lasts(&house, &account, || plain(&account.user_secret, 0, asked), given);
    }
    let widget = || {
        let params = json!({"widgetId": account.widget(), "expiry": 86_400});
        house.good("session.startWidgetSession", &params)["ks"].as_str().expect("a token").to_owned()
    };
    lasts(&house, &account, widget, 90);
    // A token says for itself when it ends: the maximum is for those that the server starts.
    good(&house, &account.mint_until(now() + 86_400, 2, "root", ""));
    house.change(&account, |partner| partner.ks_max_expiry = 200_000);
    lasts(&house, &account, || plain(&account.admin_secret, 2, 150_000), 150_000);
}

#[test]
fn without_time_a_session_has_expired_at_once() {
    let house = House::build();
    let account = house.account(807);
    for expiry in [0, -1, -86_400, i64::MIN] {
        let params = json!({"secret": account.user_secret, "partnerId": account.id, "expiry": expiry});
        let ks = house.good("session.start", &params);
        bad(&house, ks.as_str().expect("a token"), "EXPIRED");
        let params = json!({"widgetId": account.widget(), "expiry": expiry});
        let ks = house.good("session.startWidgetSession", &params)["ks"].clone();
        bad(&house, ks.as_str().expect("a token"), "EXPIRED");
    }
    for expiry in [now(), 0, -1] {
        bad(&house, &account.mint_until(expiry, 2, "root", ""), "EXPIRED");
    }
}

/// Sessions that become part of URLs are alike for five minutes, so that caches can keep what is behind them.
#[test]
fn downloadasset_makes_equal_requests_equal_tokens() {
    let house = House::build();
    let account = house.account(807);
    let one = || start(&house, &account, &account.user_secret, 0, "edit:*,downloadasset:0_abc");
    let before = now();
    let tokens = [one(), one(), one()];
    // The five minutes may end between two of them, not twice.
    assert!(tokens[0] == tokens[1] || tokens[1] == tokens[2], "{tokens:?}");
    let expiry = described(&house, &account, &tokens[2])["expiry"].as_i64().expect("a time");
    assert_eq!(expiry % 300, 0);
    assert!((before + 3600..now() + 3600 + 300).contains(&expiry), "rounded up: {expiry}");
    let plain = || start(&house, &account, &account.user_secret, 0, "edit:*,download:0_abc");
    assert_ne!(plain(), plain());
}
