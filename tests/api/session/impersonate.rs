//! `session.impersonate`, `session.impersonateByKs` and visits: only from a parent account into a child of its own.

use ks_store::PartnerStatus;
use ks_tests::call::fault;
use ks_tests::house::{Account, House, error, now};
use ks_tests::server::Server;
use ks_token::Ks;
use serde_json::{Value, json};

/// A parent that may enter its children, and two of them.
struct Family {
    house: House,
    parent: Account,
    child: Account,
    sibling: Account,
}

impl Family {
    /// The child's sessions last ten minutes at most, the parent's one.
    fn new() -> Self {
        let house = House::build();
        let [parent, child, sibling] = [200, 201, 202].map(|id| house.account(id));
        house.change(&parent, |partner| (partner.may_impersonate, partner.ks_max_expiry) = (true, 60));
        for child in [&child, &sibling] {
            let parent = parent.partner();
            house.change(child, move |partner| (partner.parent_id, partner.ks_max_expiry) = (Some(parent), 600));
        }
        Self { house, parent, child, sibling }
    }

    /// The parent's session, which starts others.
    fn by_ks(&self, session: &str, more: &Value) -> Value {
        let mut params = json!({"ks": self.parent.admin(), "session": session});
        for (name, value) in more.as_object().expect("an object") {
            params[name] = value.clone();
        }
        self.house.call("session.impersonateByKs", &params)
    }

    /// What is told to a session of the parent that the child's data are asked for with.
    #[track_caller]
    fn keeps_out(&self, ks: &str) {
        let widget = self.child.widget();
        for (name, id) in [("widget.get", Some(&widget)), ("partner.getInfo", None)] {
            let expected = error("SERVICE_FORBIDDEN", &[("SERVICE", &name.replace('.', "->"))]);
            let params = json!({"ks": ks, "p": self.child.id, "id": id});
            assert_eq!(self.house.fault(name, &params), expected, "{name}");
        }
    }
}

/// A call of `session.impersonate` with this secret.
fn ask(from: &Account, secret: &str, into: &Account) -> Value {
    json!({"secret": secret, "partnerId": from.id, "impersonatedPartnerId": into.id, "type": 2, "userId": "bob",
           "expiry": 86_400, "privileges": "edit:0_abc,disableentitlement"})
}

/// `START_SESSION_ERROR` with an account.
fn refused(account: &Account) -> (String, Value) {
    error("START_SESSION_ERROR", &[("PID", &account.id.to_string())])
}

/// The end of a session that was started since `before`, and lasts for `seconds`.
#[track_caller]
fn lasts(ks: &Ks, before: i64, seconds: i64) {
    let expiry = ks.expiry.expect("an end");
    assert!((before + seconds..=now() + seconds).contains(&expiry), "{seconds} seconds, not {}", expiry - before);
}

#[test]
fn a_parent_gets_a_session_of_its_child() {
    let Family { house, parent, child, .. } = &Family::new();
    for (kind, sent, seconds) in [(2, 86_400, 600), (0, 86_400, 600), (2, 30, 30), (0, 300, 300)] {
        let mut params = ask(parent, &parent.admin_secret, child);
        (params["type"], params["expiry"]) = (json!(kind), json!(sent));
        let before = now();
        let token = house.good("session.impersonate", &params);
        let ks = child.read(token.as_str().expect("a token"));
        assert_eq!((ks.partner_id, ks.master_partner_id.as_deref()), (child.partner(), Some("200")));
        assert_eq!((ks.user_id.as_deref(), ks.session_type), (Some("bob"), Some(kind)));
        assert_eq!(ks.privileges.text(), "edit:0_abc,disableentitlement");
        lasts(&ks, before, seconds);
        assert_eq!(house.good("system.ping", &json!({"ks": token})), true);
        if kind == 2 {
            assert_eq!(house.good("partner.getInfo", &json!({"ks": token}))["id"], child.id);
        }
    }
}

#[test]
fn the_session_of_a_child_opens_no_other_account() {
    let Family { house, parent, child, sibling } = &Family::new();
    let token = house.good("session.impersonate", &ask(parent, &parent.admin_secret, child));
    let expected = error("SERVICE_FORBIDDEN", &[("SERVICE", "partner->getInfo")]);
    for other in [parent, sibling] {
        assert_eq!(house.fault("partner.getInfo", &json!({"ks": token, "p": other.id})), expected);
    }
}

