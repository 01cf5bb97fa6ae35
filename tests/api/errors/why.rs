//! `ks_session.why`: after every kind of refusal the owner of the account learns which check refused, nobody else does,
//! and no secret is told.

use ks_store::PartnerStatus;
use ks_tests::call::{fault, refused};
use ks_tests::house::{Account, House, error, now, request};
use serde_json::{Value, json};

struct Scene {
    house: House,
    own: Account,
    other: Account,
}

/// What was refused, and what the owner is to be told of it.
struct Refused {
    call: &'static str,
    params: Value,
    code: &'static str,
    check: &'static str,
    user: Option<&'static str>,
}

impl Scene {
    fn set() -> Self {
        let house = House::build();
        let (own, other) = (house.account(911), house.account(912));
        house.user(&own, "kept out", &[]);
        house.block_user(&own, "kept out", true);
        Self { house, own, other }
    }

    /// Sends a call that is refused with a code: its request id.
    #[track_caller]
    fn refuse(&self, call: &str, params: &Value, code: &str) -> String {
        let response = self.house.send(&request(call, params));
        assert_eq!(fault(&response.json()).0, code, "{call}");
        response.header("X-Kaltura-Session").expect("a request id").to_owned()
    }

    fn refusals(&self) -> Vec<Refused> {
        let own = &self.own;
        let ks = |privileges: &str| json!({"ks": own.mint(2, "alice", privileges)});
        let one = |params, code, check, user| Refused { call: "system.ping", params, code, check, user };
        let invalid = |params, check| one(params, "INVALID_KS", check, Some("alice"));
        let start = |secret: &str, kind: i32| Refused {
            call: "session.start",
            params: json!({"secret": secret, "partnerId": own.id, "type": kind, "userId": "alice"}),
            code: "START_SESSION_ERROR",
            check: "secret",
            user: None,
        };
        let ended = own.mint(2, "alice", "");
        self.house.revoke(own, &ended);
        let used = own.mint(2, "alice", "actionslimit:1");
        self.house.good("system.ping", &json!({"ks": used}));
        let stolen = own.mint_with("a-secret-of-somebody-else", now() + 60, 2, "alice", "");
        let user = own.mint(0, "alice", "");
        let foreign = json!({"ks": own.mint(2, "alice", ""), "partnerId": self.other.id});
        vec![
            one(json!({"ks": stolen}), "INVALID_KS", "signature", None),
            invalid(json!({"ks": own.mint_until(now() - 1, 2, "alice", "")}), "expiry"),
            invalid(ks("iprestrict:203.0.113.9"), "iprestrict"),
            invalid(ks("urirestrict:/elsewhere"), "urirestrict"),
            invalid(json!({"ks": ended}), "revocation"),
            invalid(json!({"ks": used}), "actionslimit"),
            one(ks("actionslimit:x"), "INVALID_ACTIONS_LIMIT", "actionslimit", Some("alice")),
            one(json!({"ks": own.mint(0, "kept out", "")}), "USER_BLOCKED", "user", Some("kept out")),
            one(ks("setrole:NO_SUCH_ROLE"), "INVALID_OBJECT_ID", "setrole", Some("alice")),
            one(ks("setrole:-3"), "INVALID_SET_ROLE", "setrole", Some("alice")),
            one(foreign, "SERVICE_FORBIDDEN", "permission", Some("alice")),
            Refused {
                call: "session.get",
                ..one(json!({"ks": user}), "SERVICE_FORBIDDEN", "permission", Some("alice"))
            },
            start("not-the-secret-at-all", 0),
            start(&own.user_secret, 2),
        ]
    }

    #[track_caller]
    fn why(&self, account: &Account, id: &str) -> Value {
        self.house.call("ks_session.why", &json!({"ks": account.admin(), "requestId": id}))
    }
}

/// Everything in a request that must stay out of an explanation: tokens and secrets.
fn hidden(scene: &Scene, params: &Value) -> Vec<String> {
    let sent = ["ks", "secret"].into_iter().filter_map(|name| params[name].as_str().map(str::to_owned));
    let own = [&scene.own.admin_secret, &scene.own.user_secret].map(Clone::clone);
    let mut all: Vec<String> = sent.chain(own).collect();
    // A part of a token would be too much as well.
    all.extend(params["ks"].as_str().map(|ks| ks[16..48].to_owned()));
    all
}

