//! The published contract: what services, classes and enums must look like.

use serde_json::Value;

/// `tests/data/contract.json`.
///
/// # Panics
///
/// When it cannot be read.
#[must_use]
pub fn load() -> Value {
    let path = crate::root().join("tests/data/contract.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("the contract is JSON")
}

/// A service of the contract by its id, whatever its case.
#[must_use]
pub fn service<'a>(contract: &'a Value, id: &str) -> Option<&'a Value> {
    let services = contract["services"].as_object()?;
    services.values().find(|service| service["serviceId"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(id)))
}

/// The properties of a class in the order of the wire: those of its base classes first.
///
/// # Panics
///
/// When the contract has no such class.
#[must_use]
pub fn properties(contract: &Value, class: &str) -> Vec<Value> {
    let info = &contract["classes"][class];
    assert!(info.is_object(), "the contract has no class {class}");
    // Every class is below KalturaObject, which has one property.
    let mut all = match info["base"].as_str() {
        Some(base) => properties(contract, base),
        None => vec![serde_json::json!({"name": "relatedObjects", "type": "map"})],
    };
    all.extend(info["properties"].as_array().cloned().unwrap_or_default());
    all
}
