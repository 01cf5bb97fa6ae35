//! Requests that are broken in several ways at once: the first check that fails is the one that is told (wire
//! protocol, section 7.1; token format, section 3).

use ks_store::PartnerStatus;
use ks_tests::call::fault;
use ks_tests::house::{Account, House, now};
use ks_tests::http::Request;
use serde_json::{Value, json};

/// What can be wrong with one call of `widget.update`, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// There is no such format.
    Format,
    /// There is no such action.
    Action,
    /// The language is none.
    Language,
    /// The token was signed with another secret.
    Signature,
    /// A mandatory parameter is missing.
    Argument,
    /// The response profile has a type that does not exist.
    Profile,
    /// The session has ended by its own expiry.
    Expiry,
    /// The session may be used from another address only.
    Address,
    /// The session may be used at another URL only.
    Url,
    /// The session was ended.
    Revocation,
    /// The session has no action left.
    Limit,
    /// The account that is asked for does not exist.
    Requested,
    /// The session's account is blocked.
    Account,
    /// The session's user is blocked.
    User,
    /// The session asks for a role that does not exist.
    Role,
    /// The session's role does not have the permission.
    Permission,
    /// The action finds no such object.
    Object,
}

const ORDER: [Fault; 17] = [
    Fault::Format,
    Fault::Action,
    Fault::Language,
    Fault::Signature,
    Fault::Argument,
    Fault::Profile,
    Fault::Expiry,
    Fault::Address,
    Fault::Url,
    Fault::Revocation,
    Fault::Limit,
    Fault::Requested,
    Fault::Account,
    Fault::User,
    Fault::Role,
    Fault::Permission,
    Fault::Object,
];

struct Scene {
    house: House,
    open: Account,
    blocked: Account,
}

impl Scene {
    fn set() -> Self {
        let house = House::build();
        let (open, blocked) = (house.account(701), house.account(702));
        for account in [&open, &blocked] {
            house.user(account, "kept out", &[]);
            house.block_user(account, "kept out", true);
        }
        house.set_status(&blocked, PartnerStatus::Blocked);
        Self { house, open, blocked }
    }

    /// A call with these faults: its format, its action, its parameters, and the token in them.
    fn call(&self, faults: &[Fault]) -> (&'static str, &'static str, Value) {
        let has = |fault: Fault| faults.contains(&fault);
        let account = if has(Fault::Account) { &self.blocked } else { &self.open };
        let mut privileges = Vec::new();
        if has(Fault::Address) {
            privileges.push("iprestrict:203.0.113.9");
        }
        if has(Fault::Url) {
            privileges.push("urirestrict:/elsewhere");
        }
        if has(Fault::Limit) {
            privileges.push("actionslimit:1");
        }
        if has(Fault::Role) {
            privileges.push("setrole:NO_SUCH_ROLE");
        }
        let privileges = privileges.join(",");
        let user = if has(Fault::User) { "kept out" } else { "somebody" };
        let kind = if has(Fault::Permission) { 0 } else { 2 };
        let expiry = if has(Fault::Expiry) { now() - 1 } else { now() + 3600 };
        let ks = if has(Fault::Signature) {
            account.mint_with(&account.user_secret, expiry, kind, user, &privileges)
        } else {
            let ks = account.mint_until(expiry, kind, user, &privileges);
            if has(Fault::Limit) {
                let hash = account.read(&ks).hash;
                let used = self.house.store.consume_action(hash, account.partner(), 1, expiry, now());
                self.house.wait(used).expect("an action");
            }
            if has(Fault::Revocation) {
                self.house.revoke(account, &ks);
            }
            ks
        };
        let id = if has(Fault::Object) { "no such widget".to_owned() } else { account.widget() };
        let mut params = json!({"ks": ks, "id": id, "widget": {"objectType": "KalturaWidget", "partnerData": "x"}});
        if has(Fault::Argument) {
            params.as_object_mut().expect("parameters").remove("id");
        }
        if has(Fault::Language) {
            params["language"] = json!("nonsense");
        }
        if has(Fault::Profile) {
            params["responseProfile"] = json!({"objectType": "KalturaDetachedResponseProfile", "type": 7});
        }
        if has(Fault::Requested) {
            params["partnerId"] = json!(999_999);
        }
        let format = if has(Fault::Format) { "77" } else { "1" };
        (format, if has(Fault::Action) { "nothing" } else { "update" }, params)
    }

