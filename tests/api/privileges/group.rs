//! `sessionid`: sessions that end together.

use super::*;

#[test]
fn the_end_of_one_is_the_end_of_all() {
    let house = House::build();
    let (account, other) = (house.account(803), house.account(804));
    let siblings = [
        start(&house, &account, &account.admin_secret, 2, "sessionid:g"),
        start(&house, &account, &account.user_secret, 0, "edit:*,sessionid:g"),
        account.mint(2, "root", "sessionid:g"),
        account.mint(0, "", "sessionid:g"),
        account.mint_v1(2, "root", "sessionid:g"),
        account.mint_until(ks_tests::house::now() + 500_000_000, 0, "somebody", "sessionid:g"),
        // Only the first part is the group's name.
        account.mint(0, "somebody", "sessionid:g/h"),
    ];
    let strangers = [
        account.mint(2, "root", "sessionid:G"),
        account.mint(2, "root", "sessionid:gg"),
        account.mint(2, "root", "sessionid:h/g"),
        account.mint(2, "root", "xsessionid:g"),
        account.mint(2, "root", "sessionid"),
        account.admin(),
        other.mint(2, "root", "sessionid:g"),
    ];
    for ks in siblings.iter().chain(&strangers) {
        good(&house, ks);
    }
    house.good("session.end", &json!({"ks": siblings[0]}));
    for ks in &siblings {
        bad(&house, ks, "LOGOUT");
    }
    for ks in &strangers {
        good(&house, ks);
    }
    // The future too.
    bad(&house, &account.mint(2, "root", "sessionid:g"), "LOGOUT");
    bad(&house, &start(&house, &account, &account.admin_secret, 2, "sessionid:g"), "LOGOUT");
}

#[test]
fn the_owner_ends_a_group_from_outside() {
    let house = House::build();
    let (account, other) = (house.account(803), house.account(804));
    let (ours, theirs) = (account.mint(0, "somebody", "sessionid:g"), other.mint(0, "somebody", "sessionid:g"));
    house.good("ks_session.revokeGroup", &json!({"ks": account.admin(), "sessionId": "g"}));
    bad(&house, &ours, "LOGOUT");
    good(&house, &theirs);
}

/// A widget's session is never ended: anyone may start another one (token format, section 3, step 9).
#[test]
fn a_widgets_session_goes_on() {
    let house = House::build();
    let account = house.account(803);
    let answer = house.good("session.startWidgetSession", &json!({"widgetId": account.widget()}));
    let started = answer["ks"].as_str().expect("a token").to_owned();
    let grouped = account.mint(0, "0", "widget:1,sessionid:g");
    let limited = account.mint(0, "", "widget:1,actionslimit:1");
    for ks in [&started, &grouped, &limited] {
        house.good("session.end", &json!({"ks": ks}));
        good(&house, ks);
    }
    house.good("session.end", &json!({"ks": account.mint(2, "root", "sessionid:g")}));
    good(&house, &grouped);
    let (code, _) = house.fault("ks_session.revoke", &json!({"ks": account.admin(), "session": started}));
    assert_eq!(code, "KS_NOT_REVOCABLE");
    // With a name, or as an administrator, it is no widget's session, and ends like others.
    for ks in [account.mint(0, "somebody", "widget:1"), account.mint(2, "", "widget:1")] {
        house.good("session.end", &json!({"ks": ks}));
        bad(&house, &ks, "LOGOUT");
    }
}
