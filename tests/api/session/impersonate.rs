//! `session.impersonate` and `session.impersonateByKs`: only from a parent account into a child of its own.

use ks_tests::server::Server;
use serde_json::json;

#[test]
fn an_account_that_has_not_agreed_cannot_be_entered() {
    let server = Server::dev();
    let pid = server.partner();
    for target in [999_999, 0, -1] {
        let params = json!({"secret": server.told("adminSecret"), "partnerId": pid, "impersonatedPartnerId": target,
                            "type": 2, "userId": "x"});
        let expected = ("START_SESSION_ERROR".to_owned(), json!({"PID": pid.to_string()}));
        assert_eq!(server.fault("session.impersonate", &params), expected, "{target}");
    }
    let params = json!({"secret": "wrong", "partnerId": pid, "impersonatedPartnerId": pid});
    let expected = ("START_SESSION_ERROR".to_owned(), json!({"PID": pid.to_string()}));
    assert_eq!(server.fault("session.impersonate", &params), expected);
}

#[test]
fn a_user_cannot_impersonate_by_its_session() {
    let server = Server::dev();
    let user = server.start_ks(0, "bob", "");
    let expected = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "session->impersonateByKs"}));
    assert_eq!(server.fault("session.impersonateByKs", &json!({"ks": user, "session": user})), expected);
}
