//! What a login opens: secrets, other accounts, and those that only named its address.

use ks_tests::call::fault;
use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

use super::{OTHER, RIGHT};

const EMAIL: &str = "victim@example.com";
const THIRD: &str = "one more long secret";

fn log_in(house: &House, email: &str, password: &str, partner: i32) -> Value {
    house.call("user.loginByLoginId", &json!({"loginId": email, "password": password, "partnerId": partner}))
}

#[track_caller]
fn opens(house: &House, password: &str, account: &Account) {
    let answer = log_in(house, EMAIL, password, account.id);
    assert!(answer.is_string(), "{}: {answer}", account.id);
}

#[track_caller]
fn keeps_out(house: &House, password: &str, account: &Account) {
    assert_eq!(log_in(house, EMAIL, password, account.id)["code"], "USER_WRONG_PASSWORD", "{}", account.id);
}

/// Gives a user a login by the API.
fn enable(house: &House, account: &Account, id: &str, email: &str, password: &str) -> Value {
    let enable = json!({"ks": account.admin(), "userId": id, "loginId": email, "password": password});
    house.good("user.enableLogin", &enable)
}

/// Sets a password with the key of the last mail to an address.
#[track_caller]
fn set_with_key(house: &House, email: &str, password: &str) {
    let set = json!({"hashKey": house.mailed_key(email), "newPassword": password});
    house.good("user.setInitialPassword", &set);
}

/// An account that names an address first, with a password of its choice, and one whose user has the address.
fn squatted(house: &House) -> (Account, Account) {
    let (first, second) = (house.account(201), house.account(202));
    let admin = json!({"id": "mine", "isAdmin": true, "email": EMAIL, "password": RIGHT});
    house.good("user.add", &json!({"ks": first.admin(), "user": admin}));
    let theirs = json!({"id": "theirs", "isAdmin": true, "roleIds": "4", "email": EMAIL, "password": OTHER});
    house.good("user.add", &json!({"ks": second.admin(), "user": theirs}));
    (first, second)
}

#[test]
fn whoever_names_an_address_first_does_not_log_in_as_users_of_others() {
    let house = House::build();
    let (first, second) = squatted(&house);
    opens(&house, RIGHT, &first);
    for password in [RIGHT, OTHER] {
        keeps_out(&house, password, &second);
        let by_id = json!({"partnerId": 202, "userId": "theirs", "password": password});
        let code = house.fault("user.login", &by_id).0;
        assert_eq!(code, if password == RIGHT { "USER_NOT_FOUND" } else { "USER_WRONG_PASSWORD" });
        let secrets = json!({"partnerId": 202, "adminEmail": EMAIL, "cmsPassword": password});
        assert_eq!(house.fault("partner.getSecrets", &secrets), error("USER_DATA_ERROR", &[]));
    }
    let ks = log_in(&house, EMAIL, RIGHT, 201);
    let into = house.call("user.loginByKs", &json!({"ks": ks, "requestedPartnerId": 202}));
    assert_eq!(fault(&into), error("UNKNOWN_PARTNER_ID", &[("PID", "202")]));
    let listed = house.good("partner.listPartnersForUser", &json!({ "ks": ks }));
    assert_eq!((&listed["totalCount"], &listed["objects"][0]["id"]), (&json!(1), &json!(201)));
    // Without an account that is asked for, it is never the other one.
    let anywhere = house.good("user.loginByLoginId", &json!({"loginId": EMAIL, "password": RIGHT}));
    assert_eq!(first.read(anywhere.as_str().expect("a token")).user_id.as_deref(), Some("mine"));

    // Whoever reads mail there chooses the password, and all doors open.
    set_with_key(&house, EMAIL, THIRD);
    keeps_out(&house, RIGHT, &first);
    opens(&house, THIRD, &first);
    opens(&house, THIRD, &second);
    assert_eq!(house.call("system.ping", &json!({ "ks": ks }))["code"], "INVALID_KS");
}

