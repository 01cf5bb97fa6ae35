//! The conditions of lists against the decisions about one object, on random worlds that are held in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ks_access::condition::{Column, Facts, Relation, Value};
use ks_access::entitlement::category::{self, CategoryFacts, Membership};
use ks_access::entitlement::entry::{self, EntryFacts, Parent, Place};
use ks_access::entitlement::list::{
    audience, found_by, listed_entries, usual_entries, visible_categories, visible_entries,
};
use ks_access::entitlement::membership::names_of_level;
use ks_access::entitlement::{AccountSettings, Principal, Viewer, contexts, level, place, privacy};
use ks_schema::ids::EntryId;
use ks_token::Privileges;

type Row = BTreeMap<Column, Value>;

/// A row that knows all tables.
struct Object {
    row: Row,
    tables: &'static OnceLock<BTreeMap<&'static str, Vec<Object>>>,
}

impl Facts for Object {
    fn value(&self, column: Column) -> Option<Value> {
        self.row.get(column).cloned()
    }

    fn related(&self, relation: &Relation) -> Vec<&dyn Facts> {
        let table = relation.table.split(' ').next().unwrap_or_default();
        let rows = &self.tables.get().expect("tables")[table];
        let Some(outer) = self.row.get(relation.outer) else { return vec![] };
        rows.iter().filter(|it| it.row.get(relation.inner) == Some(outer)).map(|it| it as &dyn Facts).collect()
    }
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).expect("small numbers")]
    }

    fn some<T: Copy>(&mut self, from: &[T], one_in: u64) -> Vec<T> {
        from.iter().copied().filter(|_| self.below(one_in) == 0).collect()
    }
}

const CONTEXTS: [&str; 6] = ["", "", "x", "X", "y", "x,Y"];
const PEOPLE: [i64; 6] = [1, 2, 3, 11, 12, 21];

struct World {
    categories: Vec<CategoryFacts>,
    /// Where the members of each are kept: an index.
    members_of: Vec<usize>,
    entries: Vec<EntryFacts>,
    tables: &'static BTreeMap<&'static str, Vec<Object>>,
}

fn id(number: usize) -> EntryId {
    EntryId::new(format!("0_e{number}"))
}

