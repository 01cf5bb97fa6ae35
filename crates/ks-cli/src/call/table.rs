//! Answers as people read them.

use serde_json::{Map, Value};

use crate::output::{self, printable};

/// Columns that say most, in this order, where the objects have them.
const FIRST: [&str; 12] =
    ["id", "name", "fullName", "title", "userId", "categoryId", "entryId", "email", "status", "type", "code", "value"];
const COLUMNS: usize = 6;
/// The longest text of a cell, in characters.
const WIDTH: usize = 60;

/// The objects of a list, if the answer is one.
pub(super) fn objects(answer: &Value) -> Option<&Vec<Value>> {
    answer.get("objects").or(Some(answer)).and_then(Value::as_array)
}

/// The answer in columns.
pub(super) fn text(answer: &Value, columns: &[String]) -> String {
    if let Some(objects) = objects(answer) {
        return rows(objects, columns);
    }
    match answer {
        Value::Object(map) => {
            let wanted = |name: &&String| columns.is_empty() || columns.contains(name);
            let rows = map.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| vec![name.clone(), cell(value)]);
            output::table(&["PROPERTY", "VALUE"], &rows.collect::<Vec<_>>())
        }
        // A scalar stands alone, so that a script can take it.
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Objects, one in each row.
pub(super) fn rows(objects: &[Value], columns: &[String]) -> String {
    let names: Vec<String> = if columns.is_empty() { choose(objects) } else { columns.to_vec() };
    let headings: Vec<String> = names.iter().map(|name| printable(name).to_uppercase()).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let row = |object: &Value| names.iter().map(|name| object.get(name).map_or_else(String::new, cell)).collect();
    output::table(&headings, &objects.iter().map(row).collect::<Vec<_>>())
}

fn choose(objects: &[Value]) -> Vec<String> {
    let Some(Value::Object(map)) = objects.first() else { return vec!["value".to_owned()] };
    let scalar = |map: &Map<String, Value>, name: &str| {
        map.get(name).is_some_and(|value| !value.is_object() && !value.is_array() && !value.is_null())
    };
    let first = FIRST.into_iter().filter(|name| scalar(map, name)).map(str::to_owned);
    let rest = map.keys().filter(|name| *name != "objectType" && !FIRST.contains(&name.as_str()) && scalar(map, name));
    first.chain(rest.cloned()).take(COLUMNS).collect()
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::String(text) => printable(text),
        Value::Null => String::new(),
        other => printable(&other.to_string()),
    };
    if text.chars().count() > WIDTH { text.chars().take(WIDTH - 1).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_laid_out_by_its_shape() {
        let list = json!({ "totalCount": 2, "objects": [
            { "name": "Lectures", "id": 1, "objectType": "KalturaCategory", "depth": 0, "x": {} },
            { "name": "Phy\u{1b}sics", "id": 10, "depth": 1 } ] });
        assert_eq!(text(&list, &[]), "ID  NAME           DEPTH\n1   Lectures       0\n10  Phy\\u{1b}sics  1");
        assert_eq!(text(&list, &["depth".to_owned()]), "DEPTH\n0\n1");
        assert_eq!(text(&json!({ "id": 7, "tags": null }), &[]), "PROPERTY  VALUE\nid        7\ntags");
        assert_eq!(text(&json!("djJ8"), &[]), "djJ8");
        assert_eq!(text(&json!(true), &[]), "true");
        assert_eq!(text(&json!({ "objects": [] }), &[]), "VALUE");
        assert!(text(&json!([{ "a": "x".repeat(99) }]), &[]).ends_with('…'));
    }
}
