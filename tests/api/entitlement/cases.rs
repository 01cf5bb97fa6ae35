//! Every case of `tests/data/entitlement-cases.json`, each on a fresh account of a running server.

use std::collections::BTreeSet;

use ks_tests::house::House;
use serde_json::{Map, Value, json};

use super::world::{World, build};

#[test]
fn all_cases_agree() {
    let file = std::fs::read_to_string(ks_tests::root().join("tests/data/entitlement-cases.json")).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 107, "every case of the file");
    let house = House::build();
    let mut wrong = Vec::new();
    for (case, number) in cases.iter().zip(1000..) {
        let world = build(&house, &file["setups"][case["setup"].as_str().unwrap()], number);
        if let Err(why) = world.check(&house, case) {
            wrong.push(format!("{}: {why}", case["name"].as_str().unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases disagree:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Parameters and results that hold ids of categories; all others hold ids of entries, or none.
const CATEGORY_NAMES: [&str; 9] = [
    "id",
    "categoryId",
    "parentId",
    "categoryIds",
    "targetCategoryParentId",
    "categoryIdEqual",
    "idEqual",
    "idIn",
    "ancestorIdIn",
];

impl World {
    fn check(&self, house: &House, case: &Value) -> Result<(), String> {
        let (service, action) = (text(&case["call"]["service"]), text(&case["call"]["action"]));
        let mut params = self.translated(&case["call"]["params"], service);
        if let Some(ks) = self.session(&case["session"]) {
            params["ks"] = json!(ks);
        }
        let answer = house.call(&format!("{service}.{action}"), &params);
        let mut expected = case["expect"].clone();
        // A deliberate departure counts in place of what the reference does.
        if let Some(required) = case["required"].as_object() {
            for (name, value) in required {
                expected[name] = value.clone();
            }
        }
        self.compare(house, case, service, &expected, &answer).map_err(|why| format!("{why}; answered {answer}"))
    }

    fn session(&self, session: &Value) -> Option<String> {
        let kind = i32::try_from(session["type"].as_i64()?).ok()?;
        let user = text(&session["userId"]);
        let privileges = self
            .entries
            .iter()
            .fold(text(&session["privileges"]).to_owned(), |said, (old, new)| said.replace(old, new));
        Some(match session["ksVersion"].as_i64() {
            Some(1) => self.account.mint_v1(kind, user, &privileges),
            _ => self.account.mint(kind, user, &privileges),
        })
    }

    fn category(&self, id: i64) -> i64 {
        // An id of no setup stays: it means "does not exist". None of those here may be the same.
        self.categories.get(&id).copied().unwrap_or(id + 1_000_000)
    }

    /// Ids of the file in place of ids of this account, or the other way round.
    fn translated(&self, value: &Value, service: &str) -> Value {
        match value {
            Value::Object(object) => object
                .iter()
                .map(|(name, value)| {
                    let of_entry = name == "entryId"
                        || service == "baseEntry" && matches!(name.as_str(), "id" | "idEqual" | "idIn");
                    let is_category = CATEGORY_NAMES.contains(&name.as_str()) && !of_entry
                        || name.starts_with("categor") && !of_entry && !value.is_object();
                    let value = match value {
                        Value::Number(id) if is_category => json!(self.category_or_root(id.as_i64().unwrap_or(0))),
                        Value::String(ids) if is_category => json!(self.each(ids)),
                        Value::String(ids) => json!(self.each_entry(ids)),
                        other => self.translated(other, service),
                    };
                    (name.clone(), value)
                })
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn category_or_root(&self, id: i64) -> i64 {
        if id == 0 { 0 } else { self.category(id) }
    }

    fn each(&self, ids: &str) -> String {
        let translated = ids.split(',').map(|id| match id.parse() {
            Ok(id) => self.category_or_root(id).to_string(),
            Err(_) => id.to_owned(),
        });
        translated.collect::<Vec<_>>().join(",")
    }

    fn each_entry(&self, ids: &str) -> String {
        ids.split(',').map(|id| self.entries.get(id).map_or(id, String::as_str)).collect::<Vec<_>>().join(",")
    }

    /// An id of this account as the file has it.
    fn file_category(&self, id: i64) -> i64 {
        let known = self.categories.iter().find(|(_, here)| **here == id).map(|(file, _)| *file);
        known.unwrap_or(if id > 1_000_000 { id - 1_000_000 } else { id })
    }

    fn file_text(&self, text: &str) -> String {
        if let Some((file, _)) = self.entries.iter().find(|(_, here)| here.as_str() == text) {
            return file.clone();
        }
        let ids = text.split('>').map(|id| id.parse().map(|id| self.file_category(id).to_string()));
        ids.collect::<Result<Vec<_>, _>>().map_or_else(|_| text.to_owned(), |ids| ids.join(">"))
    }

    fn compare(
        &self,
        house: &House,
        case: &Value,
        service: &str,
        expected: &Value,
        answer: &Value,
    ) -> Result<(), String> {
        let is_error = answer["objectType"] == "KalturaAPIException";
        if let Some(code) = expected["errorCode"].as_str() {
            if answer["code"] != code {
                return Err(format!("expected {code}"));
            }
            if let Some(args) = expected["args"].as_object() {
                let found = answer["args"].as_object().cloned().unwrap_or_default();
                let found: Map<String, Value> =
                    found.iter().map(|(name, value)| (name.clone(), json!(self.file_text(text(value))))).collect();
                let args: Map<String, Value> =
                    args.iter().map(|(name, value)| (name.clone(), json!(plain(value)))).collect();
                if found != args {
                    return Err(format!("expected the arguments {args:?}"));
                }
            }
            return Ok(());
        }
        if is_error {
            return Err("expected no error".to_owned());
        }
        if let Some(ids) = expected["ids"].as_array() {
            let expected: BTreeSet<String> = ids.iter().map(plain).collect();
            let objects = answer["objects"].as_array().cloned().unwrap_or_default();
            let found: BTreeSet<String> = objects.iter().map(|object| self.name_of(service, object)).collect();
            if found != expected || found.len() != objects.len() {
                return Err(format!("expected {expected:?}, found {found:?}"));
            }
        }
        if let Some(total) = expected["totalCount"].as_i64()
            && answer["totalCount"] != total
        {
            return Err(format!("expected {total} in all"));
        }
        if let Some(object) = expected["object"].as_object() {
            let found = if answer.is_object() { answer.clone() } else { self.read_back(house, case, service) };
            for (name, value) in object {
                if plain(&found[name]) != plain(value) {
                    return Err(format!("expected {name} to be {value}, found {found}"));
                }
            }
        }
        for id in expected["thenNotFound"].as_array().into_iter().flatten().filter_map(Value::as_i64) {
            let mut params = json!({"id": self.category(id)});
            params["ks"] = json!(self.session(&case["session"]));
            let (code, _) = house.fault(&format!("{service}.get"), &params);
            if !code.ends_with("_NOT_FOUND") {
                return Err(format!("{id} is there: {code}"));
            }
        }
        Ok(())
    }

    /// How the file names an object.
    fn name_of(&self, service: &str, object: &Value) -> String {
        let category = |name: &str| self.file_category(object[name].as_i64().unwrap_or_default()).to_string();
        match service {
            "category" => category("id"),
            "categoryEntry" => format!("{}|{}", self.file_text(text(&object["entryId"])), category("categoryId")),
            "categoryUser" => format!("{}|{}", text(&object["userId"]), category("categoryId")),
            _ => self.file_text(text(&object["id"])),
        }
    }

    /// What the object is after a call that answers none.
    fn read_back(&self, house: &House, case: &Value, service: &str) -> Value {
        let params = self.translated(&case["call"]["params"], service);
        let ks = self.account.mint(2, "", "disableentitlement");
        let entry = if params["entryId"].is_string() { "entryId" } else { "id" };
        house.good(&format!("{service}.get"), &json!({"ks": ks, entry: params[entry]}))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A value as it is compared: the wire does not tell numbers from their texts.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
