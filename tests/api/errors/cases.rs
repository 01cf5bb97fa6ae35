//! One call for each error.

mod rights;

use ks_store::PartnerStatus;
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

/// Any text: an explanation, whose wording is nobody's contract.
pub(super) const ANY: &str = "*";

/// A call, and the error that it raises.
pub(super) struct Case {
    pub(super) call: &'static str,
    pub(super) params: Value,
    pub(super) code: &'static str,
    pub(super) args: Vec<(&'static str, String)>,
}

/// Accounts in the states that errors are about.
pub(super) struct Scene {
    pub(super) house: House,
    own: Account,
    other: Account,
    blocked: Account,
    /// May enter accounts below it, of which there are none.
    parent: Account,
    /// Enforces entitlement.
    strict: Account,
    /// Lets everybody look at sessions.
    loose: Account,
    /// An administrator's session.
    ks: String,
}

impl Scene {
    pub(super) fn set() -> Self {
        let house = House::build();
        let [own, other, blocked, parent, strict, loose] = [901, 902, 903, 904, 905, 906].map(|id| house.account(id));
        house.set_status(&blocked, PartnerStatus::Blocked);
        house.change(&parent, |partner| partner.may_impersonate = true);
        house.change(&strict, |partner| partner.default_entitlement_enforcement = true);
        house.change(&loose, |partner| {
            partner.always_allowed_permission_names = Some("SESSION_READ_PERMISSION".to_owned());
        });
        house.user(&own, "kept out", &[]);
        house.block_user(&own, "kept out", true);
        let ks = own.admin();
        Self { house, own, other, blocked, parent, strict, loose, ks }
    }

    /// All calls.
    pub(super) fn cases(&self) -> Vec<Case> {
        let mut cases = self.of_requests();
        cases.extend(self.of_values());
        cases.extend(self.of_sessions());
        cases.extend(self.of_session_actions());
        cases.extend(self.of_widgets());
        cases.extend(self.of_plugin());
        cases.extend(super::people::cases(&self.house));
        cases.extend(super::entries::cases(&self.house));
        cases.extend(super::categories::cases(&self.house));
        cases.extend(super::profiles::cases(&self.house));
        cases.extend(self.of_app_tokens());
        cases.extend(self.of_roles());
        cases.extend(self.of_permissions());
        cases.extend(self.of_partners());
        cases
    }

    /// Names and languages.
    fn of_requests(&self) -> Vec<Case> {
        vec![
            case("", json!({}), "SERVICE_NOT_SPECIFIED", &[]),
            case("none", json!({}), "SERVICE_DOES_NOT_EXISTS", &[("SRV_NAME", "none")]),
            case("widget", json!({}), "ACTION_NOT_SPECIFIED", &[]),
            case(
                "widget.nothing",
                json!({}),
                "ACTION_DOES_NOT_EXISTS",
                &[("ACTION_NAME", "nothing"), ("SERVICE_NAME", "widget")],
            ),
            case("system.ping", json!({"language": "x"}), "INVALID_LANGUAGE_CODE", &[("LANGUAGE_CODE", "x")]),
            case(
                "system.ping",
                json!({"a": deep(70)}),
                "PARAMETER_VALUE_OUT_OF_RANGE",
                &[("PARAM_NAME", "depth"), ("MIN", "0"), ("MAX", ANY)],
            ),
        ]
    }

    /// Arguments.
    fn of_values(&self) -> Vec<Case> {
        let ks = &self.ks;
        let secret = &self.own.admin_secret;
        let start = |name: &str, value: Value| {
            let mut params = json!({"secret": secret, "partnerId": self.own.id});
            params[name] = value;
            params
        };
        let add = |value: &str| json!({"ks": ks, "value": value});
        let filter = json!({"ks": ks, "filter": {"objectType": "KalturaWidgetFilter", "advancedSearch": {"x": 1}}});
        vec![
            case("session.start", json!({}), "MISSING_MANDATORY_PARAMETER", &[("PARAM_NAME", "secret")]),
            case(
                "session.start",
                start("type", json!(7)),
                "INVALID_ENUM_VALUE",
                &[("ENUM_VAL", "7"), ("PARAM_NAME", "type"), ("ENUM_TYPE", "KalturaSessionType")],
            ),
            case(
                "session.start",
                start("userId", json!("a\u{1}")),
                "INVALID_PARAMETER_CHAR",
                &[("XML_FIELD", "userId")],
            ),
            // A privilege without a name cannot stand in a token.
            case(
                "session.start",
                start("privileges", json!(":x")),
                "INVALID_PARAMETER_VALUE",
                &[("PARAM_NAME", "privileges")],
            ),
            case("session.start", start("privileges", json!("setrole:NONE")), "UNKNOWN_ROLE_ID", &[]),
            case(
                "widget.add",
                json!({"ks": ks, "widget": "x"}),
                "PROPERTY_VALIDATION_WRONG_FORMAT",
                &[("PROP_NAME", "widget"), ("FORMAT", "array")],
            ),
            case(
                "widget.add",
                json!({"ks": ks, "widget": {"uiConfId": 1, "partnerId": 5}}),
                "PROPERTY_VALIDATION_NOT_UPDATABLE",
                &[("PROP_NAME", "KalturaWidget::partnerId")],
            ),
            case("widget.list", filter, "OBJECT_TYPE_ABSTRACT", &[("OBJ_TYPE", "KalturaSearchItem")]),
            case(
                "ks_secret.add",
                add("short"),
                "PROPERTY_VALIDATION_MIN_LENGTH",
                &[("PROP_NAME", "value"), ("MIN_LEN", "16")],
            ),
            case("ks_secret.add", add("with-a-comma,in-the-middle"), "INVALID_FIELD_VALUE", &[("FIELD_NAME", "value")]),
        ]
    }