#[test]
fn a_password_that_an_account_sets_proves_nothing() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    house.user(&first, "mine", &[]);
    house.user(&second, "theirs", &[]);
    enable(&house, &first, "mine", EMAIL, RIGHT);
    house.good("user.resetPassword", &json!({"email": EMAIL}));
    set_with_key(&house, EMAIL, THIRD);
    let reset = json!({"ks": first.admin(), "loginDataId": EMAIL, "newPassword": RIGHT});
    house.good("user.loginDataResetPassword", &reset);
    enable(&house, &second, "theirs", EMAIL, OTHER);
    opens(&house, RIGHT, &first);
    keeps_out(&house, RIGHT, &second);
    // The other account cannot set it either: it is somebody else's.
    let reset = json!({"ks": second.admin(), "loginDataId": EMAIL, "newPassword": OTHER});
    assert_eq!(house.fault("user.loginDataResetPassword", &reset), error("CANNOT_UPDATE_LOGIN_DATA", &[]));
    // The first one goes on as if nobody had named the address.
    let reset = json!({"ks": first.admin(), "loginDataId": EMAIL, "newPassword": THIRD});
    house.good("user.loginDataResetPassword", &reset);
    opens(&house, THIRD, &first);
}

#[test]
fn a_verified_address_opens_at_once() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    house.user(&first, "mine", &[]);
    house.user(&second, "theirs", &[]);
    enable(&house, &first, "mine", EMAIL, RIGHT);
    house.good("user.resetPassword", &json!({"email": EMAIL}));
    set_with_key(&house, EMAIL, THIRD);
    let mails = house.outbox.mails().len();
    enable(&house, &second, "theirs", EMAIL, OTHER);
    opens(&house, THIRD, &second);
    assert_eq!(house.outbox.mails().len(), mails);
    // A password that its owner changes is still the owner's.
    let change = json!({"oldLoginId": EMAIL, "password": THIRD, "newPassword": RIGHT});
    assert_eq!(house.call("user.updateLoginData", &change), Value::Null);
    let third = house.account(203);
    house.user(&third, "too", &[]);
    enable(&house, &third, "too", EMAIL, OTHER);
    opens(&house, RIGHT, &third);
}

#[test]
fn a_login_that_moves_to_another_address_leaves_the_others_behind() {
    let house = House::build();
    let (first, second) = squatted(&house);
    let change = json!({"oldLoginId": EMAIL, "password": RIGHT, "newLoginId": "own@example.com"});
    assert_eq!(house.call("user.updateLoginData", &change), Value::Null);
    house.good("user.resetPassword", &json!({"email": "own@example.com"}));
    set_with_key(&house, "own@example.com", OTHER);
    assert!(log_in(&house, "own@example.com", OTHER, 201).is_string());
    assert_eq!(log_in(&house, "own@example.com", OTHER, 202)["code"], "USER_WRONG_PASSWORD");
    let theirs = house.good("user.get", &json!({"ks": second.admin(), "userId": "theirs"}));
    assert_eq!((&theirs["email"], &theirs["loginEnabled"]), (&json!(EMAIL), &json!(true)));
    // Keys of the old login are good for nothing; the address has a login of its own now.
    let old = json!({"hashKey": house.mailed_key(EMAIL), "newPassword": THIRD});
    assert_eq!(house.fault("user.setInitialPassword", &old).0, "NEW_PASSWORD_HASH_KEY_INVALID");
    house.good("user.resetPassword", &json!({"email": EMAIL}));
    set_with_key(&house, EMAIL, THIRD);
    opens(&house, THIRD, &second);
    keeps_out(&house, THIRD, &first);
}

#[test]
fn a_login_that_nobody_is_left_of_begins_anew() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    house.user(&first, "mine", &[]);
    house.user(&second, "theirs", &[]);
    enable(&house, &first, "mine", EMAIL, RIGHT);
    enable(&house, &second, "theirs", EMAIL, OTHER);
    house.good("user.disableLogin", &json!({"ks": first.admin(), "userId": "mine"}));
    keeps_out(&house, RIGHT, &second);
    let reset = json!({"ks": second.admin(), "loginDataId": EMAIL, "newPassword": THIRD});
    house.good("user.loginDataResetPassword", &reset);
    opens(&house, THIRD, &second);
}

