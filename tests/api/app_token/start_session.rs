//! `appToken.startSession`.

use ks_store::AppTokenStatus;
use ks_tests::call::refused;
use ks_tests::house::{Account, House, error, now};
use md5::Md5;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

use super::{add, text};

fn hex<D: Digest>(text: &str) -> String {
    D::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The proof as the protocol describes it.
fn proof(app_token: &Value, ks: &str) -> String {
    let all = format!("{ks}{}", text(app_token, "token"));
    match text(app_token, "hashType") {
        "MD5" => hex::<Md5>(&all),
        "SHA1" => hex::<Sha1>(&all),
        "SHA256" => hex::<Sha256>(&all),
        "SHA512" => hex::<Sha512>(&all),
        other => panic!("no hash {other}"),
    }
}

/// What a program sends that has the key and a widget's session.
fn start(house: &House, account: &Account, app_token: &Value) -> Value {
    let widget = house.good("session.startWidgetSession", &json!({"widgetId": account.widget()}));
    let ks = text(&widget, "ks");
    json!({"ks": ks, "id": app_token["id"], "tokenHash": proof(app_token, ks)})
}

fn with(params: &Value, more: &Value) -> Value {
    let mut params = params.clone();
    for (name, value) in more.as_object().expect("an object") {
        params[name] = value.clone();
    }
    params
}

#[test]
fn a_widget_session_and_the_key_start_an_administrators_session_with_each_hash() {
    let house = House::build();
    let account = house.account(501);
    for hash in ["MD5", "SHA1", "SHA256", "SHA512"] {
        let token = json!({"hashType": hash, "sessionType": 2, "sessionUserId": "robot", "sessionPrivileges": "edit:*",
                           "sessionDuration": 600});
        let token = add(&house, &account, &token);
        let before = now();
        let answer = house.good("appToken.startSession", &start(&house, &account, &token));
        let expiry = answer["expiry"].as_i64().expect("a time");
        assert!((before + 600..=now() + 600).contains(&expiry), "{answer}");
        let id = text(&token, "id");
        assert_eq!(
            answer,
            json!({"ks": answer["ks"], "sessionType": 2, "partnerId": 501, "userId": "robot", "expiry": expiry,
                   "privileges": format!("sessionid:{id},apptoken:{id},edit:*"), "objectType": "KalturaSessionInfo"})
        );
        let read = account.read(text(&answer, "ks"));
        assert!(read.is_admin() && read.expiry == Some(expiry) && read.user_id.as_deref() == Some("robot"));
        // It may what an administrator may.
        let _ = house.good("appToken.get", &json!({"ks": answer["ks"], "id": id}));
    }
}

#[test]
fn deleting_the_app_token_ends_its_sessions_at_the_next_request() {
    let house = House::build();
    let account = house.account(501);
    let (token, other) =
        (add(&house, &account, &json!({"sessionType": 2})), add(&house, &account, &json!({"sessionType": 2})));
    let started = |token: &Value| house.good("appToken.startSession", &start(&house, &account, token))["ks"].clone();
    let (one, two, kept) = (started(&token), started(&token), started(&other));
    let _ = house.good("session.get", &json!({"ks": one}));
    house.good("appToken.delete", &json!({"ks": account.admin(), "id": token["id"]}));
    for ks in [&one, &two] {
        assert_eq!(house.fault("session.get", &json!({"ks": ks})), refused("LOGOUT"));
    }
    let _ = house.good("session.get", &json!({"ks": kept}));
    // The end of one of its sessions is the end of all, as with every session group.
    house.good("session.end", &json!({"ks": kept}));
    assert_eq!(house.fault("session.get", &json!({"ks": started(&other)})), refused("LOGOUT"));
}

#[test]
fn the_proof_must_be_over_this_session_and_this_key() {
    let house = House::build();
    let account = house.account(501);
    let (token, other) = (add(&house, &account, &json!({})), add(&house, &account, &json!({})));
    let params = start(&house, &account, &token);
    let ks = text(&params, "ks");
    let good = text(&params, "tokenHash").to_owned();
    let wrong = ("INVALID_APP_TOKEN_HASH".to_owned(), json!([]));
    let of_another = account.mint(0, "0", "view:*,widget:1");
    let md5 = hex::<Md5>(&format!("{ks}{}", text(&token, "token")));
    for hash in [
        good.to_uppercase(),
        good[1..].to_owned(),
        format!("{good} "),
        String::new(),
        proof(&token, &of_another),
        proof(&other, ks),
        md5,
        text(&token, "token").to_owned(),
    ] {
        assert_eq!(house.fault("appToken.startSession", &with(&params, &json!({"tokenHash": hash}))), wrong, "{hash}");
    }
    let _ = house.good("appToken.startSession", &params);
}

#[test]
fn some_session_is_needed_and_of_the_same_account() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let token = add(&house, &account, &json!({}));
    let mut params = start(&house, &account, &token);
    params.as_object_mut().expect("an object").remove("ks");
    let forbidden = error("SERVICE_FORBIDDEN", &[("SERVICE", "apptoken->startSession")]);
    assert_eq!(house.fault("appToken.startSession", &params), forbidden);
    let foreign = other.mint(0, "0", "view:*,widget:1");
    let params = with(&params, &json!({"ks": foreign, "tokenHash": proof(&token, &foreign)}));
    let unknown = error("APP_TOKEN_ID_NOT_FOUND", &[("ID", text(&token, "id"))]);
    assert_eq!(house.fault("appToken.startSession", &params), unknown);
}

