//! Two processes on one database: here two stores.

use std::time::Duration;

use ks_schema::ids::UserId;
use ks_store::{NewRole, NewUser, PartnerStatus, Revoked, SecretKind, UserStatus};
use ks_test_cluster::{Cluster, Durability, sql};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, hash, in_time, secret, until, with_102};

/// Waits until an answer is as wanted, and lets the log be followed meanwhile.
async fn comes(wanted: impl AsyncFn() -> bool) {
    in_time(async {
        while !wanted().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_one_process_changes_the_other_hears_of() {
    let home = Home::new();
    let (here, there) = (home.open().await, home.open().await);

    assert!(here.account(P102).await.unwrap().is_none());
    with_102(&there).await;
    comes(async || here.account(P102).await.unwrap().is_some()).await;

    there.set_partner_status(P102, PartnerStatus::Blocked, NOW).await.unwrap();
    let status = async || here.account(P102).await.unwrap().unwrap().partner.status;
    comes(async || status().await == PartnerStatus::Blocked).await;

    there.add_secret(P102, SecretKind::Admin, Some(secret("second")), NOW).await.unwrap();
    comes(async || here.account(P102).await.unwrap().unwrap().keys.len() == 2).await;

    let user = UserId::new("bea");
    assert_eq!(here.user(P102, &user).await.unwrap(), None);
    let new = NewUser::named(P102, user.clone());
    there.add_user(new, NOW).await.unwrap();
    comes(async || here.user(P102, &user).await.unwrap().is_some()).await;
    there.set_user_status(P102, user.clone(), UserStatus::Blocked, NOW).await.unwrap();
    let user_status = async || here.user(P102, &user).await.unwrap().unwrap().status;
    comes(async || user_status().await == UserStatus::Blocked).await;

    assert!(here.roles(P102).await.unwrap().is_empty());
    let role = NewRole {
        partner_id: P102,
        system_name: None,
        name: "Reader".to_owned(),
        description: String::new(),
        permission_names: "SESSION_READ_PERMISSION".to_owned(),
        tags: String::new(),
    };
    there.add_role(role, NOW).await.unwrap();
    comes(async || !here.roles(P102).await.unwrap().is_empty()).await;

    there.revoke_token(P102, hash(1), Some(NOW + 60), NOW).await.unwrap();
    in_time(until(|| here.is_revoked(&[hash(1)]) == Ok(Revoked::Yes))).await;
    there.revoke_session_group(P102, hash(2), NOW).await.unwrap();
    in_time(until(|| here.is_revoked(&[hash(2)]) == Ok(Revoked::Yes))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_when_both_write_at_once() {
    let home = Home::new();
    let stores = [home.open().await, home.open().await];
    let mut set = tokio::task::JoinSet::new();
    for byte in 0..200 {
        let store = stores[usize::from(byte) % 2].clone();
        set.spawn(async move { store.revoke_token(P102, hash(byte), None, NOW).await.unwrap() });
    }
    set.join_all().await;
    for store in &stores {
        in_time(until(|| store.health().revocations == 200)).await;
        in_time(until(|| store.health().followed == 200)).await;
    }
}

#[tokio::test]
async fn who_was_away_while_the_log_was_pruned_reads_everything_anew() {
    let home = Home::new();
    let mut slow = home.config();
    slow.follow_every = Duration::from_millis(300);
    let here = ks_store::Store::open(slow).await.unwrap();
    assert!(here.account(PartnerId::new(102)).await.unwrap().is_none());

    let mut pruning = home.config();
    pruning.prune_every = Duration::from_millis(1);
    let there = ks_store::Store::open(pruning).await.unwrap();
    // Entries of long ago are pruned as soon as there is a newer one.
    with_102(&there).await;
    for byte in 0..20 {
        there.revoke_token(P102, hash(byte), None, NOW - 86_400).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    there.revoke_token(P102, hash(20), None, NOW).await.unwrap();
    in_time(until(|| here.health().revocations == 21)).await;
    comes(async || here.account(P102).await.unwrap().is_some()).await;
}

/// A cluster with a database, and the settings of stores on it.
fn postgres() -> (Cluster, Home, String) {
    let cluster = Cluster::start(Durability::None).unwrap();
    let url = cluster.database().unwrap();
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    (cluster, Home::postgres(url), name)
}

const LISTENERS: &str = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_wakes_who_would_look_much_later() {
    let (cluster, home, name) = postgres();
    let mut patient = home.config();
    (patient.follow_every, patient.stale_after) = (Duration::from_secs(3600), Duration::from_secs(7200));
    let (here, there) = (ks_store::Store::open(patient).await.unwrap(), home.open().await);
    for byte in 0..20 {
        there.revoke_token(P102, hash(byte), None, NOW).await.unwrap();
        in_time(until(|| here.is_revoked(&[hash(byte)]) == Ok(Revoked::Yes))).await;
    }

    let listening = || sql(cluster.socket(), &name, &format!("SELECT count(*) {LISTENERS}")).unwrap();
    in_time(until(|| listening().trim() == "2")).await;
    // The connection that listens is cut off: it is made anew, and what was said meanwhile is not missed.
    let cut = sql(cluster.socket(), &name, &format!("SELECT count(pg_terminate_backend(pid)) {LISTENERS}")).unwrap();
    assert_eq!(cut.trim(), "2");
    there.revoke_token(P102, hash(20), None, NOW).await.unwrap();
    in_time(until(|| here.is_revoked(&[hash(20)]) == Ok(Revoked::Yes))).await;
    there.revoke_token(P102, hash(21), None, NOW).await.unwrap();
    in_time(until(|| here.is_revoked(&[hash(21)]) == Ok(Revoked::Yes))).await;
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_hints_looking_is_enough() {
    let (cluster, home, name) = postgres();
    let mut silent = home.config();
    silent.hints = false;
    let mut other = home.config();
    other.hints = false;
    let (here, there) = (ks_store::Store::open(silent).await.unwrap(), ks_store::Store::open(other).await.unwrap());
    for byte in 0..20 {
        there.revoke_token(P102, hash(byte), None, NOW).await.unwrap();
        in_time(until(|| here.is_revoked(&[hash(byte)]) == Ok(Revoked::Yes))).await;
    }
    assert_eq!(sql(cluster.socket(), &name, &format!("SELECT count(*) {LISTENERS}")).unwrap().trim(), "0");

    // One that listens hears nothing of one that does not speak, and finds it all the same.
    let listens = home.open().await;
    there.revoke_token(P102, hash(20), None, NOW).await.unwrap();
    in_time(until(|| listens.is_revoked(&[hash(20)]) == Ok(Revoked::Yes))).await;
    for store in [here, there, listens] {
        store.close().await;
    }
}
