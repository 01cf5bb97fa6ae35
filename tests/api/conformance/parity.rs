//! `reports/parity.md`: what of the contract is there. Written by `KS_UPDATE=1`, checked otherwise.

use std::fmt::Write as _;

use ks_schema::generated::services;
use serde_json::Value;

use super::{differences, ours};

fn state(contract: &Value, service: &str, action: &str) -> (&'static str, String) {
    let declared = services::ALL
        .iter()
        .filter(|info| info.id.eq_ignore_ascii_case(service))
        .flat_map(|info| info.actions)
        .find(|info| info.name == action);
    let Some(info) = declared else {
        let name = format!("{service}.{action}");
        let why = differences::ABSENT.iter().find(|(known, _)| *known == name).map_or("", |(_, why)| why);
        return ("absent", why.to_owned());
    };
    let mut notes: Vec<String> = differences::PARTIAL
        .iter()
        .filter(|(name, _)| *name == info.full_name())
        .map(|(_, missing)| (*missing).to_owned())
        .collect();
    let state = if notes.is_empty() { "full" } else { "partial" };
    for found in ours::of_action(contract, service, info) {
        let reason = differences::KNOWN.iter().find(|(what, _)| *what == found).map_or(found.as_str(), |(_, why)| why);
        notes.push(reason.to_owned());
    }
    notes.dedup();
    (state, notes.join("; "))
}

fn table(contract: &Value) -> String {
    let mut rows = String::new();
    let mut counts = [("full", 0), ("partial", 0), ("absent", 0)];
    for service in contract["services"].as_object().expect("services").values() {
        let id = service["serviceId"].as_str().expect("an id");
        for action in service["actions"].as_object().expect("actions").keys() {
            let (state, notes) = state(contract, id, action);
            for (name, count) in &mut counts {
                *count += usize::from(*name == state);
            }
            let _ = writeln!(rows, "| `{id}.{action}` | {state} | {notes} |");
        }
    }
    let sum: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    format!(
        "# Parity with the published API\n\n\
         Every action of the contract (`tests/data/contract.json`): {}. Full: declared as published, and called on a \
         live server by the tests. Differences of the declaration are named with their reason.\n\n\
         Beside these there are the services of our own plugin `ks`, which the reference does not have.\n\n\
         Written by `KS_UPDATE=1 cargo test -p ks-tests parity`; a test fails when it is stale.\n\n\
         | action | state | notes |\n|---|---|---|\n{rows}",
        sum.join(", ")
    )
}

#[test]
fn the_parity_table_is_up_to_date() {
    let table = table(&ks_tests::contract::load());
    let path = ks_tests::root().join("reports/parity.md");
    if std::env::var_os("KS_UPDATE").is_some() {
        std::fs::create_dir_all(ks_tests::root().join("reports")).expect("reports/ can be made");
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == table, "reports/parity.md is stale: run `KS_UPDATE=1 cargo test -p ks-tests parity`");
}

#[test]
fn notes_are_about_actions_that_are_there() {
    for (name, _) in differences::PARTIAL {
        let there = services::ALL.iter().flat_map(|service| service.actions).any(|info| info.full_name() == *name);
        assert!(there, "{name}");
    }
    for (name, _) in differences::ABSENT {
        let there = services::ALL.iter().flat_map(|service| service.actions).any(|info| info.full_name() == *name);
        assert!(!there, "{name} is declared");
    }
}
