//! Whoever gives rights to others: roles, users, permissions, app tokens.

use ks_store::{Permission, PermissionItem, PermissionKind};
use ks_tests::call::fault;
use ks_tests::house::{Account, House, error, now};
use serde_json::{Value, json};

use super::refused;

/// An item of an account: its id.
fn item(house: &House, account: &Account, subject: &str, detail: &str, used: Option<&str>) -> i64 {
    let item = PermissionItem {
        id: 0,
        partner_id: account.partner(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
        used: used.map(str::to_owned),
        tags: None,
        created_at: 0,
        updated_at: 0,
    };
    house.wait(house.store.add_permission_item(item, now())).expect("a permission item").id
}

/// A permission of an account.
fn permission(house: &House, account: &Account, name: &str, items: &[i64], change: impl FnOnce(&mut Permission)) {
    let ids: Vec<String> = items.iter().map(ToString::to_string).collect();
    let mut new = Permission { item_ids: Some(ids.join(",")), ..Permission::named(account.partner(), name) };
    assert_eq!(new.kind, PermissionKind::Normal);
    change(&mut new);
    house.wait(house.store.add_permission(new, now())).expect("a permission");
}

/// A permission that shows the administrator secret, and calls nothing.
fn sees_secrets(house: &House, account: &Account) {
    let sees = item(house, account, "KalturaPartner", "adminSecret", Some("read"));
    permission(house, account, "SEES_SECRETS", &[sees], |_| {});
}

#[test]
fn a_guarded_property_is_a_right() {
    let house = House::build();
    let account = house.account(102);
    sees_secrets(&house, &account);
    let own = "APP_TOKEN_ADD,APP_TOKEN_BASE,ADMIN_BASE,ADMIN_USER_ADD,ADMIN_USER_UPDATE,ADMIN_ROLE_ADD";
    let small = house.role(&account, "SMALL", own);
    let keeper = house.role(&account, "KEEPER", &format!("{own},SEES_SECRETS"));
    house.user(&account, "keeper", &[keeper]);
    let keeps = house.good("partner.getInfo", &json!({"ks": account.mint(2, "keeper", "")}));
    assert_eq!(keeps["adminSecret"], json!(account.admin_secret));
    let ks = account.mint(2, "clerk", &format!("setrole:{small}"));
    assert!(house.good("partner.getInfo", &json!({ "ks": ks })).get("adminSecret").is_none());

    let token = json!({"ks": ks, "appToken": {"sessionUserId": "keeper"}});
    assert_eq!(house.fault("appToken.add", &token), refused("sessionUserId"));
    let token = json!({"ks": ks, "appToken": {"sessionPrivileges": format!("setrole:{keeper}")}});
    assert_eq!(house.fault("appToken.add", &token), refused("sessionPrivileges"));
    let user = json!({"ks": ks, "user": {"id": "new", "roleIds": keeper.to_string()}});
    assert_eq!(house.fault("user.add", &user), refused("roleIds"));
    let login = json!({"ks": ks, "userId": "keeper", "loginId": "k@example.com", "password": "long enough words"});
    assert_eq!(house.fault("user.enableLogin", &login), refused("roleIds"));
    let role = json!({"ks": ks, "userRole": {"name": "mine", "permissionNames": "SEES_SECRETS"}});
    assert_eq!(house.fault("userRole.add", &role), refused("permissionNames"));
    // A user with no more actions than any, who sees the secret.
    let peeker = house.role(&account, "PEEKER", "BASE_USER_SESSION_PERMISSION,SEES_SECRETS");
    house.user(&account, "peeker", &[peeker]);
    let started = json!({"partnerId": 102, "secret": account.user_secret, "userId": "peeker"});
    assert_eq!(house.fault("session.start", &started), error("START_SESSION_ERROR", &[("PID", "102")]));
    house.block_user(&account, "peeker", true);
    assert_eq!(house.fault("session.start", &started).0, "START_SESSION_ERROR", "it may be let in again");
    // Whoever has it gives it.
    let ks = account.mint(2, "keeper", "");
    house.good("appToken.add", &json!({"ks": ks, "appToken": {"sessionUserId": "keeper"}}));
    house.good("userRole.add", &json!({"ks": ks, "userRole": {"name": "mine", "permissionNames": "SEES_SECRETS"}}));
}

#[test]
fn a_users_session_makes_no_administrators() {
    let house = House::build();
    let account = house.account(102);
    let all = house.role(&account, "ALL", "*");
    house.user(&account, "joe", &[]);
    let ks = account.mint(0, "clerk", &format!("setrole:{all}"));
    let add = json!({"ks": ks, "user": {"id": "boss", "isAdmin": true, "email": "boss@example.com"}});
    assert_eq!(house.fault("user.add", &add), refused("isAdmin"));
    let promote = json!({"ks": ks, "userId": "joe", "user": {"isAdmin": true}});
    assert_eq!(house.fault("user.update", &promote), refused("isAdmin"));
    let token = json!({"ks": ks, "appToken": {"sessionUserId": "clerk", "sessionType": 2}});
    assert_eq!(house.fault("appToken.add", &token), refused("sessionType"));
}

#[test]
fn app_tokens_are_for_ones_own_name() {
    let house = House::build();
    let account = house.account(102);
    let role = house.role(&account, "TOKENS", "APP_TOKEN_ADD,APP_TOKEN_UPDATE,APP_TOKEN_BASE");
    let ann = account.mint(0, "ann", &format!("setrole:{role}"));
    let add = |ks: &str, token: Value| house.call("appToken.add", &json!({"ks": ks, "appToken": token}));
    assert_eq!(fault(&add(&ann, json!({"sessionUserId": "bob"}))), refused("sessionUserId"));
    assert_eq!(fault(&add(&ann, json!({}))), refused("sessionUserId"), "whosever the caller says");
    let own = add(&ann, json!({"sessionUserId": "ann"}));
    assert_eq!(own["sessionUserId"], "ann");
    let update = json!({"ks": ann, "id": own["id"], "appToken": {"sessionUserId": "bob"}});
    assert_eq!(house.fault("appToken.update", &update), refused("sessionUserId"));
    // Administrators speak for everybody, and the keys of theirs are not for a user to see.
    let admin = account.mint(2, "clerk", &format!("setrole:{role}"));
    let bobs = add(&admin, json!({"sessionUserId": "bob"}));
    assert!(bobs["token"].is_string());
    assert!(house.good("appToken.get", &json!({"ks": ann, "id": bobs["id"]})).get("token").is_none());
    assert!(house.good("appToken.get", &json!({"ks": ann, "id": own["id"]}))["token"].is_string());
}

#[test]
fn an_app_token_never_gives_more_than_its_maker_had() {
    let house = House::build();
    let account = house.account(102);
    let role = house.role(&account, "TOKENS", "APP_TOKEN_ADD,APP_TOKEN_UPDATE,APP_TOKEN_BASE");
    let clerk = account.mint(2, "clerk", &format!("setrole:{role}"));
    let add = |ks: &str| {
        house.good("appToken.add", &json!({"ks": ks, "appToken": {"sessionUserId": "joe", "hashType": "SHA256"}}))
    };
    let (small, great) = (add(&clerk), add(&account.admin()));
    let start = |token: &Value| {
        let ks = account.mint(0, "0", "view:*,widget:1");
        let proof = super::sha256(&format!("{ks}{}", token["token"].as_str().expect("a key")));
        house.call("appToken.startSession", &json!({"ks": ks, "id": token["id"], "tokenHash": proof}))
    };
    assert!(start(&small)["ks"].is_string() && start(&great)["ks"].is_string());
    // Joe becomes somebody: whoever made his app token does not.
    let joe = json!({"ks": account.admin(), "userId": "joe", "user": {"roleIds": "4"}});
    house.good("user.update", &joe);
    assert_eq!(fault(&start(&small)), error("START_SESSION_ERROR", &[("PID", "102")]));
    assert!(start(&great)["ks"].is_string());
    // Whoever changes it answers for it.
    let change = json!({"ks": account.admin(), "id": small["id"], "appToken": {"description": "known"}});
    house.good("appToken.update", &change);
    assert!(start(&small)["ks"].is_string());
}

#[test]
fn another_id_and_no_roles_are_rights_too() {
    let house = House::build();
    let account = house.account(102);
    let big = house.role(&account, "BIG", "*");
    let small = house.role(&account, "SMALL", "ADMIN_BASE,ADMIN_USER_ADD,ADMIN_USER_UPDATE,ADMIN_USER_DELETE");
    house.user(&account, "boss", &[big]);
    house.user(&account, "plain", &[]);
    house.user(&account, "kept", &[small]);
    house.user(&account, "gone", &[small]);
    let ks = account.mint(2, "lim", &format!("setrole:{small}"));
    let update = |id: &str, user: Value| house.call("user.update", &json!({"ks": ks, "userId": id, "user": user}));
    // A session of "joe" would be one of the boss.
    assert_eq!(fault(&update("boss", json!({"id": "joe"}))), refused("id"));
    assert_eq!(update("plain", json!({"id": "plainer"}))["id"], "plainer");
    // Without roles, a session of type ADMIN that the account has signed would have all of them.
    assert_eq!(fault(&update("kept", json!({"roleIds": ""}))), refused("roleIds"));
    assert_eq!(fault(&update("kept", json!({"roleIds__null": ""}))), refused("roleIds"));
    house.good("user.delete", &json!({"ks": ks, "userId": "gone"}));
    assert_eq!(house.fault("user.add", &json!({"ks": ks, "user": {"id": "gone"}})), refused("roleIds"));
    assert_eq!(house.fault("user.add", &json!({"ks": ks, "user": {"id": "plain"}})), refused("roleIds"));
    let again = json!({"ks": ks, "user": {"id": "gone", "roleIds": small.to_string()}});
    assert_eq!(house.good("user.add", &again)["id"], "gone");
    // An administrator may.
    assert_eq!(house.good("user.add", &json!({"ks": account.admin(), "user": {"id": "plain"}}))["id"], "plain");
}

#[test]
fn a_blocked_role_is_let_in_again_by_those_who_have_its_rights() {
    let house = House::build();
    let account = house.account(102);
    let small = house.role(&account, "SMALL", "ADMIN_BASE,ADMIN_ROLE_UPDATE,ADMIN_ROLE_DELETE");
    let big = house.role(&account, "BIG", "*");
    let set = |ks: &str, id: i64, role: Value| {
        house.call("userRole.update", &json!({"ks": ks, "userRoleId": id, "userRole": role}))
    };
    set(&account.admin(), big, json!({"status": 2}));
    let ks = account.mint(2, "lim", &format!("setrole:{small}"));
    assert_eq!(fault(&set(&ks, big, json!({"status": 1}))), refused("permissionNames"));
    // The default of a kind of session is not deleted: the usual one is greater.
    house.change(&account, move |partner| partner.admin_session_role_id = Some(ks_schema::RoleId::new(small)));
    let root = account.admin();
    let delete = json!({"ks": root, "userRoleId": small});
    assert_eq!(house.fault("userRole.delete", &delete), error("ROLE_IS_BEING_USED", &[]));
}

#[test]
fn permissions_give_no_more_than_their_maker_has() {
    let house = House::build();
    let account = house.account(102);
    let own = "ADMIN_BASE,ADMIN_PERMISSION_ADD,ADMIN_PERMISSION_UPDATE,KMC_READ_ONLY";
    let small = house.role(&account, "SMALL", own);
    let [list, tokens] = [("user", "list"), ("appToken", "add")]
        .map(|(subject, detail)| item(&house, &account, subject, detail, None).to_string());
    let secret = item(&house, &account, "KalturaPartner", "adminSecret", Some("read")).to_string();
    let adds: i64 = tokens.parse().expect("an id");
    permission(&house, &account, "WAITS", &[adds], |it| it.depends_on = Some("LATER".to_owned()));
    permission(&house, &account, "BLOCKED", &[adds], |it| it.is_active = false);
    permission(&house, &account, "EMPTY", &[], |_| {});
    let ks = account.mint(2, "lim", &format!("setrole:{small}"));
    let add = |permission: Value| house.call("permission.add", &json!({"ks": ks, "permission": permission}));
    let update = |name: &str, permission: Value| {
        house.call("permission.update", &json!({"ks": ks, "permissionName": name, "permission": permission}))
    };
    for items in [&tokens, &secret, &format!("{list},{tokens}")] {
        let answer = add(json!({"name": "MINE", "permissionItemsIds": items}));
        assert_eq!(fault(&answer), refused("permissionItemsIds"), "{items}");
        assert_eq!(fault(&update("EMPTY", json!({"permissionItemsIds": items}))), refused("permissionItemsIds"));
    }
    assert_eq!(add(json!({"name": "LOOKS", "permissionItemsIds": list}))["name"], "LOOKS");
    // What waits for a name, for a need or to be let in again is as good as given.
    assert_eq!(fault(&add(json!({"name": "LATER"}))), refused("name"));
    assert_eq!(fault(&update("EMPTY", json!({"name": "LATER"}))), refused("name"));
    assert_eq!(fault(&update("WAITS", json!({"dependsOnPermissionNames": ""}))), refused("permissionItemsIds"));
    assert_eq!(fault(&update("WAITS", json!({"name": "KNOWN"}))), refused("permissionItemsIds"));
    assert_eq!(fault(&update("BLOCKED", json!({"status": 1}))), refused("permissionItemsIds"));
    assert_eq!(update("BLOCKED", json!({"description": "still"}))["description"], "still");
    assert_eq!(update("EMPTY", json!({"name": "OTHER"}))["name"], "OTHER");

    // On the operator's listener items themselves are made.
    let one = |service: &str, action: &str| {
        let item = json!({"objectType": "KalturaApiActionPermissionItem", "service": service, "action": action});
        house.call_inside("permissionItem.add", &json!({"ks": ks, "permissionItem": item}))
    };
    assert_eq!(fault(&one("appToken", "add")), refused("action"));
    assert_eq!(one("user", "list")["action"], "list");
    let property = json!({"objectType": "KalturaApiParameterPermissionItem", "object": "KalturaPartner",
                          "parameter": "adminSecret", "action": "read"});
    let given = house.call_inside("permissionItem.add", &json!({"ks": ks, "permissionItem": property}));
    assert_eq!(fault(&given), refused("parameter"));
    let change = json!({"objectType": "KalturaApiActionPermissionItem", "service": "appToken", "action": "add"});
    let change = json!({"ks": ks, "permissionItemId": list.parse::<i64>().expect("an id"), "permissionItem": change});
    assert_eq!(fault(&house.call_inside("permissionItem.update", &change)), refused("action"));
}

#[test]
fn a_name_that_two_accounts_made_up_is_two_rights() {
    let house = House::build();
    let (parent, child) = (house.account(102), house.account(103));
    house.change(&parent, |partner| partner.may_impersonate = true);
    let id = parent.partner();
    house.change(&child, move |partner| partner.parent_id = Some(id));
    sees_secrets(&house, &child);
    permission(&house, &parent, "SEES_SECRETS", &[], |_| {});
    let _ = house.role(&parent, "VISITOR", "ADMIN_ROLE_ADD,ADMIN_BASE,SEES_SECRETS");
    let ks = parent.mint(2, "visitor", "setrole:VISITOR");
    let add = |names: &str| json!({"ks": ks, "partnerId": 103, "userRole": {"name": names, "permissionNames": names}});
    assert_eq!(house.fault("userRole.add", &add("SEES_SECRETS")), refused("permissionNames"));
    assert_eq!(house.good("userRole.add", &add("ADMIN_BASE"))["partnerId"], 103);
}
