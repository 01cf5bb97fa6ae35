//! Categories, members and entries that are taken over, and who finds the entries.

use std::collections::BTreeSet;

use ks_access::condition::Condition;
use ks_access::entitlement::list::listed_entries;
use ks_access::entitlement::{AccountSettings, Principal, Viewer};
use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_store::{
    Category, CategoryEntry, CategoryUser, Content, Entry, EntryPeople, EntryPlaces, NewUser, Order, Page, Store,
    StoreError, User,
};
use ks_token::{Privileges, SessionKind};

use crate::support::{Home, NOW, P102, with_102};

const ALL: Page = Page { offset: 0, limit: 100 };

fn category(id: i64, parent: i64, name: &str) -> Category {
    let parent_id = (parent != 0).then(|| CategoryId::new(parent));
    Category { id: CategoryId::new(id), parent_id, ..Category::named(P102, name, NOW) }
}

fn entry(id: &str, created_at: i64) -> Entry {
    Entry { status: 2, name: id.to_owned(), ..Entry::new(EntryId::new(id), P102, "1", created_at) }
}

fn place(category: i64, entry: &str, status: i64) -> CategoryEntry {
    CategoryEntry {
        id: 0,
        partner_id: P102,
        category_id: CategoryId::new(category),
        category_full_ids: String::new(),
        entry_id: EntryId::new(entry),
        status,
        creator: None,
        creator_id: None,
        privacy_context: String::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn member(category: i64, user: &User, level: i64) -> CategoryUser {
    CategoryUser {
        id: 0,
        partner_id: P102,
        category_id: CategoryId::new(category),
        category_full_ids: String::new(),
        kuser: user.id,
        user_id: user.user_id.clone(),
        permission_level: level,
        permission_names: String::new(),
        status: 1,
        update_method: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn user(store: &Store, id: &str) -> User {
    store.add_user(NewUser::named(P102, UserId::new(id)), NOW).await.unwrap()
}

fn viewer(user: &User, privileges: &str) -> Viewer {
    let account = AccountSettings { has_entitlement: true, enforces_by_default: true, ..AccountSettings::default() };
    let privileges = Privileges::from_text(privileges);
    let session = (SessionKind::User, Some(user.user_id.as_str()), &privileges);
    Viewer { user: Some(Principal::new(user.id.get())), is_active: true, ..Viewer::of(account, Some(session)) }
}

async fn list(store: &Store, viewer: &Viewer) -> (Vec<String>, u64) {
    let order = [Order { column: "created_at", falling: true }];
    let found = store.entries(P102, listed_entries(viewer, false), &order, ALL).await.unwrap();
    (found.0.iter().map(|entry| entry.id.as_str().to_owned()).collect(), found.1)
}

#[tokio::test]
async fn what_is_taken_over_is_complete_and_found_by_whom_it_is_for() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let (mia, non, zed) = (user(&store, "mia").await, user(&store, "non").await, user(&store, "zed").await);
    let root = Category { privacy_context: "AppX".to_owned(), ..category(20, 0, "App") };
    let hidden = Category { privacy: 3, appear_in_list: 3, ..category(23, 20, "Hidden") };
    let kid = Category { privacy: 3, inheritance_type: 1, ..category(24, 23, "Kid") };
    let content = Content {
        present: Vec::new(),
        categories: vec![root, hidden, kid],
        members: vec![member(23, &mia, 3), member(23, &non, 4)],
        entries: vec![entry("0_free0000", 1), entry("0_appx0000", 2), entry("0_hidn0000", 3), entry("0_kid00000", 4)],
        places: vec![
            place(20, "0_appx0000", 2),
            place(23, "0_hidn0000", 1),
            place(24, "0_kid00000", 2),
            place(23, "0_kid00000", 2),
        ],
    };
    let ids = store.import_content(P102, content, NOW).await.unwrap();

    let get = async |old: i64| store.category(P102, ids[&CategoryId::new(old)]).await.unwrap().unwrap();
    let (root, hidden, kid) = (get(20).await, get(23).await, get(24).await);
    assert_eq!((root.entries_count, root.direct_entries_count, root.direct_sub_categories_count), (2, 1, 1));
    assert_eq!((hidden.entries_count, hidden.pending_entries_count, hidden.members_count), (1, 1, 2));
    assert_eq!((kid.members_of, kid.inherited_parent_id), (hidden.id, Some(hidden.id)));
    assert_eq!(kid.full_ids, format!("{}>{}>{}", root.id, hidden.id, kid.id));
    assert_eq!((kid.full_name.as_str(), kid.privacy_contexts.as_str()), ("App>Hidden>Kid", "AppX"));
    let below = Condition::StartsWith("full_ids", format!("{}>", root.id));
    assert_eq!(store.categories(P102, below, &[], ALL).await.unwrap().1, 2);

    assert_eq!(list(&store, &viewer(&zed, "")).await.0, ["0_free0000"]);
    assert_eq!(list(&store, &viewer(&zed, "privacycontext:appX")).await.0, ["0_appx0000"]);
    let all = ["0_kid00000", "0_hidn0000", "0_appx0000"];
    let found = list(&store, &viewer(&mia, "privacycontext:appX")).await;
    assert_eq!((found.0.as_slice(), found.1), (all.map(str::to_owned).as_slice(), 3));
    // Members at the level NONE count where the category is listed to all.
    assert_eq!(list(&store, &viewer(&non, "privacycontext:APPX")).await.0, ["0_kid00000", "0_appx0000"]);
    assert_eq!(list(&store, &viewer(&mia, "privacycontext:appY")).await.0, Vec::<String>::new());

    // Names follow a user to another id, and so does what the user may do.
    let renamed = UserId::new("maria");
    let id = renamed.clone();
    store.update_user(P102, mia.user_id.clone(), NOW, move |user| user.user_id = id).await.unwrap();
    let row = store.category_user(hidden.id, mia.id).await.unwrap().unwrap();
    assert_eq!(row.user_id, renamed);
    assert_eq!(list(&store, &viewer(&mia, "privacycontext:appX")).await.1, 3);

    // A second time, nothing is there twice.
    let again = Content { entries: vec![entry("0_free0000", 1)], ..Content::default() };
    assert!(store.import_content(P102, again, NOW).await.is_err());
}

#[tokio::test]
async fn many_rows_are_each_as_they_were_given() {
    // More of each kind than one statement writes.
    const MANY: i64 = 230;
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let id = |number: i64| UserId::new(format!("user{number}"));
    let named = |number: i64| NewUser {
        first_name: (number % 3 > 0).then(|| format!("First {number}")),
        tags: (number % 2 > 0).then(|| format!("tag{number}")),
        ..NewUser::named(P102, id(number))
    };
    let before = store.audit(Some(P102), Condition::TRUE, &[], Page { offset: 0, limit: 1 }).await.unwrap().1;
    store.add_users((0..MANY).map(named).collect(), NOW).await.unwrap();
    let mut people = Vec::new();
    for number in 0..MANY {
        let user = store.live_user(P102, &id(number)).await.unwrap().unwrap();
        let given = named(number);
        assert_eq!((&user.user_id, &user.first_name, &user.tags), (&given.user_id, &given.first_name, &given.tags));
        people.push(user);
    }
    let groups: BTreeSet<&str> = people.iter().map(|user| user.session_group.as_str()).collect();
    assert_eq!(groups.len(), people.len());
    // All or none, whether the id is taken or comes twice.
    for ids in [[MANY, 0], [MANY, MANY]] {
        let refused = store.add_users(ids.map(named).into(), NOW).await;
        assert!(matches!(refused, Err(StoreError::Conflict("user id"))), "{refused:?}");
        assert!(store.live_user(P102, &id(MANY)).await.unwrap().is_none());
    }

    let person = |number: i64| {
        let user = &people[usize::try_from(number % MANY).unwrap()];
        (user.id, user.user_id.clone())
    };
    let made = |number: i64| {
        let (owner, owner_id) = person(number);
        let mut made = entry(&format!("0_many{number:04}"), NOW + number);
        (made.owner, made.owner_id) = (Some(owner), Some(owner_id));
        made.description = (number % 2 > 0).then(|| format!("About {number}"));
        made.co_users.edit = vec![person(number + 1), person(number + 2)];
        made.co_users.view = vec![person(number + 3)];
        made
    };
    let content = Content {
        categories: vec![category(1, 0, "Many")],
        members: people.iter().map(|user| member(1, user, 3)).collect(),
        entries: (0..MANY).map(made).collect(),
        places: (0..MANY).map(|number| place(1, &format!("0_many{number:04}"), 2)).collect(),
        ..Content::default()
    };
    let ids = store.import_content(P102, content, NOW).await.unwrap();
    let category = ids[&CategoryId::new(1)];
    for number in 0..MANY {
        let wanted = made(number);
        let found = store.entry(P102, &wanted.id).await.unwrap().unwrap();
        assert_eq!((&found.name, &found.description, &found.owner), (&wanted.name, &wanted.description, &wanted.owner));
        assert_eq!(found.co_users, wanted.co_users);
        let (kuser, user_id) = person(number);
        assert_eq!(store.category_user(category, kuser).await.unwrap().unwrap().user_id, user_id);
    }
    let kept = store.category(P102, category).await.unwrap().unwrap();
    assert_eq!((kept.entries_count, kept.members_count), (MANY, MANY));
    // A user each, the category, a member each, an entry and its place each; the account before them.
    let trail = async || store.audit(Some(P102), Condition::TRUE, &[], Page { offset: 0, limit: 1 }).await.unwrap().1;
    assert_eq!(trail().await - before, u64::try_from(4 * MANY + 1).unwrap());
    let twice = Content { entries: vec![entry("0_twice000", 1), entry("0_twice000", 2)], ..Content::default() };
    assert!(matches!(store.import_content(P102, twice, NOW).await, Err(StoreError::Conflict("entry id"))));
}

#[tokio::test]
async fn people_whom_one_change_names_first_share_nothing() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let ids = ["owner", "maker", "ed", "pub", "vic", "put"].map(UserId::new);
    let [owner, maker, edits, publishes, views, puts] = ids.clone();
    let people = EntryPeople {
        owner: Some(Some(owner)),
        creator: Some(Some(maker)),
        edit: Some(vec![edits]),
        publish: Some(vec![publishes]),
        view: Some(vec![views]),
    };
    let places = EntryPlaces { into: vec![], leave_others: false, most: 1, by: Some(puts) };
    store.add_entry(entry("0_people00", NOW), people, Some(places), NOW).await.unwrap();
    let mut groups = BTreeSet::new();
    for id in &ids {
        let user = store.live_user(P102, id).await.unwrap().unwrap();
        assert_eq!(user.session_group.len(), 32);
        // Who knows the group of one may not be taken for another.
        assert!(groups.insert(user.session_group.clone()), "{id}");
    }
}
