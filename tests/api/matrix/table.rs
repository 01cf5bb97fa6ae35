//! Reads `tests/data/matrix.toml`, and compares an answer with a cell.

use std::collections::{BTreeMap, BTreeSet};

use ks_tests::call::{fault, forbidden_name};
use serde_json::{Value, json};

/// The table.
pub(super) struct Table {
    pub(super) callers: Vec<String>,
    pub(super) rows: Vec<(String, Vec<Cell>)>,
    pub(super) inside: Vec<(String, Vec<Cell>)>,
    pub(super) objects: BTreeMap<String, Cell>,
    pub(super) kinds: Vec<Kind>,
}

/// A kind of session without a column.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) session: String,
    pub(super) how: String,
    pub(super) rule: Rule,
    pub(super) permissions: Vec<String>,
}

/// What a kind of session may call.
pub(super) enum Rule {
    /// The same as a column.
    Like(String),
    /// What some permissions open.
    Only,
    /// What all but some permissions open.
    AllBut,
}

impl Kind {
    fn read(name: &str, table: &toml::Table) -> Self {
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let rule = match text("rule").as_str() {
            "only" => Rule::Only,
            "all but" => Rule::AllBut,
            other => match other.strip_prefix("like ") {
                Some(column) => Rule::Like(column.to_owned()),
                None => panic!("{name} has no rule that is known: {other:?}"),
            },
        };
        let permissions = table.get("permissions").and_then(toml::Value::as_array).into_iter().flatten();
        let permissions = permissions.filter_map(toml::Value::as_str).map(str::to_owned).collect();
        Self { name: name.to_owned(), session: text("session"), how: text("how"), rule, permissions }
    }
}

impl Table {
    pub(super) fn load() -> Self {
        let text = std::fs::read_to_string(ks_tests::root().join("tests/data/matrix.toml")).expect("the table");
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("tests/data/matrix.toml: {error}"));
        let part = |name: &str| -> &toml::Table {
            table.get(name).and_then(toml::Value::as_table).unwrap_or_else(|| panic!("the table has no [{name}]"))
        };
        let word = |word: &str| -> Cell {
            let meaning = part("words").get(word).and_then(toml::Value::as_str);
            Cell(meaning.unwrap_or_else(|| panic!("[words] does not say what {word:?} stands for")).to_owned())
        };
        let callers: Vec<String> = part("callers").keys().cloned().collect();
        let rows = |name: &str| -> Vec<(String, Vec<Cell>)> {
            let row = |(action, cells): (&String, &toml::Value)| {
                let cells: Vec<Cell> =
                    cells.as_str().unwrap_or_else(|| panic!("{action}")).split_whitespace().map(word).collect();
                assert_eq!(cells.len(), callers.len(), "{action} has a cell for each caller");
                (action.clone(), cells)
            };
            part(name).iter().map(row).collect()
        };
        let (all, inside) = (rows("rows"), rows("inside"));
        let object = |(action, cell): (&String, &toml::Value)| {
            (action.clone(), Cell(cell.as_str().unwrap_or_else(|| panic!("{action}")).to_owned()))
        };
        let objects = part("objects").iter().map(object).collect();
        let kind = |(name, value): (&String, &toml::Value)| {
            Kind::read(name, value.as_table().unwrap_or_else(|| panic!("[kinds.{name}] is no table")))
        };
        let kinds = part("kinds").iter().map(kind).collect();
        Self { callers, rows: all, inside, objects, kinds }
    }
}

/// What one caller is told: `allow`, a code, or `INVALID_KS` and a reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell(String);

impl Cell {
    pub(super) fn new(expected: &str) -> Self {
        Self(expected.to_owned())
    }

    pub(super) fn expected(&self) -> &str {
        &self.0
    }

    /// Whether an answer agrees; if not, how it differs. `own` are the errors that the action itself may raise.
    pub(super) fn judge(&self, answer: &Value, action: &str, own: &BTreeSet<String>) -> Result<(), String> {
        let told = if answer["objectType"] == "KalturaAPIException" { Some(fault(answer)) } else { None };
        let agrees = match (&told, self.0.as_str()) {
            (None, expected) => expected == "allow",
            (Some((code, _)), "allow") => own.contains(code),
            (Some((code, args)), "SERVICE_FORBIDDEN") => {
                code == "SERVICE_FORBIDDEN" && *args == json!({"SERVICE": forbidden_name(action)})
            }
            (Some((code, args)), expected) => match expected.split_once(' ') {
                Some((expected, reason)) => {
                    let named = json!({"KSID": reason, "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"});
                    code == expected && *args == named
                }
                None => code == expected,
            },
        };
        if agrees {
            return Ok(());
        }
        let told = told.map_or_else(|| "allow".to_owned(), |(code, args)| format!("{code} {args}"));
        Err(format!("expected {}, got {told}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, args: &Value) -> Value {
        json!({"code": code, "message": "no", "objectType": "KalturaAPIException", "args": args})
    }

    #[test]
    fn an_answer_agrees_with_its_own_cell_only() {
        let own = BTreeSet::from(["START_SESSION_ERROR".to_owned()]);
        let ksid = |reason: &str| json!({"KSID": reason, "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"});
        let answers = [
            ("allow", json!("a token")),
            ("SERVICE_FORBIDDEN", refusal("SERVICE_FORBIDDEN", &json!({"SERVICE": "session->start"}))),
            ("INVALID_KS EXPIRED", refusal("INVALID_KS", &ksid("EXPIRED"))),
            ("INVALID_KS LOGOUT", refusal("INVALID_KS", &ksid("LOGOUT"))),
            ("SERVICE_FORBIDDEN_CONTENT_BLOCKED", refusal("SERVICE_FORBIDDEN_CONTENT_BLOCKED", &json!([]))),
        ];
        for (expected, _) in &answers {
            for (told, answer) in &answers {
                let judged = Cell((*expected).to_owned()).judge(answer, "session.start", &own);
                assert_eq!(judged.is_ok(), expected == told, "{expected} {told}: {judged:?}");
            }
        }
        let allow = Cell("allow".to_owned());
        let pid = json!({"PID": "1"});
        assert!(allow.judge(&refusal("START_SESSION_ERROR", &pid), "session.start", &own).is_ok());
        for code in ["MISSING_KS", "USER_BLOCKED", "INTERNAL_SERVERL_ERROR", "INVALID_OBJECT_ID"] {
            assert!(allow.judge(&refusal(code, &pid), "session.start", &own).is_err(), "{code}");
        }
        let forbidden = Cell("SERVICE_FORBIDDEN".to_owned());
        let other = refusal("SERVICE_FORBIDDEN", &json!({"SERVICE": "session->end"}));
        assert!(forbidden.judge(&other, "session.start", &own).is_err());
    }
}