fn int(number: usize) -> Value {
    Value::Int(i64::try_from(number).expect("small numbers"))
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn world(dice: &mut Dice) -> World {
    let mut rows: BTreeMap<&'static str, Vec<Row>> =
        ["category", "category_context", "category_user", "category_entry"]
            .into_iter()
            .chain(["entry", "entry_user", "entry_key"])
            .map(|table| (table, vec![]))
            .collect();
    let mut add = |table: &'static str, row: &[(Column, Value)]| {
        rows.get_mut(table).expect("a table").push(row.iter().cloned().collect());
    };

    let members_of: Vec<usize> = (0..5_usize).map(|own| if dice.below(4) == 0 { own / 2 } else { own }).collect();
    let mut kept: Vec<Vec<Membership>> = vec![];
    for number in 0..members_of.len() {
        let mut active = vec![];
        for person in dice.some(&PEOPLE, 3) {
            let (status, level) = (dice.pick(&[1, 1, 1, 2]), dice.pick(&[level::MANAGER, level::MEMBER, level::NONE]));
            let row = [("status", Value::Int(status)), ("permission_level", Value::Int(level))];
            add(
                "category_user",
                &[&[("category_id", int(number)), ("kuser_id", Value::Int(person))], &row[..]].concat(),
            );
            if status == 1 {
                active.push(Membership { principal: Principal::new(person), level });
            }
        }
        kept.push(active);
    }
    let mut categories = vec![];
    for (number, &members) in members_of.iter().enumerate() {
        let facts = CategoryFacts {
            name: number.to_string(),
            is_deleted: false,
            contexts: contexts(dice.pick(&CONTEXTS)),
            privacy: dice.pick(&[1, 2, 3, 3]),
            appear_in_list: dice.pick(&[1, 3]),
            memberships: kept[members].clone(),
        };
        let rules = [("privacy", Value::Int(facts.privacy)), ("appear_in_list", Value::Int(facts.appear_in_list))];
        add("category", &[&[("id", int(number)), ("members_of", int(members))], &rules[..]].concat());
        for context in &facts.contexts {
            add("category_context", &[("category_id", int(number)), ("context", text(context))]);
        }
        categories.push(facts);
    }

    let mut entries: Vec<EntryFacts> = vec![];
    for number in 0..8_usize {
        let owner = Principal::new(dice.pick(&PEOPLE));
        let mut facts = EntryFacts {
            id: id(number),
            is_gone: dice.below(6) == 0,
            parent: Parent::None,
            owner: dice.pick(&[None, Some(owner)]),
            edit: dice.some(&PEOPLE, 12).into_iter().map(Principal::new).collect(),
            publish: dice.some(&PEOPLE, 12).into_iter().map(Principal::new).collect(),
            view: dice.some(&PEOPLE, 12).into_iter().map(Principal::new).collect(),
            places: vec![],
        };
        let status = Value::Int(if facts.is_gone { 3 } else { 2 });
        let mut row = vec![("id", text(facts.id.as_str())), ("status", status)];
        if let Some(owner) = facts.owner {
            row.push(("kuser_id", Value::Int(owner.get())));
        }
        if number > 0 && dice.below(3) == 0 {
            let parent = &entries[usize::try_from(dice.below(number as u64)).expect("small numbers")];
            row.push(("parent_entry_id", text(parent.id.as_str())));
            facts.parent = if parent.is_gone && dice.below(2) == 0 {
                Parent::Gone
            } else {
                Parent::Entry(Box::new(parent.clone()))
            };
        }
        add("entry", &row);
        for user in facts.edit.iter().chain(&facts.publish).chain(&facts.view) {
            add("entry_user", &[("entry_id", text(facts.id.as_str())), ("kuser_id", Value::Int(user.get()))]);
        }
        for into in dice.some(&[0, 1, 2, 3, 4], 4) {
            let status = dice.pick(&[place::PENDING, place::ACTIVE, place::ACTIVE, place::DELETED, place::REJECTED]);
            let stored = dice.pick(&CONTEXTS);
            let row = [("status", Value::Int(status)), ("privacy_context", text(stored)), ("category_id", int(into))];
            add("category_entry", &[&[("entry_id", text(facts.id.as_str()))], &row[..]].concat());
            if status != place::DELETED {
                let category = categories[into].clone();
                facts.places.push(Place { status, stored_contexts: stored.to_owned(), category });
            }
        }
        for (context, audience, category) in keys(&facts, &members_of) {
            let row = [("context", text(&context)), ("audience", Value::Int(audience)), ("category_id", int(category))];
            add("entry_key", &[&[("entry_id", text(facts.id.as_str()))], &row[..]].concat());
        }
        entries.push(facts);
    }

    let tables: &'static OnceLock<_> = Box::leak(Box::default());
    let objects = |rows: Vec<Row>| rows.into_iter().map(|row| Object { row, tables }).collect();
    let all = rows.into_iter().map(|(table, rows)| (table, objects(rows))).collect();
    World { categories, members_of, entries, tables: tables.get_or_init(|| all) }
}

/// In which context whom an entry is listed to, in which category's members they are.
fn keys(entry: &EntryFacts, members_of: &[usize]) -> BTreeSet<(String, i64, usize)> {
    let counts = |it: &&Place| matches!(it.status, place::PENDING | place::ACTIVE);
    let counting: Vec<&CategoryFacts> = entry.places.iter().filter(counts).map(|it| &it.category).collect();
    if counting.is_empty() {
        return BTreeSet::from([(String::new(), audience::ALL, usize::MAX >> 1)]);
    }
    let mut keys = BTreeSet::new();
    for context in counting.iter().flat_map(|category| &category.contexts) {
        let there: Vec<_> = counting.iter().filter(|category| category.contexts.contains(context)).collect();
        let least = there.iter().map(|category| category.privacy).min();
        if least != Some(privacy::MEMBERS_ONLY) {
            let audience = if least == Some(privacy::ALL) { audience::ALL } else { audience::SIGNED_IN };
            keys.insert((context.clone(), audience, usize::MAX >> 1));
            continue;
        }
        for category in there {
            let audience = if category.appear_in_list == 3 { audience::STRICT_MEMBERS } else { audience::MEMBERS };
            keys.insert((
                context.clone(),
                audience,
                members_of[category.name.parse::<usize>().expect("small numbers")],
            ));
        }
    }
    keys
}

