//! Lists of users, groups and memberships: how many there are is exact after each change, in each process, against
//! counting them.

use ks_access::condition::{Compare, Condition, Value};
use ks_schema::ids::{RoleId, UserId};
use ks_store::{
    Layout, MemberRole, NewLogin, NewMember, NewUser, Order, Page, PasswordBy, PasswordHash, Store, Sync, UserKind,
    UserStatus, Vouch,
};

use crate::support::{Home, NOW, P102, with_102};

const ALL: Page = Page { offset: 0, limit: 500 };

fn id(id: &str) -> UserId {
    UserId::new(id)
}

fn named(name: &str) -> NewUser {
    NewUser::named(P102, id(name))
}

fn with_login(name: &str) -> NewUser {
    let email = format!("{name}@example.com");
    NewUser { login: Some(NewLogin { email, password: None, vouch: Vouch::Operator }), ..named(name) }
}

fn group(name: &str) -> NewUser {
    NewUser { kind: UserKind::Group, ..named(name) }
}

/// What lists ask for, and the same as a plain condition.
fn asked() -> Vec<(Condition, &'static str)> {
    let live = || Condition::int("status", 2).negated();
    let may_log_in = || Condition::IsNull("login_data_id").negated();
    let at_least = |column, number| Condition::Is(column, Compare::AtLeast, Value::Int(number));
    vec![
        (Condition::TRUE, "1 = 1"),
        (live(), "status <> 2"),
        (Condition::int("status", 2), "status = 2"),
        (Condition::ints("status", [0, 1]), "status IN (0, 1)"),
        (Condition::int("type", 0).or(Condition::int("status", 0)), "(type = 0 OR status = 0)"),
        (live().and(Condition::int("is_admin", 1)), "status <> 2 AND is_admin = 1"),
        (live().and(Condition::int("is_admin", 0)), "status <> 2 AND is_admin = 0"),
        (live().and(may_log_in()), "status <> 2 AND login_data_id IS NOT NULL"),
        (Condition::IsNull("login_data_id"), "login_data_id IS NULL"),
        // A number of a login is no kind of user.
        (at_least("login_data_id", 2), "login_data_id >= 2"),
        (live().and(at_least("created_at", NOW + 1)), "status <> 2 AND created_at >= 1800000001"),
        (at_least("updated_at", NOW + 5), "updated_at >= 1800000005"),
        (Condition::StartsWith("puser_id_folded", "a".to_owned()), "puser_id_folded LIKE 'a%'"),
        (Condition::Contains("email_folded", "new".to_owned()), "email_folded LIKE '%new%'"),
        (Condition::HasWord("role_ids", "4".to_owned()), "',' || role_ids || ',' LIKE '%,4,%'"),
    ]
}

fn memberships() -> Vec<(Condition, &'static str)> {
    vec![
        (Condition::TRUE, "1 = 1"),
        (Condition::ints("status", [0]), "status = 0"),
        (Condition::text("puser_id", "ann"), "puser_id = 'ann'"),
        (Condition::text("pgroup_id", "team"), "pgroup_id = 'team'"),
        (Condition::int("group_type", 2), "EXISTS (SELECT 1 FROM kuser WHERE kuser.id = kgroup_id AND kuser.type = 2)"),
    ]
}

/// A database, and what two processes say of it.
struct Place {
    home: Home,
    stores: [Store; 2],
}

impl Place {
    async fn new() -> Self {
        let home = Home::new();
        let stores = [home.open().await, home.open().await];
        with_102(&stores[0]).await;
        Self { home, stores }
    }

    fn store(&self) -> &Store {
        &self.stores[0]
    }

    async fn counted(&self, table: &str, condition: &str) -> u64 {
        let sql = format!("SELECT count(*), count(*) FROM {table} WHERE partner_id = 102 AND {condition}");
        let rows = self.home.pairs(Box::leak(sql.into_boxed_str())).await;
        u64::try_from(rows[0].0).unwrap()
    }

