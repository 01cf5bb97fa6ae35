//! Every declared action, called by everybody: the rights of a session, apart from what actions do.

pub(crate) mod calls;
mod content;
mod entries;
mod kinds;
mod people;
mod permissions;
mod table;

use std::collections::BTreeSet;

use ks_schema::generated::services::ActionId;
use ks_store::PartnerStatus;
use ks_tests::contract;
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

use calls::arguments;
use table::{Cell, Table};

/// Who may call, in the order of the columns.
const CALLERS: [&str; 8] = ["none", "widget", "user", "admin", "expired", "revoked", "foreign", "blocked"];

/// Three accounts: the one that calls, one that it has nothing to do with, and one that is blocked.
struct Scene {
    house: House,
    own: Account,
    other: Account,
    blocked: Account,
}

impl Scene {
    fn set() -> Self {
        let house = House::build();
        let (own, other, blocked) = (house.account(501), house.account(502), house.account(503));
        house.set_status(&blocked, PartnerStatus::Blocked);
        Self { house, own, other, blocked }
    }

    /// What a caller sends: a session of its own for each call, because calls end sessions.
    fn params(&self, action: &str, caller: &str) -> Value {
        let account = if caller == "blocked" { &self.blocked } else { &self.own };
        let mut params = arguments(&self.house, action, account);
        let ks = match caller {
            "none" => return params,
            "widget" => account.mint(0, "0", "view:*,widget:1"),
            "user" => account.mint(0, "somebody", ""),
            "admin" | "foreign" | "blocked" => account.admin(),
            "expired" => account.mint_until(now() - 1, 2, "root", ""),
            "revoked" => {
                let ks = account.admin();
                self.house.revoke(account, &ks);
                ks
            }
            _ => panic!("the table has a caller that the test does not know: {caller}"),
        };
        params["ks"] = json!(ks);
        if caller == "foreign" {
            params["partnerId"] = json!(self.other.id);
        }
        params
    }
}

fn declared() -> BTreeSet<String> {
    ActionId::ALL.iter().map(|action| action.info().full_name()).collect()
}

/// The errors that are an action's own, whoever calls: what the contract lists for it, and what is declared, which
/// the conformance test holds against the contract.
fn own_errors(contract: &Value, action: &str) -> BTreeSet<String> {
    let (service, name) = action.split_once('.').expect("service.action");
    let mut codes: Vec<String> = Vec::new();
    if let Some(found) = contract::service(contract, service) {
        let info = &found["actions"][name];
        assert!(info.is_object(), "the contract has no {action}");
        let lists = [&info["throws"], &info["throwsInBody"]];
        let listed = lists.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
        codes.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    }
    let id = ActionId::find(&service.to_ascii_lowercase(), &name.to_ascii_lowercase());
    let info = id.unwrap_or_else(|| panic!("{action} is not declared")).info();
    codes.extend(info.throws.iter().map(|code| code.info().code.to_owned()));
    // Declared by one action of the contract, but never its own.
    codes.into_iter().filter(|code| code != "INVALID_KS" && code != "MISSING_KS").collect()
}

/// Calls what one table describes: what disagrees, one line for each cell.
fn disagreements(
    table: &Table,
    rows: &[(String, Vec<Cell>)],
    call: impl Fn(&str, &Value) -> Value,
    scene: &Scene,
) -> Vec<String> {
    let contract = contract::load();
    let mut wrong = Vec::new();
    for (action, cells) in rows {
        let own = own_errors(&contract, action);
        for (caller, cell) in table.callers.iter().zip(cells) {
            let answer = call(action, &scene.params(action, caller));
            if let Err(why) = cell.judge(&answer, action, &own) {
                wrong.push(format!("{action} {caller}: {why}"));
            }
        }
    }
    wrong
}

#[test]
fn every_declared_action_has_a_row_and_every_row_an_action() {
    let table = Table::load();
    assert_eq!(table.callers, CALLERS);
    let rows: BTreeSet<String> = table.rows.iter().map(|(action, _)| action.clone()).collect();
    assert_eq!(rows, declared(), "the rows of tests/data/matrix.toml (left) and the declared actions (right)");
    for (action, _) in &table.inside {
        assert!(rows.contains(action), "{action} is no declared action");
    }
    for action in table.objects.keys() {
        assert!(rows.contains(action), "{action} is no declared action");
    }
}

#[test]
fn every_cell_is_what_the_server_does() {
    let (table, scene) = (Table::load(), Scene::set());
    let wrong = disagreements(&table, &table.rows, |action, params| scene.house.call(action, params), &scene);
    assert!(wrong.is_empty(), "{} cells disagree:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_cell_of_the_operators_listener_is_what_the_server_does() {
    let (table, scene) = (Table::load(), Scene::set());
    let rows: Vec<(String, Vec<Cell>)> = table
        .rows
        .iter()
        .map(|row| table.inside.iter().find(|(action, _)| *action == row.0).unwrap_or(row).clone())
        .collect();
    let wrong = disagreements(&table, &rows, |action, params| scene.house.call_inside(action, params), &scene);
    assert!(wrong.is_empty(), "{} cells disagree:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn objects_of_another_account_are_out_of_reach() {
    let (table, scene) = (Table::load(), Scene::set());
    let contract = contract::load();
    let mut wrong = Vec::new();
    for (action, cell) in &table.objects {
        let mut params = arguments(&scene.house, action, &scene.other);
        params["ks"] = json!(scene.own.admin());
        let answer = scene.house.call(action, &params);
        if let Err(why) = cell.judge(&answer, action, &own_errors(&contract, action)) {
            wrong.push(format!("{action}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{} objects are in reach:\n{}", wrong.len(), wrong.join("\n"));
}

/// The first four columns once more, as contract.json has them: a slip of the pen in the table shows here.
#[test]
fn the_table_is_what_the_contract_says() {
    let (table, contract) = (Table::load(), contract::load());
    for (action, cells) in &table.rows {
        let (service, name) = action.split_once('.').expect("service.action");
        let granted: Vec<&str> = match contract::service(&contract, service) {
            Some(found) => {
                let names = found["actions"][name]["permissions"].as_array();
                let names = names.unwrap_or_else(|| panic!("the contract has no {action}"));
                let open = (action == permissions::OPEN).then_some("ALWAYS_ALLOWED_ACTIONS");
                names.iter().filter_map(Value::as_str).chain(open).collect()
            }
            None => vec!["(the plugin's own)"],
        };
        let everybody = granted.contains(&"ALWAYS_ALLOWED_ACTIONS");
        let widget = everybody || granted.contains(&"WIDGET_SESSION_PERMISSION");
        let user = everybody || granted.contains(&"BASE_USER_SESSION_PERMISSION");
        // Administrators have all permissions but those of the inner accounts, which have negative ids or stand for
        // an inner address.
        let inner = ["ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS", "HOSTED_PAGES_BASE", "SYSTEM_ADMIN_PERMISSIONS_MANAGE"];
        let admin =
            granted.iter().any(|name| !inner.contains(name) && !name.contains('>') && !name.contains("PARTNER_-"));
        for ((caller, cell), expected) in table.callers.iter().zip(cells).zip([everybody, widget, user, admin]) {
            let expected = if expected { "allow" } else { "SERVICE_FORBIDDEN" };
            assert_eq!(cell.expected(), expected, "{action} {caller}");
        }
    }
}
