//! By which indexes SQLite answers the calls that everybody waits for. None of them may look at everything.

use std::collections::{BTreeMap, BTreeSet};

use ks_access::condition::Condition;
use ks_access::entitlement::list::{listed_entries, visible_categories};
use ks_access::entitlement::{AccountSettings, Principal, Viewer};
use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::{PartnerId, Privileges, SessionKind};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::engine::{Conn, watched};
use crate::list::{Listed, read_page};
use crate::{
    Category, CategoryEntry, CategoryUser, Content, Entry, EntryQuery, MemberRole, NewLogin, NewMember, NewPartner,
    NewUser, Order, Page, Store, StoreConfig, UserKind, Vouch,
};

const NOW: i64 = 1_800_000_000;
const FIRST: Page = Page { offset: 0, limit: 30 };

/// An account with one of each: SQLite has no figures of tables, so its plans do not follow from how much they hold.
struct Place {
    store: Store,
    partner: PartnerId,
    user: Principal,
    category: Category,
    entry: EntryId,
    _folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(StoreConfig::in_folder(folder.path())).await.unwrap();
        let partner = store.create_partner(NewPartner::named("Acme"), NOW).await.unwrap().partner.id;
        let user = store.add_user(NewUser::named(partner, UserId::new("ann")), NOW).await.unwrap();
        let old = CategoryId::new(1);
        let category = Category {
            id: old,
            privacy: 3,
            appear_in_list: 3,
            privacy_context: "ctx".to_owned(),
            ..Category::named(partner, "channel", NOW)
        };
        let member = CategoryUser {
            id: 0,
            partner_id: partner,
            category_id: old,
            category_full_ids: String::new(),
            kuser: user.id,
            user_id: user.user_id.clone(),
            permission_level: 3,
            permission_names: "CATEGORY_VIEW".to_owned(),
            status: 1,
            update_method: 0,
            created_at: NOW,
            updated_at: NOW,
        };
        let entry = Entry { status: 2, ..Entry::new(EntryId::new("0_entry000"), partner, "1", NOW) };
        let group = NewUser { kind: UserKind::Group, ..NewUser::named(partner, UserId::new("team")) };
        let group = store.add_user(group, NOW).await.unwrap();
        let joining = NewMember { user: user.id, group: group.id, creation_mode: 1, role: MemberRole::Member };
        store.add_member(joining, NOW).await.unwrap();
        let boss = NewLogin { email: "boss@example.com".to_owned(), password: None, vouch: Vouch::Operator };
        let boss =
            NewUser { is_admin: true, login: Some(boss), ..NewUser::named(partner, UserId::new("boss@example.com")) };
        store.add_user(boss, NOW).await.unwrap();
        let place = CategoryEntry {
            id: 0,
            partner_id: partner,
            category_id: old,
            category_full_ids: String::new(),
            entry_id: entry.id.clone(),
            status: 2,
            creator: None,
            creator_id: None,
            privacy_context: String::new(),
            created_at: NOW,
            updated_at: NOW,
        };
        let id = entry.id.clone();
        let content = Content {
            categories: vec![category],
            members: vec![member],
            entries: vec![entry],
            places: vec![place],
            ..Content::default()
        };
        let made = store.import_content(partner, content, NOW).await.unwrap();
        let category = store.category(partner, made[&old]).await.unwrap().unwrap();
        Self { store, partner, user: user.id.into(), category, entry: id, _folder: folder }
    }

    fn viewer(&self, is_enforced: bool) -> Viewer {
        let account = AccountSettings { has_entitlement: true, enforces_by_default: is_enforced, ..Default::default() };
        let privileges = Privileges::from_text("privacycontext:ctx,list:*");
        let viewer = Viewer::of(account, Some((SessionKind::User, Some("ann"), &privileges)));
        Viewer { user: Some(self.user), is_active: true, groups: vec![Principal::new(7)], ..viewer }
    }

    async fn entries(&self, viewer: Option<&Viewer>, condition: Condition, order: &[Order]) {
        let query = EntryQuery { partner: self.partner, viewer, is_usual: true, condition, order, page: FIRST };
        let (found, total) = self.store.find_entries(&query).await.unwrap();
        assert_eq!((found.len(), total), (1, 1));
        assert_eq!(self.store.count_found_entries(&query).await.unwrap(), 1);
    }

    /// The statements of each call.
    async fn statements(&self) -> BTreeMap<String, Vec<String>> {
        let (store, partner) = (&self.store, self.partner);
        let (enforced, free) = (self.viewer(true), self.viewer(false));
        let mut all = BTreeMap::new();
        let mut keep = |name: &str| {
            let mut seen: Vec<String> = watched::take().into_iter().filter(|sql| sql.starts_with("SELECT")).collect();
            seen.sort();
            seen.dedup();
            assert!(!seen.is_empty(), "{name} asked nothing");
            all.insert(name.to_owned(), seen);
        };
        watched::take();
        store.category_facts(partner, self.category.id, &enforced).await.unwrap().unwrap();
        assert_eq!(store.visible_categories(partner, &[self.category.id], &enforced).await.unwrap().len(), 1);
        keep("category.get");
        for (name, viewer) in [("category.list", &enforced), ("category.list, nothing enforced", &free)] {
            let order = [Order { column: "depth", falling: false }];
            let found = store.categories(partner, visible_categories(viewer), &order, FIRST).await.unwrap();
            assert_eq!(found.1, 1);
            keep(name);
        }
        store.entry_facts(partner, &self.entry, &enforced).await.unwrap().unwrap();
        store.legacy_categories(std::slice::from_ref(&self.entry)).await.unwrap();
        keep("baseEntry.get");
        for falling in [false, true] {
            for column in ["created_at", "updated_at", "name"] {
                let order = [Order { column, falling }];
                self.entries(Some(&enforced), Condition::TRUE, &order).await;
                keep(&format!("baseEntry.list by {column}, {falling}"));
                self.entries(Some(&free), Condition::TRUE, &order).await;
                keep(&format!("baseEntry.list by {column}, {falling}, nothing enforced"));
            }
        }
        // Who finds many entries is shown them in the order of an index.
        for column in ["name", "plays"] {
            let order = [Order { column, falling: column == "plays" }];
            let many = EntryQuery {
                partner,
                viewer: Some(&enforced),
                is_usual: true,
                condition: Condition::TRUE,
                order: &order,
                page: FIRST,
            };
            many.read_in_order(&mut store.inner.engine.snapshot().await.unwrap()).await.unwrap();
            keep(&format!("baseEntry.list, many, by {column}"));
        }
        self.entries(Some(&enforced), Condition::text("type", "1"), &[]).await;
        keep("media.list");
        let own = listed_entries(&enforced, true);
        let order = [Order { column: "created_at", falling: true }];
        store.entries(partner, own, &order, FIRST).await.unwrap();
        keep("baseEntry.list, own only");
        let here = Condition::int("category_id", self.category.id.get());
        let order = [Order { column: "created_at", falling: true }];
        assert_eq!(store.category_users(partner, here.clone(), &order, FIRST).await.unwrap().1, 1);
        keep("categoryUser.list");
        let theirs = Condition::text("puser_id", "ann");
        assert_eq!(store.category_users(partner, theirs, &[], FIRST).await.unwrap().1, 1);
        keep("categoryUser.list, of a user");
        assert_eq!(store.category_entries(partner, here, &order, FIRST).await.unwrap().1, 1);
        keep("categoryEntry.list");
        self.lists_of_users(&mut keep).await;
        all
    }

    /// The orders that these lists offer, and what is asked for most.
    async fn lists_of_users(&self, keep: &mut impl FnMut(&str)) {
        let (store, partner) = (&self.store, self.partner);
        let live = Condition::int("status", 2).negated();
        let orders =
            ["created_at", "updated_at", "puser_id"].map(|column| [false, true].map(|falling| (column, falling)));
        let mut lists: Vec<(String, Vec<Order>)> = vec![("the usual order".to_owned(), vec![])];
        for (column, falling) in orders.as_flattened() {
            lists.push((format!("{column}, {falling}"), vec![Order { column, falling: *falling }]));
        }
        let shown = Condition::ints("status", [0, 1]);
        for (name, order) in &lists {
            assert_eq!(store.users(partner, live.clone(), order, FIRST).await.unwrap().1, 3);
            keep(&format!("user.list by {name}"));
            assert_eq!(store.users(partner, shown.clone(), order, FIRST).await.unwrap().1, 3);
            keep(&format!("user.list by {name}, by status"));
            let admins = shown.clone().and(Condition::int("is_admin", 1));
            assert_eq!(store.users(partner, admins.clone(), order, FIRST).await.unwrap().1, 1);
            keep(&format!("user.list by {name}, administrators"));
            let may_log_in = Condition::IsNull("login_data_id").negated();
            assert_eq!(store.users(partner, admins.and(may_log_in.clone()), order, FIRST).await.unwrap().1, 1);
            keep(&format!("user.list by {name}, administrators who log in"));
            assert_eq!(store.users(partner, live.clone().and(may_log_in), order, FIRST).await.unwrap().1, 1);
            keep(&format!("user.list by {name}, who log in"));
            assert_eq!(store.user_groups(partner, live.clone(), order, FIRST).await.unwrap().1, 1);
            keep(&format!("group.list by {name}"));
        }
        // Where there are many of them, an index gives them in their order.
        let admins = Condition::int("partner_id", partner.get()).and(Condition::int("is_admin", 1));
        for (name, order) in &lists[..3] {
            let users = Listed { table: "kuser", columns: "id", key: "id" };
            let mut reader = store.inner.engine.reader().await.unwrap();
            read_page(&mut reader, &users, &admins, order, FIRST, |row| row.int(0)).await.unwrap();
            keep(&format!("user.list by {name}, many administrators"));
        }
        let ann = Condition::text("puser_id", "ann");
        assert_eq!(store.users(partner, live.and(ann.clone()), &[], FIRST).await.unwrap().1, 1);
        keep("user.list, of an id");
        let current = Condition::int("status", 0);
        for (name, order) in lists.iter().filter(|(name, _)| !name.starts_with("puser_id")) {
            store.members(partner, current.clone(), order, FIRST).await.unwrap();
            keep(&format!("groupUser.list by {name}"));
        }
        for (name, of) in [("a user", ann), ("a group", Condition::text("pgroup_id", "team"))] {
            assert_eq!(store.members(partner, current.clone().and(of), &[], FIRST).await.unwrap().1, 1);
            keep(&format!("groupUser.list, of {name}"));
        }
    }
}

