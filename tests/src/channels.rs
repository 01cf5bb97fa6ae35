//! An account with categories, members and entries, and sessions that see more or less of them.

use ks_schema::{EntryId, UserId};
use ks_store::{Content, Entry};
use serde_json::{Value, json};

use crate::house::{Account, House, now};

/// A server with one account.
#[derive(Debug)]
pub struct Channels {
    /// The server.
    pub house: House,
    /// The account.
    pub account: Account,
    /// An administrator's session that sees everything and has no user.
    pub all: String,
}

impl Channels {
    /// An account that enforces entitlement unless a session says otherwise.
    #[must_use]
    pub fn build() -> Self {
        let house = House::build();
        let account = house.account(801);
        house.change(&account, |partner| partner.default_entitlement_enforcement = true);
        let all = account.mint(2, "", "all:*,disableentitlement");
        Self { house, account, all }
    }

    /// A session of a user within a context.
    #[must_use]
    pub fn user(&self, user: &str, context: &str) -> String {
        self.account.mint(0, user, &format!("privacycontext:{context}"))
    }

    /// A call with a session.
    #[must_use]
    #[track_caller]
    pub fn call(&self, ks: &str, name: &str, mut params: Value) -> Value {
        params["ks"] = json!(ks);
        self.house.call(name, &params)
    }

    /// A call with a session that must succeed.
    #[track_caller]
    pub fn good(&self, ks: &str, name: &str, mut params: Value) -> Value {
        params["ks"] = json!(ks);
        self.house.good(name, &params)
    }

    /// A call with a session that must fail: its code and arguments.
    #[must_use]
    #[track_caller]
    pub fn fault(&self, ks: &str, name: &str, mut params: Value) -> (String, Value) {
        params["ks"] = json!(ks);
        self.house.fault(name, &params)
    }

    /// Adds a category: its id.
    ///
    /// # Panics
    ///
    /// When that is refused.
    #[track_caller]
    pub fn add(&self, category: Value) -> i64 {
        let mut params = json!({});
        params["category"] = category;
        let added = self.good(&self.all, "category.add", params);
        added["id"].as_i64().expect("an id")
    }

    /// A category, whoever may see it.
    #[must_use]
    #[track_caller]
    pub fn category(&self, id: i64) -> Value {
        self.good(&self.all, "category.get", json!({ "id": id }))
    }

    /// Makes a user or group a member at a level of 0 to 4.
    #[track_caller]
    pub fn member(&self, category: i64, user: &str, level: i64) {
        let member = json!({"categoryId": category, "userId": user, "permissionLevel": level});
        self.good(&self.all, "categoryUser.add", json!({ "categoryUser": member }));
    }

    /// Makes an entry that is ready.
    ///
    /// # Panics
    ///
    /// When there is one with this id, or no such user.
    pub fn entry(&self, id: &str, owner: &str) {
        entry(&self.house, &self.account, id, owner);
    }

    /// Puts an entry into a category.
    #[track_caller]
    pub fn put(&self, entry: &str, category: i64) {
        let place = json!({"entryId": entry, "categoryId": category});
        self.good(&self.all, "categoryEntry.add", json!({ "categoryEntry": place }));
    }

    /// What categories and lists count: the direct entries, all entries, and those that wait.
    #[must_use]
    #[track_caller]
    pub fn counts(&self, category: i64) -> [i64; 3] {
        let category = self.category(category);
        ["directEntriesCount", "entriesCount", "pendingEntriesCount"].map(|name| category[name].as_i64().unwrap_or(-1))
    }

    /// The ids of the categories that a filter finds, in the order of the answer, and how many there are in all.
    #[must_use]
    #[track_caller]
    pub fn list(&self, ks: &str, filter: &Value) -> (Vec<i64>, i64) {
        let answer = self.good(ks, "category.list", json!({ "filter": filter }));
        let objects = answer["objects"].as_array().expect("objects");
        let ids = objects.iter().map(|object| object["id"].as_i64().expect("an id")).collect();
        (ids, answer["totalCount"].as_i64().expect("a count"))
    }
}

/// Makes an entry of an account that is ready.
///
/// # Panics
///
/// When there is one with this id, or no such user.
pub fn entry(house: &House, account: &Account, id: &str, owner: &str) {
    let partner = account.partner();
    let user = house.wait(house.store.live_user(partner, &UserId::new(owner)));
    let user = user.expect("a store").expect("a known user");
    let mut entry = Entry::new(EntryId::new(id), partner, "1", now());
    entry.status = 2;
    entry.name = id.to_owned();
    (entry.owner, entry.owner_id) = (Some(user.id), Some(user.user_id.clone()));
    (entry.creator, entry.creator_id) = (entry.owner, entry.owner_id.clone());
    let content = Content { entries: vec![entry], ..Content::default() };
    house.wait(house.store.import_content(partner, content, now())).expect("a new entry");
}
