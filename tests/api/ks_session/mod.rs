//! The service `ks_session`: ending sessions from outside.

use ks_tests::call::refused;
use ks_tests::server::Server;
use serde_json::{Value, json};

#[test]
fn a_session_is_revoked_by_its_token() {
    let server = Server::dev();
    let root = server.admin_ks();
    let (victim, other) = (server.start_ks(0, "bob", ""), server.start_ks(0, "bob", ""));
    assert_eq!(server.good("ks_session.revoke", &json!({"ks": root, "session": victim})), Value::Null);
    assert_eq!(server.fault("system.ping", &json!({"ks": victim})), refused("LOGOUT"));
    assert_eq!(server.good("system.ping", &json!({"ks": other})), true);
    // Once more changes nothing.
    assert_eq!(server.good("ks_session.revoke", &json!({"ks": root, "session": victim})), Value::Null);
    assert_eq!(server.fault("ks_session.revoke", &json!({"ks": root, "session": "nonsense"})), refused("nonsense"));
}

#[test]
fn a_session_group_is_revoked_for_what_is_and_what_comes() {
    let server = Server::dev();
    let root = server.admin_ks();
    let member = server.start_ks(2, "a", "sessionid:g1/g2");
    let outside = server.start_ks(2, "a", "sessionid:g2");
    assert_eq!(server.good("ks_session.revokeGroup", &json!({"ks": root, "sessionId": "g1"})), Value::Null);
    assert_eq!(server.fault("session.get", &json!({"ks": member})), refused("LOGOUT"));
    assert_eq!(server.good("session.get", &json!({"ks": outside}))["userId"], "a");
    let later = server.start_ks(2, "a", "sessionid:g1");
    assert_eq!(server.fault("session.get", &json!({"ks": later})), refused("LOGOUT"));
}

#[test]
fn what_a_secret_signed_is_revoked_with_it() {
    let server = Server::dev();
    let root = server.admin_ks();
    let added = server.good("ks_secret.add", &json!({"ks": root}));
    let (id, secret) = (added["id"].clone(), added["value"].as_str().expect("a secret").to_owned());
    let with = json!({"secret": secret, "partnerId": server.partner(), "type": 2});
    let signed = server.good("session.start", &with);
    let _ = server.good("session.get", &json!({"ks": signed}));

    assert_eq!(server.good("ks_session.revokeSecret", &json!({"ks": root, "id": id})), Value::Null);
    let (code, args) = server.fault("session.get", &json!({"ks": signed}));
    assert_eq!((code.as_str(), &args["ERR_CODE"]), ("INVALID_KS", &json!("-1")));
    assert_eq!(server.fault("session.start", &with).0, "START_SESSION_ERROR");
    assert_eq!(server.fault("ks_secret.setPrimary", &json!({"ks": root, "id": id})).0, "KS_SECRET_IN_USE");
    // It never comes back, not even by being added again.
    let _ = server.call("ks_secret.add", &json!({"ks": root, "value": secret}));
    assert_eq!(server.fault("session.start", &with).0, "START_SESSION_ERROR");
    let _ = server.good("session.get", &json!({"ks": root}));
    // The primary one must be replaced first.
    let list = server.good("ks_secret.list", &json!({"ks": root}));
    let primary =
        list["objects"].as_array().into_iter().flatten().find(|one| one["primary"] == true && one["kind"] == 2);
    let primary = primary.expect("a primary secret")["id"].clone();
    assert_eq!(server.fault("ks_session.revokeSecret", &json!({"ks": root, "id": primary})).0, "KS_SECRET_IN_USE");
}

#[test]
fn users_may_do_none_of_this() {
    let server = Server::dev();
    let user = server.start_ks(0, "bob", "");
    for (name, params) in [
        ("ks_session.revoke", json!({"session": user})),
        ("ks_session.revokeGroup", json!({"sessionId": "x"})),
        ("ks_session.revokeSecret", json!({"id": 1})),
        ("ks_secret.list", json!({})),
        ("ks_secret.add", json!({})),
        ("ks_secret.disable", json!({"id": 1})),
        ("ks_secret.setPrimary", json!({"id": 1})),
    ] {
        let mut params = params;
        params["ks"] = json!(user);
        let forbidden = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": name.replace('.', "->")}));
        assert_eq!(server.fault(name, &params), forbidden);
        // Everything passes for `*` where privileges count, but permissions are no privileges.
        params["ks"] = json!(server.start_ks(0, "bob", "*"));
        assert_eq!(server.fault(name, &params), forbidden);
    }
}