/// The indexes by which calls find what they show, and so the ones that none may lose.
const FOUND_BY: [(&str, &str); 34] = [
    ("category.get", "category USING INTEGER PRIMARY KEY"),
    ("category.get", "category_user_kuser"),
    ("category.list", "category_depth"),
    ("baseEntry.get", "category_entry_entry "),
    ("baseEntry.list by created_at, true", "entry_key_newest"),
    ("baseEntry.list by created_at, true", "entry_owner (partner_id=? AND kuser_id=?"),
    ("baseEntry.list by created_at, true", "entry_user_kuser"),
    ("baseEntry.list by created_at, true, nothing enforced", "entry_created (partner_id=?)"),
    ("baseEntry.list by created_at, false, nothing enforced", "COVERING INDEX entry_usual"),
    ("baseEntry.list by updated_at, true, nothing enforced", "entry_updated (partner_id=?)"),
    ("baseEntry.list by name, false, nothing enforced", "entry_name (partner_id=?)"),
    ("baseEntry.list, many, by name", "entry_name (partner_id=?)"),
    ("baseEntry.list, many, by plays", "entry_plays (partner_id=?)"),
    ("baseEntry.list, own only", "entry_owner (partner_id=? AND kuser_id=?"),
    ("categoryUser.list", "category_user_category (partner_id=? AND category_id=?)"),
    ("categoryUser.list, of a user", "category_user_puser (partner_id=? AND puser_id=?)"),
    ("categoryEntry.list", "category_entry_category_id (partner_id=? AND category_id=?)"),
    ("user.list by the usual order", "kuser_listed (partner_id=?)"),
    ("user.list by the usual order, by status", "kuser_listed (partner_id=?)"),
    ("user.list by created_at, true, by status", "kuser_created (partner_id=?)"),
    ("user.list by updated_at, true", "kuser_updated (partner_id=?)"),
    ("user.list by puser_id, false", "kuser_named (partner_id=?)"),
    ("user.list by created_at, true, administrators", "kuser_admin (partner_id=?)"),
    ("user.list by updated_at, true, administrators", "kuser_admin (partner_id=?)"),
    ("user.list by created_at, true, who log in", "kuser_with_login (partner_id=?)"),
    ("user.list by puser_id, false, administrators who log in", "kuser_with_login (partner_id=?)"),
    ("user.list by the usual order, many administrators", "kuser_listed (partner_id=?)"),
    ("user.list by created_at, true, many administrators", "kuser_admin (partner_id=?)"),
    ("group.list by created_at, true", "kuser_group (partner_id=?)"),
    ("group.list by the usual order", "kuser_group (partner_id=?)"),
    ("groupUser.list by created_at, true", "kuser_kgroup_created (partner_id=?)"),
    ("groupUser.list by updated_at, false", "kuser_kgroup_updated (partner_id=?)"),
    ("groupUser.list, of a user", "kuser_kgroup_puser (partner_id=? AND puser_id=?)"),
    ("groupUser.list, of a group", "kuser_kgroup_pgroup (partner_id=? AND pgroup_id=?)"),
];

