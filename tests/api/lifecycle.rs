//! Every object from its first day to its last: what may be written comes back, and what may not is refused.
//!
//! `tests/data/lifecycle.toml` has the values; which properties there are, and when each may be written, is the
//! contract's to say.

use std::collections::BTreeSet;

use ks_schema::generated::services;
use ks_store::{NewUser, PARTNER_ADMIN_ROLE};
use ks_tests::call::fault;
use ks_tests::contract;
use ks_tests::house::{Account, House, error, now};
use serde_json::{Map, Value, json};

/// A row of the table.
struct Row {
    name: String,
    data: Value,
}

impl Row {
    fn text(&self, key: &str) -> &str {
        self.data[key].as_str().unwrap_or_default()
    }

    fn service(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// What is sent when it is added, or changed.
    fn sent(&self, step: &str, things: &[(&str, String)]) -> Map<String, Value> {
        let mut sent = self.data[step].as_object().cloned().unwrap_or_default();
        sent.values_mut().for_each(|value| put(value, things));
        sent
    }

    fn is_kept(&self, property: &str) -> bool {
        self.data["kept"][property].as_str().is_some_and(|reason| reason.len() > 10)
    }
}

/// Puts the ids of things that are there in place of `{…}`.
fn put(value: &mut Value, things: &[(&str, String)]) {
    if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}')) {
        let thing = things.iter().find(|(known, _)| *known == name);
        *value = json!(thing.unwrap_or_else(|| panic!("nothing is called {name}")).1);
    }
}

fn load() -> (Vec<Row>, BTreeSet<String>) {
    let path = ks_tests::root().join("tests/data/lifecycle.toml");
    let text = std::fs::read_to_string(&path).expect("the table");
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table = serde_json::to_value(table).expect("a table is JSON too");
    let part = |name: &str| table[name].as_object().cloned().unwrap_or_default();
    let rows = part("objects").into_iter().map(|(name, data)| Row { name, data }).collect();
    (rows, part("without").into_iter().map(|(name, _)| name).collect())
}

/// The properties of a class as the contract has them, less what every class has.
fn properties(contract: &Value, class: &str) -> Vec<Value> {
    let all = contract::properties(contract, class);
    all.into_iter().filter(|property| property["name"] != "relatedObjects").collect()
}

fn name_of(property: &Value) -> &str {
    property["name"].as_str().unwrap_or_default()
}

/// A value that fits a property and is not the one that it has: who sends an object back as it was said nothing.
fn some(contract: &Value, property: &Value, stored: &Value) -> Value {
    if let Some(name) = property["enumType"].as_str() {
        let values = contract["enums"][name]["values"].as_object().into_iter().flatten();
        let other = values.map(|(_, value)| value).find(|value| *value != stored);
        return other.unwrap_or_else(|| panic!("the enum {name} has no other value")).clone();
    }
    match property["type"].as_str().unwrap_or_default() {
        "int" | "bigint" | "float" => json!(987_654),
        "bool" => json!(*stored != json!(true)),
        "array" | "map" => json!([]),
        "string" => json!("something else"),
        class => json!({ "objectType": class }),
    }
}

/// A place with things that objects refer to, and one object on its way through it.
struct Life<'a> {
    house: &'a House,
    contract: &'a Value,
    account: Account,
    row: &'a Row,
    properties: Vec<Value>,
    things: Vec<(&'static str, String)>,
}

impl<'a> Life<'a> {
    fn begin(house: &'a House, contract: &'a Value, row: &'a Row, number: i32) -> Self {
        let account = house.account(number);
        let ks = account.admin();
        let roles = ["FIRST", "SECOND"].map(|name| house.role(&account, name, "ADMIN_BASE").to_string());
        for id in ["ann", "bob"] {
            house.user(&account, id, &[]);
        }
        let id = ks_schema::UserId::new("chief");
        let chief =
            NewUser { is_admin: true, role_ids: vec![PARTNER_ADMIN_ROLE], ..NewUser::named(account.partner(), id) };
        house.wait(house.store.add_user(chief, now())).expect("an administrator");
        house.group(&account, "team");
        let items = ["get", "list"].map(|action| {
            let item = json!({"objectType": "KalturaApiActionPermissionItem", "service": "user", "action": action});
            house.call_inside("permissionItem.add", &json!({"ks": ks, "permissionItem": item}))["id"].to_string()
        });
        let [role, role2] = roles;
        let [item, item2] = items;
        let things = vec![
            ("role", role),
            ("role2", role2),
            ("user", "ann".to_owned()),
            ("user2", "bob".to_owned()),
            ("chief", "chief".to_owned()),
            ("group", "team".to_owned()),
            ("item", item),
            ("item2", item2),
            ("widget", account.widget()),
        ];
        Self { house, contract, account, row, properties: properties(contract, row.text("class")), things }
    }

