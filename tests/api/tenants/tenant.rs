//! One of the two accounts: what opens it, and which live objects it has.

use std::collections::BTreeMap;

use ks_schema::describe::ClassInfo;
use ks_tests::house::Account;
use serde_json::Value;

use super::names;

/// Objects of a class that are remembered; older ones give way.
const MOST: usize = 60;

/// An account with what its people know.
pub(super) struct Tenant {
    pub(super) account: Account,
    /// The password of all its people.
    pub(super) password: &'static str,
    /// The start of every free text that it writes.
    pub(super) text: String,
    /// The domain of its people's addresses.
    pub(super) domain: String,
    /// Calls of it that were refused, by their request ids.
    pub(super) refused: Vec<String>,
    /// The secret that its sessions are signed with: nobody takes that away from themselves.
    signing: Value,
    live: BTreeMap<&'static str, Vec<Value>>,
}

impl Tenant {
    pub(super) fn new(account: Account, password: &'static str, text: &str) -> Self {
        let domain = format!("tenant{}.example", account.id);
        Self {
            account,
            password,
            text: text.to_owned(),
            domain,
            refused: Vec::new(),
            signing: Value::Null,
            live: BTreeMap::new(),
        }
    }

    /// Remembers the objects that an answer shows.
    pub(super) fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(fields) => {
                let class = fields.get("objectType").and_then(Value::as_str).and_then(names::class);
                if let Some(class) = class.filter(|class| names::is_kept(class)) {
                    self.remember(class, answer);
                } else if let Some(objects) = fields.get("objects") {
                    self.learn(objects);
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, class: &'static ClassInfo, object: &Value) {
        // Another account's, such as one below this one.
        if object["partnerId"].as_i64().is_some_and(|id| id != i64::from(self.account.id)) {
            return;
        }
        let live = self.live.entry(class.name).or_default();
        live.retain(|known| !is_same(known, object));
        if class.name == "KalturaKsSecret" && self.signing.is_null() && object["primary"] == true && object["kind"] == 2
        {
            self.signing = object["id"].clone();
        }
        let signs = class.name == "KalturaKsSecret" && object["id"] == self.signing;
        // Nor do they block or delete themselves.
        let calls = names::class("KalturaUser").is_some_and(|user| class.is_a(user)) && object["id"] == "root";
        let is_gone = object["deletedAt"].as_i64().is_some_and(|at| at > 0);
        if !signs && !calls && !is_gone {
            live.push(object.clone());
        }
        if live.len() > MOST {
            live.remove(0);
        }
    }

    /// Forgets an object that was deleted.
    pub(super) fn forget(&mut self, object: &Value) {
        for live in self.live.values_mut() {
            live.retain(|known| known["objectType"] != object["objectType"] || !is_same(known, object));
        }
    }

    /// Forgets all objects of a class, before they are listed anew.
    pub(super) fn forget_all(&mut self, class: &ClassInfo) {
        self.live.retain(|name, _| names::class(name).is_none_or(|other| !other.is_a(class)));
    }

    /// Its live objects of a class.
    pub(super) fn of(&self, class: &ClassInfo) -> Vec<&Value> {
        let live = self.live.iter().filter(|(name, _)| names::class(name).is_some_and(|other| other.is_a(class)));
        live.flat_map(|(_, objects)| objects).collect()
    }

    /// The addresses of its people who log in.
    pub(super) fn addresses(&self) -> Vec<String> {
        let people = self.live.values().flatten().filter(|object| object["loginEnabled"] == true);
        people.filter_map(|person| person["email"].as_str()).map(str::to_owned).collect()
    }
}

/// Whether two answers show one object: by its id, or by all that it joins.
fn is_same(one: &Value, other: &Value) -> bool {
    if !one["id"].is_null() || !other["id"].is_null() {
        return one["id"] == other["id"];
    }
    let joined = |object: &Value| -> Vec<(String, Value)> {
        let fields = object.as_object().into_iter().flatten();
        let ids = fields.filter(|(name, _)| name.ends_with("Id") && *name != "partnerId");
        ids.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    joined(one) == joined(other)
}