/// One step of a plan: those with the same parent work on the same rows.
struct Step {
    parent: i64,
    detail: String,
}

impl Step {
    /// What it looks at, if it goes through all of a table.
    fn scanned(&self) -> Option<&str> {
        self.detail.strip_prefix("SCAN ")?.split(' ').next()
    }

    /// Whether all rows of an account are looked at, or all in a context.
    fn is_wide(&self) -> bool {
        let Some((_, by)) = self.detail.strip_prefix("SEARCH ").and_then(|rest| rest.rsplit_once(" (")) else {
            return false;
        };
        // An account has at most 36 rows there.
        if self.detail.contains(" user_count ") {
            return false;
        }
        by.trim_end_matches(')').split(" AND ").all(|by| ["partner_id=?", "context=?", "listed=?"].contains(&by))
    }
}

async fn plan(conn: &mut Conn, sql: &str) -> Vec<Step> {
    let rows = conn.fetch(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")), vec![]).await.unwrap();
    rows.iter().map(|row| Step { parent: row.int(1).unwrap(), detail: row.text(3).unwrap() }).collect()
}

/// What is wrong with the plan of a statement.
fn faults(sql: &str, plan: &[Step]) -> Vec<String> {
    let made = |name: &str| {
        plan.iter()
            .any(|step| ["CO-ROUTINE ", "MATERIALIZE "].iter().any(|made| step.detail == format!("{made}{name}")))
    };
    let scanned = plan.iter().filter_map(Step::scanned).filter(|name| *name != "CONSTANT" && !made(name));
    let mut faults: Vec<String> = scanned.map(|name| format!("goes through all of {name}")).collect();
    for step in plan.iter().filter(|step| step.is_wide()) {
        // A page is read in the order of an index until it is full; what is counted must at least be in one.
        if !sql.contains(" LIMIT ") && !step.detail.contains("COVERING INDEX") {
            faults.push(format!("looks at each row of an account: {}", step.detail));
        }
        let sorts = |other: &Step| other.parent == step.parent && other.detail.contains("B-TREE FOR ORDER BY");
        if plan.iter().any(sorts) {
            faults.push(format!("sorts an account: {}", step.detail));
        }
    }
    faults
}

/// What is wrong with any of the calls.
async fn all_faults(conn: &mut Conn, calls: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut all = Vec::new();
    for (name, statements) in calls {
        let mut details = String::new();
        for sql in statements {
            let plan = plan(conn, sql).await;
            all.extend(faults(sql, &plan).into_iter().map(|fault| format!("{name}: {fault}\n{sql}")));
            plan.iter().for_each(|step| details.push_str(&format!("{} \n", step.detail)));
        }
        for (_, index) in FOUND_BY.iter().filter(|(call, index)| call == name && !details.contains(index)) {
            all.push(format!("{name} does not use {index}:\n{details}"));
        }
    }
    all
}

#[tokio::test]
async fn no_call_looks_at_everything() {
    let place = Place::new().await;
    let calls = place.statements().await;
    for (name, _) in FOUND_BY {
        assert!(calls.contains_key(name), "{name}");
    }
    let mut conn = place.store.inner.engine.connect().await.unwrap();
    let faults = all_faults(&mut conn, &calls).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn an_index_that_is_gone_is_missed() {
    let place = Place::new().await;
    let calls = place.statements().await;
    let mut conn = place.store.inner.engine.connect().await.unwrap();
    let names: BTreeSet<&str> = FOUND_BY
        .iter()
        .filter(|(_, index)| !index.contains("PRIMARY KEY"))
        .filter_map(|(_, index)| index.split(' ').find(|word| word.contains('_')))
        .collect();
    for name in names {
        conn.script("BEGIN").await.unwrap();
        conn.execute(AssertSqlSafe(format!("DROP INDEX {name}")), vec![]).await.unwrap();
        assert!(!all_faults(&mut conn, &calls).await.is_empty(), "nobody misses {name}");
        conn.script("ROLLBACK").await.unwrap();
    }
    assert_eq!(all_faults(&mut conn, &calls).await, Vec::<String>::new());
}
