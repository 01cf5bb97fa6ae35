//! Ended sessions.

use ks_store::{Revoked, Stale, StoreConfig, StoreError};
use std::time::Duration;

use crate::support::{Home, NOW, P102, hash, until};

#[tokio::test]
async fn a_revocation_counts_when_it_is_acknowledged_and_after_a_restart() {
    let home = Home::new();
    let store = home.open_trusting().await;
    assert_eq!(store.is_revoked(&[hash(1), hash(2)]), Ok(Revoked::No));
    store.revoke_token(P102, hash(1), Some(NOW + 60), NOW).await.unwrap();
    store.revoke_session_group(P102, hash(2), NOW).await.unwrap();
    for store in [store.clone(), home.open_trusting().await] {
        for revoked in [&[hash(1)][..], &[hash(2)], &[hash(3), hash(1)]] {
            assert_eq!(store.is_revoked(revoked), Ok(Revoked::Yes));
            assert_eq!(store.check_revoked_in_database(revoked).await, Ok(Revoked::Yes));
        }
        for live in [&[hash(3)][..], &[]] {
            assert_eq!(store.is_revoked(live), Ok(Revoked::No));
            assert_eq!(store.check_revoked_in_database(live).await, Ok(Revoked::No));
        }
    }
}

#[tokio::test]
async fn revoking_again_never_shortens_it() {
    let home = Home::new();
    let mut config = home.config();
    config.stale_after = Duration::from_mins(1);
    config.prune_every = Duration::from_millis(5);
    config.clock = std::sync::Arc::new(|| NOW + 200_000);
    let revoke = [(hash(1), Some(NOW + 150_000)), (hash(1), Some(NOW)), (hash(2), None), (hash(2), Some(NOW))];
    {
        let store = home.open().await;
        for (hash, end) in revoke {
            store.revoke_token(P102, hash, end, NOW).await.unwrap();
        }
        store.revoke_token(P102, hash(3), Some(NOW), NOW).await.unwrap();
        store.close().await;
    }
    let store = ks_store::Store::open(config).await.unwrap();
    until(|| store.health().revocations == 2).await;
    for hash in [hash(1), hash(2)] {
        assert_eq!(store.is_revoked(&[hash]), Ok(Revoked::Yes));
        assert_eq!(store.check_revoked_in_database(&[hash]).await, Ok(Revoked::Yes));
    }
    // Only the one that lapsed more than a day ago is forgotten, in memory and on disk.
    assert_eq!(store.is_revoked(&[hash(3)]), Ok(Revoked::No));
    assert_eq!(store.check_revoked_in_database(&[hash(3)]).await, Ok(Revoked::No));
}

/// A store that looks at the change log once and then never again.
fn blind(home: &Home) -> StoreConfig {
    let mut config = home.config();
    config.follow_every = Duration::from_secs(3600);
    config.stale_after = Duration::from_millis(20);
    // A hint would make it look all the same.
    config.hints = false;
    config
}

#[tokio::test]
async fn memory_that_cannot_follow_says_so_and_the_database_decides() {
    let home = Home::new();
    let store = ks_store::Store::open(blind(&home)).await.unwrap();
    store.revoke_token(P102, hash(1), None, NOW).await.unwrap();
    crate::support::with_102(&store).await;
    until(|| !store.health().fresh).await;

    assert_eq!(store.is_revoked(&[hash(2)]), Err(Stale));
    // What is known to be revoked stays so.
    assert_eq!(store.is_revoked(&[hash(1)]), Ok(Revoked::Yes));
    let other = home.open().await;
    other.revoke_token(P102, hash(2), None, NOW).await.unwrap();
    assert_eq!(store.is_revoked(&[hash(2)]), Err(Stale));
    assert_eq!(store.check_revoked_in_database(&[hash(2)]).await, Ok(Revoked::Yes));
    assert_eq!(store.check_revoked_in_database(&[hash(3)]).await, Ok(Revoked::No));

    // Snapshots are not believed either, but read anew.
    assert!(store.cached_account(P102).is_none());
    other.set_partner_status(P102, ks_store::PartnerStatus::FullBlock, NOW).await.unwrap();
    let account = store.account(P102).await.unwrap().unwrap();
    assert_eq!(account.partner.status, ks_store::PartnerStatus::FullBlock);
    assert!(store.cached_account(P102).is_none());
}

#[tokio::test]
async fn when_the_database_is_silent_nobody_is_let_through() {
    let home = Home::new();
    let store = ks_store::Store::open(blind(&home)).await.unwrap();
    store.close().await;
    until(|| !store.health().fresh).await;
    assert_eq!(store.is_revoked(&[hash(2)]), Err(Stale));
    assert_eq!(store.check_revoked_in_database(&[hash(2)]).await, Err(StoreError::Closed));
    assert_eq!(store.account(P102).await.unwrap_err(), StoreError::Closed);
    assert_eq!(store.revoke_token(P102, hash(1), None, NOW).await, Err(StoreError::Closed));
    assert_eq!(store.ping_write(NOW).await, Err(StoreError::Closed));
}