#[test]
fn nobody_else_gets_a_session_of_another_account() {
    let Family { house, parent, child, sibling } = &Family::new();
    let (stranger, grandchild) = (house.account(203), house.account(204));
    let between = child.partner();
    house.change(&grandchild, move |partner| partner.parent_id = Some(between));
    // Also with the right, which opens children only.
    for account in [child, sibling, &stranger] {
        house.change(account, |partner| partner.may_impersonate = true);
    }
    for (from, into) in
        [(child, parent), (sibling, child), (&stranger, child), (parent, &stranger), (parent, &grandchild)]
    {
        let told = house.fault("session.impersonate", &ask(from, &from.admin_secret, into));
        assert_eq!(told, refused(from), "from {} into {}", from.id, into.id);
    }

    let params = ask(parent, &parent.admin_secret, child);
    house.set_status(child, PartnerStatus::Blocked);
    assert_eq!(house.fault("session.impersonate", &params), refused(parent), "a blocked child");
    house.set_status(child, PartnerStatus::Active);
    assert!(house.good("session.impersonate", &params).is_string());
    house.change(parent, |partner| partner.may_impersonate = false);
    assert_eq!(house.fault("session.impersonate", &params), refused(parent), "without the right");
}

/// Neither the child's secret nor the parent's user secret opens the child for the parent.
#[test]
fn only_the_parents_administrator_secret_opens_a_child() {
    let Family { house, parent, child, .. } = &Family::new();
    for secret in [&child.admin_secret, &parent.user_secret, &child.user_secret] {
        for kind in [0, 2] {
            let mut params = ask(parent, secret, child);
            params["type"] = json!(kind);
            assert_eq!(house.fault("session.impersonate", &params), refused(parent), "{kind}");
        }
    }
}

/// To enter one's own account is allowed; it must not be the way around what `session.start` refuses.
#[test]
fn a_user_secret_gets_no_more_by_entering_its_own_account() {
    let Family { house, parent, child, .. } = &Family::new();
    for account in [parent, child] {
        let mut params = ask(account, &account.user_secret, account);
        (params["type"], params["privileges"]) = (json!(0), json!("setrole:PARTNER_ADMIN_ROLE"));
        assert_eq!(house.fault("session.start", &params), refused(account));
        assert_eq!(house.fault("session.impersonate", &params), refused(account));
    }
}

#[test]
fn a_session_is_started_like_another_one() {
    let family = Family::new();
    let child = &family.child;
    let until = now() + 3000;
    let old = child.mint_until(until, 0, "bob", "edit:0_abc,list:*");
    let before = now();
    let answer = family.by_ks(&old, &json!({}));
    let rest = answer["expiry"].as_i64().unwrap_or_else(|| panic!("{answer}"));
    assert!((until - now()..=until - before).contains(&rest), "{rest}");
    let ks = child.read(answer["ks"].as_str().expect("a token"));
    assert_eq!((ks.partner_id, ks.master_partner_id.as_deref()), (child.partner(), Some("200")));
    assert_eq!((ks.user_id.as_deref(), ks.session_type), (Some("bob"), Some(0)));
    assert_eq!(ks.privileges.text(), "edit:0_abc,list:*");
    lasts(&ks, before, 600);
    let told = ["objectType", "sessionType", "partnerId", "userId", "privileges"].map(|name| answer[name].clone());
    let wanted = [json!("KalturaSessionInfo"), json!(0), json!(child.id), json!("bob"), json!("edit:0_abc,list:*")];
    assert_eq!(told, wanted);
    assert_eq!(family.house.good("system.ping", &json!({"ks": answer["ks"]})), true);
}

#[test]
fn what_is_asked_for_replaces_what_the_old_session_says() {
    let family = Family::new();
    let child = &family.child;
    let old = child.mint(0, "bob", "edit:0_abc");
    let before = now();
    let asked = json!({"type": 2, "expiry": 86_400, "privileges": "list:*"});
    let answer = family.by_ks(&old, &asked);
    assert_eq!((&answer["expiry"], &answer["sessionType"]), (&json!(86_400), &json!(2)), "the duration asked for");
    let ks = child.read(answer["ks"].as_str().expect("a token"));
    assert_eq!((ks.session_type, ks.privileges.text()), (Some(2), "list:*"));
    lasts(&ks, before, 600);

    let old = child.mint(2, "root", "edit:0_abc");
    let answer = family.by_ks(&old, &json!({"privileges": "", "expiry": 30}));
    assert_eq!((&answer["expiry"], &answer["privileges"]), (&json!(30), &json!("edit:0_abc")));
    let ks = child.read(answer["ks"].as_str().expect("a token"));
    assert_eq!((ks.session_type, ks.privileges.text()), (Some(2), "edit:0_abc"));
    let answer = family.by_ks(&old, &json!({"type": 0}));
    assert_eq!(answer["sessionType"], 0);
}

