//! Rotation of secrets.

use ks_schema::ids::SecretId;
use ks_store::{Account, AccountSecret, SecretKind, SecretState, Store, StoreError};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, secret, with_102};

fn texts(secrets: &[AccountSecret]) -> Vec<&str> {
    secrets.iter().map(|secret| secret.secret.expose()).collect()
}

async fn account(store: &Store) -> std::sync::Arc<Account> {
    store.account(P102).await.unwrap().unwrap()
}

async fn add(store: &Store, kind: SecretKind, text: &str) -> SecretId {
    store.add_secret(P102, kind, Some(secret(text)), NOW).await.unwrap().id
}

#[tokio::test]
async fn secrets_rotate_with_an_overlap() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let old = account(&store).await.admin_secrets[0].id;

    let new = add(&store, SecretKind::Admin, "second").await;
    assert_eq!(texts(&account(&store).await.admin_secrets), ["admin secret of 102", "second"]);
    assert_eq!(store.disable_secret(P102, old, NOW).await, Err(StoreError::PrimarySecret));

    store.set_primary_secret(P102, new, NOW).await.unwrap();
    let overlap = account(&store).await;
    assert_eq!(texts(&overlap.admin_secrets), ["second", "admin secret of 102"]);
    assert_eq!(overlap.keys.len(), 2);
    assert_eq!(overlap.primary_admin_secret().unwrap().id, new);

    store.disable_secret(P102, old, NOW + 7).await.unwrap();
    store.disable_secret(P102, old, NOW + 8).await.unwrap();
    assert_eq!(texts(&account(&store).await.admin_secrets), ["second"]);
    assert_eq!(store.disable_secret(P102, new, NOW).await, Err(StoreError::LastSecret));
    assert_eq!(store.revoke_secret(P102, new, NOW).await, Err(StoreError::LastSecret));
    assert!(matches!(store.set_primary_secret(P102, old, NOW).await, Err(StoreError::Invalid(_))));

    let all = store.secrets(P102).await.unwrap();
    let states: Vec<_> =
        all.iter().map(|one| (one.secret.expose(), one.state, one.is_primary, one.disabled_at)).collect();
    assert_eq!(
        states,
        [
            ("user secret of 102", SecretState::Enabled, true, None),
            ("second", SecretState::Enabled, true, None),
            ("admin secret of 102", SecretState::Disabled, false, Some(NOW + 7)),
        ]
    );
}

#[tokio::test]
async fn a_revoked_secret_never_returns() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let leaked = add(&store, SecretKind::Admin, "leaked").await;
    store.revoke_secret(P102, leaked, NOW).await.unwrap();
    store.revoke_secret(P102, leaked, NOW).await.unwrap();
    store.disable_secret(P102, leaked, NOW).await.unwrap();
    let all = store.secrets(P102).await.unwrap();
    assert_eq!(all.iter().find(|one| one.id == leaked).unwrap().state, SecretState::Revoked);
    for kind in [SecretKind::Admin, SecretKind::User] {
        let again = store.add_secret(P102, kind, Some(secret("leaked")), NOW).await;
        assert_eq!(again.unwrap_err(), StoreError::Conflict("secret"));
    }
}

#[tokio::test]
async fn a_disabled_secret_can_still_be_revoked() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let id = add(&store, SecretKind::Admin, "second").await;
    store.disable_secret(P102, id, NOW).await.unwrap();
    store.revoke_secret(P102, id, NOW + 1).await.unwrap();
    let all = store.secrets(P102).await.unwrap();
    let one = all.iter().find(|one| one.id == id).unwrap();
    assert_eq!((one.state, one.disabled_at), (SecretState::Revoked, Some(NOW)));
}

#[tokio::test]
async fn user_secrets_never_verify_tokens_and_rotate_likewise() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let first = account(&store).await.user_secrets[0].id;
    let second = add(&store, SecretKind::User, "second").await;
    store.set_primary_secret(P102, second, NOW).await.unwrap();
    store.disable_secret(P102, first, NOW).await.unwrap();
    let account = account(&store).await;
    assert_eq!(texts(&account.user_secrets), ["second"]);
    assert_eq!((texts(&account.admin_secrets), account.keys.len()), (vec!["admin secret of 102"], 1));
}

#[tokio::test]
async fn secrets_of_other_accounts_are_out_of_reach() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let other = store.create_partner(ks_store::NewPartner::named("other"), NOW).await.unwrap().partner.id;
    let id = add(&store, SecretKind::Admin, "second").await;
    let missing = StoreError::NotFound("secret");
    assert_eq!(store.set_primary_secret(other, id, NOW).await, Err(missing.clone()));
    assert_eq!(store.disable_secret(other, id, NOW).await, Err(missing.clone()));
    assert_eq!(store.revoke_secret(other, id, NOW).await, Err(missing.clone()));
    assert_eq!(store.disable_secret(P102, SecretId::new(4711), NOW).await, Err(missing));
    let unknown = PartnerId::new(4711);
    assert_eq!(store.secrets(unknown).await.unwrap_err(), StoreError::NotFound("account"));
    assert_eq!(
        store.add_secret(unknown, SecretKind::Admin, None, NOW).await.unwrap_err(),
        StoreError::NotFound("account")
    );
    let zero = store.add_secret(PartnerId::new(0), SecretKind::Admin, None, NOW).await;
    assert!(matches!(zero.unwrap_err(), StoreError::Invalid(_)));
}

#[tokio::test]
async fn the_last_use_is_seen_at_once_and_survives_closing() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let id = account(&store).await.admin_secrets[0].id;
    let last_used =
        async |store: &Store| store.secrets(P102).await.unwrap().iter().find(|one| one.id == id).unwrap().last_used_at;
    assert_eq!(last_used(&store).await, None);
    store.touch_secret(id, NOW + 10);
    store.touch_secret(id, NOW + 9);
    assert_eq!(last_used(&store).await, Some(NOW + 10));
    store.close().await;
    assert_eq!(last_used(&home.open().await).await, Some(NOW + 10));
}

#[tokio::test]
async fn no_secret_lies_readable_on_disk_or_in_a_message() {
    let home = Home::new();
    let store = home.open().await;
    let created = with_102(&store).await;
    let canary = "c4n4ry00c4n4ry00c4n4ry00c4n4ry00";
    add(&store, SecretKind::Admin, canary).await;
    let conflict = store.add_secret(P102, SecretKind::Admin, Some(secret(canary)), NOW).await.unwrap_err();
    let shown =
        format!("{created:?} {:?} {:?} {conflict} {conflict:?}", account(&store).await, store.secrets(P102).await);
    store.close().await;
    for text in [canary, "admin secret of 102", "user secret of 102"] {
        assert!(!home.holds(text.as_bytes()));
        assert!(!shown.contains(text));
    }
    // The search itself works: this text is kept as it is.
    assert!(home.holds(b"Ada@Example.com"));
}
