//! The house with both accounts, and what happens in it.

use std::collections::{BTreeMap, BTreeSet};

use ks_schema::describe::{ActionInfo, KsUse, Type};
use ks_tests::house::{House, request};
use serde_json::{Value, json};
use sha1::Digest as _;

use super::dice::Dice;
use super::draw::{Draw, Taken, fresh, may_take};
use super::tenant::Tenant;
use super::{export, names};

/// How often, in a hundred draws, an object is the other account's.
const FOREIGN: usize = 15;
/// After so many calls the live objects are listed anew.
const REFRESH: usize = 200;

/// What became of the calls of one action.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) called: usize,
    pub(super) good: usize,
    /// With something of the other account in it.
    crossed: usize,
    codes: BTreeMap<String, usize>,
}

/// Two accounts and what is known of them.
pub(super) struct Story {
    house: House,
    dice: Dice,
    own: Tenant,
    pub(super) other: Tenant,
    taken: Taken,
    seen: BTreeMap<String, Seen>,
    /// What stands in no answer to the own account.
    canaries: Vec<(String, String)>,
    /// How every session of the other account begins: an account is not encrypted in it.
    token: String,
    /// Answers that told one.
    pub(super) told: Vec<String>,
    /// Errors that actions answered and do not declare.
    pub(super) undeclared: BTreeSet<String>,
}

impl Story {
    /// Both accounts with objects of every kind.
    pub(super) fn begin(seed: u64) -> Self {
        let house = House::build();
        let mut tenants = [(801, "our own pass phrase", "ours"), (802, "their other pass phrase", "zQ7c4n4ry")]
            .map(|(id, password, text)| Tenant::new(house.account(id), password, text));
        for tenant in &tenants {
            // No quota: administrators are made by the dozen.
            house.set(&tenant.account, &json!({"adminLoginUsersQuota": -1}));
        }
        let seen = names::actions().map(|action| (action.full_name(), Seen::default())).collect();
        for tenant in &mut tenants {
            let refused = house.send(&request("session.end", &json!({"ks": tenant.account.mint_until(1, 2, "x", "")})));
            tenant.learn(&house.good("ks_secret.list", &json!({"ks": tenant.account.admin()})));
            tenant.refused.extend(refused.header("X-Kaltura-Session").map(str::to_owned));
        }
        let [own, other] = tenants;
        let (dice, taken) = (Dice::new(seed), Taken::new());
        let mut story = Self {
            house,
            dice,
            own,
            other,
            taken,
            seen,
            canaries: Vec::new(),
            token: "djJ8ODAyf".to_owned(),
            told: Vec::new(),
            undeclared: BTreeSet::new(),
        };
        // Both are filled by their own hands. Twice, because some objects need others.
        for _ in 0..2 {
            story.learn();
            std::mem::swap(&mut story.own, &mut story.other);
            story.fill();
            std::mem::swap(&mut story.own, &mut story.other);
            story.fill();
        }
        story.set_canaries();
        story
    }

    /// Finds out which optional properties each action takes, with the own account's own objects.
    fn learn(&mut self) {
        let known = self.taken.clone();
        for action in names::actions() {
            let Some(class) = action.params.iter().find_map(|param| match param.ty {
                Type::Object(class) if names::is_kept(class) => names::concrete(class),
                _ => None,
            }) else {
                continue;
            };
            for property in class.properties.iter().filter(|property| may_take(action, property)) {
                let pair = (action.full_name(), property.name);
                if !known.contains(&pair) && self.succeeds(action, Some(property.name)) {
                    self.taken.insert(pair);
                }
            }
        }
    }

    /// Adds objects of every kind to the own account, each with all that its class can hold.
    fn fill(&mut self) {
        for action in names::actions().filter(|action| action.name == "add") {
            for _ in 0..2 {
                self.succeeds(action, None);
            }
            let taken: Vec<&str> = self.taken_by(action);
            for property in taken {
                self.succeeds(action, Some(property));
            }
        }
        self.people();
        self.house.good("session.end", &json!({"ks": self.own.account.admin()}));
    }

