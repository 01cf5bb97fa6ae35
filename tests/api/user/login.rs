//! `user.login`, `user.loginByLoginId`, `user.loginByKs`, `adminUser.login`.

use ks_store::PartnerStatus;
use ks_tests::house::{House, now};
use serde_json::json;

use super::{OTHER, RIGHT, add, log_in, refused};

#[test]
fn a_login_starts_a_session_of_the_user() {
    let house = House::build();
    let account = house.account(720);
    add(&house, &account, &json!({"id": "ann", "email": "Ann@Example.com", "password": RIGHT}));
    house.person(&account, "boss", true, "boss720@example.com", RIGHT);
    for (email, id, kind) in [(" ANN@example.COM ", "ann", 0), ("boss720@example.com", "boss", 2)] {
        let ks = account.read(&log_in(&house, email, RIGHT));
        assert_eq!((ks.user_id.as_deref(), ks.session_type), (Some(id), Some(kind)));
        assert!(ks.privileges.text().starts_with("all:*,sessionid:"), "{}", ks.privileges.text());
        assert!(ks.expiry.is_some_and(|expiry| (now() + 86_300..=now() + 86_400).contains(&expiry)));
    }
    let by_id = house.good("user.login", &json!({"partnerId": 720, "userId": "ann", "password": RIGHT, "expiry": 60}));
    let ks = account.read(by_id.as_str().expect("a token"));
    assert!(ks.expiry.is_some_and(|expiry| expiry <= now() + 60));
    let old = house.good("adminUser.login", &json!({"email": "boss720@example.com", "password": RIGHT}));
    assert_eq!(account.read(old.as_str().expect("a token")).user_id.as_deref(), Some("boss"));
    let seen = house.good("user.get", &json!({"ks": account.admin(), "userId": "ann"}));
    assert!(seen["lastLoginTime"].as_i64().is_some_and(|at| at >= now() - 60), "{seen}");
}

#[test]
fn privileges_that_lift_limits_are_the_accounts_to_give() {
    let house = House::build();
    let account = house.account(721);
    add(&house, &account, &json!({"id": "ann", "email": "ann721@example.com", "password": RIGHT}));
    let asked = "sview:*,setrole:PARTNER_ADMIN_ROLE,disableentitlement,sessionid:mine,setrole:4,urirestrict:/api_v3/*";
    let login = || {
        let params = json!({"loginId": "ann721@example.com", "password": RIGHT, "privileges": asked});
        account.read(house.good("user.loginByLoginId", &params).as_str().expect("a token"))
    };
    let ks = login();
    assert!(ks.privileges.has("sview") && ks.privileges.has("urirestrict"));
    assert!(!ks.privileges.has("setrole") && !ks.privileges.has("disableentitlement"));
    assert_ne!(ks.privileges.value("sessionid"), Some("mine"));

    let own = json!({"ksPrivileges": "setrole:PLAYBACK_BASE_ROLE,sessionid:ours"});
    house.good("user.update", &json!({"ks": account.admin(), "userId": "ann", "user": own}));
    assert_eq!(login().privileges.text(), "setrole:PLAYBACK_BASE_ROLE,sessionid:ours");
}

#[test]
fn every_failure_of_a_login_by_address_looks_the_same() {
    let house = House::build();
    let (account, blocked) = (house.account(722), house.account(723));
    house.person(&account, "ann", false, "ann722@example.com", RIGHT);
    house.person(&account, "out", false, "out722@example.com", RIGHT);
    house.block_user(&account, "out", true);
    house.set_status(&blocked, PartnerStatus::Blocked);
    let wrong = house.call("user.loginByLoginId", &json!({"loginId": "ann722@example.com", "password": "x"}));
    assert_eq!((&wrong["code"], &wrong["args"]), (&json!("USER_WRONG_PASSWORD"), &json!([])));
    for params in [
        json!({"loginId": "nobody@example.com", "password": RIGHT}),
        json!({"loginId": "out722@example.com", "password": RIGHT, "partnerId": 722}),
        json!({"loginId": "ann722@example.com", "password": RIGHT, "partnerId": 723}),
        json!({"loginId": "ann722@example.com", "password": RIGHT, "partnerId": 99_999}),
        json!({"loginId": "ann722@example.com"}),
        json!({}),
        json!({"loginId": "ann722@example.com", "password": RIGHT, "ks": "nonsense"}),
        json!({"loginId": "ann722@example.com", "password": RIGHT, "ks": account.mint_until(1, 2, "x", "")}),
        json!({"loginId": "ann722@example.com", "password": RIGHT, "language": "x"}),
    ] {
        assert_eq!(house.call("user.loginByLoginId", &params), wrong, "{params}");
    }
    // A password that is right all the same.
    log_in(&house, "ann722@example.com", RIGHT);
}

#[test]
fn nobody_hears_whether_an_address_can_be_reset() {
    let house = House::build();
    let account = house.account(724);
    house.person(&account, "ann", false, "ann724@example.com", RIGHT);
    for params in [
        json!({"email": "ann724@example.com"}),
        json!({"email": "nobody@example.com"}),
        json!({}),
        json!({"email": "x", "linkType": "no such"}),
        json!({"email": "x", "ks": "nonsense"}),
    ] {
        assert_eq!(house.call("user.resetPassword", &params), json!(null), "{params}");
    }
    assert_eq!(house.outbox.mails().len(), 1);
}

#[test]
fn one_login_opens_several_accounts() {
    let house = House::build();
    let (one, two) = (house.account(725), house.account(726));
    house.person(&one, "ann", true, "ann725@example.com", RIGHT);
    // The address has a login already: the password that is sent along has no effect.
    house.person(&two, "anna", true, "ann725@example.com", OTHER);
    assert_eq!(refused(&house, "ann725@example.com", OTHER), "USER_WRONG_PASSWORD");
    let into = |partner: i32| {
        let params = json!({"loginId": "ann725@example.com", "password": RIGHT, "partnerId": partner});
        house.good("user.loginByLoginId", &params).as_str().expect("a token").to_owned()
    };
    assert_eq!(two.read(&into(726)).user_id.as_deref(), Some("anna"));
    let first = into(725);
    let moved = house.good("user.loginByKs", &json!({"ks": first, "requestedPartnerId": 726}));
    assert_eq!(
        (&moved["objectType"], &moved["partnerId"], &moved["userId"]),
        (&json!("KalturaSessionResponse"), &json!(726), &json!("anna"))
    );
    let ks = two.read(moved["ks"].as_str().expect("a token"));
    assert_eq!((ks.user_id.as_deref(), ks.session_type), (Some("anna"), Some(2)));
    // Whoever knows an account's secret can say anything in its name, but not enter another one.
    let minted = one.mint(2, "ann", "");
    assert_eq!(
        house.fault("user.loginByKs", &json!({"ks": minted, "requestedPartnerId": 726})).0,
        "NEW_LOGIN_REQUIRED"
    );
    let same = house.good("user.loginByKs", &json!({"ks": first, "requestedPartnerId": 725}));
    assert_eq!(same["ks"], json!(first));
    // Unless one is asked for, it is the last one, or another one that is open.
    house.set_status(&one, PartnerStatus::Blocked);
    assert_eq!(two.read(&log_in(&house, "ann725@example.com", RIGHT)).user_id.as_deref(), Some("anna"));
}