    fn call(&self, action: &str, params: &Value) -> Value {
        let mut params = params.clone();
        params["ks"] = json!(self.account.admin());
        let name = format!("{}.{action}", self.row.service());
        if self.row.data["inside"] == true {
            self.house.call_inside(&name, &params)
        } else {
            self.house.call(&name, &params)
        }
    }

    #[track_caller]
    fn good(&self, action: &str, params: &Value) -> Value {
        let answer = self.call(action, params);
        assert_ne!(answer["objectType"], "KalturaAPIException", "{}: {action} {params}: {answer}", self.row.name);
        answer
    }

    fn has(&self, action: &str) -> bool {
        let service = services::ALL.iter().find(|service| service.id == self.row.service());
        service.is_some_and(|service| service.actions.iter().any(|other| other.name == action))
    }

    /// The parameters that name an object.
    fn named(&self, object: &Value) -> Value {
        let mut params = json!({});
        if self.row.data["own"] != true {
            let key = self.row.data["key"].as_str().unwrap_or("id");
            params[self.row.text("id")] = object[key].clone();
        }
        params
    }

    fn with(&self, mut params: Value, sent: &Value) -> Value {
        let mut object = sent.clone();
        object["objectType"] = json!(self.row.text("class"));
        let is_new = params.as_object().is_some_and(Map::is_empty);
        let renamed = self.row.data["param_of_update"].as_str().filter(|_| !is_new);
        params[renamed.unwrap_or(self.row.text("param"))] = object;
        params
    }

    fn get(&self, object: &Value) -> Value {
        let action = self.row.data["get"].as_str().unwrap_or("get");
        if self.has(action) { self.good(action, &self.named(object)) } else { object.clone() }
    }

    /// What was sent came back, or what stands for it.
    fn came_back(&self, step: usize, sent: &Map<String, Value>, answer: &Value) {
        for property in &self.properties {
            let name = name_of(property);
            let Some(value) = sent.get(name) else { continue };
            let expected = match &self.row.data["otherwise"][name] {
                Value::Array(both) => &both[step],
                _ => value,
            };
            if property["writeOnly"] == true {
                assert!(answer.get(name).is_none(), "{}: {name} is never told: {answer}", self.row.name);
            } else {
                // Numbers are told as such, whatever they were sent as; no list is the same as an empty one.
                let told = if *expected == json!([]) && answer[name].is_null() { expected } else { &answer[name] };
                assert_eq!(told, expected, "{}: {name} in {answer}", self.row.name);
            }
        }
    }

