//! Who calls, and for which account: `ks`, `p` and `partnerId`.

use ks_store::PartnerStatus;

use super::*;

#[test]
fn an_empty_ks_is_none_and_its_null_marker_means_nothing() {
    let house = House::build();
    let account = house.account(808);
    let forbidden = Some(error("SERVICE_FORBIDDEN", &[("SERVICE", "session->get")]));
    for params in [
        json!({}),
        json!({"ks": ""}),
        json!({"ks": null}),
        json!({"ks__null": ""}),
        json!({"ks__null": "1", "ks": ""}),
        json!({"ks": "", "partnerId": account.id}),
    ] {
        assert_eq!(told(&house.call("session.get", &params)), forbidden, "{params}");
        assert_eq!(house.good("session.end", &params), Value::Null, "{params}");
        assert_eq!(house.good("system.ping", &params), true, "{params}");
    }
    let info = house.good("session.get", &json!({"ks": account.admin(), "ks__null": ""}));
    assert_eq!(info["partnerId"], account.id);
}

#[test]
fn account_0_is_nobody() {
    let house = House::build();
    let account = house.account(808);
    for zero in [json!(0), json!("0"), json!("")] {
        for name in ["p", "partnerId"] {
            let mut params = json!({"ks": account.admin()});
            params[name] = zero.clone();
            assert_eq!(house.good("session.get", &params)["partnerId"], account.id, "{params}");
            let mut params = json!({});
            params[name] = zero.clone();
            let forbidden = Some(error("SERVICE_FORBIDDEN", &[("SERVICE", "session->get")]));
            assert_eq!(told(&house.call("session.get", &params)), forbidden, "{params}");
            assert_eq!(house.good("system.ping", &params), true, "{params}");
        }
    }
}

#[test]
fn p_is_looked_at_before_partner_id() {
    let house = House::build();
    let (own, other) = (house.account(808), house.account(809));
    let ks = own.admin();
    let forbidden = Some(error("SERVICE_FORBIDDEN", &[("SERVICE", "widget->list")]));
    let list =
        |p: Value, partner: Value| told(&house.call("widget.list", &json!({"ks": ks, "p": p, "partnerId": partner})));
    assert_eq!(list(json!(own.id), json!(other.id)), None);
    assert_eq!(list(json!(other.id), json!(own.id)), forbidden);
    assert_eq!(list(json!(""), json!(other.id)), forbidden);
    assert_eq!(list(json!(null), json!(other.id)), forbidden);
    assert_eq!(list(json!(""), json!(own.id)), None);
    // The parameter of an action is one and the same.
    let params = json!({"secret": own.admin_secret, "partnerId": own.id, "p": other.id});
    good(&house, house.good("session.start", &params).as_str().expect("a token"));
    let params = json!({"secret": own.admin_secret, "partnerId": own.id, "p": 999_999});
    let blocked = error("SERVICE_FORBIDDEN_CONTENT_BLOCKED", &[]);
    assert_eq!(house.fault("session.start", &params), blocked);
}

#[test]
fn an_account_that_is_not_there_is_one_that_is_blocked() {
    let house = House::build();
    let (own, other) = (house.account(808), house.account(809));
    house.set_status(&other, PartnerStatus::FullBlock);
    let blocked = error("SERVICE_FORBIDDEN_CONTENT_BLOCKED", &[]);
    for id in [json!(999_999), json!(-2), json!(other.id), json!("99999999999999999999"), json!(i64::MIN)] {
        for params in [json!({"partnerId": id}), json!({"ks": own.admin(), "partnerId": id}), json!({"p": id})] {
            assert_eq!(house.fault("system.ping", &params), blocked, "{params}");
        }
    }
}

#[test]
fn the_status_of_an_account_counts_at_start_and_at_use() {
    let house = House::build();
    let account = house.account(808);
    let (admin, user, widget) = (account.admin(), account.mint(0, "somebody", ""), account.mint(0, "0", "widget:1"));
    let start = json!({"secret": account.user_secret, "partnerId": account.id});
    let blocked = Some(error("SERVICE_FORBIDDEN_CONTENT_BLOCKED", &[]));
    for (status, open) in [
        (PartnerStatus::Blocked, false),
        (PartnerStatus::Active, true),
        (PartnerStatus::FullBlock, false),
        (PartnerStatus::ReadOnly, true),
        (PartnerStatus::Deleted, false),
        (PartnerStatus::Active, true),
    ] {
        house.set_status(&account, status);
        let expected = if open { None } else { blocked.clone() };
        for ks in [&admin, &user, &widget] {
            assert_eq!(used(&house, ks), expected, "{status:?}");
        }
        assert_eq!(told(&house.call("session.start", &start)), expected, "{status:?}");
        let answer = told(&house.call("session.startWidgetSession", &json!({"widgetId": account.widget()})));
        let failed = error("START_WIDGET_SESSION_ERROR", &[("WIDGET_ID", &account.widget())]);
        assert_eq!(answer, if open { None } else { Some(failed) }, "{status:?}");
    }
}

#[test]
fn an_answer_repeats_four_kibibytes_of_a_token_and_no_more() {
    let house = House::build();
    for (sent, told) in [
        ("x".repeat(4095), "x".repeat(4095)),
        ("x".repeat(4096), "x".repeat(4096)),
        ("x".repeat(4097), "x".repeat(4096)),
        ("x".repeat(100_000), "x".repeat(4096)),
        // A letter is not cut in two.
        (format!("x{}", "ü".repeat(5000)), format!("x{}", "ü".repeat(2047))),
    ] {
        bad(&house, &sent, &told);
    }
}
