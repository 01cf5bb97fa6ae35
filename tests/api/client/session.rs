//! How a client gets its session, and keeps one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ks_client::classes::{AppToken, CategoryFilter};
use ks_client::enums::{AppTokenHashType, SessionType};
use ks_client::{AppTokenHash, Client, Credentials, ErrorCode};
use ks_tests::server::Server;

use super::recorder::Recorder;
use super::{admin, block, partner};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).try_into().expect("a time")
}

#[test]
fn a_session_is_started_looked_at_and_ended() {
    let server = Server::dev();
    block(async {
        let client = Client::new(&server.url).unwrap();
        let start = client.session().start(server.told("adminSecret")).user_id("me").r#type(SessionType::Admin);
        let ks = start.partner_id(partner(&server)).await.unwrap();
        let client = client.sign_in(Credentials::given(ks.as_str())).await.unwrap();
        let info = client.session().get().await.unwrap();
        assert_eq!((info.user_id(), info.partner_id()), (Some("me"), Some(server.partner())));
        assert!(info.session_type().unwrap() == SessionType::Admin);
        let filter = CategoryFilter::new().with_parent_id_equal(0);
        assert_eq!(client.category().list().filter(filter).await.unwrap().total_count(), Some(0));
        client.session().end().await.unwrap();
        let error = client.category().list().await.unwrap_err();
        assert!(error.is(ErrorCode::InvalidKs), "{error}");
        assert!(!format!("{error} {error:?} {client:?}").contains(&ks));
    });
}

#[test]
fn each_way_to_a_session_leads_to_one() {
    let server = Server::dev();
    block(async {
        let (secret, partner) = (server.told("adminSecret"), partner(&server));
        let plain = Client::new(&server.url).unwrap();
        for credentials in [
            Credentials::secret(secret, partner).admin("me").privileges("edit:*"),
            Credentials::local(secret, partner).admin("me").privileges("edit:*"),
            Credentials::local(secret, partner).admin("me").privileges("edit:*").version_1(),
        ] {
            let client = plain.sign_in(credentials).await.unwrap();
            let info = client.session().get().await.unwrap();
            assert_eq!((info.user_id(), info.privileges()), (Some("me"), Some("edit:*")));
        }
        let (email, password) = (server.told("adminEmail"), server.told("adminPassword"));
        let login = Credentials::password(email, password).partner(partner);
        let client = plain.sign_in(login).await.unwrap();
        assert_eq!(client.session().get().await.unwrap().user_id(), Some(email));
        let wrong = plain.sign_in(Credentials::password(email, "canary")).await.unwrap_err();
        assert!(wrong.is(ErrorCode::UserWrongPassword) && !format!("{wrong:?}").contains("canary"), "{wrong:?}");
        let nobody = plain.sign_in(Credentials::local("", partner)).await.unwrap_err();
        assert_eq!(nobody.to_string(), "the secret is empty");
    });
}

#[test]
fn an_app_token_starts_a_session() {
    let server = Server::dev();
    block(async {
        let client = admin(&server).await;
        for (declared, hash) in [
            (AppTokenHashType::Md5, AppTokenHash::Md5),
            (AppTokenHashType::Sha1, AppTokenHash::Sha1),
            (AppTokenHashType::Sha256, AppTokenHash::Sha256),
            (AppTokenHashType::Sha512, AppTokenHash::Sha512),
        ] {
            let token = AppToken::new().with_hash_type(declared).with_session_type(SessionType::User);
            let token = client.app_token().add(token.with_session_user_id("program")).await.unwrap();
            let (id, key) = (token.id().unwrap(), token.token().unwrap());
            let own = Credentials::app_token(id, key, partner(&server)).hash(hash);
            let own = client.anonymous().sign_in(own).await.unwrap();
            let ks = own.ks().await.unwrap().unwrap();
            let info = client.session().get().session(ks.as_str()).await.unwrap();
            assert_eq!(info.user_id(), Some("program"), "{hash:?}");
        }
    });
}