    /// What may not be written is refused, by its name.
    fn is_refused(&self, action: &str, stored: &Value, base: &Map<String, Value>, may: impl Fn(&Value) -> bool) {
        let params = if action == "add" { json!({}) } else { self.named(stored) };
        for property in self.properties.iter().filter(|property| !may(property)) {
            let (name, class) = (name_of(property), self.row.text("class"));
            let mut sent = base.clone();
            sent.insert(name.to_owned(), some(self.contract, property, &stored[name]));
            let answer = self.call(action, &self.with(params.clone(), &json!(sent)));
            let expected = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("{class}::{name}"))]);
            assert_eq!(
                answer["objectType"], "KalturaAPIException",
                "{}: {action} takes {name}: {answer}",
                self.row.name
            );
            assert_eq!(fault(&answer), expected, "{}: {action} {name}", self.row.name);
        }
    }

    fn list(&self, object: &Value) -> Vec<Value> {
        let mut filter = self.row.data["filter"].clone();
        match &mut filter {
            Value::Object(conditions) => conditions.values_mut().for_each(|value| put(value, &self.things)),
            _ if self.row.data["key"] == "name" => filter = json!({"nameEqual": object["name"]}),
            _ => filter = json!({"idIn": object["id"].to_string().trim_matches('"')}),
        }
        let answer = self.good("list", &json!({ "filter": filter }));
        answer["objects"].as_array().cloned().unwrap_or_default()
    }

    /// What an action answered is what is kept: the object, whole.
    fn is_kept(&self, action: &str, answer: &Value) -> Value {
        let (kept, mut same) = (self.get(answer), answer.clone());
        for name in self.row.data["later"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(answer.get(name).is_none() && !kept[name].is_null(), "{}: {name} is told later", self.row.name);
            same[name] = kept[name].clone();
        }
        assert_eq!(kept, same, "{}: what {action} answers is what is kept", self.row.name);
        kept
    }

    fn live(&self) {
        let (add, update) = (self.row.sent("add", &self.things), self.row.sent("update", &self.things));
        let writable = |property: &Value| property["readOnly"] != true;
        let changeable = |property: &Value| writable(property) && property["insertOnly"] != true;
        let object = if self.row.data["own"] == true {
            self.get(&Value::Null)
        } else {
            self.is_refused("add", &Value::Null, &add, writable);
            let added = self.good("add", &self.with(json!({}), &json!(add)));
            self.came_back(0, &add, &added);
            self.is_kept("add", &added)
        };
        self.is_refused("update", &object, &Map::new(), changeable);
        let changed = self.good("update", &self.with(self.named(&object), &json!(update)));
        self.came_back(1, &update, &changed);
        let changed = self.is_kept("update", &changed);
        if self.row.data["own"] == true {
            return;
        }
        // What could be set only once is as it was.
        let once =
            self.properties.iter().filter(|property| property["insertOnly"] == true && property["writeOnly"] != true);
        for property in once {
            assert_eq!(changed[name_of(property)], object[name_of(property)], "{}", self.row.name);
        }
        assert_eq!(self.list(&changed), std::slice::from_ref(&changed), "{}: the list has it as it is", self.row.name);
        self.end(&changed);
    }

    fn end(&self, object: &Value) {
        if !self.has("delete") {
            assert_eq!(self.row.text("gone"), "", "{} cannot be deleted", self.row.name);
            return;
        }
        let params = match self.row.data["delete"].as_array() {
            Some(names) => {
                let names = names.iter().filter_map(Value::as_str);
                Value::Object(names.map(|name| (name.to_owned(), object[name].clone())).collect())
            }
            None => self.named(object),
        };
        self.good("delete", &params);
        assert_eq!(self.list(object), [Value::Null; 0], "{}: deleted is deleted", self.row.name);
        if self.has("get") {
            let answer = self.call("get", &self.named(object));
            assert_eq!(fault(&answer).0, self.row.text("gone"), "{}", self.row.name);
        }
    }
}

#[test]
fn every_object_lives_as_the_contract_says() {
    let (house, contract, (rows, _)) = (House::build(), contract::load(), load());
    for (row, number) in rows.iter().zip(1101..) {
        Life::begin(&house, &contract, row, number).live();
    }
}

/// Every writable property of every object is written, on add and on update, or has a reason.
#[test]
fn nothing_that_may_be_written_is_left_out() {
    let (contract, (rows, _)) = (contract::load(), load());
    for row in &rows {
        for property in properties(&contract, row.text("class")) {
            let name = name_of(&property);
            let sent = |step: &str| row.data[step].get(name).is_some();
            let (writable, once) = (property["readOnly"] != true, property["insertOnly"] == true);
            let adds = row.data["own"] != true && writable && !row.is_kept(name);
            assert_eq!(sent("add"), adds, "{} add {name}", row.name);
            assert_eq!(sent("update"), writable && !once && !row.is_kept(name), "{} update {name}", row.name);
        }
        let known: BTreeSet<String> =
            properties(&contract, row.text("class")).iter().map(|property| name_of(property).to_owned()).collect();
        for part in ["add", "update", "otherwise", "kept"] {
            let named = row.data[part].as_object().into_iter().flatten();
            let unknown: Vec<_> = named.filter(|(name, _)| !known.contains(*name)).collect();
            assert!(unknown.is_empty(), "{} {part}: {unknown:?}", row.name);
        }
    }
}

/// Every service that adds or changes something is in the table, or has a reason.
#[test]
fn every_service_that_keeps_objects_is_in_the_table() {
    let (rows, without) = load();
    let listed: BTreeSet<&str> = rows.iter().map(Row::service).collect();
    let keeping = services::ALL
        .iter()
        .filter(|service| service.actions.iter().any(|action| action.name == "add" || action.name == "update"));
    let keeping: BTreeSet<&str> = keeping.map(|service| service.id).collect();
    let left_out: Vec<_> = keeping.iter().filter(|id| !listed.contains(*id) && !without.contains(**id)).collect();
    assert!(left_out.is_empty(), "not in tests/data/lifecycle.toml: {left_out:?}");
    let unknown: Vec<_> = listed.iter().filter(|id| !keeping.contains(*id) || without.contains(**id)).collect();
    assert!(unknown.is_empty(), "in tests/data/lifecycle.toml, and keeping nothing or excused: {unknown:?}");
}
