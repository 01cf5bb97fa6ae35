//! App tokens, roles and permissions.

use ks_store::{AppToken, AppTokenStatus, NewAppToken, UserStatus};
use ks_tests::house::now;
use serde_json::{Value, json};
use sha1::Digest as _;

use super::{ANY, Case, Scene, case};

impl Scene {
    pub(super) fn of_app_tokens(&self) -> Vec<Case> {
        let ks = &self.ks;
        let partner = self.own.partner();
        let token = |new: NewAppToken, disabled: bool| {
            let store = &self.house.store;
            let added = self.house.wait(store.add_app_token(new, now())).expect("an app token");
            if disabled {
                let disable = |token: &mut AppToken| token.status = AppTokenStatus::Disabled;
                let changed = store.update_app_token(partner, added.id.clone(), now(), disable);
                self.house.wait(changed).expect("an app token");
            }
            added
        };
        let (good, disabled) = (token(NewAppToken::of(partner), false), token(NewAppToken::of(partner), true));
        let expired = token(NewAppToken { expiry: Some(1_000_000_000), ..NewAppToken::of(partner) }, false);
        let start = |token: &AppToken, ks: &str, kind: i64| {
            let proof = sha1::Sha1::digest(format!("{ks}{}", token.token.expose()));
            let proof: String = proof.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"ks": ks, "id": token.id.as_str(), "tokenHash": proof, "type": kind})
        };
        let user = self.own.mint(0, "somebody", "");
        let mut wrong = start(&good, ks, 0);
        wrong["tokenHash"] = json!("wrong");
        let unknown = |name| {
            let params = json!({"ks": ks, "id": "none", "appToken": {}, "tokenHash": "x"});
            case(name, params, "APP_TOKEN_ID_NOT_FOUND", &[("ID", "none")])
        };
        let id = |token: &AppToken| token.id.to_string();
        vec![
            unknown("appToken.get"),
            unknown("appToken.update"),
            unknown("appToken.delete"),
            unknown("appToken.startSession"),
            case("appToken.startSession", start(&disabled, ks, 0), "APP_TOKEN_NOT_ACTIVE", &[("ID", &id(&disabled))]),
            case("appToken.startSession", wrong, "INVALID_APP_TOKEN_HASH", &[]),
            case("appToken.startSession", start(&expired, ks, 0), "APP_TOKEN_EXPIRED", &[("ID", &id(&expired))]),
            case("appToken.startSession", start(&good, &user, 2), "START_SESSION_ERROR", &[("PID", "901")]),
        ]
    }

    pub(super) fn of_roles(&self) -> Vec<Case> {
        let ks = &self.ks;
        let used = self.house.role(&self.own, "USED_ROLE", "");
        self.house.user(&self.own, "has a role", &[used]);
        let user = ks_schema::UserId::new("has a role");
        // A blocked user's roles are used, too.
        let blocked = self.house.store.set_user_status(self.own.partner(), user, UserStatus::Blocked, now());
        self.house.wait(blocked).expect("a user");
        let other = self.house.role(&self.own, "OTHER_ROLE", "");
        let add = |role: Value| json!({"ks": ks, "userRole": role});
        let update = |id: i64, role: Value| json!({"ks": ks, "userRoleId": id, "userRole": role});
        let missing = &[("PROP_NAME", "KalturaUserRole::name")];
        let unknown = |name| case(name, update(999_999, json!({})), "INVALID_OBJECT_ID", &[("ID", "999999")]);
        let no_permission = &[("ERR_TEXT", ANY)];
        vec![
            case("userRole.add", add(json!({})), "PROPERTY_VALIDATION_CANNOT_BE_NULL", missing),
            case(
                "userRole.add",
                add(json!({"name": "x", "id": 7})),
                "PROPERTY_VALIDATION_NOT_UPDATABLE",
                &[("PROP_NAME", "KalturaUserRole::id")],
            ),
            case("userRole.add", add(json!({"name": "USED_ROLE"})), "ROLE_NAME_ALREADY_EXISTS", &[]),
            case("userRole.add", add(json!({"name": "Playback"})), "ROLE_NAME_ALREADY_EXISTS", &[]),
            case(
                "userRole.add",
                add(json!({"name": "x", "permissionNames": "ADMIN_BASE,NONE"})),
                "PERMISSION_NOT_FOUND",
                no_permission,
            ),
            case(
                "userRole.add",
                add(json!({"name": "x", "permissionNames": "HOSTED_PAGES_BASE"})),
                "PERMISSION_NOT_FOUND",
                no_permission,
            ),
            case(
                "userRole.add",
                add(json!({"name": "x", "systemName": "OTHER_ROLE"})),
                "SYSTEM_NAME_ALREADY_EXISTS",
                &[("SYS_NAME", "OTHER_ROLE")],
            ),
            unknown("userRole.get"),
            unknown("userRole.update"),
            unknown("userRole.delete"),
            unknown("userRole.clone"),
            // The built-in ones can be seen and not be changed.
            case("userRole.update", update(4, json!({})), "INVALID_OBJECT_ID", &[("ID", "4")]),
            case("userRole.delete", update(4, json!({})), "INVALID_OBJECT_ID", &[("ID", "4")]),
            case("userRole.update", update(other, json!({"name": "USED_ROLE"})), "ROLE_NAME_ALREADY_EXISTS", &[]),
            case(
                "userRole.update",
                update(other, json!({"permissionNames": "NONE"})),
                "PERMISSION_NOT_FOUND",
                no_permission,
            ),
            case(
                "userRole.update",
                update(other, json!({"status": 3})),
                "INVALID_FIELD_VALUE",
                &[("FIELD_NAME", "status")],
            ),
            case("userRole.delete", update(used, json!({})), "ROLE_IS_BEING_USED", &[]),
        ]
    }

    pub(super) fn of_permissions(&self) -> Vec<Case> {
        let ks = &self.ks;
        for name in ["OWN_ONE", "OWN_TWO"] {
            self.house.good("permission.add", &json!({"ks": ks, "permission": {"name": name}}));
        }
        let add = |permission: Value| json!({"ks": ks, "permission": permission});
        let update =
            |name: &str, permission: Value| json!({"ks": ks, "permissionName": name, "permission": permission});
        let exists = |name: &'static str| [("PERMISSION", name), ("PID", "901")];
        let unknown =
            |call, name: &'static str| case(call, update(name, json!({})), "INVALID_OBJECT_ID", &[("ID", name)]);
        let field = |name: &'static str| [("FIELD_NAME", name)];
        vec![
            case(
                "permission.add",
                add(json!({"friendlyName": "x"})),
                "PROPERTY_VALIDATION_CANNOT_BE_NULL",
                &[("PROP_NAME", "KalturaPermission::name")],
            ),
            case(
                "permission.add",
                add(json!({"name": "x", "type": 1})),
                "PROPERTY_VALIDATION_NOT_UPDATABLE",
                &[("PROP_NAME", "KalturaPermission::type")],
            ),
            case("permission.add", add(json!({"name": "A,B"})), "INVALID_FIELD_VALUE", &field("name")),
            case("permission.add", add(json!({"name": "OWN_ONE"})), "PERMISSION_ALREADY_EXISTS", &exists("OWN_ONE")),
            case(
                "permission.add",
                add(json!({"name": "ADMIN_BASE"})),
                "PERMISSION_ALREADY_EXISTS",
                &exists("ADMIN_BASE"),
            ),
            case(
                "permission.add",
                add(json!({"name": "HOSTED_PAGES_BASE"})),
                "PERMISSION_ALREADY_EXISTS",
                &exists("HOSTED_PAGES_BASE"),
            ),
            case(
                "permission.add",
                add(json!({"name": "x", "permissionItemsIds": "1,x"})),
                "PERMISSION_ITEM_NOT_FOUND",
                &[],
            ),
            unknown("permission.get", "NONE"),
            unknown("permission.update", "NONE"),
            unknown("permission.delete", "NONE"),
            unknown("permission.update", "ADMIN_BASE"),
            unknown("permission.delete", "ADMIN_BASE"),
            // A feature of the account is not the account's to change.
            unknown("permission.update", "FEATURE_ENTITLEMENT"),
            unknown("permission.delete", "FEATURE_ENTITLEMENT"),
            case("permission.update", update("OWN_ONE", json!({"name": "A,B"})), "INVALID_FIELD_VALUE", &field("name")),
            case("permission.update", update("OWN_ONE", json!({"status": 3})), "INVALID_FIELD_VALUE", &field("status")),
            case(
                "permission.update",
                update("OWN_ONE", json!({"name": "OWN_TWO"})),
                "PERMISSION_ALREADY_EXISTS",
                &exists("OWN_TWO"),
            ),
            case(
                "permission.update",
                update("OWN_ONE", json!({"permissionItemsIds": "7"})),
                "PERMISSION_ITEM_NOT_FOUND",
                &[],
            ),
            case("permissionItem.get", json!({"ks": ks, "permissionItemId": 7}), "INVALID_OBJECT_ID", &[("ID", "7")]),
        ]
    }

    pub(super) fn of_partners(&self) -> Vec<Case> {
        let ks = &self.ks;
        self.house.user(&self.own, "no chief", &[]);
        let registration =
            |name| case(name, json!({"partner": {"name": "x"}}), "PARTNER_REGISTRATION_ERROR", &[("MESSAGE", ANY)]);
        let hand_over = |user: &str| json!({"ks": ks, "partner": {"adminUserId": user}});
        let secrets = json!({"partnerId": 901, "adminEmail": "nobody@example.com", "cmsPassword": "wrong"});
        vec![
            registration("partner.register"),
            registration("partner.registrationValidation"),
            case("partner.update", hand_over("nobody"), "USER_NOT_FOUND", &[]),
            case("partner.update", hand_over("no chief"), "ACCOUNT_OWNER_NEEDS_PARTNER_ADMIN_ROLE", &[]),
            case("partner.getSecrets", secrets, "USER_DATA_ERROR", &[]),
            case("partner.listPartnersForUser", json!({"ks": self.own.mint(2, "nobody", "")}), "INVALID_USER_ID", &[]),
        ]
    }
}