    /// Fails unless each list says how many there are, and has as many.
    async fn check(&self, after: &str) {
        let orders = [vec![], vec![Order { column: "updated_at", falling: true }]];
        for (condition, plain) in asked() {
            let all = self.counted("kuser", &format!("retired = 0 AND {plain}")).await;
            let groups = self.counted("kuser", &format!("retired = 0 AND type IN (1, 2) AND {plain}")).await;
            for (store, order) in self.stores.iter().zip(&orders) {
                let (users, total) = store.users(P102, condition.clone(), order, ALL).await.unwrap();
                assert_eq!((users.len() as u64, total), (all, all), "users after {after}: {plain}");
                let (users, total) = store.user_groups(P102, condition.clone(), order, ALL).await.unwrap();
                assert_eq!((users.len() as u64, total), (groups, groups), "groups after {after}: {plain}");
            }
        }
        for (condition, plain) in memberships() {
            let all = self.counted("kuser_kgroup", plain).await;
            for (store, order) in self.stores.iter().zip(&orders) {
                let (members, total) = store.members(P102, condition.clone(), order, ALL).await.unwrap();
                assert_eq!((members.len() as u64, total), (all, all), "memberships after {after}: {plain}");
            }
        }
        let kinds = "SELECT kind FROM (SELECT partner_id || ' ' || type || ' ' || status || ' ' || is_admin || ' ' || \
                     CASE WHEN login_data_id IS NULL THEN 0 ELSE 1 END || ' ' || count(*) AS kind FROM kuser \
                     WHERE retired = 0 GROUP BY partner_id, type, status, is_admin, \
                     CASE WHEN login_data_id IS NULL THEN 0 ELSE 1 END) AS kinds";
        let kept = "SELECT partner_id || ' ' || type || ' ' || status || ' ' || is_admin || ' ' || has_login || ' ' || users \
                    FROM user_count WHERE users <> 0";
        assert_eq!(self.home.texts(kept).await, self.home.texts(kinds).await, "after {after}");
    }
}

#[tokio::test]
async fn lists_say_how_many_users_there_are_after_each_change() {
    let place = Place::new().await;
    let store = place.store();
    place.check("the account's making").await;
    let ann = store.add_user(named("ann"), NOW + 1).await.unwrap();
    place.check("adding a user").await;
    store.add_users(vec![named("bob"), with_login("cleo"), with_login("dan")], NOW + 2).await.unwrap();
    place.check("adding several").await;
    let error = store.add_users(vec![named("eve"), named("bob")], NOW + 2).await;
    assert!(error.is_err());
    place.check("adding none of several").await;
    store.set_user_status(P102, id("bob"), UserStatus::Blocked, NOW + 3).await.unwrap();
    place.check("blocking").await;
    store.set_user_roles(P102, id("ann"), vec![RoleId::new(4)], NOW + 3).await.unwrap();
    place.check("giving a role").await;
    store.update_user(P102, id("cleo"), NOW + 4, |user| user.is_admin = true).await.unwrap();
    place.check("making an administrator").await;
    store.set_account_owner(P102, id("cleo"), NOW + 5).await.unwrap();
    place.check("making an owner").await;
    store.update_user(P102, id("dan"), NOW + 6, |user| user.user_id = id("adam")).await.unwrap();
    place.check("another id").await;
    let login = store.login("cleo@example.com").await.unwrap().unwrap();
    store.change_login(login.id, Some("new@example.com".to_owned()), None, None, NOW + 7).await.unwrap();
    place.check("another address").await;
    let password = PasswordHash::new("hash");
    store.set_password(login.id, password, 0, PasswordBy::Account, NOW + 7).await.unwrap();
    store.revoke_user_sessions(P102, id("adam"), NOW + 7).await.unwrap();
    place.check("a password and an end of sessions").await;
    store.add_user(with_login("dora"), NOW + 7).await.unwrap();
    place.check("adding one with a login").await;
    store.disable_login(P102, id("dora"), NOW + 7).await.unwrap();
    place.check("taking a login away").await;
    let login = NewLogin { email: "dora@example.com".to_owned(), password: None, vouch: Vouch::Operator };
    store.enable_login(P102, id("dora"), login, NOW + 7).await.unwrap();
    place.check("giving a login").await;
    let made = store.delete_user(P102, id("adam"), NOW + 8).await.unwrap();
    assert_eq!(made.status, UserStatus::Deleted);
    place.check("deleting one with a login").await;
    store.add_user(named("adam"), NOW + 9).await.unwrap();
    place.check("an id that comes back").await;
    store.update_user(P102, id("bob"), NOW + 9, |user| user.kind = UserKind::ApplicativeGroup).await.unwrap();
    place.check("a user that becomes a group").await;

    let team = store.add_user(group("team"), NOW + 10).await.unwrap();
    place.check("adding a group").await;
    let joining = NewMember { user: ann.id, group: team.id, creation_mode: 1, role: MemberRole::Member };
    let member = store.add_member(joining, NOW + 11).await.unwrap();
    place.check("joining").await;
    store.set_member_role(P102, member.id, MemberRole::Manager, NOW + 12).await.unwrap();
    place.check("managing").await;
    store.clone_group(group("copies"), team.id, NOW + 13).await.unwrap();
    place.check("cloning a group").await;
    let how = Sync { remove: true, create: true, most: 10 };
    store.sync_groups(P102, id("ann"), vec![id("team"), id("made")], how, NOW + 14).await.unwrap();
    place.check("groups in line with a list").await;
    store.delete_member(P102, member.id, NOW + 15).await.unwrap();
    place.check("leaving").await;
    store.delete_user(P102, id("made"), NOW + 16).await.unwrap();
    place.check("deleting a group").await;
    store.delete_user(P102, id("ann"), NOW + 17).await.unwrap();
    place.check("deleting a member").await;
}

