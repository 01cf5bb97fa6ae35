//! The service `partner`, and accounts apart from each other.

mod register;
mod template;
mod update;

use ks_tests::account::{Account, command, eventually};
use ks_tests::server::Server;
use serde_json::json;

#[test]
fn an_administrator_sees_the_account_and_its_secrets() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let info = server.good("partner.getInfo", &json!({"ks": ks}));
    assert_eq!(info["objectType"], "KalturaPartner");
    assert_eq!(info["id"], server.partner());
    assert_eq!(info["status"], 1);
    assert_eq!(info["adminEmail"], server.told("adminEmail"));
    assert_eq!(info["adminSecret"], server.told("adminSecret"));
    assert_eq!(info["secret"], server.told("userSecret"));
    assert!(info.get("cmsPassword").is_none(), "{info}");
    assert_eq!(server.good("partner.get", &json!({"ks": ks})), info);
    assert_eq!(server.good("partner.get", &json!({"ks": ks, "id": server.partner()})), info);
}

#[test]
fn nobody_else_sees_it() {
    let server = Server::dev();
    let user = server.start_ks(0, "bob", "");
    for name in ["partner.get", "partner.getInfo"] {
        let forbidden = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": name.replace('.', "->")}));
        assert_eq!(server.fault(name, &json!({"ks": user})), forbidden);
        assert_eq!(server.fault(name, &json!({"partnerId": server.partner()})), forbidden);
        assert_eq!(server.fault(name, &json!({})), forbidden);
    }
}

#[test]
fn what_is_public_is_there_for_everyone() {
    let server = Server::dev();
    for params in [
        json!({"id": server.partner(), "partnerId": server.partner()}),
        json!({"id": server.partner(), "ks": server.start_ks(0, "bob", "")}),
    ] {
        let info = server.good("partner.getPublicInfo", &params);
        assert_eq!(info["objectType"], "KalturaPartnerPublicInfo", "{info}");
        let text = info.to_string();
        assert!(!text.contains(server.told("adminSecret")) && !text.contains(server.told("userSecret")), "{text}");
    }
    let (code, _) = server.fault("partner.getPublicInfo", &json!({"id": 999_999, "partnerId": server.partner()}));
    assert_eq!(code, "INVALID_PARTNER_ID");
}

#[test]
fn accounts_are_apart_from_each_other() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let other = Account::create(data.path(), 4242);
    let theirs = other.start(&server, 2, "");
    let ours = server.admin_ks();
    let pid = server.partner();

    // A foreign session can be read by nobody but its account.
    let expected = json!({"ACCESSING_PID": pid.to_string(), "ACCESSED_PID": "4242"});
    let params = json!({"ks": ours, "session": theirs});
    assert_eq!(server.fault("session.get", &params), ("PARTNER_ACCESS_FORBIDDEN".to_owned(), expected));
    assert_eq!(server.fault("ks_session.revoke", &params).0, "PARTNER_ACCESS_FORBIDDEN");
    // Asking for the other account is refused; asking for one's own, or for 0, is not.
    let forbidden = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "partner->getInfo"}));
    assert_eq!(server.fault("partner.getInfo", &json!({"ks": ours, "partnerId": 4242})), forbidden);
    assert_eq!(server.fault("partner.getInfo", &json!({"ks": ours, "p": 4242})), forbidden);
    for own in [pid, 0] {
        assert_eq!(server.good("partner.getInfo", &json!({"ks": ours, "partnerId": own}))["id"], pid);
    }
    assert_eq!(server.fault("partner.get", &json!({"ks": ours, "id": 4242})).0, "INVALID_PARTNER_ID");
    // Its widgets and secrets are not there.
    assert_eq!(server.fault("widget.get", &json!({"ks": ours, "id": "_4242"})).0, "INVALID_WIDGET_ID");
    let listed = server.good("widget.list", &json!({"ks": ours}));
    assert!(!listed.to_string().contains("_4242"), "{listed}");
    let secrets = server.good("ks_secret.list", &json!({"ks": theirs}));
    let id = secrets["objects"][0]["id"].clone();
    assert_eq!(server.fault("ks_secret.disable", &json!({"ks": ours, "id": id})).0, "KS_SECRET_NOT_FOUND");
    // A secret opens its own account alone.
    let wrong = json!({"secret": other.admin_secret, "partnerId": pid, "type": 2});
    assert_eq!(server.fault("session.start", &wrong).0, "START_SESSION_ERROR");
    let groups = json!({"ks": ours, "sessionId": "shared"});
    let member = other.start(&server, 2, "sessionid:shared");
    let _ = server.good("ks_session.revokeGroup", &groups);
    assert_eq!(server.good("session.get", &json!({"ks": member}))["partnerId"], 4242);
}

#[test]
fn a_blocked_account_is_refused_at_start_and_at_use() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let other = Account::create(data.path(), 4242);
    let ks = other.start(&server, 2, "");
    let user = other.start(&server, 0, "");
    let blocked = ("SERVICE_FORBIDDEN_CONTENT_BLOCKED".to_owned(), json!([]));
    let start = json!({"secret": other.admin_secret, "partnerId": 4242, "type": 2});

    assert_eq!(command(data.path(), &["block", "4242"])["status"], "blocked");
    eventually("the account is blocked", || {
        server.call("session.get", &json!({"ks": ks}))["code"] == blocked.0.as_str()
    });
    assert_eq!(server.fault("session.get", &json!({"ks": ks})), blocked);
    assert_eq!(server.fault("system.getVersion", &json!({"ks": user})), blocked);
    assert_eq!(server.fault("session.start", &start), blocked);
    let widget = server.fault("session.startWidgetSession", &json!({"widgetId": "_4242"}));
    assert_eq!(widget.0, "START_WIDGET_SESSION_ERROR");
    // The other account goes on.
    let _ = server.good("session.get", &json!({"ks": server.admin_ks()}));

    assert_eq!(command(data.path(), &["unblock", "4242"])["status"], "active");
    eventually("the account is open", || server.call("session.get", &json!({"ks": ks}))["partnerId"] == 4242);
    assert!(server.good("session.start", &start).is_string());
}
