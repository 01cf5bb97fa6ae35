//! The service `ks_stats`: figures of the account over time.

use ks_tests::house::{House, now};
use serde_json::json;

/// `key` to `count` of a measure, over the hours around now.
fn counts(house: &House, ks: &str, measure: &str) -> Vec<(String, i64)> {
    let answer = house.good(
        "ks_stats.list",
        &json!({"ks": ks, "measure": measure, "step": 86400, "from": now() - 3600, "until": now() + 3600}),
    );
    let objects = answer["objects"].as_array().expect("objects");
    assert_eq!(answer["totalCount"].as_u64(), u64::try_from(objects.len()).ok(), "{answer}");
    let mut all = Vec::<(String, i64)>::new();
    for point in objects {
        // Around midnight the calls of the test stand in two days.
        assert_eq!(point["at"].as_i64().map(|at| at % 86400), Some(0), "{point}");
        let (key, count) = (point["key"].as_str().expect("a key"), point["count"].as_i64().expect("a count"));
        match all.iter_mut().find(|(known, _)| known == key) {
            Some((_, sum)) => *sum += count,
            None => all.push((key.to_owned(), count)),
        }
    }
    all.sort();
    all
}

#[test]
fn calls_sessions_and_failed_logins_are_counted_for_their_account_alone() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let ks = account.admin();
    let secret = account.admin_secret.clone();
    for _ in 0..3 {
        house.good("session.start", &json!({"partnerId": 501, "secret": secret, "type": 2}));
    }
    let _ = house.fault("session.start", &json!({"partnerId": 501, "secret": "0123456789abcdef", "type": 2}));
    house.good("session.get", &json!({"ks": ks}));
    let _ = house.fault("widget.get", &json!({"ks": ks, "id": "_999999"}));

    let calls = counts(&house, &ks, "calls");
    let of = |code: &str| calls.iter().find(|(key, _)| key == code).map_or(0, |(_, count)| *count);
    assert_eq!(of(""), 4, "{calls:?}");
    assert_eq!(of("START_SESSION_ERROR"), 1, "{calls:?}");
    assert_eq!(of("INVALID_WIDGET_ID"), 1, "{calls:?}");
    assert_eq!(counts(&house, &ks, "sessionsStarted"), [("session.start".to_owned(), 3)]);
    assert_eq!(counts(&house, &ks, "failedLogins"), Vec::new());
    // The one call of its own that came before.
    let theirs = other.admin();
    assert_eq!(counts(&house, &theirs, "calls"), Vec::new());
    assert_eq!(counts(&house, &theirs, "calls"), [(String::new(), 1)]);
}

#[test]
fn a_wrong_password_counts_for_the_account_of_the_login() {
    let house = House::build();
    let account = house.account(501);
    let login = "anna@example.com";
    house.person(&account, "anna", false, login, "a long password of hers");
    let wrong = json!({"loginId": login, "password": "not her password at all"});
    let _ = house.fault("user.loginByLoginId", &wrong);
    house.good("user.loginByLoginId", &json!({"loginId": login, "password": "a long password of hers"}));
    let ks = account.admin();
    let failed = counts(&house, &ks, "failedLogins");
    assert_eq!(failed.iter().map(|(_, count)| count).sum::<i64>(), 1, "{failed:?}");
    assert_eq!(counts(&house, &ks, "sessionsStarted"), [("user.loginByLoginId".to_owned(), 1)]);
}

#[test]
fn too_many_steps_are_refused() {
    let house = House::build();
    let ks = house.account(501).admin();
    let (code, args) = house.fault("ks_stats.list", &json!({"ks": ks, "measure": "calls", "from": 1_000_000_000}));
    assert_eq!((code.as_str(), &args["PARAM_NAME"]), ("PARAMETER_VALUE_OUT_OF_RANGE", &json!("from")));
}

#[test]
fn the_ends_of_time_have_no_figures() {
    let house = House::build();
    let ks = house.account(501).admin();
    for (from, until) in [(i64::MIN, i64::MIN + 3600), (i64::MAX - 3600, i64::MAX), (i64::MIN, i64::MIN)] {
        for step in [3600, 86400] {
            let params = json!({"ks": ks, "measure": "calls", "step": step, "from": from, "until": until});
            assert_eq!(house.good("ks_stats.list", &params)["totalCount"], 0, "{params}");
        }
    }
}