    /// What a call with these faults is told: `(code, arguments)`.
    fn told(&self, faults: &[Fault]) -> (Told, Value) {
        let (format, action, params) = self.call(faults);
        let target = format!("/api_v3/service/widget/action/{action}?format={format}");
        let response = self.house.send(&Request::post(&target, "application/json", params.to_string()));
        assert_eq!(response.status, 200, "{faults:?}: {response:?}");
        if format == "1" {
            return (Told::Error(fault(&response.json())), params);
        }
        assert!(response.body.is_empty(), "{faults:?}: {response:?}");
        (Told::Header(response.header("X-Kaltura").unwrap_or_default().replace(' ', "")), params)
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    Error((String, Value)),
    Header(String),
}

/// What a call is told whose first fault is this one.
fn expected(first: Fault, params: &Value) -> Told {
    let ks = params["ks"].as_str().unwrap_or_default();
    let invalid = |ksid: &str| ("INVALID_KS", json!({"KSID": ksid, "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}));
    let (code, args) = match first {
        Fault::Format => return Told::Header("error-UNKNOWN_RESPONSE_FORMAT".to_owned()),
        Fault::Action => ("ACTION_DOES_NOT_EXISTS", json!({"ACTION_NAME": "nothing", "SERVICE_NAME": "widget"})),
        Fault::Language => ("INVALID_LANGUAGE_CODE", json!({"LANGUAGE_CODE": "nonsense"})),
        Fault::Signature => invalid(ks),
        Fault::Argument => ("MISSING_MANDATORY_PARAMETER", json!({"PARAM_NAME": "id"})),
        Fault::Profile => (
            "INVALID_ENUM_VALUE",
            json!({"ENUM_VAL": "7", "PARAM_NAME": "type", "ENUM_TYPE": "KalturaResponseProfileType"}),
        ),
        Fault::Expiry => invalid("EXPIRED"),
        Fault::Address => invalid("EXCEEDED_RESTRICTED_IP"),
        Fault::Url => invalid("EXCEEDED_RESTRICTED_URI"),
        Fault::Revocation => invalid("LOGOUT"),
        Fault::Limit => invalid("EXCEEDED_ACTIONS_LIMIT"),
        Fault::Requested | Fault::Account => ("SERVICE_FORBIDDEN_CONTENT_BLOCKED", json!([])),
        Fault::User => ("USER_BLOCKED", json!([])),
        Fault::Role => ("INVALID_OBJECT_ID", json!({"ID": "NO_SUCH_ROLE"})),
        Fault::Permission => ("SERVICE_FORBIDDEN", json!({"SERVICE": "widget->update"})),
        Fault::Object => ("INVALID_WIDGET_ID", json!({"WIDGET_ID": "no such widget"})),
    };
    Told::Error((code.to_owned(), args))
}

#[test]
fn of_any_two_faults_the_earlier_is_told() {
    let scene = Scene::set();
    assert!(ORDER.is_sorted(), "the list is the order");
    let mut wrong = Vec::new();
    for (at, first) in ORDER.iter().enumerate() {
        for faults in
            [*first].into_iter().map(|alone| vec![alone]).chain(ORDER[at + 1..].iter().map(|it| vec![*first, *it]))
        {
            let (told, params) = scene.told(&faults);
            if told != expected(*first, &params) {
                wrong.push(format!("{faults:?}: {told:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn with_everything_wrong_the_checks_are_told_one_after_the_other() {
    let scene = Scene::set();
    for (at, first) in ORDER.iter().enumerate() {
        let (told, params) = scene.told(&ORDER[at..]);
        assert_eq!(told, expected(*first, &params), "{first:?} and all after it");
    }
    let (_, action, params) = scene.call(&[]);
    let _ = scene.house.good(&format!("widget.{action}"), &params);
}

/// The service is looked for before the action, and a name that is missing is another fault than one that is unknown.
#[test]
fn names_are_looked_up_from_left_to_right() {
    let house = House::build();
    let told = |query: &str| {
        let target = format!("/api_v3/?format=1&language=nonsense&ks=nonsense{query}");
        fault(&house.send(&Request::get(&target)).json())
    };
    let action = |action: &str| json!({"ACTION_NAME": action, "SERVICE_NAME": "widget"});
    for (query, code, args) in [
        ("", "SERVICE_NOT_SPECIFIED", json!([])),
        ("&action=nothing", "SERVICE_NOT_SPECIFIED", json!([])),
        ("&service=None", "SERVICE_DOES_NOT_EXISTS", json!({"SRV_NAME": "none"})),
        ("&service=none&action=nothing", "SERVICE_DOES_NOT_EXISTS", json!({"SRV_NAME": "none"})),
        ("&service=widget", "ACTION_NOT_SPECIFIED", json!([])),
        ("&service=Widget&action=Nothing", "ACTION_DOES_NOT_EXISTS", action("nothing")),
        ("&service=widget&action=get", "INVALID_LANGUAGE_CODE", json!({"LANGUAGE_CODE": "nonsense"})),
    ] {
        assert_eq!(told(query), (code.to_owned(), args), "{query}");
    }
}

/// A bad limit is found where the limit would be counted: after revocation, before the account.
#[test]
fn a_limit_that_is_none_is_told_where_limits_are_checked() {
    let scene = Scene::set();
    let bad = |account: &Account| account.mint(2, "kept out", "actionslimit:none");
    let ended = bad(&scene.blocked);
    scene.house.revoke(&scene.blocked, &ended);
    let (code, args) = scene.house.fault("session.get", &json!({"ks": ended}));
    assert_eq!((code.as_str(), &args["KSID"]), ("INVALID_KS", &json!("LOGOUT")));
    let params = json!({"ks": bad(&scene.blocked), "partnerId": 999_999});
    assert_eq!(scene.house.fault("session.get", &params), ("INVALID_ACTIONS_LIMIT".to_owned(), json!([])));
}

/// A role that cannot be is told before the permissions, which it would have decided.
#[test]
fn a_role_that_cannot_be_is_told_before_the_permission() {
    let scene = Scene::set();
    let ks = scene.open.mint(0, "somebody", "setrole:-7");
    let params = json!({"ks": ks, "partnerId": scene.open.id});
    assert_eq!(scene.house.fault("session.get", &params), ("INVALID_SET_ROLE".to_owned(), json!([])));
    let ks = scene.open.mint(0, "kept out", "setrole:-7");
    assert_eq!(scene.house.fault("session.get", &json!({"ks": ks})), ("USER_BLOCKED".to_owned(), json!([])));
}

/// `session.start` looks at the account before its secret, and at the secret before the role (ours: a role is not
/// for everyone to guess).
#[test]
fn session_start_has_an_order_of_its_own() {
    let scene = Scene::set();
    let start = |account: &Account, secret: &str, privileges: &str| {
        let params = json!({"secret": secret, "partnerId": account.id, "privileges": privileges});
        scene.house.fault("session.start", &params)
    };
    let (open, blocked) = (&scene.open, &scene.blocked);
    assert_eq!(start(blocked, "wrong", "setrole:NONE"), ("SERVICE_FORBIDDEN_CONTENT_BLOCKED".to_owned(), json!([])));
    let failed = ("START_SESSION_ERROR".to_owned(), json!({"PID": open.id.to_string()}));
    assert_eq!(start(open, "wrong", "setrole:NONE"), failed);
    assert_eq!(start(open, &open.user_secret, "setrole:NONE"), ("UNKNOWN_ROLE_ID".to_owned(), json!([])));
}
