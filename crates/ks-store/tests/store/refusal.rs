//! Why calls were refused.

use ks_store::{Refusal, Store};
use std::time::Duration;

use crate::support::{Home, NOW, P102, hash};

fn refusal(request: &str, number: i64) -> Refusal {
    Refusal {
        request_id: request.to_owned(),
        at: NOW + number,
        partner_id: Some(P102),
        service: "session".to_owned(),
        action: "get".to_owned(),
        code: "INVALID_KS".to_owned(),
        reason: "expiry".to_owned(),
        detail: "expired a while ago".to_owned(),
        user_id: Some("bea".to_owned()),
        session_hash: Some(hash(1)),
    }
}

#[tokio::test]
async fn a_refusal_is_found_at_once_and_after_a_restart() {
    let home = Home::new();
    let store = home.open().await;
    let unknown = Refusal { partner_id: None, session_hash: None, user_id: None, ..refusal("r1", 3) };
    let kept = [refusal("r1", 1), refusal("r1", 2), unknown];
    kept.iter().cloned().for_each(|refusal| store.record_refusal(refusal));
    store.record_refusal(refusal("r2", 1));
    assert_eq!(store.refusals("r1").await.unwrap(), kept);
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.refusals("r1").await.unwrap(), kept);
    assert_eq!(store.refusals("r3").await.unwrap(), []);
}

#[tokio::test]
async fn long_and_odd_texts_are_cut() {
    let home = Home::new();
    let store = home.open().await;
    store.record_refusal(Refusal { detail: "é".repeat(1000), action: "a\0b".to_owned(), ..refusal("r1", 1) });
    store.close().await;
    let found = home.open().await.refusals("r1").await.unwrap();
    assert_eq!((found[0].detail.as_str(), found[0].action.as_str()), ("é".repeat(128).as_str(), "ab"));
}

#[tokio::test]
async fn a_flood_drops_the_oldest() {
    let home = Home::new();
    let mut config = home.config();
    config.flush_refusals_every = Duration::from_secs(3600);
    let store = Store::open(config).await.unwrap();
    // The first flush comes right after opening.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for number in 0..5000 {
        store.record_refusal(refusal(&format!("r{number}"), number));
    }
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.refusals("r4999").await.unwrap().len(), 1);
    assert_eq!(store.refusals("r904").await.unwrap().len(), 1);
    assert_eq!(store.refusals("r903").await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_old_and_the_too_many_are_forgotten() {
    let home = Home::new();
    let mut config = home.config();
    config.flush_refusals_every = Duration::from_millis(1);
    config.prune_every = Duration::from_millis(5);
    config.keep_refusals_for = 100;
    config.keep_refusals = 10;
    let store = Store::open(config).await.unwrap();
    store.record_refusal(refusal("old", -1000));
    for number in 0..20 {
        store.record_refusal(refusal(&format!("r{number}"), 0));
    }
    let found = async |id: &str| store.refusals(id).await.unwrap().len();
    while found("old").await + found("r9").await > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!((found("r10").await, found("r19").await), (1, 1));
}
