//! Errors about users, logins and groups.

use ks_store::{MemberRole, NewMember, NewUser, PARTNER_ADMIN_ROLE, ResetKey, UserKind};
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cases::{ANY, Case, case};

/// Errors that these actions declare, because the contract does, and cannot raise.
pub(super) const NEVER: &[(&str, &str, &str)] = &[
    ("user.add", "PROPERTY_VALIDATION_CANNOT_BE_NULL", FIRST),
    ("user.add", "UNKNOWN_PARTNER_ID", FOUND),
    ("user.update", "UPDATING_USER_ID_FOR_HASHED_USER_NOT_ALLOWED", "No id is kept hashed."),
    ("user.update", "NOT_ALLOWED_TO_CHANGE_ROLE", "It is about an inner account of the reference."),
    ("user.update", "ROLE_ID_MISSING", "No user needs a role: there are default ones."),
    ("user.update", "ONLY_ONE_ROLE_PER_USER_ALLOWED", "A user may have several roles."),
    ("user.loginByLoginId", "USER_NOT_FOUND", FLAT),
    ("user.loginByLoginId", "INVALID_PARTNER_ID", FLAT),
    ("user.loginByLoginId", "LOGIN_RETRIES_EXCEEDED", FLAT),
    ("user.loginByLoginId", "LOGIN_BLOCKED", FLAT),
    ("user.loginByLoginId", "USER_IS_BLOCKED", FLAT),
    ("user.updateLoginData", "LOGIN_ID_ALREADY_USED", TAKEN),
    ("user.updateLoginData", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("user.loginDataResetPassword", "INVALID_FIELD_VALUE", UNUSED),
    ("user.loginDataResetPassword", "LOGIN_ID_ALREADY_USED", UNUSED),
    ("user.loginDataResetPassword", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("user.loginDataResetPassword", "LOGIN_RETRIES_EXCEEDED", UNUSED),
    ("user.loginDataResetPassword", "LOGIN_BLOCKED", UNUSED),
    ("user.loginDataResetPassword", "USER_DATA_ERROR", UNUSED),
    ("user.resetPassword", "LOGIN_DATA_NOT_FOUND", FLAT),
    ("user.resetPassword", "PASSWORD_STRUCTURE_INVALID", FLAT),
    ("user.resetPassword", "PASSWORD_ALREADY_USED", FLAT),
    ("user.resetPassword", "INVALID_FIELD_VALUE", FLAT),
    ("user.resetPassword", "LOGIN_ID_ALREADY_USED", FLAT),
    ("user.setInitialPassword", "INTERNAL_SERVERL_ERROR", FAULT),
    ("user.setInitialPassword", "LOGIN_DATA_NOT_FOUND", NUMBERS),
    ("user.validateHashKey", "LOGIN_DATA_NOT_FOUND", NUMBERS),
    ("user.validateHashKey", "INTERNAL_SERVERL_ERROR", FAULT),
    ("user.enableLogin", "LOGIN_ID_ALREADY_USED", TAKEN),
    ("user.replaceUserLoginData", "USER_NOT_FOUND", INNER),
    ("user.replaceUserLoginData", "ADMIN_LOGIN_USERS_QUOTA_EXCEEDED", INNER),
    ("user.replaceUserLoginData", "LOGIN_ID_ALREADY_USED", INNER),
    ("user.replaceUserLoginData", "USER_LOGIN_ALREADY_ENABLED", INNER),
    ("user.replaceUserLoginData", "USER_DATA_ERROR", INNER),
    ("user.replaceUserLoginData", "LOGIN_DATA_NOT_PROVIDED", INNER),
    ("user.replaceUserLoginData", "LOGIN_DATA_MISMATCH", INNER),
    ("user.replaceUserLoginData", "CANNOT_DISABLE_LOGIN_FOR_ADMIN_USER", INNER),
    ("user.replaceUserLoginData", "USER_LOGIN_ALREADY_DISABLED", INNER),
    ("user.replaceUserLoginData", "PASSWORD_STRUCTURE_INVALID", INNER),
    ("user.index", "USER_NOT_FOUND", "Nobody may call it."),
    ("user.loginByKs", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("user.loginByKs", "LOGIN_BLOCKED", "No password is tried, so none can be tried too often."),
    ("user.loginByKs", "INTERNAL_SERVERL_ERROR", FAULT),
    ("user.loginByKs", "SERVICE_ACCESS_CONTROL_RESTRICTED", "There is no access control by account yet."),
    ("user.generateQrCode", "ERROR_IN_QR_GENERATION", FAULT),
    ("adminUser.updatePassword", "ADMIN_KUSER_WRONG_OLD_PASSWORD", UNUSED),
    ("adminUser.updatePassword", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("adminUser.updatePassword", "LOGIN_ID_ALREADY_USED", TAKEN),
    ("adminUser.resetPassword", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("adminUser.resetPassword", "PASSWORD_STRUCTURE_INVALID", UNUSED),
    ("adminUser.resetPassword", "PASSWORD_ALREADY_USED", UNUSED),
    ("adminUser.resetPassword", "INVALID_FIELD_VALUE", UNUSED),
    ("adminUser.resetPassword", "LOGIN_ID_ALREADY_USED", UNUSED),
    ("adminUser.login", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("adminUser.login", "INVALID_PARTNER_ID", "Another account than the session's is refused before it runs."),
    ("adminUser.login", "INTERNAL_SERVERL_ERROR", FAULT),
    ("adminUser.setInitialPassword", "ADMIN_KUSER_NOT_FOUND", UNUSED),
    ("adminUser.setInitialPassword", "INTERNAL_SERVERL_ERROR", FAULT),
    ("group_group.add", "PROPERTY_VALIDATION_CANNOT_BE_NULL", FIRST),
    ("group_group.add", "UNKNOWN_PARTNER_ID", FOUND),
    ("group_group.add", "PASSWORD_STRUCTURE_INVALID", "Groups do not log in."),
    ("group_group.add", "DUPLICATE_USER_BY_LOGIN_ID", "Groups do not log in."),
];

const FIRST: &str = "An empty id is INVALID_FIELD_VALUE, which is looked at before.";
const FOUND: &str = "The account is found before the action runs.";
const FLAT: &str = "Clients do not get to see it: it becomes another answer.";
const NUMBERS: &str = "Which numbers logins have nobody hears: it is NEW_PASSWORD_HASH_KEY_INVALID.";
const TAKEN: &str = "Whose an address is nobody hears: it is USER_DATA_ERROR.";
const UNUSED: &str = "The reference declares it, and does not raise it either.";
const INNER: &str = "Only an inner program of the reference gets that far.";
const FAULT: &str = "It stands for a fault of ours.";

const RIGHT: &str = "a long enough secret";
const OTHER: &str = "another long secret";

/// Accounts and people in the states that errors are about.
struct People<'a> {
    house: &'a House,
    own: Account,
    other: Account,
    ks: String,
}

/// All calls.
pub(super) fn cases(house: &House) -> Vec<Case> {
    let (own, other) = (house.account(921), house.account(922));
    house.set(
        &own,
        &json!({"maxLoginAttempts": 1, "loginBlockPeriod": 600, "numPrevPassToKeep": 2,
                            "adminLoginUsersQuota": 2}),
    );
    house.user(&own, "ann", &[]);
    for (id, admin) in [("bob", false), ("root", true), ("boss", true)] {
        house.person(&own, id, admin, &format!("{id}@example.com"), RIGHT);
    }
    house.person(&other, "cat", false, "cat@example.com", RIGHT);
    house.person(&own, "both", false, "both@example.com", RIGHT);
    house.person(&other, "both", false, "both@example.com", RIGHT);
    house.group(&own, "group");
    let people = People { house, ks: own.admin(), own, other };
    let mut cases = people.of_users();
    cases.extend(people.of_owners());
    cases.extend(people.of_logins());
    cases.extend(people.of_settings());
    cases.extend(people.of_keys());
    cases.extend(people.of_moving());
    cases.extend(people.of_groups());
    cases
}

impl People<'_> {
    fn ks(&self, mut params: Value) -> Value {
        params["ks"] = json!(self.ks);
        params
    }

    fn of_users(&self) -> Vec<Case> {
        let nobody = self.ks(json!({"userId": "nobody"}));
        let add = |user: Value| self.ks(json!({ "user": user }));
        let update = |id: &str, user: Value| self.ks(json!({"userId": id, "user": user}));
        let id = &[("FIELD_NAME", "id")][..];
        let user = self.own.mint(0, "ann", "");
        let limited = self.house.role(&self.own, "LOOKS", "ADMIN_BASE");
        let limited = self.own.mint(2, "ann", &format!("setrole:{limited}"));
        let applicative = NewUser {
            kind: UserKind::ApplicativeGroup,
            ..NewUser::named(self.own.partner(), ks_schema::UserId::new("program"))
        };
        self.house.wait(self.house.store.add_user(applicative, now())).expect("a group");
        vec![
            case(
                "user.add",
                add(json!({"id": "a", "externalId": "b"})),
                "ID_AND_EXTERNAL_ID_ARE_MUTUALLY_EXCLUSIVE",
                &[],
            ),
            case("user.add", add(json!({"id": "a b"})), "INVALID_FIELD_VALUE", id),
            case("user.add", add(json!({"id": "ann"})), "DUPLICATE_USER_BY_ID", &[("UID", "ann")]),
            case("user.add", add(json!({"id": "new", "roleIds": "4711"})), "USER_ROLE_NOT_FOUND", &[]),
            case(
                "user.add",
                add(json!({"id": "new", "isAdmin": true, "email": "new@example.com"})),
                "ADMIN_LOGIN_USERS_QUOTA_EXCEEDED",
                &[],
            ),
            case(
                "user.add",
                add(json!({"id": "new", "email": "new@example.com", "password": "short"})),
                "PASSWORD_STRUCTURE_INVALID",
                &[("RULES", ANY)],
            ),
            case(
                "user.add",
                add(json!({"id": "new", "email": "new@example.com", "password": "password1"})),
                "COMMON_PASSWORD",
                &[],
            ),
            case(
                "user.add",
                add(json!({"id": "new", "email": "bob@example.com", "password": OTHER})),
                "DUPLICATE_USER_BY_LOGIN_ID",
                &[("EMAIL", "bob@example.com")],
            ),
            case("user.update", update("nobody", json!({})), "INVALID_USER_ID", &[]),
            case(
                "user.update",
                update("ann", json!({"firstName": "http://x"})),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "firstName")],
            ),
            case("user.update", update("ann", json!({"roleIds": "x"})), "USER_ROLE_NOT_FOUND", &[]),
            case("user.update", update("root", json!({"roleIds": "2"})), "CANNOT_CHANGE_OWN_ROLE", &[]),
            case("user.update", update("ann", json!({"id": "bob"})), "DUPLICATE_USER_BY_ID", &[("UID", "bob")]),
            case("user.update", update("boss", json!({"isAdmin": false})), "CANNOT_SET_ROOT_ADMIN_AS_NO_ADMIN", &[]),
            case("user.update", update("program", json!({"type": 1})), "APPLICATIVE_USER_TYPE_CANNOT_BE_UPDATED", &[]),
            case("user.get", nobody.clone(), "INVALID_USER_ID", &[]),
            case(
                "user.get",
                json!({"ks": user, "userId": "bob"}),
                "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION",
                &[("USER_ID", "bob")],
            ),
            case("user.getByLoginId", self.ks(json!({"loginId": "no@example.com"})), "LOGIN_DATA_NOT_FOUND", &[]),
            case("user.getByLoginId", self.ks(json!({"loginId": "cat@example.com"})), "USER_NOT_FOUND", &[]),
            case("user.getByLoginId", json!({"ks": limited, "loginId": "bob@example.com"}), "INVALID_USER_ID", &[]),
            case("user.delete", nobody.clone(), "INVALID_USER_ID", &[]),
            case("user.notifyBan", nobody.clone(), "INVALID_USER_ID", &[]),
            case("ks_session.revokeUser", nobody.clone(), "INVALID_USER_ID", &[]),
            case("user.demoteAdmin", nobody, "INVALID_USER_ID", &[]),
            case("user.demoteAdmin", self.ks(json!({"userId": "ann"})), "DEMOTE_ONLY_ADMIN", &[]),
            case(
                "user.replaceUserLoginData",
                self.ks(json!({"userId": "ann", "newLoginId": "x@example.com"})),
                "ACTION_FORBIDDEN",
                &[("ACTION_NAME", "replaceUserLoginData")],
            ),
        ]
    }

    /// What owners and accounts with settings of their own may not.
    fn of_owners(&self) -> Vec<Case> {
        let new = ks_store::NewPartner {
            id: Some(ks_token::PartnerId::new(923)),
            admin_email: "owner@example.com".to_owned(),
            ..ks_store::NewPartner::named("Owned")
        };
        let made = self.house.wait(self.house.store.create_partner(new, now())).expect("an account");
        let owned = Account {
            id: 923,
            admin_secret: made.admin_secret.expose().to_owned(),
            user_secret: made.user_secret.expose().to_owned(),
        };
        self.house.set(&owned, &json!({"useSso": true, "allowedEmailDomainsForAdmins": "example.com"}));
        self.house.person(&owned, "aid", true, "aid@example.com", RIGHT);
        self.house.block_user(&owned, "aid", true);
        let ks = owned.admin();
        let owner = |user: Value| json!({"ks": ks, "userId": "owner@example.com", "user": user});
        let add = |user: Value| json!({"ks": ks, "user": user});
        let none = json!({"ks": ks, "userId": "owner@example.com"});
        let elsewhere = json!({"email": "a@elsewhere.example"});
        vec![
            case("user.update", owner(json!({"status": 0})), "CANNOT_DELETE_OR_BLOCK_ROOT_ADMIN_USER", &[]),
            case("user.update", owner(json!({"roleIds": "2"})), "ACCOUNT_OWNER_NEEDS_PARTNER_ADMIN_ROLE", &[]),
            case("user.update", owner(json!({"isSsoExcluded": true})), "SETTING_SSO_PER_USER_NOT_ALLOWED", &[]),
            case("user.update", owner(elsewhere), "EMAIL_DOMAIN_IS_NOT_ALLOWED_FOR_ADMINS", &[]),
            case("user.delete", none.clone(), "CANNOT_DELETE_OR_BLOCK_ROOT_ADMIN_USER", &[]),
            case("user.demoteAdmin", none, "CANNOT_SET_ROOT_ADMIN_AS_NO_ADMIN", &[]),
            case("user.demoteAdmin", json!({"ks": ks, "userId": "aid"}), "USER_IS_BLOCKED", &[]),
            case("user.add", add(json!({"id": "x", "isSsoExcluded": true})), "SETTING_SSO_PER_USER_NOT_ALLOWED", &[]),
        ]
    }

    /// A person of an account where the first wrong password blocks.
    fn person(&self, id: &str) -> String {
        let email = format!("{id}@example.com");
        self.house.person(&self.own, id, false, &email, RIGHT);
        email
    }

    fn of_logins(&self) -> Vec<Case> {
        let [one, two, three, four] = ["one", "two", "three", "four"].map(|id| self.person(id));
        self.house.block_user(&self.own, "two", true);
        let pid = self.own.id;
        let login = |id: &str, password: &str| json!({"partnerId": pid, "userId": id, "password": password});
        let admin = |email: &str, password: &str| json!({"email": email, "password": password});
        let data = |email: &str, password: &str, name: &str, value: &str| json!({"oldLoginId": email, "password": password, name: value});
        // Elsewhere the first wrong password is only wrong.
        let cat = json!({"partnerId": self.other.id, "userId": "cat", "password": "x"});
        let mut by_id = admin("cat@example.com", "x");
        by_id["loginId"] = json!("cat@example.com");
        let limit: Vec<Case> = (0..11)
            .map(|_| json!({"email": "often@example.com"}))
            .enumerate()
            .filter_map(|(count, params)| {
                if count < 10 {
                    let _ = self.house.call("adminUser.resetPassword", &params);
                    return None;
                }
                let args = [("RESOURCE", "often@example.com")];
                Some(case("adminUser.resetPassword", params, "RESOURCE_IS_RESERVED", &args))
            })
            .collect();
        let mut cases = vec![
            case("user.login", login("nobody", RIGHT), "USER_NOT_FOUND", &[]),
            case("user.login", cat, "USER_WRONG_PASSWORD", &[]),
            case("user.loginByLoginId", by_id, "USER_WRONG_PASSWORD", &[]),
            case(
                "user.login",
                self.ks(json!({"partnerId": 0, "userId": "one", "password": RIGHT})),
                "INVALID_PARTNER_ID",
                &[("PID", "0")],
            ),
            case("user.login", login("two", RIGHT), "USER_IS_BLOCKED", &[]),
            case("user.login", login("one", "x"), "LOGIN_RETRIES_EXCEEDED", &[]),
            case("user.login", login("one", RIGHT), "LOGIN_BLOCKED", &[]),
            case("adminUser.login", admin(&three, "x"), "LOGIN_RETRIES_EXCEEDED", &[]),
            case("adminUser.login", admin(&three, RIGHT), "LOGIN_BLOCKED", &[]),
            case("adminUser.login", admin("bob@example.com", RIGHT), "USER_DATA_ERROR", &[]),
            case("user.updateLoginData", data(&four, "x", "newPassword", OTHER), "LOGIN_RETRIES_EXCEEDED", &[]),
            case("user.updateLoginData", data(&four, RIGHT, "newPassword", OTHER), "LOGIN_BLOCKED", &[]),
            case(
                "user.updateLoginData",
                data(&one, RIGHT, "newLoginId", "no address"),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "newEmail")],
            ),
            case(
                "user.updateLoginData",
                data(&two, RIGHT, "newFirstName", "<b>"),
                "UNSAFE_HTML_TAGS",
                &[("CLASS_NAME", "UserLoginData"), ("PROPERTY_NAME", "firstName")],
            ),
            case(
                "user.updateLoginData",
                data(&two, RIGHT, "newPassword", "x"),
                "PASSWORD_STRUCTURE_INVALID",
                &[("RULES", ANY)],
            ),
            case("user.updateLoginData", data(&two, RIGHT, "newLoginId", "bob@example.com"), "USER_DATA_ERROR", &[]),
        ];
        let change = |name: &str, value: &str| json!({"email": "bob@example.com", "password": RIGHT, name: value});
        let reset = |email: &str, new: &str| self.ks(json!({"loginDataId": email, "newPassword": new}));
        let rules = &[("RULES", ANY)][..];
        cases.extend([
            case(
                "adminUser.updatePassword",
                change("newEmail", "x"),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "newEmail")],
            ),
            case("adminUser.updatePassword", change("newPassword", "x"), "PASSWORD_STRUCTURE_INVALID", rules),
            case("user.loginDataResetPassword", reset("no@example.com", OTHER), "LOGIN_DATA_NOT_FOUND", &[]),
            case("user.loginDataResetPassword", reset("cat@example.com", OTHER), "USER_NOT_FOUND", &[]),
            case(
                "user.loginDataResetPassword",
                reset("boss@example.com", OTHER),
                "CANNOT_UPDATE_ADMIN_LOGIN_DATA",
                &[],
            ),
            case("user.loginDataResetPassword", reset("both@example.com", OTHER), "CANNOT_UPDATE_LOGIN_DATA", &[]),
            case("user.loginDataResetPassword", reset("bob@example.com", "x"), "PASSWORD_STRUCTURE_INVALID", rules),
            case("user.loginDataResetPassword", reset("bob@example.com", RIGHT), "PASSWORD_ALREADY_USED", &[]),
        ]);
        cases.extend(limit);
        let enable = |id: &str, email: &str, password: Option<&str>| {
            self.ks(json!({"userId": id, "loginId": email, "password": password.unwrap_or_default()}))
        };
        let promote = NewUser {
            is_admin: true,
            role_ids: vec![PARTNER_ADMIN_ROLE],
            ..NewUser::named(self.own.partner(), ks_schema::UserId::new("third"))
        };
        self.house.wait(self.house.store.add_user(promote, now())).expect("a user");
        let null = |name: &'static str| [("PROP_NAME", name)];
        cases.extend([
            case("user.enableLogin", enable("nobody", "x@example.com", Some(OTHER)), "USER_NOT_FOUND", &[]),
            case(
                "user.enableLogin",
                enable("ann", "x@example.com", None),
                "PROPERTY_VALIDATION_CANNOT_BE_NULL",
                &null("password"),
            ),
            case("user.enableLogin", enable("bob", "x@example.com", Some(OTHER)), "USER_LOGIN_ALREADY_ENABLED", &[]),
            case(
                "user.enableLogin",
                enable("third", "x@example.com", Some(OTHER)),
                "ADMIN_LOGIN_USERS_QUOTA_EXCEEDED",
                &[],
            ),
            case("user.enableLogin", enable("ann", "x@example.com", Some("x")), "PASSWORD_STRUCTURE_INVALID", rules),
            case("user.enableLogin", enable("ann", "bob@example.com", Some(OTHER)), "USER_DATA_ERROR", &[]),
            case("user.disableLogin", self.ks(json!({})), "PROPERTY_VALIDATION_CANNOT_BE_NULL", &null("userId")),
            case("user.disableLogin", self.ks(json!({"userId": "nobody"})), "USER_NOT_FOUND", &[]),
            case("user.disableLogin", self.ks(json!({"userId": "boss"})), "CANNOT_DISABLE_LOGIN_FOR_ADMIN_USER", &[]),
            case("user.disableLogin", self.ks(json!({"userId": "ann"})), "USER_LOGIN_ALREADY_DISABLED", &[]),
        ]);
        cases
    }

    /// Accounts that want more than a password, another one, or none at all.
    fn of_settings(&self) -> Vec<Case> {
        let [double, old, closed, kept] = [924, 925, 926, 927].map(|id| self.house.account(id));
        self.house.set(&double, &json!({"useTwoFactorAuthentication": true}));
        self.house.set(&old, &json!({"passReplaceFreq": -10}));
        self.house.set(&closed, &json!({"blockDirectLogin": true}));
        self.house.set(&kept, &json!({"numPrevPassToKeep": 2}));
        for (account, id, admin) in
            [(&double, "double", true), (&old, "old", true), (&closed, "closed", false), (&kept, "kept", false)]
        {
            self.house.person(account, id, admin, &format!("{id}@example.com"), RIGHT);
        }
        let by_login = |id: &str| json!({"loginId": format!("{id}@example.com"), "password": RIGHT});
        let mut wrong = by_login("double");
        wrong["otp"] = json!("000000");
        let update = json!({"email": "double@example.com", "password": RIGHT, "newPassword": OTHER});
        let mut wrong_update = update.clone();
        wrong_update["otp"] = json!("000000");
        let again = json!({"email": "kept@example.com", "password": RIGHT, "newPassword": OTHER});
        let _ = self.house.good("adminUser.updatePassword", &again);
        let back = json!({"email": "kept@example.com", "password": OTHER, "newPassword": RIGHT});
        let data = json!({"oldLoginId": "kept@example.com", "password": OTHER, "newPassword": RIGHT});
        vec![
            case("user.loginByLoginId", by_login("double"), "MISSING_OTP", &[]),
            case("user.loginByLoginId", wrong, "INVALID_OTP", &[]),
            case("adminUser.updatePassword", update, "MISSING_OTP", &[]),
            case("adminUser.updatePassword", wrong_update, "INVALID_OTP", &[]),
            case("user.loginByLoginId", by_login("old"), "PASSWORD_EXPIRED", &[]),
            case("user.login", json!({"partnerId": 925, "userId": "old", "password": RIGHT}), "PASSWORD_EXPIRED", &[]),
            case("adminUser.login", json!({"email": "old@example.com", "password": RIGHT}), "PASSWORD_EXPIRED", &[]),
            case("user.loginByLoginId", by_login("closed"), "DIRECT_LOGIN_BLOCKED", &[]),
            case("user.updateLoginData", data, "PASSWORD_ALREADY_USED", &[]),
            case("adminUser.updatePassword", back, "PASSWORD_ALREADY_USED", &[]),
        ]
    }

    /// A key that was mailed at some time, good until then.
    fn key(&self, email: &str, until: i64) -> String {
        let store = &self.house.store;
        let login = self.house.wait(store.login(email)).expect("a store").expect("a login");
        let plain = format!("{}|{until}|{}", login.id.get(), "0".repeat(40));
        let key = ResetKey { hash: Sha256::digest(&plain).into(), until };
        self.house.wait(store.set_reset_key(login.id, Some(key), now())).expect("a key");
        base64_simd::STANDARD.encode_to_string(plain)
    }

    fn of_keys(&self) -> Vec<Case> {
        self.house.person(&self.own, "keyed", false, "keyed@example.com", RIGHT);
        self.house.person(&self.own, "late", false, "late@example.com", RIGHT);
        let good = self.key("keyed@example.com", now() + 600);
        let late = self.key("late@example.com", now() - 10);
        let unknown = base64_simd::STANDARD.encode_to_string("999999|9999999999|0");
        let foreign = json!({"ks": self.other.admin(), "hashKey": good});
        let mut cases = vec![
            case(
                "user.setInitialPassword",
                json!({"hashKey": unknown, "newPassword": OTHER}),
                "NEW_PASSWORD_HASH_KEY_INVALID",
                &[],
            ),
            case("user.validateHashKey", json!({"hashKey": unknown}), "NEW_PASSWORD_HASH_KEY_INVALID", &[]),
            case("user.validateHashKey", json!({"hashKey": "x"}), "NEW_PASSWORD_HASH_KEY_INVALID", &[]),
            case("user.validateHashKey", json!({"hashKey": late}), "NEW_PASSWORD_HASH_KEY_EXPIRED", &[]),
            case("user.validateHashKey", foreign, "INVALID_ACCESS_TO_PARTNER_SPECIFIC_SEARCH", &[("PID", "922")]),
            case("user.generateQrCode", json!({"hashKey": "x"}), "INVALID_HASH", &[]),
            case("user.generateQrCode", json!({"hashKey": good}), "INVALID_USER_ID", &[]),
        ];
        for call in ["user.setInitialPassword", "adminUser.setInitialPassword"] {
            let with = |key: &str, password: &str| json!({"hashKey": key, "newPassword": password});
            cases.extend([
                case(call, with("x", OTHER), "NEW_PASSWORD_HASH_KEY_INVALID", &[]),
                case(call, with(&late, OTHER), "NEW_PASSWORD_HASH_KEY_EXPIRED", &[]),
                case(call, with(&good, "x"), "PASSWORD_STRUCTURE_INVALID", &[("RULES", ANY)]),
                case(call, with(&good, RIGHT), "PASSWORD_ALREADY_USED", &[]),
            ]);
        }
        cases
    }

    /// From one account into another.
    fn of_moving(&self) -> Vec<Case> {
        let [from, plain, barred, single, double, blocked] =
            [931, 932, 933, 934, 935, 936].map(|id| self.house.account(id));
        self.house.set(&barred, &json!({"blockDirectLogin": true}));
        self.house.set(&single, &json!({"useSso": true}));
        self.house.set(&double, &json!({"useTwoFactorAuthentication": true}));
        for (account, admin) in
            [(&from, true), (&plain, false), (&barred, true), (&single, true), (&double, true), (&blocked, true)]
        {
            self.house.person(account, "mover", admin, "mover@example.com", RIGHT);
        }
        self.house.block_user(&blocked, "mover", true);
        self.house.user(&from, "loginless", &[]);
        let mover = ks_schema::UserId::new("mover");
        let mover = self.house.wait(self.house.store.live_user(from.partner(), &mover));
        let group = mover.expect("a store").expect("a user").session_group.clone();
        let go = |user: &str, privileges: &str, into: i32| {
            let privileges = format!("list:*{privileges},sessionid:{group}");
            json!({"ks": from.mint(2, user, &privileges), "requestedPartnerId": into})
        };
        vec![
            case("user.loginByKs", go("", "", 932), "INVALID_USER_ID", &[]),
            case(
                "user.loginByKs",
                go("mover", ",enablechangeaccount:7/8", 932),
                "PARTNER_CHANGE_ACCOUNT_DISABLED",
                &[],
            ),
            case("user.loginByKs", go("nobody", "", 932), "USER_DATA_ERROR", &[]),
            case("user.loginByKs", go("loginless", "", 932), "LOGIN_DATA_NOT_FOUND", &[]),
            case("user.loginByKs", go("mover", "", 99_999), "UNKNOWN_PARTNER_ID", &[("PID", "99999")]),
            case("user.loginByKs", go("mover", "", 934), "NEW_LOGIN_REQUIRED", &[]),
            case("user.loginByKs", go("mover", "", 933), "DIRECT_LOGIN_BLOCKED", &[]),
            case("user.loginByKs", go("mover", "", 936), "USER_IS_BLOCKED", &[]),
        ]
    }

    fn of_groups(&self) -> Vec<Case> {
        self.fill("ann");
        let member = |user: &str, group: &str| self.ks(json!({"groupUser": {"userId": user, "groupId": group}}));
        let _ = self.house.member(&self.own, "bob", "group", MemberRole::Member);
        let group = |id: &str| self.ks(json!({"groupId": id}));
        let copy = |from: &str, to: &str| self.ks(json!({"originalGroupId": from, "newGroupId": to}));
        let change = self.ks(json!({"groupUserId": "4711", "groupUser": {"userRole": 2}}));
        let leave = |user: &str, group: &str| self.ks(json!({"userId": user, "groupId": group}));
        let nobody = json!({"ks": self.own.mint(0, "stranger", ""), "groupId": "group"});
        let ann = json!({"ks": self.own.mint(0, "ann", ""), "groupId": "group"});
        vec![
            case("groupUser.add", member("nobody", "group"), "USER_NOT_FOUND", &[]),
            case("groupUser.sync", self.ks(json!({"userId": "nobody", "groupIds": "group"})), "INVALID_USER_ID", &[]),
            case("user.serveCsv", self.ks(json!({"id": "users.csv"})), "INVALID_OBJECT_ID", &[("ID", "users.csv")]),
            case("groupUser.add", member("bob", "nothing"), "GROUP_NOT_FOUND", &[]),
            case("groupUser.add", member("bob", "group"), "GROUP_USER_ALREADY_EXISTS", &[]),
            case("groupUser.add", member("ann", "group"), "USER_EXCEEDED_MAX_GROUPS", &[]),
            case("groupUser.update", change, "GROUP_USER_NOT_FOUND", &[]),
            case("groupUser.delete", leave("nobody", "group"), "INVALID_USER_ID", &[]),
            case("groupUser.delete", leave("bob", "nothing"), "GROUP_NOT_FOUND", &[]),
            case(
                "groupUser.delete",
                leave("ann", "group"),
                "GROUP_USER_DOES_NOT_EXISTS",
                &[("USER", "ann"), ("GROUP", "group")],
            ),
            case(
                "group_group.add",
                self.ks(json!({"group": {"id": "bob"}})),
                "DUPLICATE_USER_BY_ID",
                &[("UID", "bob")],
            ),
            case(
                "group_group.add",
                self.ks(json!({"group": {"id": ""}})),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "id")],
            ),
            case("group_group.get", group("bob"), "INVALID_GROUP_ID", &[("ID", "bob")]),
            case("group_group.get", nobody, "USER_ID_NOT_PROVIDED_OR_EMPTY", &[]),
            case(
                "group_group.get",
                ann,
                "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION",
                &[("USER_ID", "group")],
            ),
            case("group_group.delete", group("nothing"), "INVALID_USER_ID", &[]),
            case("group_group.update", self.ks(json!({"groupId": "nothing", "group": {}})), "INVALID_USER_ID", &[]),
            case("group_group.clone", copy("nothing", "x"), "INVALID_GROUP_ID", &[("ID", "nothing")]),
            case("group_group.clone", copy("group", "a b"), "INVALID_FIELD_VALUE", &[("FIELD_NAME", "id")]),
            case("group_group.clone", copy("group", "bob"), "DUPLICATE_GROUP_BY_ID", &[("ID", "bob")]),
        ]
    }

    /// Puts a user into as many groups as one may be in.
    fn fill(&self, user: &str) {
        let (store, partner) = (&self.house.store, self.own.partner());
        let id = ks_schema::UserId::new(user);
        let user = self.house.wait(store.live_user(partner, &id)).expect("a store").expect("a user").id;
        self.house.wait(async {
            let tasks: Vec<_> = (0..1024)
                .map(|number| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        let id = ks_schema::UserId::new(format!("many{number}"));
                        let group = NewUser { kind: UserKind::Group, ..NewUser::named(partner, id) };
                        let group = store.add_user(group, now()).await.expect("a group").id;
                        let new = NewMember { user, group, creation_mode: 1, role: MemberRole::Member };
                        store.add_member(new, now()).await.expect("a member")
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("a task");
            }
        });
    }
}
