//! Roles.

use ks_schema::ids::RoleId;
use ks_store::{
    BASE_USER_SESSION_ROLE, NO_SESSION_ROLE, NewRole, PARTNER_ADMIN_ROLE, RoleStatus, StoreError, WIDGET_SESSION_ROLE,
};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, with_102};

const SHARED: PartnerId = PartnerId::new(0);

fn role(system_name: Option<&str>) -> NewRole {
    NewRole {
        partner_id: P102,
        system_name: system_name.map(str::to_owned),
        name: "Reader".to_owned(),
        description: String::new(),
        permission_names: "SESSION_READ_PERMISSION".to_owned(),
        tags: String::new(),
    }
}

#[tokio::test]
async fn the_built_in_roles_are_there() {
    let home = Home::new();
    let store = home.open().await;
    let roles = store.roles(SHARED).await.unwrap();
    let seen: Vec<_> = roles
        .iter()
        .map(|role| (role.id, role.system_name.as_deref().unwrap(), role.permission_names.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (NO_SESSION_ROLE, "NO_SESSION_ROLE", "ALWAYS_ALLOWED_ACTIONS"),
            (BASE_USER_SESSION_ROLE, "BASE_USER_SESSION_ROLE", "BASE_USER_SESSION_PERMISSION"),
            (WIDGET_SESSION_ROLE, "WIDGET_SESSION_ROLE", "WIDGET_SESSION_PERMISSION"),
            (PARTNER_ADMIN_ROLE, "PARTNER_ADMIN_ROLE", "*"),
            (RoleId::new(5), "PLAYBACK_BASE_ROLE", "PLAYBACK_BASE_PERMISSION,WIDGET_SESSION_PERMISSION"),
        ]
    );
    assert!(roles.iter().all(|role| role.status == RoleStatus::Active && role.partner_id == SHARED));
}

#[tokio::test]
async fn a_role_is_found_by_id_or_system_name_in_its_account_or_the_shared_one() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let other = store.create_partner(ks_store::NewPartner::named("other"), NOW).await.unwrap().partner.id;
    assert!(store.roles(P102).await.unwrap().is_empty());
    let own = store.add_role(role(Some("READER")), NOW).await.unwrap();
    assert_eq!(store.roles(P102).await.unwrap().as_ref(), std::slice::from_ref(&own));

    let id = own.id.to_string();
    for text in ["READER", &id] {
        assert_eq!(store.find_role(P102, text).await.unwrap().as_deref(), Some(&own));
        assert!(store.find_role(other, text).await.unwrap().is_none());
    }
    assert_eq!(store.find_role(other, "PARTNER_ADMIN_ROLE").await.unwrap().unwrap().id, PARTNER_ADMIN_ROLE);
    assert_eq!(store.find_role(other, "4").await.unwrap().unwrap().id, PARTNER_ADMIN_ROLE);
    // The account's own role of that name goes first.
    let admin = store.add_role(role(Some("PARTNER_ADMIN_ROLE")), NOW).await.unwrap();
    assert_eq!(store.find_role(P102, "PARTNER_ADMIN_ROLE").await.unwrap().unwrap().id, admin.id);
}

#[tokio::test]
async fn system_names_are_unique_within_an_account() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    store.add_role(role(Some("READER")), NOW).await.unwrap();
    assert_eq!(store.add_role(role(Some("READER")), NOW).await, Err(StoreError::Conflict("role system name")));
    store.add_role(role(None), NOW).await.unwrap();
    store.add_role(role(None), NOW).await.unwrap();
    let nobody = NewRole { partner_id: PartnerId::new(4711), ..role(None) };
    assert_eq!(store.add_role(nobody, NOW).await, Err(StoreError::NotFound("account")));
}
