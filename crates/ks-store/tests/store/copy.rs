//! Everything of one database in another one.

use ks_schema::ids::UserId;
use ks_store::{Actor, NewUser, Progress, Revoked, Store, StoreError, Target, copy_database};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, app_token, hash, partner_102, secret, with_102};

async fn copy(from: &Home, to: &Home, target: Target) -> Result<ks_store::Copied, StoreError> {
    let mut last = (0, 0);
    let mut progress = |at: Progress<'_>| {
        assert!(at.done >= last.0 && at.done <= at.total, "{at:?}");
        last = (at.done, at.total);
    };
    let copied = copy_database(&from.config().database, &to.config().database, target, NOW, &mut progress).await?;
    assert_eq!(last, (copied.rows(), copied.rows()));
    Ok(copied)
}

/// Something of many kinds; more than one batch of users.
async fn fill(store: &Store) {
    let store = &store.acting(Actor::command("a test"));
    with_102(store).await;
    let child = ks_store::NewPartner {
        id: Some(PartnerId::new(101)),
        parent_id: Some(P102),
        admin_email: String::new(),
        ..ks_store::NewPartner::named("Below, with a smaller number")
    };
    store.create_partner(child, NOW).await.unwrap();
    // At once, since they share transactions then.
    let mut set = tokio::task::JoinSet::new();
    for number in 0..1100 {
        let new = NewUser::named(P102, UserId::new(format!("user {number} é\u{1f511}'\"")));
        let store = store.clone();
        set.spawn(async move { store.add_user(new, NOW).await.map(drop).unwrap() });
    }
    for byte in 0..200 {
        let (store, until) = (store.clone(), (byte % 2 == 0).then_some(NOW + 60));
        set.spawn(async move { store.revoke_token(P102, hash(byte), until, NOW).await.unwrap() });
    }
    set.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_copy_is_the_same_row_by_row() {
    let (first, other, last) = (Home::sqlite(), Home::new(), Home::sqlite());
    let store = first.open().await;
    fill(&store).await;
    let there = copy(&first, &other, Target::Empty).await.unwrap();
    let back = copy(&other, &last, Target::Empty).await.unwrap();
    assert_eq!(there, back);
    let rows = |table: &str| there.tables.iter().find(|(name, _)| name == table).unwrap().1;
    assert_eq!((rows("partner"), rows("revocation")), (3, 200));
    assert!(rows("kuser") > 1100 && rows("audit") > 1100, "{there:?}");
    store.close().await;
    first.same_as(&last).await;

    // A row that is added to the copy gets no number that was ever given, and the log goes on.
    for home in [&other, &last] {
        let store = home.open().await;
        assert_eq!(store.health().revocations, 200);
        assert_eq!(store.is_revoked(&[hash(7)]), Ok(Revoked::Yes));
        assert_eq!(store.secrets(P102).await.unwrap().len(), 2);
        let followed = store.health().followed;
        assert!(followed > 1300, "{followed}");
        let before: i64 = home.pairs("SELECT max(id), CAST(0 AS BIGINT) FROM kuser").await[0].0;
        store.add_user(NewUser::named(P102, UserId::new("new")), NOW).await.unwrap();
        assert_eq!(home.pairs("SELECT max(id), CAST(0 AS BIGINT) FROM kuser").await, [(before + 1, 0)]);
        crate::support::until(|| store.health().followed == followed + 1).await;
        store.close().await;
    }
}

#[tokio::test]
async fn a_number_that_was_given_once_is_not_given_again_after_a_copy() {
    let (first, other) = (Home::new(), Home::sqlite());
    let store = first.open().await;
    with_102(&store).await;
    let kept = first.pairs("SELECT max(id), CAST(0 AS BIGINT) FROM audit").await[0].0;
    store.set_partner_status(P102, ks_store::PartnerStatus::Blocked, NOW).await.unwrap();
    store.close().await;
    first.run("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)").await;
    copy(&first, &other, Target::Empty).await.unwrap();
    let store = other.open().await;
    store.set_partner_status(P102, ks_store::PartnerStatus::Active, NOW).await.unwrap();
    store.close().await;
    assert_eq!(other.pairs("SELECT max(id), CAST(0 AS BIGINT) FROM audit").await, [(kept + 2, 0)]);
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    let (first, other) = (Home::sqlite(), Home::new());
    first.open().await.close().await;
    let store = other.open().await;
    with_102(&store).await;
    assert_eq!(copy(&first, &other, Target::Empty).await, Err(StoreError::NotEmpty));
    // Nor while others work with it, even if it may be.
    assert_eq!(copy(&first, &other, Target::Replaced).await, Err(StoreError::Busy));
    assert!(store.partner(P102).await.unwrap().is_some());
    store.close().await;
    copy(&first, &other, Target::Replaced).await.unwrap();
    let store = other.open().await;
    assert!(store.is_empty().await.unwrap());
    // What was replaced was followed up to some number: it goes on behind it.
    assert!(store.health().followed == 0);
    store.create_partner(partner_102(), NOW).await.unwrap();
    assert!(other.pairs("SELECT min(seq), CAST(0 AS BIGINT) FROM change_log").await[0].0 > 1);
    store.close().await;
    let same = copy_database(&other.config().database, &other.config().database, Target::Empty, NOW, &mut |_| {}).await;
    assert!(matches!(same, Err(StoreError::Invalid(_))), "{same:?}");
}

#[tokio::test]
async fn what_is_copied_is_one_state_while_others_write() {
    let (first, other) = (Home::new(), Home::sqlite());
    let store = first.open().await;
    fill(&store).await;
    // Each account comes with two secrets: never is one of them without the other in a copy.
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 1000..1030 {
                let new = ks_store::NewPartner {
                    id: Some(PartnerId::new(number)),
                    admin_secret: Some(secret(&format!("admin {number}"))),
                    ..ks_store::NewPartner::named("Another")
                };
                store.create_partner(new, NOW).await.unwrap();
            }
        })
    };
    copy(&first, &other, Target::Empty).await.unwrap();
    writing.await.unwrap();
    store.close().await;
    let counts =
        other.pairs("SELECT (SELECT count(*) FROM partner WHERE id > 0), (SELECT count(*) FROM account_secret)").await;
    assert_eq!(counts[0].1, counts[0].0 * 2);
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused() {
    let (first, other) = (Home::sqlite(), Home::new());
    let store = first.open().await;
    with_102(&store).await;
    store.close().await;
    first.run("PRAGMA foreign_keys = OFF; DELETE FROM kuser").await;
    assert!(copy(&first, &other, Target::Empty).await.is_err());
    assert!(other.open().await.is_empty().await.unwrap());
}

#[tokio::test]
async fn app_tokens_and_second_factors_open_with_the_same_key() {
    let (first, other) = (Home::sqlite(), Home::new());
    let store = first.open().await;
    with_102(&store).await;
    let token = store.add_app_token(app_token("the key of an app token"), NOW).await.unwrap();
    let login = store.login("ada@example.com").await.unwrap().unwrap().id;
    store.set_totp_seed(login, Some(b"a seed"), NOW).await.unwrap();
    store.close().await;
    copy(&first, &other, Target::Empty).await.unwrap();
    let store = other.open().await;
    let found = store.app_token(P102, &token.id).await.unwrap().unwrap();
    assert!(found.token.matches("the key of an app token"));
    assert_eq!(store.totp_seed(login).await.unwrap().as_deref().map(Vec::as_slice), Some(&b"a seed"[..]));
}
