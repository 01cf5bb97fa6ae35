//! The truth table of entitlement §6.5, row by row, against the decisions.

use ks_access::entitlement::category::{self, CategoryFacts, Membership};
use ks_access::entitlement::entry::{self, EntryFacts, Parent, Place};
use ks_access::entitlement::{AccountSettings, Principal, Viewer, contexts, level, place};
use ks_schema::ids::EntryId;
use ks_token::{Privileges, SessionKind};

const USERS: [&str; 19] = [
    "owen", "alice", "bob", "carol", "dave", "eve", "frank", "pete", "nora", "zed", "gina", "ivan", "hana", "cree",
    "adm", "g1", "ag", "modi", "cont",
];

fn principal(name: &str) -> Principal {
    let at = USERS.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{name}"));
    Principal::new(i64::try_from(at).unwrap_or_default() + 1)
}

/// The members of categories that are active. Pete waits in 23, and nora left it: they are none.
fn memberships(kept_at: i64) -> Vec<Membership> {
    let members: &[(&str, i64)] = match kept_at {
        22 => &[("alice", level::MEMBER), ("carol", level::NONE), ("ag", level::NONE)],
        23 => &[("bob", level::MANAGER), ("dave", level::NONE), ("g1", level::MEMBER), ("ag", level::NONE)],
        29 => &[("ag", level::NONE), ("carol", level::NONE)],
        _ => &[],
    };
    members.iter().map(|&(name, level)| Membership { principal: principal(name), level }).collect()
}

fn category(id: i64) -> CategoryFacts {
    let (context, privacy, appear_in_list, kept_at) = match id {
        10 => ("", 1, 1, 10),
        20 => ("appX", 1, 1, 20),
        21 => ("appX", 2, 1, 21),
        22 => ("appX", 3, 1, 22),
        23 => ("appX", 3, 3, 23),
        24 => ("appX", 3, 3, 23),
        29 => ("appX", 1, 3, 29),
        30 => ("appY", 1, 1, 30),
        _ => panic!("{id}"),
    };
    CategoryFacts {
        name: id.to_string(),
        is_deleted: false,
        contexts: contexts(context),
        privacy,
        appear_in_list,
        memberships: memberships(kept_at),
    }
}

fn entry(places: &[(i64, i64)]) -> EntryFacts {
    let place = |&(id, status): &(i64, i64)| Place { status, stored_contexts: String::new(), category: category(id) };
    EntryFacts {
        id: EntryId::new("0_entry000"),
        is_gone: false,
        parent: Parent::None,
        owner: Some(principal("owen")),
        edit: vec![],
        publish: vec![],
        view: vec![],
        places: places.iter().map(place).collect(),
    }
}

fn within(id: i64) -> EntryFacts {
    entry(&[(id, place::ACTIVE)])
}

/// In category 23, with co-users and another maker than owner.
fn shared() -> EntryFacts {
    EntryFacts {
        edit: vec![principal("gina")],
        publish: vec![principal("ivan")],
        view: vec![principal("hana")],
        ..within(23)
    }
}

/// A session: its kind, its user (empty: none) and its privileges, in an account with these settings.
fn session(kind: SessionKind, user: &str, privileges: &str, account: AccountSettings) -> Viewer {
    let privileges = Privileges::from_text(privileges);
    let viewer = Viewer::of(account, Some((kind, Some(user), &privileges)));
    let group = |member, group| if user == member { vec![principal(group)] } else { vec![] };
    Viewer {
        user: (!viewer.is_anonymous).then(|| principal(user)),
        is_active: !viewer.is_anonymous,
        groups: group("eve", "g1"),
        applicative_groups: group("frank", "ag"),
        ..viewer
    }
}

const ON: AccountSettings = AccountSettings {
    has_entitlement: true,
    enforces_by_default: true,
    many_categories: false,
    ignores_parents: false,
};
const DEFAULT_OFF: AccountSettings = AccountSettings { enforces_by_default: false, ..ON };
const FEATURE_OFF: AccountSettings = AccountSettings { has_entitlement: false, ..ON };

