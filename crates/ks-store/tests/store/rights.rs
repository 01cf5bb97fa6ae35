//! App tokens, permissions, roles and the audit trail.

use ks_access::condition::Condition;
use ks_schema::ids::{AppTokenId, RoleId, UserId};
use ks_store::{
    Actor, AppTokenHash, AppTokenStatus, NewAppToken, NewRole, NewUser, Order, Page, Permission, PermissionItem,
    PermissionKind, Revoked, RoleStatus, StoreError,
};
use ks_token::{PartnerId, session_id_hash};

use crate::support::{Home, NOW, P102, hash, until, with_102};

const ALL: Page = Page { offset: 0, limit: 100 };
const NOBODY: PartnerId = PartnerId::new(4711);

#[tokio::test]
async fn an_app_token_is_added_read_changed_and_deleted_with_its_sessions() {
    let home = Home::new();
    let store = home.open_trusting().await;
    with_102(&store).await;
    let new = NewAppToken {
        hash_type: AppTokenHash::Sha256,
        session_user_id: Some("robot".to_owned()),
        ..NewAppToken::of(P102)
    };
    let added = store.add_app_token(new.clone(), NOW).await.unwrap();
    assert_eq!((added.status, added.session_duration, added.created_at), (AppTokenStatus::Active, 86_400, NOW));
    assert_eq!(added.token.expose().len(), 32);
    let read = store.app_token(P102, &added.id).await.unwrap().unwrap();
    assert_eq!(read.token.expose(), added.token.expose());
    assert!(store.app_token(NOBODY, &added.id).await.unwrap().is_none());
    // Neither the file nor what is printed holds the key.
    assert!(!home.holds(added.token.expose().as_bytes()));
    assert!(!format!("{added:?}").contains(added.token.expose()));
    let change = |token: &mut ks_store::AppToken| {
        token.status = AppTokenStatus::Disabled;
        token.expiry = Some(7);
    };
    let changed = store.update_app_token(P102, added.id.clone(), NOW + 1, change).await.unwrap();
    assert_eq!((changed.status, changed.expiry, changed.updated_at), (AppTokenStatus::Disabled, Some(7), NOW + 1));
    assert_eq!(changed.token.expose(), added.token.expose());
    let group = session_id_hash(P102, added.id.as_str());
    assert_eq!(store.is_revoked(&[group]), Ok(Revoked::No));
    store.delete_app_token(P102, added.id.clone(), NOW + 2).await.unwrap();
    assert_eq!(store.is_revoked(&[group]), Ok(Revoked::Yes));
    assert!(store.app_token(P102, &added.id).await.unwrap().is_none());
    assert_eq!(store.delete_app_token(P102, added.id, NOW).await.unwrap_err(), StoreError::NotFound("app token"));
    assert_eq!(store.add_app_token(NewAppToken::of(NOBODY), NOW).await.unwrap_err(), StoreError::NotFound("account"));

    // Whoever a token is for is a user from then on; a user's tokens go with it.
    let (one, other) = (
        store.add_app_token(new.clone(), NOW).await.unwrap(),
        store.add_app_token(NewAppToken { session_user_id: None, ..new }, NOW).await.unwrap(),
    );
    let robot = UserId::new("robot");
    assert!(store.live_user(P102, &robot).await.unwrap().is_some());
    store.delete_user(P102, robot, NOW).await.unwrap();
    assert_eq!(store.is_revoked(&[session_id_hash(P102, one.id.as_str())]), Ok(Revoked::Yes));
    let (left, total) = store.app_tokens(P102, Condition::TRUE, &[], ALL).await.unwrap();
    assert_eq!((total, &left[0].id), (1, &other.id));
}

#[tokio::test]
async fn a_key_that_was_moved_to_another_app_token_is_not_read() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let added = store.add_app_token(NewAppToken::of(P102), NOW).await.unwrap();
    home.run("UPDATE app_token SET id = '0_moved'").await;
    let moved = store.app_token(P102, &AppTokenId::new("0_moved")).await;
    assert_eq!(moved.unwrap_err(), StoreError::Corrupt("app token"));
    assert!(store.app_token(P102, &added.id).await.unwrap().is_none());
}

