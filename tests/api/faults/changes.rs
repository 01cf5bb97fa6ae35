//! Changes of every kind, each with what must be there before it.

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

/// Where changes are made.
pub(super) struct World {
    pub(super) house: House,
    pub(super) account: Account,
}

/// A call that changes something, and sessions whose standing it may change.
pub(super) struct Call {
    pub(super) action: &'static str,
    pub(super) params: Value,
    pub(super) sessions: Vec<String>,
}

/// A kind of change; the number is another one each time.
pub(super) type Prepare = fn(&World, i32) -> Call;

impl World {
    /// Makes what a first call makes, such as the user that calls.
    pub(super) fn warm_up(&self) {
        let place =
            json!({"objectType": "KalturaCategoryEntry", "categoryId": self.category(0), "entryId": self.entry(0)});
        self.good("categoryEntry.add", json!({ "categoryEntry": place }));
    }

    fn good(&self, action: &str, mut params: Value) -> Value {
        params["ks"] = json!(self.account.admin());
        self.house.good(action, &params)
    }

    fn call(&self, action: &'static str, mut params: Value) -> Call {
        params["ks"] = json!(self.account.admin());
        Call { action, params, sessions: vec![] }
    }

    fn user(&self, number: i32) -> String {
        let id = format!("u{number}");
        self.house.user(&self.account, &id, &[]);
        id
    }

    fn category(&self, number: i32) -> Value {
        let category =
            json!({"objectType": "KalturaCategory", "name": format!("c{number}"), "privacyContext": "everybody"});
        self.good("category.add", json!({ "category": category }))["id"].clone()
    }

    fn entry(&self, number: i32) -> Value {
        self.good("baseEntry.add", json!({"entry": {"name": format!("e{number}")}}))["id"].clone()
    }

    fn app_token(&self) -> Value {
        self.good("appToken.add", json!({"appToken": {"objectType": "KalturaAppToken", "hashType": "SHA256"}}))["id"]
            .clone()
    }

    fn role(&self, number: i32) -> i64 {
        self.house.role(&self.account, &format!("R{number}"), "ADMIN_BASE")
    }

    /// An account of its own with a second secret: a session of its first, the secret, and a session of that.
    fn second_secret(&self, number: i32) -> (String, Value, String) {
        let account = self.house.account(100_000 + number);
        let ks = account.admin();
        let added = self.house.good("ks_secret.add", &json!({ "ks": ks }));
        let secret = added["value"].as_str().expect("a secret");
        let signed = account.mint_with(secret, ks_tests::house::now() + 3600, 2, "root", "");
        (ks, added["id"].clone(), signed)
    }
}

impl Call {
    fn seen_by(mut self, ks: String) -> Self {
        self.sessions.push(ks);
        self
    }

    /// As somebody of another account.
    fn with(mut self, ks: &str) -> Self {
        self.params["ks"] = json!(ks);
        self
    }
}