#[test]
fn settings_of_one_account_do_not_count_in_another() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    house.set(&first, &json!({"passReplaceFreq": -10, "numPrevPassToKeep": 2, "maxLoginAttempts": 1}));
    for account in [&first, &second] {
        house.person(account, "ann", true, EMAIL, RIGHT);
    }
    opens(&house, RIGHT, &second);
    assert_eq!(log_in(&house, EMAIL, RIGHT, 201)["code"], "PASSWORD_EXPIRED");
    // Without an account that is asked for, one whose age is over is not fallen back to.
    house.set(&second, &json!({"passReplaceFreq": -10}));
    assert_eq!(log_in(&house, EMAIL, RIGHT, 202)["code"], "PASSWORD_EXPIRED");
    house.set(&second, &json!({"passReplaceFreq": 0}));
    // The first wrong one would block where one account alone decides.
    let by_id = json!({"partnerId": 202, "userId": "ann", "password": "x"});
    assert_eq!(house.fault("user.login", &by_id).0, "USER_WRONG_PASSWORD");
    let change = json!({"oldLoginId": EMAIL, "password": RIGHT, "newPassword": OTHER});
    assert_eq!(house.call("user.updateLoginData", &change), Value::Null);
    let back = json!({"oldLoginId": EMAIL, "password": OTHER, "newPassword": RIGHT});
    assert_eq!(house.call("user.updateLoginData", &back), Value::Null, "the other account keeps none");
}

#[test]
fn administrators_keep_to_the_domains_of_their_account() {
    let house = House::build();
    let account = house.account(201);
    house.set(&account, &json!({"allowedEmailDomainsForAdmins": "example.com"}));
    house.person(&account, "ann", true, EMAIL, RIGHT);
    house.person(&account, "joe", false, "joe@example.com", RIGHT);
    let change = |from: &str, to: &str| {
        house.call("user.updateLoginData", &json!({"oldLoginId": from, "password": RIGHT, "newLoginId": to}))
    };
    assert_eq!(fault(&change(EMAIL, "ann@elsewhere.example")), error("EMAIL_DOMAIN_IS_NOT_ALLOWED_FOR_ADMINS", &[]));
    assert_eq!(change(EMAIL, "ann@example.com"), Value::Null);
    assert_eq!(change("joe@example.com", "joe@elsewhere.example"), Value::Null);
}

#[test]
fn secrets_are_shown_as_a_session_of_the_login_would_see_them() {
    let house = House::build();
    let account = house.account(201);
    let looks = house.role(&account, "LOOKS", "ADMIN_BASE");
    house.person(&account, "ann", true, EMAIL, RIGHT);
    let ask =
        || house.call("partner.getSecrets", &json!({"partnerId": 201, "adminEmail": EMAIL, "cmsPassword": RIGHT}));
    assert_eq!(ask()["adminSecret"], json!(account.admin_secret));
    let own = |privileges: &str| {
        let user = json!({"ksPrivileges": privileges});
        house.good("user.update", &json!({"ks": account.admin(), "userId": "ann", "user": user}));
    };
    let hidden = |answer: Value| {
        assert_eq!(answer["id"], 201, "{answer}");
        assert!(answer.get("adminSecret").is_none() && answer.get("secret").is_none(), "{answer}");
    };
    for privileges in
        [format!("setrole:{looks}"), "setrole:null".to_owned(), "restrictingrole:PARTNER_ADMIN_ROLE".to_owned()]
    {
        own(&privileges);
        hidden(ask());
    }
    // Where a session is refused, so is this.
    for privileges in ["iprestrict:192.0.2.1", "urirestrict:/api_v3/service/baseentry*", "setrole:NO_SUCH"] {
        own(privileges);
        assert_eq!(fault(&ask()), error("USER_DATA_ERROR", &[]), "{privileges}");
    }
    own("");
    assert_eq!(ask()["adminSecret"], json!(account.admin_secret));
    house.change(&account, move |partner| partner.admin_session_role_id = Some(ks_schema::RoleId::new(looks)));
    hidden(ask());
}