#[tokio::test]
async fn permissions_and_items_are_an_accounts_own_and_followed_by_others() {
    let home = Home::new();
    let (store, other) = (home.open().await, home.open().await);
    with_102(&store).await;
    let own = store.own_permissions(P102).await.unwrap();
    assert_eq!((own.permissions.len(), own.permissions[0].name.as_str()), (1, "FEATURE_ENTITLEMENT"));
    assert_eq!(own.permissions[0].kind, PermissionKind::SpecialFeature);
    until(|| other.health().followed == store.health().followed).await;
    assert_eq!(other.own_permissions(P102).await.unwrap().permissions.len(), 1);

    let added = store.add_permission(Permission::named(P102, "OWN"), NOW).await.unwrap();
    assert_eq!((added.created_at, added.is_active, added.kind), (NOW, true, PermissionKind::Normal));
    let taken = store.add_permission(Permission::named(P102, "OWN"), NOW).await;
    assert_eq!(taken, Err(StoreError::Conflict("permission name")));
    let nobody = store.add_permission(Permission::named(NOBODY, "OWN"), NOW).await;
    assert_eq!(nobody, Err(StoreError::NotFound("account")));
    let second = store.add_permission(Permission::named(P102, "SECOND"), NOW).await.unwrap();
    let rename = store.update_permission(P102, second.id, NOW, |it| it.name = "OWN".to_owned()).await;
    assert_eq!(rename, Err(StoreError::Conflict("permission name")));
    let changed = store.update_permission(P102, added.id, NOW + 1, |it| it.is_active = false).await.unwrap();
    assert_eq!(changed, Permission { is_active: false, updated_at: NOW + 1, ..added.clone() });
    until(|| other.health().followed == store.health().followed).await;
    assert!(other.own_permissions(P102).await.unwrap().permissions.contains(&changed));
    assert_eq!(store.update_permission(NOBODY, added.id, NOW, |_| ()).await, Err(StoreError::NotFound("permission")));
    store.delete_permission(P102, added.id, NOW).await.unwrap();
    assert_eq!(store.delete_permission(P102, added.id, NOW).await, Err(StoreError::NotFound("permission")));
    // The name is free again.
    assert_ne!(store.add_permission(Permission::named(P102, "OWN"), NOW).await.unwrap().id, added.id);

    let item = PermissionItem {
        id: 0,
        partner_id: P102,
        subject: "session".to_owned(),
        detail: "get".to_owned(),
        used: None,
        tags: None,
        created_at: 0,
        updated_at: 0,
    };
    let added = store.add_permission_item(item.clone(), NOW).await.unwrap();
    assert_eq!(added, PermissionItem { id: added.id, created_at: NOW, updated_at: NOW, ..item.clone() });
    let changed = store.update_permission_item(P102, added.id, NOW, |it| it.used = Some("read".to_owned())).await;
    assert_eq!(changed.unwrap().used.as_deref(), Some("read"));
    let wrong = store.update_permission_item(P102, added.id, NOW, |it| it.used = Some("eat".to_owned())).await;
    assert_eq!(wrong, Err(StoreError::Invalid("a value is out of its range")));
    assert_eq!(store.own_permissions(P102).await.unwrap().items.len(), 1);
    store.delete_permission_item(P102, added.id, NOW).await.unwrap();
    assert!(store.own_permissions(P102).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_role_is_changed_and_not_deleted_while_somebody_has_it() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let new = |name: &str| NewRole {
        partner_id: P102,
        system_name: Some(name.to_owned()),
        name: name.to_owned(),
        description: String::new(),
        permission_names: String::new(),
        tags: String::new(),
    };
    let (one, two) = (store.add_role(new("ONE"), NOW).await.unwrap(), store.add_role(new("TWO"), NOW).await.unwrap());
    let changed = store
        .update_role(P102, one.id, NOW + 1, |role| {
            role.status = RoleStatus::Blocked;
            role.permission_names = "X".to_owned();
        })
        .await
        .unwrap();
    assert_eq!(store.role(P102, one.id).await.unwrap(), Some(changed.clone()));
    assert_eq!((changed.status, changed.updated_at), (RoleStatus::Blocked, NOW + 1));
    let taken = store.update_role(P102, two.id, NOW, |role| role.system_name = Some("ONE".to_owned())).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    // The shared ones are nobody's to change.
    let shared = RoleId::new(4);
    assert_eq!(store.update_role(P102, shared, NOW, |_| ()).await, Err(StoreError::NotFound("role")));
    assert_eq!(store.delete_role(P102, shared, NOW).await, Err(StoreError::NotFound("role")));
    let user = NewUser { role_ids: vec![two.id], ..NewUser::named(P102, UserId::new("maria")) };
    store.add_user(user, NOW).await.unwrap();
    assert_eq!(store.delete_role(P102, two.id, NOW).await, Err(StoreError::Conflict("role in use")));
    store.delete_role(P102, one.id, NOW).await.unwrap();
    assert_eq!(store.role(P102, one.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_is_written_down_with_who_made_it_and_a_refused_one_is_not() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let maria = store.acting(Actor {
        action: "appToken.add".to_owned(),
        partner_id: Some(P102),
        user_id: Some("maria\0".to_owned()),
        session: Some(hash(7)),
        address: Some("192.0.2.7".parse().unwrap()),
        request_id: Some("1, 2".to_owned()),
    });
    let token = maria.add_app_token(NewAppToken::of(P102), NOW + 5).await.unwrap();
    let _ = maria.delete_app_token(P102, AppTokenId::new("none"), NOW).await.unwrap_err();
    let latest = [Order { column: "id", falling: true }];
    let (entries, total) =
        store.audit(Some(P102), Condition::text("action", "appToken.add"), &latest, ALL).await.unwrap();
    assert_eq!(total, 1);
    let entry = &entries[0];
    assert_eq!((entry.at, entry.partner_id, entry.object_type.as_str()), (NOW + 5, P102, "appToken"));
    assert_eq!((entry.object_id.as_str(), entry.actor_partner_id), (token.id.as_str(), Some(P102)));
    assert_eq!(entry.user_id.as_deref(), Some("maria\u{fffd}"));
    assert_eq!(entry.session_hash, Some(hash(7).to_string()));
    assert_eq!((entry.address.as_deref(), entry.request_id.as_deref()), (Some("192.0.2.7"), Some("1, 2")));
    // Whoever is not named made the others.
    let (all, _) = store.audit(None, Condition::TRUE, &latest, ALL).await.unwrap();
    assert!(all.len() > 1 && all[1..].iter().all(|entry| entry.action.is_empty()), "{all:?}");
    store.revoke_token(P102, hash(9), None, NOW).await.unwrap();
    let (ended, _) = store.audit(Some(P102), Condition::text("object_type", "session"), &[], ALL).await.unwrap();
    assert_eq!((ended.len(), ended[0].object_id.as_str()), (1, hash(9).to_string().as_str()));
    assert!(store.audit(Some(NOBODY), Condition::TRUE, &[], ALL).await.unwrap().0.is_empty());
}