    /// What the session is refused for.
    fn of_sessions(&self) -> Vec<Case> {
        let with = |ks: &str| json!({"ks": ks});
        let own = |privileges: &str| with(&self.own.mint(2, "root", privileges));
        let invalid = |call, params, ksid: &str| {
            case(call, params, "INVALID_KS", &[("KSID", ksid), ("ERR_CODE", "-1"), ("ERR_DESC", "INVALID_STR")])
        };
        let ended = self.own.admin();
        self.house.revoke(&self.own, &ended);
        let used = self.own.mint(2, "root", "actionslimit:1");
        self.house.good("system.ping", &with(&used));
        vec![
            invalid("system.ping", with("nonsense"), "nonsense"),
            invalid("session.startWidgetSession", json!({"ks": "nonsense", "widgetId": "_901"}), "nonsense"),
            invalid("system.ping", with(&self.own.mint_until(now() - 1, 2, "root", "")), "EXPIRED"),
            invalid("system.ping", own("iprestrict:203.0.113.9"), "EXCEEDED_RESTRICTED_IP"),
            invalid("system.ping", own("urirestrict:/elsewhere"), "EXCEEDED_RESTRICTED_URI"),
            invalid("system.ping", with(&ended), "LOGOUT"),
            invalid("system.ping", with(&used), "EXCEEDED_ACTIONS_LIMIT"),
            case("system.ping", own("actionslimit:x"), "INVALID_ACTIONS_LIMIT", &[]),
            case("system.ping", with(&self.blocked.admin()), "SERVICE_FORBIDDEN_CONTENT_BLOCKED", &[]),
            case("system.ping", with(&self.own.mint(0, "kept out", "")), "USER_BLOCKED", &[]),
            case("system.ping", own("setrole:NONE"), "INVALID_OBJECT_ID", &[("ID", "NONE")]),
            case("system.ping", own("setrole:-1"), "INVALID_SET_ROLE", &[]),
            case("session.get", json!({}), "SERVICE_FORBIDDEN", &[("SERVICE", "session->get")]),
            // The account lets everybody in, and the action finds nobody.
            case("session.get", json!({"partnerId": self.loose.id}), "MISSING_KS", &[]),
        ]
    }

    /// The services `session` and `partner`.
    fn of_session_actions(&self) -> Vec<Case> {
        let (ks, pid) = (&self.ks, self.own.id.to_string());
        let theirs = self.other.admin();
        let foreign = [("ACCESSING_PID", pid.as_str()), ("ACCESSED_PID", "902")];
        let blocked = self.blocked.widget();
        vec![
            case(
                "session.start",
                json!({"secret": "x", "partnerId": self.own.id}),
                "START_SESSION_ERROR",
                &[("PID", &pid)],
            ),
            case(
                "session.impersonate",
                json!({"secret": self.own.admin_secret, "partnerId": self.own.id, "impersonatedPartnerId": self.other.id}),
                "START_SESSION_ERROR",
                &[("PID", &pid)],
            ),
            case(
                "session.impersonateByKs",
                json!({"ks": self.parent.admin(), "session": theirs}),
                "START_SESSION_ERROR",
                &[("PID", "904")],
            ),
            case("session.get", json!({"ks": ks, "session": theirs}), "PARTNER_ACCESS_FORBIDDEN", &foreign),
            case(
                "session.startWidgetSession",
                json!({"widgetId": "none"}),
                "INVALID_WIDGET_ID",
                &[("WIDGET_ID", "none")],
            ),
            case(
                "session.startWidgetSession",
                json!({"widgetId": blocked}),
                "START_WIDGET_SESSION_ERROR",
                &[("WIDGET_ID", &blocked)],
            ),
            case("partner.get", json!({"ks": ks, "id": self.other.id}), "INVALID_PARTNER_ID", &[("PID", "902")]),
            case("partner.getPublicInfo", json!({"id": 999_999}), "INVALID_PARTNER_ID", &[("PID", "999999")]),
        ]
    }

