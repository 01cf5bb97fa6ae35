//! Logins: who enters, and what wrong passwords leave behind.

use ks_schema::ids::UserId;
use ks_store::{Attempt, NewLogin, NewUser, PasswordBy, PasswordHash, Patience, ResetKey, Store, StoreError, Vouch};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, with_102};

const P103: PartnerId = PartnerId::new(103);

const P104: PartnerId = PartnerId::new(104);
const P105: PartnerId = PartnerId::new(105);

async fn accounts(store: &Store) {
    with_102(store).await;
    for id in [P103, P104, P105] {
        let other = ks_store::NewPartner { id: Some(id), ..ks_store::NewPartner::named("Other") };
        store.create_partner(other, NOW).await.unwrap();
    }
}

fn bea(vouch: Vouch) -> NewLogin {
    NewLogin { email: "bea@example.com".to_owned(), password: Some(PasswordHash::new("later")), vouch }
}

async fn add(store: &Store, partner: PartnerId, id: &str, vouch: Vouch) -> ks_store::User {
    let login = NewLogin { email: "bea@example.com".to_owned(), password: Some(PasswordHash::new(id)), vouch };
    let user = NewUser { login: Some(login), ..NewUser::named(partner, UserId::new(id)) };
    store.add_user(user, NOW).await.unwrap()
}

#[tokio::test]
async fn a_login_enters_where_somebody_else_vouches_for_the_address() {
    for (first, second, open) in [
        (Vouch::Account, Vouch::Account, false),
        (Vouch::Account, Vouch::Password, true),
        (Vouch::Account, Vouch::Operator, true),
        (Vouch::Password, Vouch::Account, false),
        (Vouch::Operator, Vouch::Account, false),
    ] {
        let home = Home::new();
        let store = home.open().await;
        accounts(&store).await;
        assert!(add(&store, P102, "bea", first).await.login_open, "whoever made it");
        assert_eq!(add(&store, P103, "bea", second).await.login_open, open, "{first:?} {second:?}");
        let login = store.login("bea@example.com").await.unwrap().unwrap();
        assert_eq!(login.password_hash.unwrap().expose(), "bea");
        assert_eq!(login.verified_at, None);
    }
}

#[tokio::test]
async fn a_password_says_whose_the_address_is() {
    let home = Home::new();
    let store = home.open().await;
    accounts(&store).await;
    add(&store, P102, "bea", Vouch::Account).await;
    add(&store, P103, "bea", Vouch::Account).await;
    let id = store.login("bea@example.com").await.unwrap().unwrap().id;
    let state = async || {
        let login = store.login_by_id(id).await.unwrap().unwrap();
        let user = store.live_user(P103, &UserId::new("bea")).await.unwrap().unwrap();
        (login.verified_at, user.login_open)
    };
    let set = async |by: PasswordBy| store.set_password(id, PasswordHash::new("new"), 0, by, NOW + 5).await;
    set(PasswordBy::Owner).await.unwrap();
    assert_eq!(state().await, (None, false));
    assert!(matches!(set(PasswordBy::Key([7; 32])).await, Err(StoreError::NotFound("reset key"))));
    store.set_totp_seed(id, Some(b"a seed of the first account"), NOW).await.unwrap();
    store.set_reset_key(id, Some(ResetKey { hash: [7; 32], until: NOW + 5 }), NOW).await.unwrap();
    set(PasswordBy::Key([7; 32])).await.unwrap();
    assert_eq!(state().await, (Some(NOW + 5), true));
    assert_eq!(store.totp_seed(id).await.unwrap(), None, "whoever had the login before may know it");
    store.set_totp_seed(id, Some(b"a seed of the owner"), NOW).await.unwrap();
    store.set_reset_key(id, Some(ResetKey { hash: [8; 32], until: NOW + 5 }), NOW).await.unwrap();
    set(PasswordBy::Key([8; 32])).await.unwrap();
    assert!(store.totp_seed(id).await.unwrap().is_some());
    set(PasswordBy::Owner).await.unwrap();
    assert_eq!(state().await, (Some(NOW + 5), true));
    set(PasswordBy::Account).await.unwrap();
    assert_eq!(state().await, (None, true), "what was open stays so");
    // The operator speaks for one user.
    let other = NewUser { login: Some(bea(Vouch::Account)), ..NewUser::named(P104, UserId::new("bea")) };
    let other = store.add_user(other, NOW).await.unwrap();
    let third = NewUser { login: Some(bea(Vouch::Account)), ..NewUser::named(P105, UserId::new("bea")) };
    let third = store.add_user(third, NOW).await.unwrap();
    assert!(!other.login_open && !third.login_open);
    set(PasswordBy::Operator(other.id)).await.unwrap();
    let open = async |user: &ks_store::User| {
        store.live_user(user.partner_id, &user.user_id).await.unwrap().unwrap().login_open
    };
    assert_eq!((open(&other).await, open(&third).await, state().await), (true, false, (None, true)));
}