#[test]
fn accounts_of_others_are_found_by_nothing_that_is_not_told() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    for account in [&first, &second] {
        house.person(account, "ann", true, EMAIL, RIGHT);
    }
    house.change(&second, |partner| {
        partner.admin_email = "hidden@example.com".to_owned();
        partner.description = "a secret plan".to_owned();
    });
    house.set(&second, &json!({"partnerPackage": 7, "website": "https://hidden.example"}));
    let ks = first.mint(2, "ann", "");
    let count = |filter: Value| {
        house.good("partner.listPartnersForUser", &json!({"ks": ks, "partnerFilter": filter}))["totalCount"].clone()
    };
    assert_eq!(count(json!({})), 2);
    assert_eq!(count(json!({"nameEqual": "Account 202"})), 1);
    assert_eq!(count(json!({"nameLike": "202", "statusEqual": 1})), 1);
    for filter in [
        json!({"partnerNameDescriptionWebsiteAdminNameAdminEmailLike": "hidden"}),
        json!({"partnerNameDescriptionWebsiteAdminNameAdminEmailLike": "secret plan"}),
        json!({"partnerPackageEqual": 7}),
        json!({"partnerPackageGreaterThanOrEqual": 1, "idEqual": 202}),
        json!({"createdAtGreaterThanOrEqual": 1, "idEqual": 202}),
    ] {
        assert_eq!(count(filter.clone()), 0, "{filter}");
    }
}

#[test]
fn a_second_factor_is_not_left_out_on_the_way_from_another_account() {
    let house = House::build();
    let (first, second, third) = (house.account(201), house.account(202), house.account(203));
    // Both have a second factor; the first one asks it of others.
    let two = |mode: i64| json!({"useTwoFactorAuthentication": true, "twoFactorAuthenticationMode": mode});
    house.set(&first, &two(2));
    house.set(&second, &two(1));
    house.set(&third, &two(2));
    for account in [&first, &second, &third] {
        house.person(account, "ann", true, EMAIL, RIGHT);
    }
    let ks = log_in(&house, EMAIL, RIGHT, 201);
    let go = |into: i32| house.call("user.loginByKs", &json!({"ks": ks, "requestedPartnerId": into}));
    assert_eq!(fault(&go(202)), error("NEW_LOGIN_REQUIRED", &[]));
    assert!(go(203)["ks"].is_string(), "where none is asked");
}

#[test]
fn privileges_of_one_account_are_not_anothers() {
    let house = House::build();
    let (first, second) = (house.account(201), house.account(202));
    for account in [&first, &second] {
        house.person(account, "ann", true, EMAIL, RIGHT);
    }
    let small = house.role(&second, "SMALL", "ADMIN_BASE");
    let set = |account: &Account, user: Value| {
        house.good("user.update", &json!({"ks": account.admin(), "userId": "ann", "user": user}));
    };
    set(&second, json!({"roleIds": small.to_string()}));
    set(&first, json!({"ksPrivileges": "setrole:PARTNER_ADMIN_ROLE,disableentitlement,enablechangeaccount,edit:0_a"}));
    let ks = log_in(&house, EMAIL, RIGHT, 201);
    let moved = house.good("user.loginByKs", &json!({"ks": ks, "requestedPartnerId": 202}));
    let ks = moved["ks"].as_str().expect("a token");
    let read = second.read(ks);
    assert!(!read.privileges.has("setrole") && !read.privileges.has("disableentitlement"), "{}", read.privileges);
    assert!(read.privileges.has("edit") && read.privileges.has("enablechangeaccount"), "{}", read.privileges);
    assert_eq!(house.fault("appToken.list", &json!({ "ks": ks })).0, "SERVICE_FORBIDDEN");
}