    /// Adds people whose password is known.
    fn people(&mut self) {
        for admin in [false, false, true] {
            let email = format!("p{}@{}", fresh(), self.own.domain);
            let user = json!({"objectType": "KalturaUser", "id": format!("o{}", fresh()), "email": email,
                              "password": self.own.password, "isAdmin": admin, "firstName": self.own.text});
            let answer = self.house.good("user.add", &json!({"ks": self.own.account.admin(), "user": user}));
            self.own.learn(&answer);
        }
    }

    fn taken_by(&self, action: &ActionInfo) -> Vec<&'static str> {
        let name = action.full_name();
        self.taken.iter().filter(|(taker, _)| *taker == name).map(|(_, property)| *property).collect()
    }

    /// A call of the own account about its own objects, by the door that all actions have.
    fn succeeds(&mut self, action: &ActionInfo, with: Option<&str>) -> bool {
        let Self { dice, own, taken, .. } = self;
        let mut draw = Draw { dice, own, other: own, foreign: 0, taken, crossed: false };
        let about = draw.object_of(action);
        let mut params = draw.params(action, about.as_ref(), with);
        params["ks"] = json!(self.own.account.admin());
        let asked = request(&action.full_name(), &params).header("X-Forwarded-For", &self.somewhere());
        let answer = asked.send(self.house.admin).expect("an answer");
        let answer = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer["objectType"] == "KalturaAPIException" {
            return false;
        }
        self.own.learn(&answer);
        true
    }

    fn set_canaries(&mut self) {
        let other = &self.other;
        let mut canaries = vec![
            ("a text".to_owned(), other.text.clone()),
            ("a secret".to_owned(), other.account.admin_secret.clone()),
            ("a secret".to_owned(), other.account.user_secret.clone()),
        ];
        for class in ["KalturaAppToken", "KalturaKsSecret"] {
            for object in names::class(class).map(|class| other.of(class)).unwrap_or_default() {
                for field in ["token", "value"] {
                    canaries.extend(object[field].as_str().map(|value| (class.to_owned(), value.to_owned())));
                }
            }
        }
        assert!(canaries.len() > 4, "{canaries:?}");
        self.canaries = canaries;
    }

    /// Another place for each call, so that nobody is slowed down.
    fn somewhere(&mut self) -> String {
        let mut part = || 1 + self.dice.below(250);
        format!("10.{}.{}.{}", part(), part(), part())
    }

    /// Sends a call and looks through its answer.
    pub(super) fn call(&mut self, name: &str, params: &Value) -> Value {
        let asked = request(name, params).header("X-Forwarded-For", &self.somewhere());
        let response = self.house.send(&asked);
        assert_eq!(response.status, 200, "{name} {params}: {response:?}");
        let headers: String = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let body = String::from_utf8_lossy(&response.body).into_owned();
        for (what, canary) in &self.canaries {
            if body.contains(canary.as_str()) || headers.contains(canary.as_str()) {
                self.told.push(format!("{what}: {name} {params}: {body}"));
                break;
            }
        }
        // Anybody may start a session of anybody's widget: that is what widgets are for.
        let token = &self.token;
        if name != "session.startWidgetSession" && body.contains(token) && !params.to_string().contains(token) {
            self.told.push(format!("a session: {name} {params}: {body}"));
        }
        assert!(!body.contains("\"INTERNAL_"), "{name} {params}: {body}");
        serde_json::from_slice(&response.body).unwrap_or(Value::String(body))
    }

    /// Draws calls of the own account.
    pub(super) fn run(&mut self, calls: usize) {
        let actions: Vec<&ActionInfo> = names::actions().collect();
        // Each once, so that none is left out; then as chance has it.
        for number in 0..calls {
            if number % REFRESH == 0 {
                self.refresh();
            }
            let Some(action) = actions.get(number).or_else(|| self.draw_action(&actions)) else { return };
            self.one(action);
        }
    }

    /// Calls what has never succeeded a few more times, so that chance leaves nothing out.
    pub(super) fn insist(&mut self, but: &[&str]) {
        for action in names::actions().filter(|action| !but.contains(&action.full_name().as_str())) {
            for number in 0..60 {
                if number % 20 == 1 {
                    self.people();
                }
                if self.seen.get(&action.full_name()).is_some_and(|seen| seen.good > 0) {
                    break;
                }
                self.one(action);
            }
        }
    }

    fn draw_action<'a>(&mut self, actions: &'a [&'static ActionInfo]) -> Option<&'a &'static ActionInfo> {
        let action = self.dice.pick(actions)?;
        // Passwords take their time by design: they are tried less often.
        // What is hardly ever allowed teaches little more.
        let seen = self.seen.get(&action.full_name());
        let is_hopeless = seen.is_some_and(|seen| seen.called > 8 && seen.good * 4 < seen.called);
        let is_slow = action.params.iter().any(|param| param.name.to_ascii_lowercase().contains("password"));
        if (is_slow || is_hopeless) && self.dice.percent(70) { self.dice.pick(actions) } else { Some(action) }
    }

    fn one(&mut self, action: &'static ActionInfo) {
        let name = action.full_name();
        let Self { dice, own, other, taken, .. } = self;
        let mut draw = Draw { dice, own, other, foreign: FOREIGN, taken, crossed: false };
        let about = draw.object_of(action);
        let mut params = draw.params(action, about.as_ref(), None);
        let mut crossed = draw.crossed;
        let share = match action.ks {
            // Whoever has an account that may have none below it registers another one without its session.
            KsUse::Optional if action.name.starts_with("regist") => 20,
            KsUse::Required | KsUse::Optional => 100,
            // Clients send none.
            KsUse::Ignored => 20,
        };
        if self.dice.percent(share) {
            params["ks"] = json!(self.session(&name));
        }
        self.prove(&name, about.as_ref(), &mut params);
        if params["partnerId"].is_null() && self.dice.percent(2) {
            params["partnerId"] = json!(self.other.account.id);
            crossed = true;
        }
        let answer = self.call(&name, &params);
        let seen = self.seen.entry(name).or_default();
        seen.called += 1;
        seen.crossed += usize::from(crossed);
        if answer["objectType"] == "KalturaAPIException" {
            let code = answer["code"].as_str().unwrap_or_default();
            if !action.codes().contains(code) {
                self.undeclared.insert(format!("{}: {code}", action.full_name()));
            }
            let reason = answer["args"]["KSID"].as_str().filter(|reason| reason.len() < 40).unwrap_or_default();
            let code = format!("{code} {reason}").trim_end().to_owned();
            *seen.codes.entry(code).or_default() += 1;
            return;
        }
        seen.good += 1;
        self.own.learn(&answer);
        if let Some(about) = about.filter(|_| action.name.starts_with("delete")) {
            self.own.forget(&about);
        }
    }

    /// A session of the own account: an administrator's most of the time.
    fn session(&mut self, action: &str) -> String {
        let account = self.own.account.clone();
        if action == "user.loginByKs" {
            // Only a session that a password started may move.
            let addresses = self.own.addresses();
            let Some(address) = self.dice.pick(&addresses).cloned() else { return account.admin() };
            let login = json!({"loginId": address, "password": self.own.password});
            let ks = self.call("user.loginByLoginId", &login);
            return ks.as_str().map_or_else(|| account.admin(), str::to_owned);
        }
        if action == "partner.listPartnersForUser" {
            let users = names::class("KalturaUser").map(|class| self.own.of(class)).unwrap_or_default();
            let user = self.dice.pick(&users).and_then(|user| user["id"].as_str()).unwrap_or("somebody");
            return account.mint(2, user, "");
        }
        match self.dice.below(100) {
            0..6 => {
                let users = names::class("KalturaUser").map(|class| self.own.of(class)).unwrap_or_default();
                let user = self.dice.pick(&users).and_then(|user| user["id"].as_str()).unwrap_or("somebody");
                account.mint(0, user, "")
            }
            6..9 => account.mint(0, "0", "view:*,widget:1"),
            _ => account.admin(),
        }
    }

    /// What proves that a caller knows a key: of an app token, or of a mail.
    fn prove(&mut self, action: &str, about: Option<&Value>, params: &mut Value) {
        if action == "appToken.startSession" {
            let token = about.and_then(|object| object["token"].as_str()).unwrap_or_default();
            let theirs = self.canaries.iter().any(|(_, canary)| canary == token);
            let token = if theirs { "what the other account keeps is not known" } else { token };
            let text = format!("{}{token}", params["ks"].as_str().unwrap_or_default());
            let hash = about.and_then(|object| object["hashType"].as_str()).unwrap_or_default();
            let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
            params["tokenHash"] = json!(match hash {
                "MD5" => hex(&md5::Md5::digest(text)),
                "SHA256" => hex(&sha2::Sha256::digest(text)),
                "SHA512" => hex(&sha2::Sha512::digest(text)),
                _ => hex(&sha1::Sha1::digest(text)),
            });
        }
        if ["setInitialPassword", "validateHashKey", "generateQrCode"].iter().any(|name| action.ends_with(name)) {
            let own = about.filter(|user| user["loginEnabled"] == true).and_then(|user| user["email"].as_str());
            let addresses = self.own.addresses();
            let drawn = self.dice.pick(&addresses).cloned();
            let address = own.map(str::to_owned).or(drawn).unwrap_or_default();
            self.call("user.resetPassword", &json!({"email": address}));
            // Mail to the other account's people is not ours to read.
            let key = if address.ends_with(&self.own.domain) { self.mailed_key(&address) } else { None };
            let key = key.unwrap_or_else(|| "x".to_owned());
            params["hashKey"] = json!(key);
        }
    }

    fn mailed_key(&self, address: &str) -> Option<String> {
        let has_mail = self.house.outbox.mails().iter().any(|mail| mail.to == address);
        has_mail.then(|| self.house.mailed_key(address))
    }

    /// Lists the live objects of the own account anew.
    fn refresh(&mut self) {
        for action in names::actions().filter(|action| action.name == "list") {
            let Some(class) = names::subject(action.service) else { continue };
            let mut params = json!({"ks": self.own.account.admin(), "pager": {"pageSize": 40}});
            if let Some(filter) = action.params.iter().find_map(|param| match param.ty {
                Type::Object(class) if param.name == "filter" => names::concrete(class),
                _ => None,
            }) {
                params["filter"] = json!({"objectType": filter.name, "orderBy": "-createdAt"});
            }
            let answer = self.call(&action.full_name(), &params);
            if answer["objects"].as_array().is_some_and(|objects| !objects.is_empty()) {
                // Keys of app tokens and the like are shown to whoever made them, so that nothing is lost here.
                self.own.forget_all(class);
                self.own.learn(&answer);
            }
        }
        self.people();
    }

    pub(super) fn export_other(&self) -> BTreeSet<String> {
        export::rows(&self.house.database(), self.other.account.id)
    }

    pub(super) fn sums(&self) -> (usize, usize) {
        self.seen.values().fold((0, 0), |(called, good), seen| (called + seen.called, good + seen.good))
    }

    pub(super) fn actions_that(&self, is: impl Fn(&Seen) -> bool) -> Vec<String> {
        self.seen.iter().filter(|(_, seen)| is(seen)).map(|(action, _)| action.clone()).collect()
    }

    /// What became of the calls, one line for each action.
    pub(super) fn table(&self) -> String {
        let mut table = String::from(
            "| action | calls | succeeded | with something of the other | refused most with |\n|---|---|---|---|---|\n",
        );
        for (action, Seen { called, good, crossed, codes }) in &self.seen {
            let most = codes.iter().max_by_key(|(_, count)| **count).map_or_else(String::new, |(code, _)| code.clone());
            table.push_str(&format!("| {action} | {called} | {good} | {crossed} | {most} |\n"));
        }
        table
    }

    pub(super) fn report(&self, calls: usize) {
        let (called, good) = self.sums();
        let crossed: usize = self.seen.values().map(|seen| seen.crossed).sum();
        let text = format!(
            "# Two accounts in one house\n\n{calls} random calls of one account, drawn from the declarations, with ids of \
             both accounts' live objects in them ({crossed} calls had something of the other). {good} of {called} \
             succeeded. Afterwards every row that the database keeps of the other account was as before, but for when its \
             secrets were last used, counts of calls and the refusals that its owner may ask about; and {} answers told something of \
             it.\n\n{}",
            self.told.len(),
            self.table()
        );
        ks_tests::report::write("tenants.md", &text);
    }
}
