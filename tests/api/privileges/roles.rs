//! Roles: by `setrole`, of the user, without `restrictingrole`; and users who are kept out.

use super::*;

/// Whether a session may make a call; anything but a missing permission counts as yes.
#[track_caller]
fn may(house: &House, ks: &str, name: &str) -> bool {
    match told(&house.call(name, &json!({"ks": ks, "id": "_none"}))) {
        Some(fault) => fault != error("SERVICE_FORBIDDEN", &[("SERVICE", &name.replace('.', "->"))]),
        None => true,
    }
}

/// What a session may do of four calls: a reader's, two administrators', everybody's.
#[track_caller]
fn rights(house: &House, ks: &str) -> [bool; 4] {
    ["session.get", "widget.list", "ks_secret.list", "system.getTime"].map(|name| may(house, ks, name))
}

const ALL: [bool; 4] = [true; 4];
const NONE: [bool; 4] = [false, false, false, true];
const READER: [bool; 4] = [true, false, false, true];

#[test]
fn setrole_replaces_the_rights_of_a_session() {
    let house = House::build();
    let account = house.account(805);
    let reader = house.role(&account, "READER", "KMC_READ_ONLY");
    for (kind, privileges, expected) in [
        (0, String::new(), NONE),
        (2, String::new(), ALL),
        (2, "setrole:READER".to_owned(), READER),
        (0, "setrole:READER".to_owned(), READER),
        (2, format!("setrole:{reader}"), READER),
        (0, "setrole:PARTNER_ADMIN_ROLE".to_owned(), ALL),
        (2, "setrole:BASE_USER_SESSION_ROLE".to_owned(), NONE),
        (2, "setrole:null".to_owned(), NONE),
        (2, "edit:*,setrole:READER,list:*".to_owned(), READER),
        // Names are whole names.
        (2, "xsetrole:READER".to_owned(), ALL),
        (2, "setrolex:READER".to_owned(), ALL),
    ] {
        for ks in [account.mint(kind, "somebody", &privileges), account.mint_v1(kind, "somebody", &privileges)] {
            assert_eq!(rights(&house, &ks), expected, "{kind} {privileges:?}");
        }
    }
    let ks = account.mint_v1(2, "somebody", "setrole:READER,setrole:PARTNER_ADMIN_ROLE");
    assert_eq!(rights(&house, &ks), READER, "the first one wins");
}

#[test]
fn a_role_must_be_there_when_it_is_used() {
    let house = House::build();
    let (account, other) = (house.account(805), house.account(806));
    let foreign = house.role(&other, "FOREIGN", "*").to_string();
    for name in ["NO_SUCH_ROLE", "999999", "FOREIGN", &foreign, "READER "] {
        let ks = account.mint(2, "root", &format!("setrole:{name}"));
        // A role that is asked for in vain spoils every call.
        let name = name.trim();
        assert_eq!(used(&house, &ks), Some(error("INVALID_OBJECT_ID", &[("ID", name)])), "{name}");
    }
    for negative in ["-1", "-999"] {
        let ks = account.mint(2, "root", &format!("setrole:{negative}"));
        assert_eq!(used(&house, &ks), Some(error("INVALID_SET_ROLE", &[])), "{negative}");
    }
}

#[test]
fn session_start_knows_the_roles() {
    let house = House::build();
    let (account, other) = (house.account(805), house.account(806));
    let own = house.role(&account, "READER", "KMC_READ_ONLY");
    let foreign = house.role(&other, "FOREIGN", "*");
    for privileges in
        ["setrole:READER".to_owned(), format!("edit:*,setrole:{own}"), "setrole:WIDGET_SESSION_ROLE".to_owned()]
    {
        let ks = start(&house, &account, &account.admin_secret, 2, &privileges);
        good(&house, &ks);
    }
    for privileges in [
        "setrole:NO_SUCH_ROLE".to_owned(),
        "setrole:FOREIGN".to_owned(),
        format!("setrole:{foreign}"),
        "setrole:999999".to_owned(),
        "edit:*,setrole:NO_SUCH_ROLE".to_owned(),
        // As the token will carry it: trimmed (token format, section 1.4).
        "edit:*, setrole:NO_SUCH_ROLE".to_owned(),
    ] {
        let params = json!({"secret": account.admin_secret, "partnerId": account.id, "privileges": privileges});
        assert_eq!(house.fault("session.start", &params), error("UNKNOWN_ROLE_ID", &[]), "{privileges}");
    }
}