fn viewer(dice: &mut Dice) -> Viewer {
    let account = AccountSettings {
        has_entitlement: true,
        enforces_by_default: dice.below(8) > 0,
        many_categories: dice.below(4) == 0,
        ignores_parents: dice.below(4) == 0,
    };
    let context = dice.pick(&["", "x", "X", "y", "z"]);
    let exempt = [0, 1, 2, 3, 4, 5, 6, 7];
    let who = dice.below(4);
    Viewer {
        is_anonymous: who == 0,
        // A user that nobody knows has no number.
        user: (who > 1).then(|| Principal::new(dice.pick(&[1, 2, 3]))),
        is_active: who > 1 && dice.below(4) > 0,
        context: context.to_lowercase(),
        exact_context: context.to_owned(),
        groups: dice.some(&[11, 12], 2).into_iter().map(Principal::new).collect(),
        applicative_groups: dice.some(&[21], 2).into_iter().map(Principal::new).collect(),
        exempt: dice.some(&exempt, 10).into_iter().map(id).collect(),
        ..Viewer::of(account, Some((ks_token::SessionKind::User, None, &Privileges::from_text(""))))
    }
}

#[test]
fn lists_show_what_the_decisions_about_each_object_show() {
    let mut dice = Dice(4711);
    let mut told: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut note = |what: &str, shown: bool| told.entry(what.to_owned()).or_default()[usize::from(shown)] += 1;
    for number in 0..300 {
        let world = world(&mut dice);
        for _ in 0..8 {
            let viewer = viewer(&mut dice);
            for (category, object) in world.categories.iter().zip(&world.tables["category"]) {
                let shown = category::visible(&viewer, category).is_visible();
                assert_eq!(
                    visible_categories(&viewer).holds(object),
                    shown,
                    "world {number}: {viewer:?} {category:?}, members of {:?}",
                    world.members_of
                );
                note("category", shown);
            }
            let entries = world.entries.iter().zip(&world.tables["entry"]);
            for (entry, object) in entries.filter(|(entry, _)| !entry.is_gone) {
                let context = || format!("world {number}: {viewer:?} {entry:?}");
                let shown = entry::visible(&viewer, entry).is_visible();
                assert_eq!(visible_entries(&viewer).holds(object), shown, "{}", context());
                note("entry", shown);
                for own_only in [false, true] {
                    let shown = entry::listed(&viewer, entry, own_only).is_visible();
                    assert_eq!(listed_entries(&viewer, own_only).holds(object), shown, "own {own_only} {}", context());
                    note("list", shown);
                }
            }
        }
    }
    assert!(told.values().all(|[hidden, shown]| hidden.min(shown) > &1000), "{told:?}");
}

#[test]
fn keys_are_for_whom_they_name() {
    let rows = |audience: i64, context: &str| {
        let row = BTreeMap::from([("audience", Value::Int(audience)), ("context", text(context))]);
        let tables: &'static OnceLock<_> = Box::leak(Box::default());
        Object { row, tables }
    };
    let of =
        |is_anonymous| Viewer { is_anonymous, context: "x".to_owned(), ..Viewer::of(AccountSettings::default(), None) };
    for (is_anonymous, audience, context, expected) in [
        (true, audience::ALL, "x", true),
        (true, audience::ALL, "", false),
        (true, audience::SIGNED_IN, "x", false),
        (false, audience::SIGNED_IN, "x", true),
        (false, audience::MEMBERS, "x", false),
    ] {
        let holds = found_by(&of(is_anonymous)).holds(&rows(audience, context));
        assert_eq!(holds, expected, "{is_anonymous} {audience} {context}");
    }
}

#[test]
fn lists_show_ready_entries_that_nobody_holds_back() {
    let shown = |status, moderation, display| {
        let columns = [("status", status), ("moderation_status", moderation), ("display_in_search", display)];
        let row: Row = columns.into_iter().map(|(column, value)| (column, Value::Int(value))).collect();
        usual_entries().holds(&row)
    };
    assert!(shown(2, 2, 1) && shown(2, 6, 0) && shown(2, 5, 2));
    assert!(!shown(1, 2, 1) && !shown(2, 1, 1) && !shown(2, 3, 1) && !shown(2, 2, -1) && !shown(2, 2, -2));
}

#[test]
fn each_level_allows_what_it_is_there_for() {
    for (level, names) in [
        (level::MANAGER, "CATEGORY_EDIT,CATEGORY_MODERATE,CATEGORY_CONTRIBUTE,CATEGORY_VIEW"),
        (level::MODERATOR, "CATEGORY_MODERATE,CATEGORY_VIEW"),
        (level::CONTRIBUTOR, "CATEGORY_CONTRIBUTE,CATEGORY_VIEW"),
        (level::MEMBER, "CATEGORY_VIEW"),
        (level::NONE, ""),
    ] {
        assert_eq!(names_of_level(level), names);
    }
}