#[test]
fn a_session_is_renewed_before_it_ends_once_for_all_who_wait() {
    let server = Server::dev();
    let recorder = Recorder::new(server.addr);
    block(async {
        let time = Arc::new(AtomicI64::new(now()));
        let clock = Arc::clone(&time);
        let client = Client::builder(&recorder.url).clock(move || clock.load(Ordering::SeqCst)).build().unwrap();
        let credentials = Credentials::secret(server.told("adminSecret"), partner(&server)).admin("me").expiry(3600);
        let client = client.sign_in(credentials).await.unwrap();
        let first = client.ks().await.unwrap();
        // The end is by the server's clock, which may be a second further than ours, that stands still.
        let ends = client.session().get().await.unwrap().expiry().unwrap();
        time.store(ends - 61, Ordering::SeqCst);
        client.system().get_time().await.unwrap();
        assert_eq!((recorder.count("session/action/start"), client.ks().await.unwrap()), (1, first.clone()));
        time.fetch_add(1, Ordering::SeqCst);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.category().list().await.map(drop) })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(recorder.count("session/action/start"), 2);
        assert_ne!(client.ks().await.unwrap(), first);
    });
}

#[test]
fn a_session_that_the_server_calls_expired_is_replaced_and_the_call_repeated() {
    let server = Server::dev();
    let recorder = Recorder::new(server.addr);
    block(async {
        // The clock is a week slow when the first session is made and looked at, and then right.
        let asked = Arc::new(AtomicUsize::new(0));
        let clock = move || if asked.fetch_add(1, Ordering::SeqCst) < 3 { now() - 604_800 } else { now() };
        let client = Client::builder(&recorder.url).clock(clock).build().unwrap();
        let credentials = Credentials::local(server.told("adminSecret"), partner(&server)).admin("me");
        let client = client.sign_in(credentials).await.unwrap();
        assert_eq!(client.session().get().await.unwrap().user_id(), Some("me"));
        assert_eq!(client.category().list().await.unwrap().total_count(), Some(0));
        // One that cannot be replaced stays refused.
        let clock = || now() - 604_800;
        let old = Client::builder(&recorder.url).clock(clock).build().unwrap();
        let old = old.sign_in(Credentials::local(server.told("adminSecret"), partner(&server))).await.unwrap();
        let given = Credentials::given(old.ks().await.unwrap().unwrap().as_str());
        let given = client.sign_in(given).await.unwrap();
        let error = given.category().list().await.unwrap_err();
        assert_eq!(error.api().unwrap().arg("KSID"), Some("EXPIRED"));
    });
}

#[test]
fn an_account_that_allows_less_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::serve(folder.path());
    let number = server.partner().to_string();
    let _ = ks_tests::account::command(folder.path(), &["set", &number, "--max-expiry", "600"]);
    block(async {
        let time = Arc::new(AtomicI64::new(now()));
        let clock = Arc::clone(&time);
        let recorder = Recorder::new(server.addr);
        let client = Client::builder(&recorder.url).clock(move || clock.load(Ordering::SeqCst)).build().unwrap();
        let credentials = Credentials::secret(server.told("adminSecret"), partner(&server)).admin("me");
        // The running server gets to know of the cap in its own time.
        let mut signed = client.sign_in(credentials.clone()).await.unwrap();
        ks_tests::account::eventually("the cap counts", || {
            let ends = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    signed = client.sign_in(credentials.clone()).await.unwrap();
                    signed.session().get().await.unwrap().expiry().unwrap()
                })
            });
            ends <= now() + 600
        });
        let starts = recorder.count("session/action/start");
        time.fetch_add(700, Ordering::SeqCst);
        signed.ks().await.unwrap();
        assert_eq!(recorder.count("session/action/start"), starts + 1);
    });
}