pub(super) const ALL: &[(&str, Prepare)] = &[
    ("an account opens", |w, n| {
        let partner = json!({"name": "Acme", "adminName": "Ada", "adminEmail": format!("a{n}@acme.example"),
                             "description": "Trial"});
        let mut call = w.call("partner.register", json!({"partner": partner, "cmsPassword": "correct horse"}));
        call.params["ks"].take();
        call
    }),
    ("an account changes", |w, n| {
        let partner = json!({"objectType": "KalturaPartner", "description": format!("d{n}")});
        w.call("partner.update", json!({ "partner": partner }))
    }),
    ("a user comes", |w, n| {
        let role = w.role(n);
        let user = json!({"objectType": "KalturaUser", "id": format!("u{n}"), "roleIds": role.to_string()});
        w.call("user.add", json!({ "user": user })).seen_by(w.account.mint(0, &format!("u{n}"), ""))
    }),
    ("a user is blocked", |w, n| {
        let user = w.user(n);
        w.call("user.update", json!({"userId": user, "user": {"objectType": "KalturaUser", "status": 0}}))
            .seen_by(w.account.mint(0, &user, ""))
    }),
    ("a user gets another role", |w, n| {
        let (user, role) = (w.user(n), w.role(n));
        let change = json!({"objectType": "KalturaUser", "isAdmin": true, "roleIds": role.to_string()});
        w.call("user.update", json!({"userId": user, "user": change})).seen_by(w.account.mint(2, &user, ""))
    }),
    ("a user goes", |w, n| {
        let user = w.user(n);
        w.good(
            "groupUser.add",
            json!({"groupUser": {"objectType": "KalturaGroupUser", "userId": user, "groupId": "crew"}}),
        );
        w.call("user.delete", json!({ "userId": user })).seen_by(w.account.mint(0, &user, ""))
    }),
    ("a login is given", |w, n| {
        let user = w.user(n);
        let params = json!({"userId": user, "loginId": format!("l{n}@example.com"), "password": "correct horse 1"});
        w.call("user.enableLogin", params)
    }),
    ("a login is taken away", |w, n| {
        let (user, email) = (format!("u{n}"), format!("l{n}@example.com"));
        w.house.person(&w.account, &user, false, &email, "correct horse 1");
        w.call("user.disableLogin", json!({ "userId": user }))
    }),
    ("a password changes", |w, n| {
        let (user, email) = (format!("u{n}"), format!("l{n}@example.com"));
        w.house.person(&w.account, &user, false, &email, "correct horse 1");
        let params = json!({"oldLoginId": email, "password": "correct horse 1", "newPassword": "correct horse 2"});
        let mut call = w.call("user.updateLoginData", params);
        call.params["ks"].take();
        call
    }),
    ("somebody logs in", |w, n| {
        let (user, email) = (format!("u{n}"), format!("l{n}@example.com"));
        w.house.person(&w.account, &user, false, &email, "correct horse 1");
        // By an address, whatever goes wrong is told as a wrong password.
        let mut call =
            w.call("user.login", json!({"partnerId": w.account.id, "userId": user, "password": "correct horse 1"}));
        call.params["ks"].take();
        call
    }),
    ("an app token comes", |w, _| {
        w.call("appToken.add", json!({"appToken": {"objectType": "KalturaAppToken", "hashType": "SHA256"}}))
    }),
    ("an app token comes for a new user", |w, n| {
        let token = json!({"objectType": "KalturaAppToken", "hashType": "SHA256", "sessionUserId": format!("u{n}")});
        w.call("appToken.add", json!({ "appToken": token }))
    }),
    ("an app token gets a new user", |w, n| {
        let token = json!({"objectType": "KalturaAppToken", "sessionUserId": format!("u{n}")});
        w.call("appToken.update", json!({"id": w.app_token(), "appToken": token}))
    }),
    ("an app token changes", |w, n| {
        let token = json!({"objectType": "KalturaAppToken", "description": format!("d{n}")});
        w.call("appToken.update", json!({"id": w.app_token(), "appToken": token}))
    }),
    ("an app token goes", |w, _| w.call("appToken.delete", json!({"id": w.app_token()}))),
    ("a category comes", |w, n| {
        let category = json!({"objectType": "KalturaCategory", "name": format!("c{n}"), "parentId": w.category(n + 500_000),
                              "owner": w.user(n)});
        w.call("category.add", json!({ "category": category }))
    }),
    ("a category comes with a new owner", |w, n| {
        let category = json!({"objectType": "KalturaCategory", "name": format!("c{n}"), "parentId": w.category(n + 500_000),
                              "owner": format!("u{n}")});
        w.call("category.add", json!({ "category": category }))
    }),
    ("a category changes", |w, n| {
        let category = json!({"objectType": "KalturaCategory", "name": format!("d{n}"), "privacy": 3});
        w.call("category.update", json!({"id": w.category(n), "category": category}))
    }),
    ("a category moves", |w, n| {
        let (one, two) = (w.category(n), w.category(n + 500_000));
        w.call("category.move", json!({"categoryIds": one.to_string(), "targetCategoryParentId": two}))
    }),
    ("a category goes", |w, n| w.call("category.delete", json!({"id": w.category(n)}))),
    ("a member joins", |w, n| {
        let member = json!({"objectType": "KalturaCategoryUser", "categoryId": w.category(n), "userId": w.user(n),
                            "permissionLevel": 1});
        w.call("categoryUser.add", json!({ "categoryUser": member }))
    }),
    ("a new user joins", |w, n| {
        let member =
            json!({"objectType": "KalturaCategoryUser", "categoryId": w.category(n), "userId": format!("u{n}")});
        w.call("categoryUser.add", json!({ "categoryUser": member }))
    }),
    ("a member leaves", |w, n| {
        let (category, user) = (w.category(n), w.user(n));
        let member = json!({"objectType": "KalturaCategoryUser", "categoryId": category, "userId": user});
        w.good("categoryUser.add", json!({ "categoryUser": member }));
        w.call("categoryUser.delete", json!({"categoryId": category, "userId": user}))
    }),
    ("an entry comes", |w, n| {
        let category = w.category(n).to_string();
        w.call("baseEntry.add", json!({"entry": {"name": format!("e{n}"), "categoriesIds": category, "tags": "a, b"}}))
    }),
    ("an entry changes", |w, n| {
        w.call("baseEntry.update", json!({"entryId": w.entry(n), "baseEntry": {"name": format!("f{n}"), "tags": "c"}}))
    }),
    ("an entry goes", |w, n| {
        let (category, entry) = (w.category(n), w.entry(n));
        let place = json!({"objectType": "KalturaCategoryEntry", "categoryId": category, "entryId": entry});
        w.good("categoryEntry.add", json!({ "categoryEntry": place }));
        w.call("baseEntry.delete", json!({ "entryId": entry }))
    }),
    ("an entry is put into a category", |w, n| {
        let place = json!({"objectType": "KalturaCategoryEntry", "categoryId": w.category(n), "entryId": w.entry(n)});
        w.call("categoryEntry.add", json!({ "categoryEntry": place }))
    }),
    ("a session ends", |w, _| {
        let ks = w.account.mint(2, "somebody", "");
        Call { action: "session.end", params: json!({ "ks": ks }), sessions: vec![ks] }
    }),
    ("a limited session is used", |w, _| {
        let ks = w.account.mint(2, "somebody", "actionslimit:9");
        Call { action: "session.get", params: json!({ "ks": ks }), sessions: vec![] }
    }),
    ("a secret comes", |w, n| {
        let account = w.house.account(100_000 + n);
        w.call("ks_secret.add", json!({})).with(&account.admin())
    }),
    ("a secret becomes the first", |w, n| {
        let (ks, id, _) = w.second_secret(n);
        w.call("ks_secret.setPrimary", json!({ "id": id })).with(&ks)
    }),
    ("a secret is disabled", |w, n| {
        let (ks, id, signed) = w.second_secret(n);
        w.call("ks_secret.disable", json!({ "id": id })).with(&ks).seen_by(signed)
    }),
    ("a role comes", |w, n| {
        let role = json!({"objectType": "KalturaUserRole", "name": format!("r{n}"), "permissionNames": "ADMIN_BASE"});
        w.call("userRole.add", json!({ "userRole": role }))
    }),
    ("a role changes", |w, n| {
        let (user, role) = (format!("u{n}"), w.role(n));
        w.house.user(&w.account, &user, &[role]);
        let change = json!({"objectType": "KalturaUserRole", "permissionNames": "ADMIN_BASE,KMC_READ_ONLY"});
        w.call("userRole.update", json!({"userRoleId": role, "userRole": change})).seen_by(w.account.mint(2, &user, ""))
    }),
    ("a role goes", |w, n| w.call("userRole.delete", json!({"userRoleId": w.role(n)}))),
    ("a permission comes", |w, n| {
        let permission = json!({"objectType": "KalturaPermission", "name": format!("P{n}")});
        w.call("permission.add", json!({ "permission": permission }))
    }),
    ("a group comes", |w, n| {
        w.call("group_group.add", json!({"group": {"objectType": "KalturaGroup", "id": format!("g{n}")}}))
    }),
    ("a user joins a group", |w, n| {
        let member = json!({"objectType": "KalturaGroupUser", "userId": w.user(n), "groupId": "crew"});
        w.call("groupUser.add", json!({ "groupUser": member }))
    }),
    ("a widget comes", |w, n| {
        let widget =
            json!({"objectType": "KalturaWidget", "sourceWidgetId": w.account.widget(), "partnerData": n.to_string()});
        w.call("widget.add", json!({ "widget": widget }))
    }),
    ("a response profile comes", |w, n| {
        let profile = json!({"objectType": "KalturaResponseProfile", "name": format!("p{n}"), "systemName": format!("p{n}"),
                             "type": 1, "fields": "id,name"});
        w.call("responseProfile.add", json!({ "addResponseProfile": profile }))
    }),
];
