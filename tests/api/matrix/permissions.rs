//! What roles open: each permission that the contract names for an action opens it alone, and no other one does.

use std::collections::BTreeSet;

use ks_schema::generated::services::ActionId;
use ks_tests::call::forbidden_name;
use ks_tests::contract;
use ks_tests::house::{Account, House};
use serde_json::{Value, json};

use super::calls::arguments;

/// Permissions that no role of an account brings: they belong to accounts below 0, or to an inner address.
pub(super) fn is_inner(permission: &str) -> bool {
    permission.contains('>')
        || permission.starts_with("PARTNER_-")
        || ["HOSTED_PAGES_BASE", "ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS", "SYSTEM_ADMIN_PERMISSIONS_MANAGE"]
            .contains(&permission)
}

/// Open to everybody: the reference asks for no permission, and so the contract has none.
pub(super) const OPEN: &str = "schema.serve";

/// The permissions of an action by the contract; none for the plugin's own.
pub(super) fn granting(contract: &Value, action: &str) -> BTreeSet<String> {
    let (service, name) = action.split_once('.').expect("service.action");
    let names = contract::service(contract, service).and_then(|found| found["actions"][name]["permissions"].as_array());
    let open = (action == OPEN).then_some("ALWAYS_ALLOWED_ACTIONS");
    names.into_iter().flatten().filter_map(Value::as_str).chain(open).map(str::to_owned).collect()
}

/// All permissions of the contract.
fn all(contract: &Value) -> BTreeSet<String> {
    let services = contract["services"].as_object().expect("services").values();
    let actions = services.flat_map(|service| service["actions"].as_object().into_iter().flatten());
    let names = actions.flat_map(|(_, action)| action["permissions"].as_array().into_iter().flatten());
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An account in which nothing is always allowed.
fn bare(house: &House) -> Account {
    let account = house.account(601);
    house.change(&account, |partner| partner.always_allowed_permission_names = Some("NOTHING_AT_ALL".to_owned()));
    account
}

/// Whether a session with one role gets past the permissions.
fn opens(house: &House, account: &Account, action: &str, role: i64) -> bool {
    let mut params = arguments(house, action, account);
    params["ks"] = json!(account.mint(0, "somebody", &format!("setrole:{role}")));
    let answer = house.call(action, &params);
    let forbidden = json!({"SERVICE": forbidden_name(action)});
    !(answer["code"] == "SERVICE_FORBIDDEN" && answer["args"] == forbidden)
}

/// Whether an action answers every refusal like something else, so that nothing can be read from it.
fn hides(action: &str) -> bool {
    ActionId::ALL.iter().any(|id| id.info().full_name() == action && id.info().flatten.is_some())
}

fn actions() -> impl Iterator<Item = String> {
    ActionId::ALL.iter().map(|action| action.info().full_name())
}

#[test]
fn each_permission_of_the_contract_opens_its_action() {
    let (house, contract) = (House::build(), contract::load());
    let account = bare(&house);
    for action in actions() {
        for permission in granting(&contract, &action).iter().filter(|permission| !is_inner(permission)) {
            let role = house.role(&account, &format!("{action} {permission}"), permission);
            assert!(opens(&house, &account, &action, role), "{permission} does not open {action}");
        }
    }
}

#[test]
fn all_other_permissions_together_open_nothing() {
    let (house, contract) = (House::build(), contract::load());
    let account = bare(&house);
    let all = all(&contract);
    for action in actions().filter(|action| !hides(action)) {
        let own = granting(&contract, &action);
        let others: Vec<&str> = all.iter().filter(|name| !own.contains(*name)).map(String::as_str).collect();
        let role = house.role(&account, &action, &others.join(","));
        assert!(!opens(&house, &account, &action, role), "{action} is open to a role without any of {own:?}");
    }
}

#[test]
fn a_role_that_names_an_inner_permission_opens_nothing() {
    let (house, contract) = (House::build(), contract::load());
    let account = bare(&house);
    let mut open = Vec::new();
    for action in actions() {
        for permission in granting(&contract, &action).iter().filter(|permission| is_inner(permission)) {
            let name = permission.split('>').next_back().unwrap_or_default();
            let role = house.role(&account, &format!("{action} {permission}"), name);
            if opens(&house, &account, &action, role) {
                open.push(format!("{name} opens {action}"));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}
