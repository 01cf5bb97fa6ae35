//! The service `baseEntry`.

mod categories;
mod content;
mod context;
mod copy;
pub(crate) mod crud;
mod list;
mod moderation;
mod owner;
mod places;
mod recycle;
mod scope;
mod widget;

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

/// An entry with content, of whoever calls: its id.
#[track_caller]
pub(crate) fn ready(house: &House, ks: &str, name: &str) -> String {
    ready_as(house, ks, &json!({"name": name}))
}

/// The same, with these properties.
#[track_caller]
pub(crate) fn ready_as(house: &House, ks: &str, properties: &Value) -> String {
    let mut entry = properties.clone();
    entry["mediaType"] = properties.get("mediaType").cloned().unwrap_or_else(|| json!(1));
    let params = json!({"ks": ks, "mediaEntry": entry, "url": "https://example.com/a.mp4"});
    id(&house.good("media.addFromUrl", &params))
}

/// The id of an object.
#[track_caller]
pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id: {object}")).to_owned()
}

/// An account that enforces entitlement.
pub(crate) fn strict(house: &House, number: i32) -> Account {
    let account = house.account(number);
    house.change(&account, |partner| partner.default_entitlement_enforcement = true);
    account
}

/// A session of an administrator whom nothing is hidden from.
pub(crate) fn free(account: &Account) -> String {
    account.mint(2, "root", "disableentitlement")
}

/// A category that an administrator makes: its id.
#[track_caller]
pub(crate) fn category(house: &House, account: &Account, category: &Value) -> i64 {
    let made = house.good("category.add", &json!({"ks": free(account), "category": category}));
    made["id"].as_i64().unwrap_or_else(|| panic!("no id: {made}"))
}

/// Puts an entry into a category.
#[track_caller]
pub(crate) fn assign(house: &House, account: &Account, entry: &str, category: i64) {
    let place = json!({"entryId": entry, "categoryId": category});
    house.good("categoryEntry.add", &json!({"ks": free(account), "categoryEntry": place}));
}

/// The names of the entries of an answer, in their order.
pub(crate) fn names(list: &Value) -> Vec<String> {
    let objects = list["objects"].as_array().or_else(|| list.as_array()).unwrap_or_else(|| panic!("no list: {list}"));
    objects.iter().map(|entry| entry["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The names of the entries that a list shows, sorted; their number must be what it says.
#[track_caller]
pub(crate) fn listed(house: &House, ks: &str, filter: &Value) -> Vec<String> {
    let list = house.good("baseEntry.list", &json!({"ks": ks, "filter": filter}));
    let mut names = names(&list);
    assert_eq!(list["totalCount"], names.len(), "{list}");
    names.sort_unstable();
    names
}