#[test]
fn a_disabled_or_expired_app_token_starts_nothing() {
    let house = House::build();
    let account = house.account(501);
    let token = add(&house, &account, &json!({}));
    let id = text(&token, "id").to_owned();
    let key = ks_schema::AppTokenId::new(id.as_str());
    let set = |status| {
        let change = move |token: &mut ks_store::AppToken| token.status = status;
        house.wait(house.store.update_app_token(account.partner(), key.clone(), now(), change)).expect("an app token");
    };
    set(AppTokenStatus::Disabled);
    // Disabled comes before the proof.
    let params = with(&start(&house, &account, &token), &json!({"tokenHash": "wrong"}));
    assert_eq!(house.fault("appToken.startSession", &params), error("APP_TOKEN_NOT_ACTIVE", &[("ID", &id)]));
    set(AppTokenStatus::Active);

    let expired = error("APP_TOKEN_EXPIRED", &[("ID", &id)]);
    for change in [json!({"expiry": 1_000_000_000}), json!({"expiry": 0, "sessionDuration": -1})] {
        let _ = house.good("appToken.update", &json!({"ks": account.admin(), "id": id, "appToken": change}));
        assert_eq!(house.fault("appToken.startSession", &start(&house, &account, &token)), expired, "{change}");
        // The proof comes first: nobody without the key learns that.
        let params = with(&start(&house, &account, &token), &json!({"tokenHash": "wrong"}));
        assert_eq!(house.fault("appToken.startSession", &params).0, "INVALID_APP_TOKEN_HASH");
    }
}

#[test]
fn the_expiry_is_the_least_of_all_limits() {
    let house = House::build();
    let account = house.account(501);
    house.change(&account, |partner| partner.ks_max_expiry = 500);
    let lasts = |app_token: &Value, asked: &Value| {
        let token = add(&house, &account, app_token);
        let before = now();
        let answer = house.good("appToken.startSession", &with(&start(&house, &account, &token), asked));
        (answer["expiry"].as_i64().expect("a time") - before, now() - before)
    };
    let soon = now() + 315_360_000 + 100;
    for (app_token, asked, expected) in [
        (json!({}), json!({}), 500),
        (json!({}), json!({"expiry": 0}), 500),
        (json!({}), json!({"expiry": 100}), 100),
        (json!({"sessionDuration": 200}), json!({}), 200),
        (json!({"sessionDuration": 200}), json!({"expiry": 300}), 200),
        // The account's maximum counts whatever the app token says.
        (json!({"sessionDuration": 100_000}), json!({}), 500),
        (json!({"sessionDuration": 100_000}), json!({"expiry": 90_000}), 500),
        // A time of up to ten years counts from now.
        (json!({"expiry": 50}), json!({}), 50),
        (json!({"expiry": soon}), json!({}), 500),
        (json!({}), json!({"expiry": -5}), -5),
    ] {
        let (seconds, took) = lasts(&app_token, &asked);
        assert!((expected - 1 - took..=expected + 1 + took).contains(&seconds), "{app_token} {asked}: {seconds}");
    }
}

#[test]
fn type_and_user_are_the_app_tokens_where_it_has_them() {
    let house = House::build();
    let account = house.account(501);
    let asked = json!({"type": 0, "userId": "asked"});
    let info = |app_token: &Value, asked: &Value| {
        let token = add(&house, &account, app_token);
        let answer = house.good("appToken.startSession", &with(&start(&house, &account, &token), asked));
        (answer["sessionType"].as_i64().expect("a type"), answer["userId"].clone())
    };
    assert_eq!(info(&json!({"sessionType": 2, "sessionUserId": "own"}), &asked), (2, json!("own")));
    assert_eq!(info(&json!({"sessionType": 0}), &json!({"type": 2, "userId": "asked"})), (0, json!("asked")));
    assert_eq!(info(&json!({"sessionUserId": ""}), &asked), (0, json!("")));
    assert_eq!(info(&json!({}), &json!({})), (0, json!("")));

    // Only an administrator gets an administrator's session of an app token that says nothing of a type.
    let token = add(&house, &account, &json!({}));
    let params = with(&start(&house, &account, &token), &json!({"type": 2}));
    assert_eq!(house.fault("appToken.startSession", &params), error("START_SESSION_ERROR", &[("PID", "501")]));
    let root = account.admin();
    let params = with(&params, &json!({"ks": root, "tokenHash": proof(&token, &root)}));
    assert_eq!(house.good("appToken.startSession", &params)["sessionType"], 2);
}

