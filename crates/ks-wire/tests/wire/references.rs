//! References from one part of a multirequest to the answers of earlier ones.

use ks_schema::{ApiError, Out};
use ks_wire::{CallTree, ReferenceBudget};

use crate::fixtures::{JSON, ask, error, list_of, multi, show_tree, text, thing};

fn results() -> Vec<Out> {
    let items = [4, 9].map(|id| thing(&[("id", Out::Int(id)), ("name", text("n")), ("password", text("secret"))]));
    vec![
        text("KS"),
        list_of(items.to_vec()),
        Out::Bool(true),
        Out::Bool(false),
        error(ApiError::user_not_found()),
        Out::Null,
        Out::Map(vec![("k:1".to_owned(), text("no")), ("k".to_owned(), thing(&[("score", Out::Float(0.1 + 0.2))]))]),
        text("{1:result}"),
        Out::List(vec![text("a"), text("b")]),
    ]
}

fn resolve(value: &str) -> String {
    let body = serde_json::json!({"1": {"service": "s", "action": "a", "x": {"y": [value]}}}).to_string();
    let mut calls = multi(ask("/api_v3/service/multirequest", Some(JSON), body));
    calls[0].resolve(&results(), &mut ReferenceBudget::default()).unwrap();
    show_tree(&calls[0].params["x"])["y"][0].as_str().unwrap().to_owned()
}

#[test]
fn paths_lead_to_values() {
    for (reference, expected) in [
        ("{1:result}", "KS"),
        ("{2:result:totalCount}", "2"),
        ("{2:result:objects:0:id}", "4"),
        ("{2:result:objects:1:id}", "9"),
        ("tag_{2:result:objects:1:id}_end", "tag_9_end"),
        ("{2:result:objects:_all:id}", "4,9,"),
        ("{2:result:objects:_all:nope}", ",,"),
        ("{3:result}", "1"),
        ("{4:result}", ""),
        ("{7:result:k:score}", "0.3"),
        ("{9:result:1}", "b"),
        ("{9:result:_all}", "a,b,"),
    ] {
        assert_eq!(resolve(reference), expected, "{reference}");
    }
}

#[test]
fn what_leads_nowhere_is_empty() {
    for reference in [
        "{1:result:id}",
        "{2:result}",
        "{2:result:objects}",
        "{2:result:objects:2:id}",
        "{2:result:objects:-1:id}",
        "{2:result:objects:id}",
        "{2:result:nope}",
        "{2:result:objects:0:password}",
        "{5:result}",
        "{5:result:code}",
        "{6:result}",
        "{6:result:id}",
        // Matching is greedy.
        "{1:result:id},{2:result:totalCount}",
        "{1:result},{1:result}",
        "{1:result}}",
    ] {
        assert_eq!(resolve(reference), "", "{reference}");
    }
}

#[test]
fn everything_else_stays_literal() {
    for literal in [
        "{10:result}",
        "{0:result}",
        "{:result}",
        "{1:results}",
        "{1:result",
        "{1}",
        "{ 1:result}",
        "{-1:result}",
        "{99999999999999999999:result}",
        "1:result}",
        "}{1:result",
        "",
    ] {
        assert_eq!(resolve(literal), literal);
    }
    // A reference to a call that has not run does not hide one to a call that has.
    assert_eq!(resolve("{10:result} {1:result}"), "{10:result} KS");
}

#[test]
fn an_answer_cannot_bring_references_of_its_own() {
    assert_eq!(resolve("{8:result}"), "{1:result}");
}

#[test]
fn the_ks_can_be_a_reference_too() {
    let body = r#"{"1":{"service":"s","action":"a"},"2":{"service":"s","action":"b"},"ks":"{1:result}"}"#;
    let mut calls = multi(ask("/api_v3/service/multirequest", Some(JSON), body));
    let mut budget = ReferenceBudget::default();
    calls[0].resolve(&[], &mut budget).unwrap();
    assert_eq!(calls[0].ks().as_deref(), Some("{1:result}"));
    calls[1].resolve(&[text("K")], &mut budget).unwrap();
    assert_eq!(calls[1].ks().as_deref(), Some("K"));
}

/// A multirequest of this many parts, each with one list of references.
fn parts(count: usize, references: &[&str]) -> Vec<CallTree> {
    let part = serde_json::json!({"service": "s", "action": "a", "x": references});
    let body: serde_json::Map<_, _> = (1..=count).map(|number| (number.to_string(), part.clone())).collect();
    multi(ask("/api_v3/service/multirequest", Some(JSON), serde_json::Value::Object(body).to_string()))
}

#[test]
fn growth_is_bounded_for_all_parts_together() {
    // 601,000 bytes with the commas.
    let results = [Out::List((0..1000).map(|_| text(&"x".repeat(600))).collect()), text("y")];
    let refused = ApiError::parameter_value_out_of_range("references", 0, 1 << 20);
    let mut calls = parts(3, &["{1:result:_all}"]);
    let mut budget = ReferenceBudget::default();
    calls[0].resolve(&results, &mut budget).unwrap();
    assert_eq!(show_tree(&calls[0].params["x"])[0].as_str().unwrap().len(), 601_000);
    for call in &mut calls[1..] {
        assert_eq!(call.resolve(&results, &mut budget), Err(refused.clone()));
    }
    // Once it is spent, a single byte is too much, but a text without references is none.
    assert_eq!(parts(1, &["{2:result}"])[0].resolve(&results, &mut budget), Err(refused.clone()));
    parts(1, &["y", "{2:result:nowhere}"])[0].resolve(&results, &mut budget).unwrap();
    // Within one part it is the same.
    let mut call = parts(1, &["{1:result:_all}"; 10_000]).remove(0);
    assert_eq!(call.resolve(&results, &mut ReferenceBudget::default()), Err(refused));
}

#[test]
fn the_whole_budget_can_be_used() {
    let results = [text(&"x".repeat(1 << 19))];
    let mut calls = parts(3, &["{1:result}"]);
    let mut budget = ReferenceBudget::default();
    calls[0].resolve(&results, &mut budget).unwrap();
    calls[1].resolve(&results, &mut budget).unwrap();
    assert!(calls[2].resolve(&results, &mut budget).is_err());
}