#[test]
fn no_session_is_started_like_one_of_another_account() {
    let family = Family::new();
    let Family { house, parent, child, .. } = &family;
    let stranger = house.account(203);
    let told = |ks: &str| fault(&family.by_ks(ks, &json!({})));
    let wrong = child.mint_with("wrong", now() + 60, 0, "bob", "");
    for ks in [stranger.mint(0, "bob", ""), wrong, "no token".to_owned()] {
        assert_eq!(told(&ks), refused(parent));
    }
    let old = child.mint(0, "bob", "");
    house.set_status(child, PartnerStatus::Blocked);
    assert_eq!(told(&old), refused(parent), "a blocked child");
    house.set_status(child, PartnerStatus::Active);
    house.change(parent, |partner| partner.may_impersonate = false);
    let forbidden = error("SERVICE_FORBIDDEN", &[("SERVICE", "session->impersonateByKs")]);
    assert_eq!(told(&old), forbidden, "without the right");
}

#[test]
fn only_an_unrestricted_administrator_starts_sessions_like_others() {
    let Family { house, parent, child, .. } = &Family::new();
    let narrow = house.role(parent, "NARROW", "SESSION_READ_PERMISSION,KMC_ACCESS,HOSTED_PAGES_BASE");
    house.user(parent, "limited", &[narrow]);
    let old = child.mint(0, "bob", "");
    let expected = error("SERVICE_FORBIDDEN", &[("SERVICE", "session->impersonateByKs")]);
    for ks in [
        parent.mint(0, "root", ""),
        parent.mint(0, "root", "setrole:PARTNER_ADMIN_ROLE"),
        parent.mint(2, "root", "setrole:null"),
        parent.mint(2, "root", "setrole:NARROW"),
        parent.mint(2, "root", &format!("setrole:{narrow}")),
        parent.mint(2, "root", &format!("restrictingrole:{narrow}")),
        parent.mint(2, "limited", ""),
    ] {
        let answer = house.call("session.impersonateByKs", &json!({"ks": ks, "session": old}));
        let said = parent.read(&ks);
        let who = format!("{:?} {:?} {}", said.session_type, said.user_id, said.privileges.text());
        assert_eq!(answer["objectType"], "KalturaAPIException", "{who}");
        assert_eq!(fault(&answer), expected, "{who}");
    }
    for ks in [parent.admin(), parent.mint(2, "limited", "setrole:PARTNER_ADMIN_ROLE")] {
        assert!(house.good("session.impersonateByKs", &json!({"ks": ks, "session": old}))["ks"].is_string());
    }
}

#[test]
fn an_administrator_of_the_parent_visits_a_child() {
    let Family { house, parent, child, sibling } = &Family::new();
    let ks = parent.admin();
    for child in [child, sibling] {
        assert_eq!(house.good("partner.getInfo", &json!({"ks": ks, "p": child.id}))["id"], child.id);
        assert_eq!(house.good("partner.getInfo", &json!({"ks": ks, "partnerId": child.id}))["id"], child.id);
        assert_eq!(
            house.good("widget.get", &json!({"ks": ks, "p": child.id, "id": child.widget()}))["id"],
            child.widget()
        );
    }
    assert_eq!(house.good("partner.getInfo", &json!({"ks": ks}))["id"], parent.id);

    let params = json!({"ks": ks, "p": child.id});
    house.set_status(child, PartnerStatus::Blocked);
    assert_eq!(house.fault("partner.getInfo", &params).0, "SERVICE_FORBIDDEN_CONTENT_BLOCKED");
    house.set_status(child, PartnerStatus::Active);
    assert_eq!(house.good("partner.getInfo", &params)["id"], child.id);
}

#[test]
fn nobody_else_visits_a_child() {
    let family = Family::new();
    let Family { house, parent, child, sibling } = &family;
    let started = house.good("session.startWidgetSession", &json!({"widgetId": parent.widget()}));
    let widget = started["ks"].as_str().expect("a token").to_owned();
    // At home these sessions may, so that it is the visit which is refused.
    for ks in [parent.mint(0, "bob", ""), parent.mint(0, "bob", "setrole:PARTNER_ADMIN_ROLE"), widget] {
        let params = json!({"ks": ks, "p": parent.id, "id": parent.widget()});
        assert_eq!(house.good("widget.get", &params)["id"], parent.widget());
        family.keeps_out(&ks);
    }
    family.keeps_out(&sibling.admin());
    let params = json!({"ks": child.admin(), "p": parent.id});
    assert_eq!(house.fault("partner.getInfo", &params).0, "SERVICE_FORBIDDEN");
    house.change(parent, |partner| partner.may_impersonate = false);
    family.keeps_out(&parent.admin());
}

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