#[tokio::test]
async fn a_key_renews_a_second_factor_once() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let id = add(&store, P102, "bea", Vouch::Operator).await.login_id.unwrap();
    store.set_reset_key(id, Some(ResetKey { hash: [7; 32], until: NOW + 5 }), NOW).await.unwrap();
    let renew = async |key: [u8; 32], now: i64| store.renew_totp_seed(id, b"a seed of twenty byt", key, now).await;
    for (key, now) in [([8; 32], NOW), ([7; 32], NOW + 6)] {
        assert!(matches!(renew(key, now).await, Err(StoreError::NotFound("reset key"))));
        assert_eq!(store.totp_seed(id).await.unwrap(), None);
    }
    renew([7; 32], NOW + 5).await.unwrap();
    assert!(store.totp_seed(id).await.unwrap().is_some());
    assert!(matches!(renew([7; 32], NOW + 5).await, Err(StoreError::NotFound("reset key"))));
}

#[tokio::test]
async fn addresses_of_nobody_fill_no_database() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let usual = Patience { attempts: 5, seconds: 1 };
    let attempt = |number: u16, origin: &str| {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_be_bytes());
        Attempt { key, origin: origin.to_owned() }
    };
    let known = add(&store, P102, "bea", Vouch::Operator).await.login_id;
    let kept = async |origin: &str, range: std::ops::Range<u16>| {
        // Another process sees what is in the database and nothing else.
        let other = home.open().await;
        let mut rows = 0;
        for number in range {
            rows += usize::from(other.login_blocked_until(&attempt(number, origin)).await.unwrap().is_some());
        }
        other.close().await;
        rows
    };
    for number in 0..250 {
        store.login_failed(&attempt(number, "192.0.2.1"), usual, None, NOW).await.unwrap();
    }
    assert_eq!(kept("192.0.2.1", 0..250).await, 200);
    // Those beyond wait as long as the others, and as those that somebody has.
    for (number, login) in [(0, None), (249, None), (1000, known)] {
        let mut told = Vec::new();
        for _ in 0..6 {
            told.push(store.login_failed(&attempt(number, "192.0.2.9"), usual, login, NOW).await.unwrap());
        }
        assert_eq!(told, [false, false, false, false, true, true], "{number}");
        let until = store.login_blocked_until(&attempt(number, "192.0.2.9")).await.unwrap();
        assert_eq!(until, Some(NOW + 2), "{number}");
    }
    for _ in 0..4 {
        store.login_failed(&attempt(249, "192.0.2.1"), usual, None, NOW).await.unwrap();
    }
    assert_eq!(store.login_blocked_until(&attempt(249, "192.0.2.1")).await.unwrap(), Some(NOW + 1));
    // Other networks, and addresses that somebody has, are kept.
    assert_eq!(kept("192.0.2.9", 0..1001).await, 3);
    for number in 2000..2210 {
        store.login_failed(&attempt(number, "192.0.2.1"), usual, known, NOW).await.unwrap();
    }
    assert_eq!(kept("192.0.2.1", 2000..2210).await, 210);
}