/// One row: its number, who looks, at which category, at which entry, and what is expected of category, entry and list;
/// `-` stands for what the table leaves out. Lists are those of sessions that list all, or of `own` ones.
type Row = (u32, Viewer, Option<i64>, Option<EntryFacts>, &'static str);

fn check((number, viewer, target, entry, expected): Row) {
    let told = |visible: Option<bool>| visible.map_or('-', |visible| if visible { 'y' } else { 'n' });
    let own = expected.strip_suffix(" own");
    let seen = target.map(|id| category::visible(&viewer, &category(id)).is_visible());
    let got = entry.as_ref().map(|entry| entry::visible(&viewer, entry).is_visible());
    let listed = entry.as_ref().map(|entry| entry::listed(&viewer, entry, own.is_some()).is_visible());
    let found: String = [told(seen), told(got), told(listed)].into_iter().collect();
    assert_eq!(found, own.unwrap_or(expected), "row {number}");
}

fn admin(privileges: &str) -> Viewer {
    session(SessionKind::Admin, "", privileges, ON)
}

fn user(name: &str, privileges: &str) -> Viewer {
    session(SessionKind::User, name, privileges, ON)
}

fn widget(context: &str) -> Viewer {
    let context = if context.is_empty() { String::new() } else { format!(",privacycontext:{context}") };
    session(SessionKind::Widget, "0", &format!("view:*,widget:1{context}"), ON)
}

fn in_x(name: &str) -> Viewer {
    user(name, "privacycontext:appX")
}

/// A category, and an entry in it.
fn both(number: u32, viewer: Viewer, id: i64, expected: &'static str) -> Row {
    (number, viewer, Some(id), Some(within(id)), expected)
}

fn only(number: u32, viewer: Viewer, entry: EntryFacts, expected: &'static str) -> Row {
    (number, viewer, None, Some(entry), expected)
}

#[test]
fn contexts_and_administrators() {
    let rows = [
        both(1, admin(""), 10, "yyy"),
        both(2, admin(""), 20, "nnn"),
        both(3, admin("disableentitlement"), 23, "yyy"),
        both(4, admin("all:*,disableentitlement"), 24, "yyy"),
        both(5, admin("all:*"), 20, "nnn"),
        both(6, admin("privacycontext:appX"), 20, "yyy"),
        both(7, admin("privacycontext:appX"), 10, "nnn"),
        both(8, admin("privacycontext:appX"), 22, "ynn"),
        both(9, admin("privacycontext:appX"), 23, "nnn"),
        only(10, session(SessionKind::Admin, "owen", "privacycontext:appX", ON), within(23), "-yy"),
        both(11, user("zed", ""), 10, "yyy"),
        both(12, in_x("zed"), 21, "yyy"),
        both(13, widget("appX"), 21, "ynn"),
        both(14, widget("appX"), 20, "yyn own"),
        both(15, in_x("alice"), 22, "yyy"),
        both(16, user("alice", ""), 22, "nnn"),
        both(17, user("alice", "privacycontext:appY"), 22, "nnn"),
        both(47, user("zed", "enableentitlement,disableentitlement,privacycontext:appX"), 23, "nnn"),
        both(48, user("zed", "privacycontext:APPX"), 20, "yyy"),
        both(49, user("zed", "privacycontext:appX,appY"), 30, "nnn"),
        both(50, user("zed", "privacycontext:appY"), 30, "yyy"),
        both(51, admin("privacycontext:appX"), 21, "ynn"),
        both(52, session(SessionKind::Admin, "adm", "privacycontext:appX", ON), 21, "yyy"),
        both(44, session(SessionKind::User, "zed", "enableentitlement,privacycontext:appX", DEFAULT_OFF), 23, "nnn"),
        both(45, session(SessionKind::User, "zed", "", DEFAULT_OFF), 23, "yyn own"),
        both(45, session(SessionKind::User, "zed", "list:*", DEFAULT_OFF), 23, "yyy"),
        both(46, session(SessionKind::User, "zed", "enableentitlement", FEATURE_OFF), 23, "yyy"),
        both(46, session(SessionKind::Admin, "", "enableentitlement", FEATURE_OFF), 23, "yyy"),
    ];
    rows.into_iter().for_each(check);
}

#[test]
fn members_and_groups() {
    let rows = [
        both(18, in_x("bob"), 23, "yyy"),
        both(19, in_x("bob"), 24, "yyy"),
        both(20, in_x("zed"), 24, "nnn"),
        both(21, in_x("eve"), 23, "yyy"),
        both(22, in_x("frank"), 23, "nnn"),
        both(23, in_x("carol"), 22, "yyy"),
        // The one cell in which we differ: a list shows NONE-level members no entries that they cannot get.
        both(24, in_x("dave"), 23, "nnn"),
        both(25, in_x("pete"), 23, "nnn"),
        both(26, in_x("nora"), 23, "nnn"),
        both(53, in_x("frank"), 22, "ynn"),
        (54, in_x("frank"), Some(29), None, "n--"),
        (55, in_x("carol"), Some(29), None, "y--"),
    ];
    rows.into_iter().for_each(check);
}

#[test]
fn entries() {
    let nowhere = || entry(&[]);
    let exempt = || user("zed", "disableentitlementforentry:0_entry000");
    let other = EntryFacts { id: EntryId::new("0_other000"), ..within(23) };
    let parent_of_exempt = {
        let viewer = user("zed", "disableentitlementforentry:0_child000");
        let mut with_parent = viewer.exempt.clone();
        with_parent.insert(EntryId::new("0_entry000"));
        Viewer { exempt: with_parent, ..viewer }
    };
    let of_group = EntryFacts { owner: Some(principal("g1")), ..within(22) };
    let two = || entry(&[(22, place::ACTIVE), (21, place::ACTIVE)]);
    let mixed = || entry(&[(10, place::ACTIVE), (23, place::ACTIVE)]);
    let rows = [
        only(27, in_x("zed"), nowhere(), "-yn"),
        only(28, user("zed", ""), nowhere(), "-yy"),
        only(29, widget(""), nowhere(), "-yn own"),
        only(30, in_x("zed"), two(), "-yy"),
        only(31, widget("appX"), two(), "-nn"),
        only(32, user("zed", ""), mixed(), "-yy"),
        only(33, in_x("zed"), mixed(), "-nn"),
        only(34, in_x("zed"), entry(&[(23, place::PENDING)]), "-yn"),
        only(35, in_x("zed"), entry(&[(23, place::REJECTED)]), "-yn"),
        only(36, in_x("gina"), shared(), "-yy"),
        only(36, user("gina", ""), shared(), "-yy"),
        only(37, in_x("ivan"), shared(), "-yy"),
        only(38, in_x("hana"), shared(), "-yy"),
        only(39, in_x("cree"), shared(), "-nn"),
        only(40, in_x("eve"), of_group, "-yy"),
        only(41, exempt(), within(23), "-yy"),
        only(42, exempt(), other, "-nn"),
        only(43, parent_of_exempt, within(23), "-yy"),
        only(56, in_x("frank"), EntryFacts { view: vec![principal("ag")], ..within(23) }, "-yn"),
    ];
    rows.into_iter().for_each(check);
}

#[test]
fn what_stands_above_an_entry_decides() {
    let child = |parent| EntryFacts { id: EntryId::new("0_child000"), parent, ..entry(&[]) };
    let hidden = || Parent::Entry(Box::new(within(23)));
    // Neither its owner nor its own places count, and a list shows no more than can be got.
    let rows = [
        only(0, user("zed", ""), child(hidden()), "-nn"),
        only(0, user("owen", ""), child(hidden()), "-yy"),
        only(0, in_x("bob"), child(hidden()), "-yn"),
        only(0, user("zed", ""), child(Parent::Gone), "-nn"),
        only(0, admin("disableentitlement"), child(Parent::Gone), "-ny"),
    ];
    rows.into_iter().for_each(check);
    let ignores = AccountSettings { ignores_parents: true, ..ON };
    check(only(0, session(SessionKind::User, "zed", "", ignores), child(hidden()), "-yy"));
}

#[test]
fn stored_contexts_count_where_entries_are_in_many_categories() {
    let many = AccountSettings { many_categories: true, ..ON };
    let viewer = |privileges| session(SessionKind::User, "zed", privileges, many);
    let stored = |id, text: &str| {
        let mut entry = within(id);
        text.clone_into(&mut entry.places[0].stored_contexts);
        entry
    };
    let rows = [
        only(0, viewer(""), stored(23, ""), "-yn"),
        only(0, viewer(""), stored(10, "appX"), "-nn"),
        only(0, viewer("privacycontext:appX"), stored(20, "appX,appY"), "-yy"),
        only(0, viewer("privacycontext:APPX"), stored(20, "appX"), "-nn"),
        only(0, viewer("privacycontext:appX"), stored(20, "appY"), "-nn"),
    ];
    rows.into_iter().for_each(check);
}