#[test]
fn reserved_privileges_of_a_caller_are_left_out() {
    let house = House::build();
    let account = house.account(501);
    let token = add(&house, &account, &json!({"sessionPrivileges": "list:*"}));
    let id = text(&token, "id");
    let asked = "setrole:PARTNER_ADMIN_ROLE,edit:*,sview:*,iprestrict:127.0.0.1,disableentitlement,privacycontext:x,\
                 actionslimit:1,sessionid:x,apptoken:x,urirestrict:x,custom:a/b,list:0_a,widget:1";
    let params = with(&start(&house, &account, &token), &json!({"sessionPrivileges": asked}));
    let answer = house.good("appToken.startSession", &params);
    assert_eq!(answer["privileges"], format!("sessionid:{id},apptoken:{id},list:0_a,custom:a/b"));
    // Names that a token cannot carry make no session.
    for wrong in ["_m:-2", ":x"] {
        let params = with(&start(&house, &account, &token), &json!({"sessionPrivileges": wrong}));
        let answer = house.call("appToken.startSession", &params);
        assert!(
            answer["code"] == "INVALID_PARAMETER_VALUE"
                || answer["privileges"] == format!("sessionid:{id},apptoken:{id},list:*"),
            "{wrong}: {answer}"
        );
    }
    // An anonymous widget's session could not be ended with its app token.
    let widget = add(&house, &account, &json!({"sessionPrivileges": "widget:1"}));
    let params = start(&house, &account, &widget);
    assert_eq!(house.fault("appToken.startSession", &params), error("START_SESSION_ERROR", &[("PID", "501")]));
    assert_eq!(house.good("appToken.startSession", &with(&params, &json!({"userId": "me"})))["userId"], "me");
}

#[test]
fn nobody_gets_more_rights_by_an_app_token_than_it_was_given() {
    let house = House::build();
    let account = house.account(501);
    house.user(&account, "chief", &[4]);
    let failed = error("START_SESSION_ERROR", &[("PID", "501")]);
    // The caller's word does not make it the chief; the app token's does.
    let any = add(&house, &account, &json!({}));
    let asked = with(&start(&house, &account, &any), &json!({"userId": "chief"}));
    assert_eq!(house.fault("appToken.startSession", &asked), failed);
    let joe = with(&start(&house, &account, &any), &json!({"userId": "joe"}));
    assert_eq!(house.good("appToken.startSession", &joe)["userId"], "joe");
    let own = add(&house, &account, &json!({"sessionUserId": "chief"}));
    let ks = house.good("appToken.startSession", &start(&house, &account, &own))["ks"].clone();
    let _ = house.good("appToken.list", &json!({"ks": ks}));

    // Whoever may add app tokens and little else makes none that may do more.
    let role = house.role(&account, "ADDS", "APP_TOKEN_ADD,APP_TOKEN_UPDATE,APP_TOKEN_BASE");
    let ks = account.mint(2, "clerk", &format!("setrole:{role}"));
    for (app_token, field) in [
        (json!({"sessionType": 2}), "sessionType"),
        (json!({"sessionUserId": "chief"}), "sessionUserId"),
        (json!({"sessionPrivileges": "setrole:PARTNER_ADMIN_ROLE"}), "sessionPrivileges"),
        (json!({"sessionPrivileges": "setrole:NONE"}), "sessionPrivileges"),
    ] {
        let refused = error("INVALID_FIELD_VALUE", &[("FIELD_NAME", field)]);
        assert_eq!(house.fault("appToken.add", &json!({"ks": ks, "appToken": app_token})), refused);
        let plain = house.good("appToken.add", &json!({"ks": ks, "appToken": {"sessionPrivileges": "edit:*"}}));
        let update = json!({"ks": ks, "id": plain["id"], "appToken": app_token});
        assert_eq!(house.fault("appToken.update", &update), refused);
        assert!(plain["token"].is_string(), "{plain}");
    }
    // Nor does it see the keys of others that may.
    let strong = add(&house, &account, &json!({"sessionType": 2}));
    let one = json!({"ks": ks, "id": strong["id"]});
    assert!(house.good("appToken.get", &one).get("token").is_none());
    let listed = house.good("appToken.list", &json!({"ks": ks, "pager": {"pageSize": 500}})).to_string();
    assert!(!listed.contains(text(&strong, "token")) && !listed.contains(text(&own, "token")), "{listed}");
    assert!(listed.contains(text(&any, "token")), "{listed}");
}