#[test]
fn a_user_with_roles_has_these_and_no_others() {
    let house = House::build();
    let account = house.account(805);
    let reader = house.role(&account, "READER", "KMC_READ_ONLY");
    let embedder = house.role(&account, "EMBEDDER", "WIDGET_ADMIN");
    house.user(&account, "reader", &[reader]);
    house.user(&account, "both", &[reader, embedder]);
    house.user(&account, "plain", &[]);
    for (kind, user, expected) in [
        (2, "reader", READER),
        (0, "reader", READER),
        (2, "both", [true, true, false, true]),
        (0, "both", [true, true, false, true]),
        (2, "plain", ALL),
        (0, "plain", NONE),
        (2, "unknown", ALL),
    ] {
        assert_eq!(rights(&house, &account.mint(kind, user, "")), expected, "{kind} {user}");
    }
    let ks = account.mint(0, "reader", "setrole:EMBEDDER");
    assert_eq!(rights(&house, &ks), [false, true, false, true], "setrole replaces the user's roles");
}

/// The account may say which role a session without any has.
#[test]
fn an_account_chooses_the_roles_of_its_sessions() {
    let house = House::build();
    let account = house.account(805);
    let reader = ks_schema::RoleId::new(house.role(&account, "READER", "KMC_READ_ONLY"));
    house.change(&account, move |partner| {
        partner.admin_session_role_id = Some(reader);
        partner.widget_session_role_id = Some(reader);
    });
    assert_eq!(rights(&house, &account.admin()), READER);
    assert_eq!(rights(&house, &account.mint(0, "0", "widget:1")), READER);
    assert_eq!(rights(&house, &account.mint(0, "somebody", "")), NONE);
}

#[test]
fn restrictingrole_takes_away() {
    let house = House::build();
    let account = house.account(805);
    let reading = house.role(&account, "READING", "SESSION_READ_PERMISSION, KMC_ACCESS,KMC_READ_ONLY");
    for (privileges, expected) in [
        (format!("restrictingrole:{reading}"), [false, true, true, true]),
        // What is always allowed is taken away too, where the role names it.
        ("restrictingrole:NO_SESSION_ROLE".to_owned(), [true, true, true, false]),
        // All permissions of the account, and what is always allowed is one of them.
        ("restrictingrole:PARTNER_ADMIN_ROLE".to_owned(), [false; 4]),
        (format!("setrole:{reading},restrictingrole:{reading}"), NONE),
        ("restrictingrole:NO_SUCH_ROLE".to_owned(), ALL),
        ("restrictingrole:999999".to_owned(), ALL),
        // By name only the roles that all accounts share are known.
        ("restrictingrole:READING".to_owned(), ALL),
        ("restrictingrole".to_owned(), ALL),
    ] {
        assert_eq!(rights(&house, &account.mint(2, "root", &privileges)), expected, "{privileges}");
    }
}

#[test]
fn a_blocked_user_is_kept_out_until_let_in_again() {
    let house = House::build();
    let (account, other) = (house.account(805), house.account(806));
    house.user(&account, "somebody", &[]);
    let sessions = [
        account.mint(0, "somebody", ""),
        account.mint_v1(0, "somebody", "*"),
        account.mint(2, "somebody", ""),
        account.mint(2, "somebody", "setrole:PARTNER_ADMIN_ROLE"),
    ];
    let others = [account.mint(0, "SOMEBODY2", ""), account.mint(0, "", ""), other.mint(0, "somebody", "")];
    house.block_user(&account, "somebody", true);
    for ks in &sessions {
        for name in ["system.ping", "session.end", "session.get"] {
            assert_eq!(house.fault(name, &json!({"ks": ks})), error("USER_BLOCKED", &[]), "{name}");
        }
    }
    for ks in &others {
        good(&house, ks);
    }
    // Starting a session does not look at the user.
    let ks = start(&house, &account, &account.user_secret, 0, "");
    assert_eq!(used(&house, &ks), Some(error("USER_BLOCKED", &[])));
    house.block_user(&account, "somebody", false);
    for ks in sessions.iter().chain([&ks]) {
        good(&house, ks);
    }
}
