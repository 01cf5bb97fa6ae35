//! Opening and closing.

use ks_store::{DatabaseUrl, Kek, KekSource, Store, StoreConfig, StoreError};
use sqlx::Connection;

use crate::support::{Home, NOW, P102, with_102};

async fn raw(home: &Home) -> sqlx::SqliteConnection {
    sqlx::SqliteConnection::connect(&format!("sqlite:{}", home.database().display())).await.unwrap()
}

#[tokio::test]
async fn a_database_opens_again_as_it_was() {
    let home = Home::new();
    let before = {
        let store = home.open().await;
        let created = with_102(&store).await;
        store.close().await;
        created.partner
    };
    let migrations = applied(&home).await;
    for _ in 0..3 {
        let store = home.open().await;
        assert_eq!(store.account(P102).await.unwrap().unwrap().partner, before);
        store.ping_write(NOW).await.unwrap();
        assert!(store.health().fresh);
        store.close().await;
        store.close().await;
    }
    assert_eq!(applied(&home).await, migrations);
}

/// Each migration that was applied, with when.
async fn applied(home: &Home) -> Vec<(i64, i64)> {
    let sql = "SELECT number, applied_at FROM schema_migration ORDER BY number";
    sqlx::query_as(sql).fetch_all(&mut raw(home).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_may_start_at_once() {
    let home = Home::new();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut config = home.config();
        config.kek = KekSource::File(home.database().with_extension("key"));
        set.spawn(Store::open(config));
    }
    let stores: Vec<Store> = set.join_all().await.into_iter().map(Result::unwrap).collect();
    with_102(&stores[0]).await;
    for store in &stores {
        assert_eq!(store.secrets(P102).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn another_key_is_refused_in_clear_words() {
    let home = Home::new();
    home.open().await.close().await;
    let other = StoreConfig { kek: KekSource::Key(Kek::new([8; 32])), ..home.config() };
    let error = Store::open(other).await.unwrap_err();
    assert_eq!(error, StoreError::WrongKey);
    assert_eq!(error.to_string(), "the key-encryption key does not belong to this database");
}

#[tokio::test]
async fn a_lost_key_is_not_replaced_by_a_new_one() {
    let home = Home::new();
    let folder = home.database().with_file_name("new");
    Store::open(StoreConfig::in_folder(&folder)).await.unwrap().close().await;
    std::fs::remove_file(folder.join("ks.key")).unwrap();
    let error = Store::open(StoreConfig::in_folder(&folder)).await.unwrap_err();
    assert!(error.to_string().contains("it is missing, and the database was made with one"), "{error}");
    assert!(!folder.join("ks.key").exists());
}

#[tokio::test]
async fn a_newer_layout_is_refused() {
    let home = Home::new();
    home.open().await.close().await;
    sqlx::raw_sql("INSERT INTO schema_migration (number, name, applied_at) VALUES (4711, 'future', 0)")
        .execute(&mut raw(&home).await)
        .await
        .unwrap();
    let error = Store::open(home.config()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerLayout { found: 4711, .. }));
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_and_left_alone() {
    let home = Home::new();
    std::fs::write(home.database(), "something else, of some length ".repeat(100)).unwrap();
    assert!(matches!(Store::open(home.config()).await, Err(StoreError::Unavailable(_))));
    assert!(std::fs::read_to_string(home.database()).unwrap().starts_with("something else"));
    let folder = StoreConfig { database: DatabaseUrl::sqlite("/dev/null/ks.db"), ..home.config() };
    assert!(matches!(Store::open(folder).await, Err(StoreError::Unavailable(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owners() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    for file in std::fs::read_dir(home.database().parent().unwrap()).unwrap() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.unwrap().metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn account_0_exists_and_never_signs() {
    let home = Home::new();
    let store = home.open().await;
    let zero = store.account(ks_token::PartnerId::new(0)).await.unwrap().unwrap();
    assert!(zero.admin_secrets.is_empty() && zero.user_secrets.is_empty() && zero.keys.is_empty());
    assert!(store.partners().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_is_kept_although_nobody_waits_for_it() {
    let home = Home::new();
    let store = home.open().await;
    {
        let mut creating = std::pin::pin!(store.create_partner(crate::support::partner_102(), NOW));
        tokio::select! {
            biased;
            _ = &mut creating => unreachable!("a write takes longer than one poll"),
            () = std::future::ready(()) => {}
        }
    }
    store.close().await;
    assert!(home.open().await.account(P102).await.unwrap().is_some());
}
