//! Bringing a database to the layout of a program, also while others work with it.

use ks_store::{Layout, Migrate, Store, StoreError};

use crate::support::{Home, NOW, P102, with_102};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_migration_is_added_once_however_many_are_at_it() {
    let home = Home::new();
    let database = home.config().database;
    let missing = Layout::of(&database).await.unwrap();
    assert_eq!(missing.number, 0);
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let database = database.clone();
        set.spawn(async move { Layout::bring(&database, NOW).await.unwrap() });
    }
    let mut added: Vec<_> = set.join_all().await.into_iter().flatten().collect();
    added.sort_unstable_by_key(|migration| migration.number);
    assert_eq!(added, missing.pending);
    let layout = Layout::of(&database).await.unwrap();
    assert_eq!((layout.number, layout.pending), (missing.pending.last().unwrap().number, vec![]));
}

#[tokio::test]
async fn an_older_layout_is_left_alone_unless_it_was_asked_for() {
    let home = Home::new();
    let with = |migrate| ks_store::StoreConfig { migrate, ..home.config() };
    assert!(matches!(Store::open(with(Migrate::Never)).await, Err(StoreError::OlderLayout { found: 0, .. })));
    // An empty one is nobody's.
    Store::open(with(Migrate::WhenEmpty)).await.unwrap().close().await;
    let newest = Layout::of(&home.config().database).await.unwrap().number;
    home.run("DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)").await;
    let found = Layout::of(&home.config().database).await.unwrap().number;
    assert!(found < newest);
    for migrate in [Migrate::Never, Migrate::WhenEmpty] {
        let error = Store::open(with(migrate)).await.unwrap_err();
        assert_eq!(error, StoreError::OlderLayout { found, needed: newest });
        assert!(error.to_string().contains("`ks migrate`"), "{error}");
    }
}

#[tokio::test]
async fn an_old_program_goes_on_beside_a_newer_layout_and_starts_on_it_where_it_may() {
    let home = Home::new();
    let old = home.open().await;
    // What a newer program does, by the rule that migrations only add.
    home.run(
        "ALTER TABLE partner ADD COLUMN invented INTEGER NOT NULL DEFAULT 7; CREATE TABLE invention (id INTEGER); \
         INSERT INTO schema_migration (number, name, applied_at) VALUES (4711, 'future', 0)",
    )
    .await;
    with_102(&old).await;
    assert!(old.account(P102).await.unwrap().is_some());
    assert_eq!(home.pairs("SELECT id, CAST(invented AS BIGINT) FROM partner WHERE id = 102").await, [(102, 7)]);
    old.close().await;

    // It was noted that programs of today's layout can work with it.
    let again = home.open().await;
    assert_eq!(again.secrets(P102).await.unwrap().len(), 2);
    again.close().await;

    // A migration that does more than add notes something else.
    home.run(if ks_test_cluster::is_wanted() {
        "UPDATE store_meta SET value = CAST('4711' AS BYTEA) WHERE name = 'compatible_from'"
    } else {
        "UPDATE store_meta SET value = CAST('4711' AS BLOB) WHERE name = 'compatible_from'"
    })
    .await;
    assert!(matches!(Store::open(home.config()).await, Err(StoreError::NewerLayout { found: 4711, .. })));
}
