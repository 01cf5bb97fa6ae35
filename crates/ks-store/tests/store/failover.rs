//! A replica that takes the place of its primary, and what a store makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ks_store::{PartnerStatus, Revoked, Store, StoreError};
use ks_test_cluster::{Cluster, Durability, sql};

use crate::support::{Home, NOW, P102, hash, in_time, until, with_102};

async fn revoke(store: &Store, bytes: std::ops::Range<u8>) {
    for byte in bytes {
        store.revoke_token(P102, hash(byte), None, NOW).await.unwrap();
    }
}

/// Waits until a store knows of revocations.
async fn knows(store: &Store, bytes: std::ops::Range<u8>) {
    let known = |byte| store.is_revoked(&[hash(byte)]) == Ok(Revoked::Yes);
    in_time(until(|| bytes.clone().all(known))).await;
}

/// A primary, a replica that follows it, and homes of stores that know of the first, of both, and of the second.
fn servers() -> (Cluster, Cluster, [Home; 3]) {
    let primary = Cluster::start(Durability::None).unwrap();
    let database = primary.database().unwrap();
    let replica = primary.replica().unwrap();
    let (plain, _) = database.split_once('?').unwrap();
    let (one, two) = (primary.socket().display(), replica.socket().display());
    let homes = [format!("{one}"), format!("{one},{two}"), format!("{two}")];
    let homes = homes.map(|hosts| Home::postgres(format!("{plain}?host={hosts}")));
    (primary, replica, homes)
}

/// Waits until a replica has all that its primary has written.
async fn caught_up(primary: &Cluster, replica: &Cluster) {
    let lsn = |cluster: &Cluster, which: &str| -> (u64, u64) {
        let text = sql(cluster.socket(), "postgres", &format!("SELECT {which}()")).unwrap();
        let (high, low) = text.trim().split_once('/').unwrap();
        (u64::from_str_radix(high, 16).unwrap(), u64::from_str_radix(low, 16).unwrap())
    };
    let written = lsn(primary, "pg_current_wal_flush_lsn");
    in_time(until(|| lsn(replica, "pg_last_wal_replay_lsn") >= written)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_replaced_is_left_though_it_goes_on() {
    let (primary, replica, [first, both, second]) = servers();
    let here = both.open().await;
    revoke(&here, 0..3).await;
    caught_up(&primary, &replica).await;

    // A replica by itself is nothing to work with.
    let refused = Store::open(second.config()).await;
    assert!(matches!(&refused, Err(StoreError::Unavailable(why)) if why.contains("follows another")), "{refused:?}");

    // Nobody has stopped the old primary, and it still says that it takes changes.
    replica.promote().unwrap();
    assert_eq!(sql(primary.socket(), "postgres", "SELECT pg_is_in_recovery()").unwrap().trim(), "f");
    // Who starts now finds the new one, though the old one is named first.
    let there = both.open().await;
    revoke(&there, 3..6).await;
    knows(&here, 0..6).await;
    revoke(&here, 6..9).await;
    knows(&there, 0..9).await;
    // The old one knows nothing of it.
    let old = first.open().await;
    assert_eq!(old.health().revocations, 3);
    for store in [here, there, old] {
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_a_failover_gives_again_are_followed_again() {
    let (mut primary, replica, [_, both, _]) = servers();
    let (here, there) = (both.open().await, both.open().await);
    revoke(&there, 0..2).await;
    knows(&here, 0..2).await;
    let known = || sql(replica.socket(), "postgres", "SELECT count(*) FROM pg_stat_wal_receiver").unwrap();
    in_time(until(|| known().trim() == "1")).await;
    caught_up(&primary, &replica).await;

    // From here on nothing reaches the replica, which waits for none of it.
    sql(replica.socket(), "postgres", "ALTER SYSTEM SET primary_conninfo = ''").unwrap();
    sql(replica.socket(), "postgres", "SELECT pg_reload_conf()").unwrap();
    in_time(until(|| known().trim() == "0")).await;
    revoke(&there, 2..10).await;
    knows(&here, 2..10).await;
    let followed = here.health().followed;

    primary.kill();
    replica.promote().unwrap();
    // What is written now has numbers that both have followed already.
    in_time(async { while there.revoke_token(P102, hash(20), None, NOW).await.is_err() {} }).await;
    revoke(&there, 21..23).await;
    knows(&here, 20..23).await;
    in_time(until(|| here.health().followed < followed && there.health().followed < followed)).await;
    // What nobody has any more is still refused by those who have seen it.
    knows(&here, 0..10).await;
    for store in [here, there] {
        store.close().await;
    }
}

/// One address, which leads to one server after the other; what was connected stays so.
async fn address(servers: [std::path::PathBuf; 2]) -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let to = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&to);
    tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let socket = servers[now.load(Ordering::SeqCst)].join(".s.PGSQL.5432");
            let mut far = tokio::net::UnixStream::connect(socket).await.unwrap();
            tokio::spawn(async move { drop(tokio::io::copy_bidirectional(&mut near, &mut far).await) });
        }
    });
    (port, to)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_connected_before_another_server_took_over_is_not_read_from() {
    let (primary, replica, [first, _, second]) = servers();
    let store = first.open().await;
    with_102(&store).await;
    store.close().await;
    let (port, to) = address([primary.socket().to_owned(), replica.socket().to_owned()]).await;
    let name = first.database_name();
    let here = Home::postgres(format!("postgres://ks@127.0.0.1:{port}/{name}?sslmode=disable")).open().await;
    assert_eq!(here.account(P102).await.unwrap().unwrap().partner.status, PartnerStatus::Active);
    let count = "SELECT count(*) FROM partner WHERE id = 102";
    in_time(until(|| sql(replica.socket(), &name, count).is_ok_and(|found| found.trim() == "1"))).await;
    // A reader is connected to the first, and goes back to its pool, where whatever else the store does may take it.
    let ours = "FROM pg_stat_activity WHERE application_name = 'ks' AND datname = current_database()";
    let readers = format!("SELECT pid {ours} AND query LIKE '%account_secret%'");
    let reader = in_time(async {
        loop {
            here.secrets(P102).await.unwrap();
            let found = sql(primary.socket(), &name, &readers).unwrap();
            if let Some(reader) = found.lines().find_map(|line| line.trim().parse::<u32>().ok()) {
                break reader;
            }
        }
    })
    .await;

    replica.promote().unwrap();
    to.store(1, Ordering::SeqCst);
    // All but the reader are cut off, and connect to the second.
    let others = format!("{ours} AND pid <> {reader}");
    let cut = format!("SELECT count(pg_terminate_backend(pid)) {others}");
    assert_ne!(sql(primary.socket(), &name, &cut).unwrap().trim(), "0");
    let left = format!("SELECT count(*) {others}");
    in_time(until(|| sql(primary.socket(), &name, &left).unwrap().trim() == "0")).await;
    let there = second.open().await;
    there.set_partner_status(P102, PartnerStatus::Blocked, NOW).await.unwrap();
    let newest = there.health().followed;
    in_time(until(|| here.health().followed >= newest && here.health().fresh)).await;
    assert_eq!(here.account(P102).await.unwrap().unwrap().partner.status, PartnerStatus::Blocked);
    for store in [here, there] {
        store.close().await;
    }
}
