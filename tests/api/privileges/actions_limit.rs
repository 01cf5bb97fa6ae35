//! `actionslimit:N`: N uses, of which neighbouring parts of one request with the same session are one.

use super::*;

const EXCEEDED: &str = "EXCEEDED_ACTIONS_LIMIT";

#[test]
fn as_many_uses_as_the_limit_says() {
    let house = House::build();
    let account = house.account(802);
    for limit in [1_usize, 2, 5] {
        let privilege = format!("edit:*,actionslimit:{limit}");
        for ks in [
            account.mint(2, "root", &privilege),
            account.mint_v1(0, "somebody", &privilege),
            start(&house, &account, &account.user_secret, 0, &privilege),
        ] {
            for _ in 0..limit {
                good(&house, &ks);
            }
            bad(&house, &ks, EXCEEDED);
            bad(&house, &ks, EXCEEDED);
        }
    }
}

#[test]
fn a_limit_that_is_no_number_above_0_lets_nobody_in() {
    let house = House::build();
    let account = house.account(802);
    for limit in ["0", "-1", "none", "1x", "", "18446744073709551616"] {
        for ks in
            [account.mint(2, "root", &format!("actionslimit:{limit}")), account.mint(0, "somebody", "actionslimit")]
        {
            assert_eq!(used(&house, &ks), Some(error("INVALID_ACTIONS_LIMIT", &[])), "{limit:?}");
        }
    }
}

#[test]
fn the_first_limit_of_version_1_counts() {
    let house = House::build();
    let account = house.account(802);
    let ks = account.mint_v1(2, "root", "actionslimit:1,actionslimit:9");
    good(&house, &ks);
    bad(&house, &ks, EXCEEDED);
}

/// What fails before the session is looked at costs nothing; what the session is refused for its rights costs one.
#[test]
fn a_use_is_spent_where_the_session_is_checked() {
    let house = House::build();
    let account = house.account(802);
    let ks = account.mint(0, "somebody", "actionslimit:1");
    let missing = house.fault("widget.get", &json!({"ks": ks}));
    assert_eq!(missing, error("MISSING_MANDATORY_PARAMETER", &[("PARAM_NAME", "id")]));
    let forbidden = house.fault("session.get", &json!({"ks": ks}));
    assert_eq!(forbidden, error("SERVICE_FORBIDDEN", &[("SERVICE", "session->get")]));
    bad(&house, &ks, EXCEEDED);
}

#[test]
fn an_ended_session_is_ended_and_not_used_up() {
    let house = House::build();
    let account = house.account(802);
    let ks = account.mint(2, "root", "actionslimit:2");
    house.good("session.end", &json!({"ks": ks}));
    bad(&house, &ks, "LOGOUT");
}

/// Answers of pings in one request: `None` for yes.
#[track_caller]
fn pings(house: &House, sessions: &[Option<&str>]) -> Vec<Option<(String, Value)>> {
    let call = |ks: &Option<&str>| ("system.ping", ks.map_or_else(|| json!({}), |ks| json!({"ks": ks})));
    let calls: Vec<(&str, Value)> = sessions.iter().map(call).collect();
    house.multi(&calls).iter().map(told).collect()
}

#[test]
fn neighbouring_parts_of_one_request_are_one_use() {
    let house = House::build();
    let account = house.account(802);
    let ks = account.mint(2, "root", "actionslimit:2");
    let ks = Some(ks.as_str());
    assert_eq!(pings(&house, &[ks, ks, ks]), [None, None, None]);
    assert_eq!(pings(&house, &[ks, ks]), [None, None]);
    assert_eq!(pings(&house, &[ks, ks]), [Some(refused(EXCEEDED)), Some(refused(EXCEEDED))]);
}

#[test]
fn parts_with_something_between_them_are_uses_of_their_own() {
    let house = House::build();
    let account = house.account(802);
    let admin = account.admin();
    let limited = account.mint(2, "root", "actionslimit:9");
    let widget = account.mint(0, "0", "view:*,widget:1");
    for (what, between) in [
        ("another session", Some(admin.as_str())),
        ("another session with a limit", Some(limited.as_str())),
        ("no session", None),
        ("a widget's session", Some(widget.as_str())),
    ] {
        let ks = account.mint(2, "root", "actionslimit:1");
        let answers = pings(&house, &[Some(ks.as_str()), between, Some(ks.as_str())]);
        assert_eq!(answers, [None, None, Some(refused(EXCEEDED))], "{what} between them");
    }
}

/// Counting is by session: a limit is not shared, not even by equal texts.
#[test]
fn every_session_has_a_count_of_its_own() {
    let house = House::build();
    let account = house.account(802);
    let one = account.mint(2, "root", "actionslimit:1");
    let two = account.mint(2, "root", "actionslimit:1");
    good(&house, &one);
    good(&house, &two);
    bad(&house, &one, EXCEEDED);
    bad(&house, &two, EXCEEDED);
}