#[test]
fn the_owner_learns_the_check_and_nobody_else_does() {
    let scene = Scene::set();
    for Refused { call, params, code, check, user } in scene.refusals() {
        let id = scene.refuse(call, &params, code);
        let told = scene.why(&scene.own, &id);
        assert_eq!(told["objectType"], "KalturaKsRefusal", "{check}: {told}");
        let (service, action) = call.split_once('.').expect("service.action");
        let expected = json!([id, service, action, code, check]);
        assert_eq!(json!([told["requestId"], told["service"], told["action"], told["code"], told["check"]]), expected);
        assert_eq!(told["userId"].as_str(), user, "{check}: {told}");
        assert!(told["explanation"].as_str().is_some_and(|text| text.len() > 10), "{check}: {told}");
        let body = told.to_string();
        for secret in hidden(&scene, &params) {
            assert!(!body.contains(&secret), "{check}: {body}");
        }
        let nothing = error("KS_REFUSAL_NOT_FOUND", &[("REQUEST_ID", &id)]);
        assert_eq!(fault(&scene.why(&scene.other, &id)), nothing, "{check}");
        let user = scene.own.mint(0, "alice", "");
        let forbidden = error("SERVICE_FORBIDDEN", &[("SERVICE", "ks_session->why")]);
        assert_eq!(scene.house.fault("ks_session.why", &json!({"ks": user, "requestId": id})), forbidden, "{check}");
    }
}

/// A version that the account has switched off looks like a bad token; the owner learns the difference.
#[test]
fn the_owner_learns_that_the_version_is_switched_off() {
    let scene = Scene::set();
    scene.house.change(&scene.own, |partner| partner.v1_allowed = false);
    let ks = scene.own.mint_v1(2, "alice", "");
    assert_eq!(scene.house.fault("system.ping", &json!({"ks": ks})), refused(&ks));
    let id = scene.refuse("system.ping", &json!({"ks": ks}), "INVALID_KS");
    assert_eq!(scene.why(&scene.own, &id)["check"], "version");
}

/// The owner of a blocked account cannot ask either, until it is unblocked.
#[test]
fn the_owner_of_a_blocked_account_learns_it_afterwards() {
    let scene = Scene::set();
    scene.house.set_status(&scene.own, PartnerStatus::Blocked);
    let blocked = "SERVICE_FORBIDDEN_CONTENT_BLOCKED";
    let ids = [
        scene.refuse("system.ping", &json!({"ks": scene.own.admin()}), blocked),
        scene.refuse("session.start", &json!({"secret": "x", "partnerId": scene.own.id}), blocked),
        scene.refuse(
            "session.startWidgetSession",
            &json!({"widgetId": scene.own.widget()}),
            "START_WIDGET_SESSION_ERROR",
        ),
    ];
    assert_eq!(fault(&scene.why(&scene.own, &ids[0])).0, blocked);
    scene.house.set_status(&scene.own, PartnerStatus::Active);
    for id in &ids {
        let told = scene.why(&scene.own, id);
        assert_eq!(told["check"], "account", "{told}");
        assert_eq!(fault(&scene.why(&scene.other, id)).0, "KS_REFUSAL_NOT_FOUND");
    }
}

/// A text that no account can be read from is nobody's; and what was not refused was not.
#[test]
fn what_is_nobodys_is_told_to_nobody() {
    let scene = Scene::set();
    let ids = [
        scene.refuse("system.ping", &json!({"ks": "nonsense"}), "INVALID_KS"),
        scene.refuse("system.ping", &json!({"partnerId": 999_999}), "SERVICE_FORBIDDEN_CONTENT_BLOCKED"),
        scene.refuse("widget.get", &json!({"id": "none"}), "INVALID_WIDGET_ID"),
        scene.refuse("session.start", &json!({}), "MISSING_MANDATORY_PARAMETER"),
    ];
    for id in &ids {
        for account in [&scene.own, &scene.other] {
            assert_eq!(fault(&scene.why(account, id)), error("KS_REFUSAL_NOT_FOUND", &[("REQUEST_ID", id)]));
        }
    }
    let response = scene.house.send(&request("system.ping", &json!({"ks": scene.own.admin()})));
    let id = response.header("X-Kaltura-Session").expect("a request id");
    assert_eq!(fault(&scene.why(&scene.own, id)).0, "KS_REFUSAL_NOT_FOUND");
}

/// A token that nobody can read names no account; the request may.
#[test]
fn the_account_that_was_asked_for_learns_of_an_unreadable_token() {
    let scene = Scene::set();
    let id = scene.refuse("system.ping", &json!({"ks": "!", "partnerId": scene.own.id}), "INVALID_KS");
    assert_eq!(scene.why(&scene.own, &id)["check"], "encoding");
    assert_eq!(fault(&scene.why(&scene.other, &id)), error("KS_REFUSAL_NOT_FOUND", &[("REQUEST_ID", &id)]));
}

/// In a multirequest each owner learns of its own part.
#[test]
fn the_parts_of_a_multirequest_have_their_own_owners() {
    let scene = Scene::set();
    let expired = |account: &Account, user: &str| account.mint_until(now() - 1, 2, user, "");
    let params = json!({
        "0": {"service": "system", "action": "ping", "ks": expired(&scene.own, "ours")},
        "1": {"service": "system", "action": "ping", "ks": expired(&scene.other, "theirs")},
    });
    let response = scene.house.send(&request("multirequest", &params));
    let id = response.header("X-Kaltura-Session").expect("a request id").to_owned();
    assert_eq!(scene.why(&scene.own, &id)["userId"], "ours");
    assert_eq!(scene.why(&scene.other, &id)["userId"], "theirs");
}
