//! Arguments of actions about categories.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_schema::UserId;
use ks_store::{Category, CategoryRules, NewCategoryEntry, NewCategoryUser};
use ks_tests::channels::entry;
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

/// A number that no other call of this run has.
fn count() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// A category of this account.
fn category(house: &House, account: &Account, parent: Option<&Category>) -> Category {
    let mut new = Category::named(account.partner(), &format!("Category {}", count()), now());
    new.parent_id = parent.map(|parent| parent.id);
    house.wait(house.store.add_category(new, CategoryRules::default(), now())).expect("a new category")
}

/// What a call about categories says.
pub(super) fn categories(house: &House, action: &str, account: &Account) -> Value {
    let parent = category(house, account, None);
    let child = category(house, account, Some(&parent));
    let id = child.id.get();
    match action {
        "category.add" => json!({"category": {"name": format!("New {}", count()), "parentId": id}}),
        "category.clone" => json!({"categoryId": id, "fromPartnerId": account.id}),
        "category.get" | "category.delete" | "category.index" => json!({"id": id}),
        "category.update" => json!({"id": id, "category": {"description": "x"}}),
        "category.move" => json!({"categoryIds": id.to_string(), "targetCategoryParentId": 0}),
        "category.list" | "category.unlockCategories" => json!({}),
        _ => panic!("say here how {action} is called"),
    }
}

/// What a call about members of categories says.
pub(super) fn members(house: &House, action: &str, account: &Account) -> Value {
    let parent = category(house, account, None);
    let child = category(house, account, Some(&parent));
    let user = format!("member of a category {}", count()).replace(' ', "-");
    house.user(account, &user, &[]);
    if action == "categoryUser.add" {
        return json!({"categoryUser": {"categoryId": child.id.get(), "userId": user}});
    }
    let known = house.wait(house.store.live_user(account.partner(), &UserId::new(&user)));
    let new = NewCategoryUser {
        partner_id: account.partner(),
        category_id: child.id,
        kuser: Some(known.expect("a store").expect("a known user").id),
        user_id: UserId::new(&user),
        permission_level: 3,
        permission_names: "CATEGORY_VIEW".to_owned(),
        status: 1,
        update_method: 1,
        most: 5000,
    };
    house.wait(house.store.add_category_user(new, now())).expect("a new member");
    match action {
        "categoryUser.list" => json!({"filter": {"categoryIdEqual": child.id.get()}}),
        "categoryUser.copyFromCategory" => json!({"categoryId": child.id.get()}),
        _ => json!({"categoryId": child.id.get(), "userId": user, "categoryUser": {"permissionLevel": 2}}),
    }
}

/// What a call about entries in categories says.
pub(super) fn places(house: &House, action: &str, account: &Account) -> Value {
    let category = category(house, account, None);
    let (id, owner) = (format!("0_m{:07}", count()), format!("owner{}", count()));
    house.user(account, &owner, &[]);
    entry(house, account, &id, &owner);
    let place = json!({"categoryId": category.id.get(), "entryId": id});
    if action == "categoryEntry.add" {
        return json!({ "categoryEntry": place });
    }
    let new = NewCategoryEntry {
        partner_id: account.partner(),
        category_id: category.id,
        entry_id: ks_schema::EntryId::new(&id),
        status: 1,
        creator: None,
        creator_id: None,
        most: 32,
    };
    house.wait(house.store.add_category_entry(new, now())).expect("a new assignment");
    if action == "categoryEntry.list" { json!({"filter": {"entryIdEqual": id}}) } else { place }
}
