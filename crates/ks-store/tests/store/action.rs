//! Limited numbers of uses.

use ks_store::{ActionUse, Store};
use tokio::task::JoinSet;

use crate::support::{Home, NOW, P102, hash};

async fn consumed(stores: &[Store], tasks: usize, tries: usize, limit: u32) -> Vec<u32> {
    let mut set = JoinSet::new();
    for task in 0..tasks {
        let store = stores[task % stores.len()].clone();
        set.spawn(async move {
            let mut left = vec![];
            for _ in 0..tries {
                let used = store.consume_action(hash(9), P102, limit, NOW + 60, NOW).await.unwrap();
                left.extend(match used {
                    ActionUse::Consumed { left } => Some(left),
                    ActionUse::Exhausted => None,
                });
            }
            left
        });
    }
    let mut left: Vec<u32> = set.join_all().await.concat();
    left.sort_unstable();
    left
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_as_many_uses_as_allowed_from_sixteen_tasks() {
    let home = Home::new();
    let store = home.open().await;
    assert_eq!(consumed(&[store], 16, 10, 25).await, (0..25).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_as_many_uses_as_allowed_over_two_stores_and_a_restart() {
    let home = Home::new();
    let stores = [home.open().await, home.open().await];
    assert_eq!(consumed(&stores, 16, 2, 40).await, (8..40).collect::<Vec<_>>());
    for store in stores {
        store.close().await;
    }
    assert_eq!(consumed(&[home.open().await], 4, 10, 40).await, (0..8).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_limit_of_one_and_of_none() {
    let home = Home::new();
    let store = home.open().await;
    let uses = async |byte, limit| store.consume_action(hash(byte), P102, limit, NOW + 60, NOW).await.unwrap();
    assert_eq!(uses(1, 0).await, ActionUse::Exhausted);
    assert_eq!(uses(1, 1).await, ActionUse::Consumed { left: 0 });
    assert_eq!(uses(1, 1).await, ActionUse::Exhausted);
    assert_eq!(uses(2, u32::MAX).await, ActionUse::Consumed { left: u32::MAX - 1 });
}
