//! Users and logins.

use ks_schema::ids::{RoleId, UserId};
use ks_store::{NewPartner, NewUser, PARTNER_ADMIN_ROLE, PasswordBy, PasswordHash, StoreError, UserStatus, fold_email};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, partner_102, remembered, with_102};

fn bea() -> NewUser {
    NewUser {
        screen_name: "Bea".to_owned(),
        email: "bea@example.com".to_owned(),
        ..NewUser::named(P102, UserId::new("bea"))
    }
}

#[tokio::test]
async fn the_administrator_of_a_new_account_can_log_in() {
    let home = Home::new();
    let store = home.open().await;
    let new = NewPartner { admin_password: Some(PasswordHash::new("$argon2id$canary")), ..partner_102() };
    assert!(!format!("{new:?}").contains("canary"));
    assert!(!store.create_partner(new, NOW).await.unwrap().login_existed);

    let login = store.login(" ADA@example.COM ").await.unwrap().unwrap();
    assert_eq!((login.email.as_str(), login.config_partner_id), ("ada@example.com", P102));
    assert_eq!(login.password_hash.as_ref().unwrap().expose(), "$argon2id$canary");
    assert_eq!(login.password_updated_at, Some(NOW));

    let ada = store.user(P102, &UserId::new("Ada@Example.com")).await.unwrap().unwrap();
    assert_eq!((ada.login_id, ada.status), (Some(login.id), UserStatus::Active));
    assert!(ada.is_admin && ada.is_account_owner);
    assert_eq!(ada.role_ids, [PARTNER_ADMIN_ROLE]);

    store.set_password(login.id, PasswordHash::new("other"), 0, PasswordBy::Account, NOW + 5).await.unwrap();
    let login = store.login("ada@example.com").await.unwrap().unwrap();
    assert_eq!((login.password_hash.unwrap().expose(), login.password_updated_at), ("other", Some(NOW + 5)));
}

#[tokio::test]
async fn a_second_account_shares_the_login_but_not_the_password_given() {
    let home = Home::new();
    let store = home.open().await;
    let new = |id, password| NewPartner {
        id: Some(PartnerId::new(id)),
        admin_password: Some(PasswordHash::new(password)),
        admin_email: if id == 102 { "ada@example.com".to_owned() } else { "Ada@Example.com".to_owned() },
        ..NewPartner::named("x")
    };
    store.create_partner(new(102, "first"), NOW).await.unwrap();
    assert!(store.create_partner(new(103, "second"), NOW).await.unwrap().login_existed);
    let login = store.login("ada@example.com").await.unwrap().unwrap();
    assert_eq!(login.password_hash.unwrap().expose(), "first");
    let other = store.user(PartnerId::new(103), &UserId::new("Ada@Example.com")).await.unwrap().unwrap();
    assert_eq!(other.login_id, Some(login.id));
}

#[tokio::test]
async fn a_blocked_user_is_blocked_at_the_next_look() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let id = UserId::new("bea");
    let look = async || assert_eq!(store.user(P102, &id).await.unwrap(), None);
    assert_eq!(remembered(look, || store.cached_user(P102, &id)).await, None);
    let added = store.add_user(bea(), NOW).await.unwrap();
    assert_eq!(store.user(P102, &id).await.unwrap().as_deref(), Some(&added));
    store.set_user_status(P102, id.clone(), UserStatus::Blocked, NOW).await.unwrap();
    assert_eq!(store.user(P102, &id).await.unwrap().unwrap().status, UserStatus::Blocked);
    store.set_user_status(P102, id.clone(), UserStatus::Active, NOW).await.unwrap();
    assert_eq!(store.user(P102, &id).await.unwrap().unwrap().status, UserStatus::Active);

    assert_eq!(store.add_user(bea(), NOW).await, Err(StoreError::Conflict("user id")));
    let nobody = UserId::new("nobody");
    let missing = store.set_user_status(P102, nobody.clone(), UserStatus::Blocked, NOW).await;
    assert_eq!(missing, Err(StoreError::NotFound("user")));
    // Ids are compared exactly, and one that no database holds is nobody's.
    assert_eq!(store.user(P102, &UserId::new("Bea")).await.unwrap(), None);
    assert_eq!(store.user(P102, &UserId::new("be\0a")).await.unwrap(), None);
}

#[tokio::test]
async fn users_have_roles_of_their_own_account_or_shared_ones() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let other = store.create_partner(NewPartner::named("other"), NOW).await.unwrap().partner.id;
    let role = |partner_id| ks_store::NewRole {
        partner_id,
        system_name: None,
        name: "r".to_owned(),
        description: String::new(),
        permission_names: String::new(),
        tags: String::new(),
    };
    let own = store.add_role(role(P102), NOW).await.unwrap().id;
    let foreign = store.add_role(role(other), NOW).await.unwrap().id;
    store.add_user(bea(), NOW).await.unwrap();
    let id = UserId::new("bea");
    let roles = async || store.user(P102, &id).await.unwrap().unwrap().role_ids.clone();

    store.set_user_roles(P102, id.clone(), vec![own, PARTNER_ADMIN_ROLE, own], NOW).await.unwrap();
    assert_eq!(roles().await, [PARTNER_ADMIN_ROLE, own]);
    for bad in [foreign, RoleId::new(4711)] {
        let set = store.set_user_roles(P102, id.clone(), vec![own, bad, bad], NOW).await;
        assert_eq!(set, Err(StoreError::NotFound("role")));
        assert_eq!(roles().await, [PARTNER_ADMIN_ROLE, own]);
    }
    store.set_user_roles(P102, id.clone(), vec![], NOW).await.unwrap();
    assert_eq!(roles().await, []);
}

#[test]
fn addresses_have_one_spelling() {
    assert_eq!(fold_email("  ÄDA@Example.COM\n"), "äda@example.com");
}
