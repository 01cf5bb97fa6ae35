//! The accounts of `tests/data/entitlement-cases.json`: written straight into the store, as the file has them.

use std::collections::HashMap;

use ks_access::entitlement::membership::names_of_level;
use ks_schema::{CategoryId, EntryId, UserId};
use ks_store::{
    Category, CategoryEntry, CategoryUser, CoUsers, Content, Entry, KuserId, MemberRole, NewMember, NewUser, UserKind,
};
use ks_tests::house::{Account, House, now};
use serde_json::Value;

/// A fresh account with what a setup says, and what its objects are called there.
pub(super) struct World {
    pub(super) account: Account,
    /// The ids of categories: in the file, and here.
    pub(super) categories: HashMap<i64, i64>,
    /// The ids of entries.
    pub(super) entries: HashMap<String, String>,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

/// Builds account number `id`.
pub(super) fn build(house: &House, setup: &Value, id: i32) -> World {
    let partner = &setup["partner"];
    let account = house.account(id);
    let enforces = partner["defaultEntitlementEnforcement"].as_bool().unwrap_or_default();
    house.change(&account, move |partner| partner.default_entitlement_enforcement = enforces);
    // New accounts have the feature.
    if !list(partner, "features").any(|feature| feature == "FEATURE_ENTITLEMENT") {
        let own = house.wait(house.store.own_permissions(account.partner())).expect("permissions");
        let feature = own.permissions.iter().find(|it| it.name == "FEATURE_ENTITLEMENT").expect("the feature").id;
        let off = house.store.update_permission(account.partner(), feature, now(), |it| it.is_active = false);
        house.wait(off).expect("the feature goes");
    }
    let people = people(house, &account, partner);
    let entries: HashMap<String, String> = list(setup, "entries")
        .zip(0..)
        .map(|(entry, index)| (text(entry, "id"), format!("0_{:04}{index:04}", id % 10_000)))
        .collect();
    let content = Content {
        present: Vec::new(),
        categories: list(setup, "categories").map(|given| category(given, &account, &people)).collect(),
        members: list(setup, "members").map(|given| member(given, &account, &people)).collect(),
        entries: list(setup, "entries").map(|given| entry(given, &account, &people, &entries)).collect(),
        places: list(setup, "categoryEntries").map(|given| place(given, &account, &entries)).collect(),
    };
    let made = house.wait(house.store.import_content(account.partner(), content, now())).expect("content");
    let categories = made.into_iter().map(|(old, new)| (old.get(), new.get())).collect();
    World { account, categories, entries }
}

fn people(house: &House, account: &Account, partner: &Value) -> HashMap<String, KuserId> {
    let mut people = HashMap::new();
    let mut add = |id: String, kind| {
        let new = NewUser { kind, ..NewUser::named(account.partner(), UserId::new(&*id)) };
        let made = house.wait(house.store.add_user(new, now())).expect("a new user");
        people.insert(id, made.id);
    };
    for user in list(partner, "users") {
        add(user.as_str().unwrap_or_default().to_owned(), UserKind::User);
    }
    for group in list(partner, "groups") {
        let kind = if group["type"] == "GROUP" { UserKind::Group } else { UserKind::ApplicativeGroup };
        add(text(group, "id"), kind);
    }
    for group in list(partner, "groups") {
        for user in list(group, "members").filter_map(Value::as_str) {
            let new = NewMember {
                user: people[user],
                group: people[&text(group, "id")],
                creation_mode: 1,
                role: MemberRole::Member,
            };
            house.wait(house.store.add_member(new, now())).expect("a new member");
        }
    }
    people
}

fn category(given: &Value, account: &Account, people: &HashMap<String, KuserId>) -> Category {
    let owner = given["owner"].as_str();
    Category {
        id: CategoryId::new(number(given, "id")),
        parent_id: Some(number(given, "parentId")).filter(|id| *id != 0).map(CategoryId::new),
        privacy_context: text(given, "privacyContext"),
        privacy: number(given, "privacy"),
        appear_in_list: number(given, "appearInList"),
        inheritance_type: number(given, "inheritanceType"),
        contribution_policy: number(given, "contributionPolicy"),
        user_join_policy: number(given, "userJoinPolicy"),
        default_permission_level: number(given, "defaultPermissionLevel"),
        moderation: given["moderation"].as_i64(),
        owner: owner.map(|id| people[id]),
        owner_id: owner.map(UserId::new),
        ..Category::named(account.partner(), &text(given, "name"), now())
    }
}

fn member(given: &Value, account: &Account, people: &HashMap<String, KuserId>) -> CategoryUser {
    let level = number(given, "permissionLevel");
    let user = text(given, "userId");
    CategoryUser {
        id: 0,
        partner_id: account.partner(),
        category_id: CategoryId::new(number(given, "categoryId")),
        category_full_ids: String::new(),
        kuser: people[&user],
        user_id: UserId::new(user),
        permission_level: level,
        permission_names: names_of_level(level).to_owned(),
        status: number(given, "status"),
        update_method: 0,
        created_at: now(),
        updated_at: now(),
    }
}

fn entry(given: &Value, account: &Account, people: &HashMap<String, KuserId>, ids: &HashMap<String, String>) -> Entry {
    let users = |name: &str| {
        let list = text(given, name);
        let users = list.split(',').filter(|id| !id.is_empty());
        users.map(|id| (people[id], UserId::new(id))).collect::<Vec<_>>()
    };
    let co_users = CoUsers {
        edit: users("entitledUsersEdit"),
        publish: users("entitledUsersPublish"),
        view: users("entitledUsersView"),
    };
    let (owner, creator) = (text(given, "userId"), text(given, "creatorId"));
    let kind = number(given, "type").to_string();
    Entry {
        name: text(given, "id"),
        status: number(given, "status"),
        owner: Some(people[&owner]),
        owner_id: Some(UserId::new(owner)),
        creator: Some(people[&creator]),
        creator_id: Some(UserId::new(creator)),
        parent_entry_id: given["parentEntryId"].as_str().map(|parent| EntryId::new(&*ids[parent])),
        co_users,
        ..Entry::new(EntryId::new(&*ids[&text(given, "id")]), account.partner(), &kind, now())
    }
}

fn place(given: &Value, account: &Account, ids: &HashMap<String, String>) -> CategoryEntry {
    CategoryEntry {
        id: 0,
        partner_id: account.partner(),
        category_id: CategoryId::new(number(given, "categoryId")),
        category_full_ids: String::new(),
        entry_id: EntryId::new(&*ids[&text(given, "entryId")]),
        status: number(given, "status"),
        creator: None,
        creator_id: None,
        privacy_context: String::new(),
        created_at: now(),
        updated_at: now(),
    }
}