    /// The service `widget`.
    fn of_widgets(&self) -> Vec<Case> {
        let ks = &self.ks;
        let source = self.own.widget();
        let add = |ks: &str, widget: Value| json!({"ks": ks, "widget": widget});
        let update =
            |account: &Account, widget: Value| json!({"ks": account.admin(), "id": account.widget(), "widget": widget});
        let enforced = "CANNOT_DISABLE_ENTITLEMENT_FOR_WIDGET_WHEN_ENTITLEMENT_ENFORCEMENT_ENABLE";
        let no_entry = "CANNOT_DISABLE_ENTITLEMENT_WITH_NO_ENTRY_ID";
        let open = json!({"sourceWidgetId": source, "enforceEntitlement": false});
        let strict = json!({"sourceWidgetId": self.strict.widget(), "enforceEntitlement": false});
        vec![
            case("widget.add", add(ks, json!({"partnerData": "x"})), "SOURCE_WIDGET_OR_UICONF_REQUIRED", &[]),
            case(
                "widget.add",
                add(ks, json!({"sourceWidgetId": "none"})),
                "SOURCE_WIDGET_NOT_FOUND",
                &[("ID", "none")],
            ),
            case(
                "widget.add",
                add(ks, json!({"sourceWidgetId": source, "entryId": "0_none"})),
                "ENTRY_ID_NOT_FOUND",
                &[("ENTRY_ID", "0_none")],
            ),
            case("widget.add", add(ks, open), no_entry, &[]),
            case("widget.add", add(&self.strict.admin(), strict), enforced, &[]),
            case("widget.get", json!({"id": "none"}), "INVALID_WIDGET_ID", &[("WIDGET_ID", "none")]),
            case(
                "widget.update",
                json!({"ks": ks, "id": "none", "widget": {"partnerData": "x"}}),
                "INVALID_WIDGET_ID",
                &[("WIDGET_ID", "none")],
            ),
            case(
                "widget.update",
                update(&self.own, json!({"entryId": "0_none"})),
                "ENTRY_ID_NOT_FOUND",
                &[("ENTRY_ID", "0_none")],
            ),
            case("widget.update", update(&self.own, json!({"enforceEntitlement": false})), no_entry, &[]),
            case("widget.update", update(&self.strict, json!({"enforceEntitlement": false})), enforced, &[]),
            case("widget.clone", add(ks, json!({"id": "none"})), "INVALID_WIDGET_ID", &[("WIDGET_ID", "none")]),
        ]
    }

    /// The plugin `ks`, whose errors are ours.
    fn of_plugin(&self) -> Vec<Case> {
        let ks = &self.ks;
        let with = |id: i64| json!({"ks": ks, "id": id});
        let secrets = self.house.good("ks_secret.list", &json!({"ks": ks}));
        let primary =
            secrets["objects"].as_array().into_iter().flatten().find(|one| one["kind"] == 2 && one["primary"] == true);
        let primary =
            primary.and_then(|one| one["id"].as_i64()).unwrap_or_else(|| panic!("no primary secret: {secrets}"));
        let disabled = self.house.secret(&self.own, None);
        self.house.good("ks_secret.disable", &with(disabled));
        let in_use =
            |call, id: i64| case(call, with(id), "KS_SECRET_IN_USE", &[("ID", &id.to_string()), ("REASON", ANY)]);
        let unknown = |call| case(call, with(999_999), "KS_SECRET_NOT_FOUND", &[("ID", "999999")]);
        let session = |session: &str| json!({"ks": ks, "session": session});
        vec![
            case("ks_secret.add", json!({"ks": ks, "value": self.own.admin_secret}), "KS_SECRET_ALREADY_EXISTS", &[]),
            unknown("ks_secret.setPrimary"),
            in_use("ks_secret.setPrimary", disabled),
            unknown("ks_secret.disable"),
            in_use("ks_secret.disable", primary),
            unknown("ks_session.revokeSecret"),
            in_use("ks_session.revokeSecret", primary),
            case(
                "ks_session.revoke",
                session(&self.own.mint(0, "0", "widget:1")),
                "KS_NOT_REVOCABLE",
                &[("REASON", ANY)],
            ),
            case(
                "ks_session.revoke",
                session(&self.other.admin()),
                "PARTNER_ACCESS_FORBIDDEN",
                &[("ACCESSING_PID", "901"), ("ACCESSED_PID", "902")],
            ),
            case(
                "ks_session.explainAccess",
                json!({"ks": ks, "subject": "entry", "objectId": "x", "privileges": "a[b:c"}),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "privileges")],
            ),
            case("ks_session.revokeGroup", json!({"ks": ks, "sessionId": ""}), "KS_NOT_REVOCABLE", &[("REASON", ANY)]),
            case(
                "ks_stats.list",
                json!({"ks": ks, "measure": "calls", "step": 86400, "from": 1, "until": 2_000_000_000}),
                "PARAMETER_VALUE_OUT_OF_RANGE",
                &[
                    ("PARAM_NAME", "from"),
                    ("MIN", &(2_000_000_000 - 24 * 92 * 86400).to_string()),
                    ("MAX", "2000000000"),
                ],
            ),
            case(
                "ks_session.why",
                json!({"ks": ks, "requestId": "none"}),
                "KS_REFUSAL_NOT_FOUND",
                &[("REQUEST_ID", "none")],
            ),
        ]
    }
}

pub(super) fn case(call: &'static str, params: Value, code: &'static str, args: &[(&'static str, &str)]) -> Case {
    Case { call, params, code, args: args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
}

/// Lists within lists.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}