#[tokio::test]
async fn what_others_write_is_counted_too() {
    let place = Place::new().await;
    place.store().add_users(vec![named("ann"), with_login("bob"), group("team")], NOW).await.unwrap();
    place
        .home
        .run(
            "INSERT INTO kuser (partner_id, puser_id, is_admin, is_account_owner, status, screen_name, email, created_at, \
             updated_at, type, retired) VALUES (102, 'x', 0, 0, 1, '', '', 1, 1, 0, 0), (102, 'y', 1, 0, 0, '', '', 1, 1, 1, 0), \
             (102, 'z', 0, 0, 2, '', '', 1, 1, 0, 1); \
             UPDATE kuser SET status = 2, retired = 1 WHERE puser_id = 'ann'; \
             UPDATE kuser SET retired = 0 WHERE puser_id = 'z'; \
             UPDATE kuser SET login_data_id = NULL, is_admin = 1 WHERE puser_id = 'bob'; \
             DELETE FROM kuser WHERE puser_id = 'x'",
        )
        .await;
    place.check("changes by hand").await;
}

#[tokio::test]
async fn a_number_is_remembered_until_it_may_have_changed() {
    let place = Place::new().await;
    let store = place.store();
    store.add_users(vec![with_login("ann"), named("bob")], NOW).await.unwrap();
    let young = || Condition::Is("created_at", Compare::AtLeast, Value::Int(NOW));
    let count = async || store.users(P102, young(), &[], ALL).await.unwrap().1;
    assert_eq!(count().await, 3);
    // Whoever writes, and by what: a program of the version before, or a person.
    place.home.run("UPDATE kuser SET created_at = 1 WHERE puser_id = 'bob'").await;
    assert_eq!(count().await, 2);
    let version =
        async || place.home.pairs("SELECT partner_id, users FROM content_version WHERE partner_id = 102").await;
    let before = version().await;
    let (login, ann) =
        (store.login("ann@example.com").await.unwrap().unwrap(), store.user(P102, &id("ann")).await.unwrap().unwrap());
    store.note_login(&login, &ann, NOW + 1000).await.unwrap();
    assert_eq!(store.user(P102, &id("ann")).await.unwrap().unwrap().last_login_at, Some(NOW + 1000));
    assert_eq!(version().await, before, "no list finds users by when they logged in");
    store.set_user_roles(P102, id("ann"), vec![RoleId::new(4)], NOW).await.unwrap();
    assert_ne!(version().await, before);
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn users_who_were_there_before_are_counted() {
    let place = Place::new().await;
    place.store().add_users(vec![named("ann"), with_login("bob"), group("team")], NOW).await.unwrap();
    place.store().update_user(P102, id("ann"), NOW, |user| user.user_id = id("anna")).await.unwrap();
    let Place { home, stores } = place;
    for store in stores {
        store.close().await;
    }
    // As it was one layout before.
    let is_postgres = ks_test_cluster::is_wanted();
    let functions = if is_postgres {
        "DROP FUNCTION count_added_users; DROP FUNCTION count_removed_users; DROP FUNCTION count_changed_user; \
         DROP FUNCTION raise_users; DROP FUNCTION raise_users_of_many;"
    } else {
        ""
    };
    let undo =
        [
            ("kuser", "kuser_added"),
            ("kuser", "kuser_removed"),
            ("kuser", "kuser_changed"),
            ("kuser", "kuser_comes"),
            ("kuser", "kuser_goes"),
            ("kuser", "kuser_alters"),
            ("kuser_kgroup", "kuser_kgroup_comes"),
            ("kuser_kgroup", "kuser_kgroup_goes"),
            ("kuser_kgroup", "kuser_kgroup_alters"),
        ]
        .map(|(table, name)| {
            if is_postgres { format!("DROP TRIGGER {name} ON {table};") } else { format!("DROP TRIGGER {name};") }
        });
    let indexes = [
        "kuser_listed",
        "kuser_created",
        "kuser_updated",
        "kuser_named",
        "kuser_admin",
        "kuser_group",
        "kuser_with_login",
        "kuser_kgroup_created",
        "kuser_kgroup_updated",
        "kuser_kgroup_puser",
        "kuser_kgroup_pgroup",
    ]
    .map(|name| format!("DROP INDEX {name};"));
    let undo = format!(
        "{} {functions} {} DROP TABLE user_count; ALTER TABLE content_version DROP COLUMN users; \
         CREATE INDEX kuser_partner ON kuser (partner_id, created_at, id) WHERE status <> 2; \
         DELETE FROM schema_migration WHERE number >= 13",
        undo.concat(),
        indexes.concat()
    );
    home.run(Box::leak(undo.into_boxed_str())).await;
    let added = Layout::bring(&home.config().database, NOW).await.unwrap();
    assert!(added.iter().any(|migration| migration.name == "users"));
    let stores = [home.open().await, home.open().await];
    Place { home, stores }.check("the migration").await;
}
