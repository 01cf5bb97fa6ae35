//! Opening and closing.

use ks_store::{Kek, KekSource, Store, StoreConfig, StoreError};

use crate::support::{Home, NOW, P102, with_102};

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
    home.pairs("SELECT number, applied_at FROM schema_migration ORDER BY number").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_may_start_at_once() {
    let home = Home::new();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut config = home.config();
        config.kek = KekSource::File(home.key_file());
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
async fn a_newer_layout_is_refused() {
    let home = Home::new();
    home.open().await.close().await;
    home.run("INSERT INTO schema_migration (number, name, applied_at) VALUES (4711, 'future', 0)").await;
    home.run("DELETE FROM store_meta WHERE name = 'compatible_from'").await;
    let error = Store::open(home.config()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerLayout { found: 4711, .. }));
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
