//! Accounts and their snapshots.

use ks_store::{NewPartner, PartnerStatus, StoreError};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, partner_102, remembered, with_102};

#[tokio::test]
async fn a_new_account_is_whole() {
    let home = Home::new();
    let store = home.open().await;
    assert!(store.is_empty().await.unwrap());
    let created = with_102(&store).await;
    assert_eq!((created.partner.id, created.partner.status), (P102, PartnerStatus::Active));
    assert_eq!(
        (created.partner.ks_version, created.partner.ks_max_expiry, created.partner.v1_allowed),
        (2, 86_400, true)
    );
    assert_eq!(created.partner.account_owner.as_ref().map(ks_schema::ids::UserId::as_str), Some("Ada@Example.com"));

    let account = store.account(P102).await.unwrap().unwrap();
    assert_eq!(account.partner, created.partner);
    assert_eq!(account.keys.len(), 1);
    assert!(account.primary_admin_secret().unwrap().secret.matches("admin secret of 102"));
    assert!(account.primary_user_secret().unwrap().secret.matches("user secret of 102"));
    assert!(!store.is_empty().await.unwrap());
    store.close().await;
}

#[tokio::test]
async fn ids_begin_at_100_and_are_not_given_twice() {
    let home = Home::new();
    let store = home.open().await;
    let create = async |id: Option<i32>| {
        let new = NewPartner { id: id.map(PartnerId::new), ..NewPartner::named("one") };
        store.create_partner(new, NOW).await.map(|created| created.partner.id.get())
    };
    assert_eq!(create(None).await, Ok(100));
    assert_eq!(create(Some(5)).await, Ok(5));
    assert_eq!(create(Some(110)).await, Ok(110));
    assert_eq!(create(None).await, Ok(111));
    assert_eq!(create(Some(110)).await, Err(StoreError::Conflict("partner id")));
    for reserved in [0, -1, -2] {
        assert!(matches!(create(Some(reserved)).await, Err(StoreError::Invalid(_))));
    }
    assert_eq!(create(Some(i32::MAX)).await, Ok(i32::MAX));
    assert_eq!(create(None).await, Ok(101));
    let ids: Vec<i32> = store.partners().await.unwrap().iter().map(|partner| partner.id.get()).collect();
    assert_eq!(ids, [5, 100, 101, 110, 111, i32::MAX]);
}

#[tokio::test]
async fn a_failed_creation_leaves_nothing() {
    let home = Home::new();
    let store = home.open().await;
    let twice = NewPartner { user_secret: partner_102().admin_secret, ..partner_102() };
    assert_eq!(store.create_partner(twice, NOW).await.unwrap_err(), StoreError::Conflict("secret"));
    let orphan = NewPartner { parent_id: Some(PartnerId::new(4711)), ..partner_102() };
    assert_eq!(store.create_partner(orphan, NOW).await.unwrap_err(), StoreError::NotFound("parent account"));
    assert!(store.is_empty().await.unwrap());
    assert_eq!(store.login("ada@example.com").await.unwrap(), None);
    with_102(&store).await;
}

#[tokio::test]
async fn generated_secrets_are_32_hexadecimal_characters() {
    let home = Home::new();
    let store = home.open().await;
    let created = store.create_partner(NewPartner::named("one"), NOW).await.unwrap();
    for secret in [&created.admin_secret, &created.user_secret] {
        assert_eq!(secret.expose().len(), 32);
        assert!(secret.expose().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }
    assert_ne!(created.admin_secret.expose(), created.user_secret.expose());
}

#[tokio::test]
async fn snapshots_follow_changes_and_absence_is_remembered() {
    let home = Home::new();
    let store = home.open_trusting().await;
    assert!(store.cached_account(P102).is_none());
    assert!(store.account(P102).await.unwrap().is_none());
    assert!(store.cached_account(P102).unwrap().is_none());

    with_102(&store).await;
    let look = async || assert!(store.account(P102).await.unwrap().is_some());
    assert!(remembered(look, || store.cached_account(P102)).await.is_some());

    store.set_partner_status(P102, PartnerStatus::FullBlock, NOW + 5).await.unwrap();
    let account = store.account(P102).await.unwrap().unwrap();
    assert_eq!((account.partner.status, account.partner.updated_at), (PartnerStatus::FullBlock, NOW + 5));
}

#[tokio::test]
async fn settings_change_but_not_what_identifies_the_account() {
    let home = Home::new();
    let store = home.open().await;
    let before = with_102(&store).await.partner;
    let change = |partner: &mut ks_store::Partner| {
        partner.id = PartnerId::new(4711);
        partner.created_at = 1;
        partner.account_owner = None;
        partner.v1_allowed = false;
        partner.ks_max_expiry = 60;
        partner.properties.insert("website".to_owned(), "example.com".into());
    };
    let after = store.update_partner(P102, NOW + 1, change).await.unwrap();
    assert_eq!(Some(&after), store.partner(P102).await.unwrap().as_ref());
    assert_eq!((after.id, after.created_at, &after.account_owner), (P102, NOW, &before.account_owner));
    assert!(!after.v1_allowed && after.ks_max_expiry == 60 && after.properties["website"] == "example.com");

    let update = async |id: i32, expiry: i64| {
        store.update_partner(PartnerId::new(id), NOW, move |partner| partner.ks_max_expiry = expiry).await.map(drop)
    };
    assert!(matches!(update(102, 0).await, Err(StoreError::Invalid(_))));
    assert!(matches!(update(0, 60).await, Err(StoreError::Invalid(_))));
    assert_eq!(update(103, 60).await, Err(StoreError::NotFound("account")));
    assert_eq!(store.partner(P102).await.unwrap().unwrap().ks_max_expiry, 60);
}

#[tokio::test]
async fn text_with_a_nul_is_refused_and_changes_nothing() {
    let home = Home::new();
    let store = home.open().await;
    let new = NewPartner { description: "a\0b".to_owned(), ..partner_102() };
    assert!(matches!(store.create_partner(new, NOW).await, Err(StoreError::Invalid(_))));
    assert!(store.is_empty().await.unwrap());
}
