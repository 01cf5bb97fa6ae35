//! A server in the test's own process: what begins, moves, and goes back.

use std::time::Duration;

use ks_testing::{ErrorCode, Fault, RequestQuery, Server};

const WORLD: &str = r#"
accounts:
  - id: 102
    roles:
      - {systemName: READER, permissions: [BASE_USER_SESSION_PERMISSION]}
    users:
      - {id: ann, firstName: Ann, email: ann@example.com, password: "Correct-Horse-7"}
      - {id: bob, roles: [READER]}
    groups:
      - {id: staff, members: [ann], managers: [bob]}
    appTokens:
      - {id: 0_token001, token: a-key-for-tests, hashType: SHA256, sessionUserId: ann, sessionType: user}
    categories:
      - name: campus
        privacyContexts: [campus]
        owner: ann
        categories:
          - name: closed
            privacy: members
            members: {bob: contributor, staff: member}
    entries:
      - {id: 0_lecture1, name: First lecture, owner: ann, categories: ["campus>closed"], tags: [math]}
      - {name: Second lecture, categories: [campus]}
  - id: 103
    name: Another
    adminSecrets: [first-secret-of-103, second-secret-of-103]
"#;

#[tokio::test]
async fn a_world_is_there_when_the_server_is() {
    let server = Server::builder().seed(WORLD).start().await;
    assert_eq!((server.partner_id(), server.admin_email()), (102, "dev@example.invalid"));
    let ks = server.admin_ks();
    let ann = server.call("user.get", &[("ks", &ks), ("userId", "ann")]).await;
    assert_eq!((&ann["firstName"], &ann["objectType"]), (&"Ann".into(), &"KalturaUser".into()));
    let login = [("loginId", "ann@example.com"), ("password", "Correct-Horse-7"), ("partnerId", "102")];
    assert!(server.call("user.loginByLoginId", &login).await.as_str().unwrap().len() > 50);

    let everything = server.mint(2, "root", "disableentitlement", 60);
    let categories = server.call("category.list", &[("ks", &everything)]).await;
    let names: Vec<_> = categories["objects"].as_array().unwrap().iter().map(|it| it["fullName"].clone()).collect();
    assert_eq!(names, ["campus", "campus>closed"]);
    assert_eq!(categories["objects"][1]["directEntriesCount"], 1);
    assert_eq!(categories["objects"][0]["entriesCount"], 2);

    // Who is no member of it does not see what is in it alone.
    let count = async |user: &str| {
        let ks = server.user_ks(user, "list:*,enableentitlement,privacycontext:campus");
        server.call("baseEntry.list", &[("ks", &ks)]).await["totalCount"].clone()
    };
    assert_eq!((count("bob").await, count("ann").await, count("eve").await), (2.into(), 2.into(), 1.into()));

    for secret in ["first-secret-of-103", "second-secret-of-103"] {
        let params = [("secret", secret), ("partnerId", "103"), ("type", "2")];
        assert!(server.call("session.start", &params).await.is_string(), "{secret}");
    }
}

#[tokio::test]
async fn planting_twice_is_planting_once() {
    let server = Server::builder().seed(WORLD).start().await;
    let again = server.plant(WORLD).await.unwrap();
    assert!(again.kinds().iter().all(|(_, count)| count.made == 0), "{again:?}");
    assert_eq!((again.users.kept, again.categories.kept, again.members.kept, again.entries.kept), (2, 2, 2, 2));
    let more = server.plant("accounts: [{id: 102, categories: [{name: campus, categories: [{name: new}]}], entries: [{name: x, categories: ['campus>new', 'campus>closed']}]}]").await.unwrap();
    assert_eq!((more.categories.made, more.categories.kept, more.entries.made), (1, 1, 1));
    let ks = server.mint(2, "root", "disableentitlement", 60);
    let list = server.call("category.list", &[("ks", &ks)]).await;
    let counts: Vec<_> = list["objects"].as_array().unwrap().iter().map(|it| it["entriesCount"].clone()).collect();
    assert_eq!(counts, [3, 2, 1]);
    server.reset().await;
    assert_eq!(server.call("category.list", &[("ks", &ks)]).await["totalCount"], 2);
}

#[tokio::test]
async fn a_world_that_cannot_be_is_refused_with_its_place() {
    let server = Server::start().await;
    for (world, place) in [
        ("accounts: [{id: 0}]", "accounts[0]: an account needs an id above 0"),
        (
            "accounts: [{id: 102, users: [{id: a, roles: [NONE]}]}]",
            "account 102, user \"a\": there is no role \"NONE\"",
        ),
        ("accounts: [{id: 102, users: [{id: 'a b'}]}]", "account 102, user \"a b\": this can be nobody's id"),
        (
            "accounts: [{id: 102, categories: [{name: a, owner: nobody, privacyContexts: [ctxa]}]}]",
            "account 102, category \"a\": there is no user or group \"nobody\"",
        ),
        ("accounts: [{id: 102, entries: [{name: a, categories: [b]}]}]", "there is no category \"b\""),
        ("accounts: [{id: 102, categories: [{name: a, privacy: members}]}]", "need privacyContexts"),
        ("accounts: [{id: 102, roles: [{systemName: R, permissions: [NO_SUCH]}]}]", "no permission \"NO_SUCH\""),
    ] {
        let error = server.plant(world).await.unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
}

#[tokio::test]
async fn a_reset_takes_everything_back() {
    let server = Server::builder().seed(WORLD).time(1_900_000_000).start().await;
    let (ks, other) = (server.admin_ks(), server.user_ks("ann", ""));
    // Revoked, changed, blocked, and later.
    assert_eq!(server.call("session.end", &[("ks", &other)]).await, serde_json::Value::Null);
    assert_eq!(server.call("user.get", &[("ks", &other)]).await["code"], "INVALID_KS");
    server.call("user.update", &[("ks", &ks), ("userId", "bob"), ("user:status", "0")]).await;
    let bob = server.user_ks("bob", "");
    assert_eq!(server.call("system.ping", &[("ks", &bob)]).await["code"], "USER_BLOCKED");
    let secrets = server.call("ks_secret.list", &[("ks", &ks)]).await;
    assert!(secrets["totalCount"].as_i64().unwrap() >= 2, "{secrets}");
    server.advance(Duration::from_secs(86_400));
    assert_eq!(server.call("user.get", &[("ks", &ks)]).await["code"], "INVALID_KS");
    server.set_strict(true);
    server.reset().await;
    assert!((1_900_000_000..1_900_000_100).contains(&server.now()), "{}", server.now());
    // What was remembered of the last world is gone with it.
    assert_eq!(server.call("user.get", &[("ks", &other)]).await["id"], "ann");
    let bob = server.user_ks("bob", "");
    assert_eq!(server.call("system.ping", &[("ks", &bob), ("slip", "1")]).await, true);
    assert_eq!(server.requests("session.end").len(), 0);
}

#[tokio::test]
async fn a_failed_login_is_forgotten_by_a_reset_and_by_time() {
    let server = Server::builder().seed(WORLD).frozen().start().await;
    let login = async |password: &str| {
        let params = [("loginId", "ann@example.com"), ("password", password), ("partnerId", "102")];
        let answer = server.call("user.loginByLoginId", &params).await;
        answer["code"].as_str().map_or_else(|| "OK".to_owned(), str::to_owned)
    };
    for _ in 0..10 {
        login("wrong").await;
    }
    assert_ne!(login("Correct-Horse-7").await, "OK");
    server.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(login("Correct-Horse-7").await, "OK");
    for _ in 0..10 {
        login("wrong").await;
    }
    assert_ne!(login("Correct-Horse-7").await, "OK");
    server.reset().await;
    assert_eq!(login("Correct-Horse-7").await, "OK");
}

#[tokio::test]
async fn snapshots_are_saved_and_loaded_also_by_another_server() {
    let folder = std::env::temp_dir().join(format!("ks-testing-{}", std::process::id()));
    let server = Server::builder().snapshots(&folder).start().await;
    let add = async |server: &Server, id: &str| {
        server.call("user.add", &[("ks", &server.admin_ks()), ("user:id", id)]).await;
    };
    let count =
        async |server: &Server| server.call("user.list", &[("ks", &server.admin_ks())]).await["totalCount"].clone();
    add(&server, "one").await;
    server.save("one-user").await.unwrap();
    add(&server, "two").await;
    assert_eq!(count(&server).await, 3);
    server.load("one-user").await.unwrap();
    assert_eq!(count(&server).await, 2);
    assert!(server.load("none").await.unwrap_err().to_string().contains("no snapshot \"none\""));
    assert!(server.save("../x").await.is_err());
    let other = Server::builder().snapshots(&folder).start().await;
    assert_eq!(count(&other).await, 1);
    other.load("one-user").await.unwrap();
    assert_eq!(count(&other).await, 2);
    drop((server, other));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn ids_are_the_same_for_the_same_seed() {
    let draw = async |seed: u64| {
        let server = Server::builder().seed(WORLD).rng_seed(seed).time(1_900_000_000).frozen().start().await;
        let mut drawn = Vec::new();
        for _ in 0..2 {
            let ks = server.admin_ks();
            let entry = server.call("baseEntry.add", &[("ks", &ks), ("entry:name", "x")]).await;
            let token = server.call("appToken.add", &[("ks", &ks), ("appToken:objectType", "KalturaAppToken")]).await;
            let params = [("secret", server.admin_secret()), ("partnerId", "102"), ("type", "2")];
            let session = server.call("session.start", &params).await;
            assert!(entry["id"].is_string() && token["token"].is_string() && session.is_string(), "{entry} {token}");
            drawn.push((entry["id"].clone(), token["id"].clone(), token["token"].clone(), session));
            server.reset().await;
        }
        assert_eq!(drawn[0], drawn[1], "a reset takes ids back, too");
        drawn.remove(0)
    };
    let (one, same, other) = (draw(7).await, draw(7).await, draw(8).await);
    assert_eq!(one, same);
    assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2);
}

#[tokio::test]
async fn strictness_and_faults_are_asked_for() {
    let server = Server::builder().strict().start().await;
    let ks = server.admin_ks();
    let refused = server.call("user.get", &[("ks", &ks), ("userid", "x")]).await;
    assert_eq!((&refused["code"], &refused["args"]["MEANT"]), (&"KS_UNKNOWN_PARAMETER".into(), &"userId".into()));
    let deep = server.call("user.add", &[("ks", &ks), ("user:id", "x"), ("user:fristName", "X")]).await;
    assert_eq!(deep["args"]["PARAM_NAME"], "user:fristName");
    server.set_strict(false);
    assert_eq!(server.call("user.add", &[("ks", &ks), ("user:id", "x"), ("user:fristName", "X")]).await["id"], "x");

    server.add_fault(Fault {
        service: Some("user".to_owned()),
        action: None,
        delay: Duration::from_millis(1),
        error: Some(ErrorCode::InternalDatabaseError),
        panics: false,
        times: Some(1),
    });
    assert_eq!(server.call("system.ping", &[]).await, true);
    assert_eq!(server.call("user.get", &[("ks", &ks)]).await["code"], "INTERNAL_DATABASE_ERROR");
    assert_ne!(server.call("user.get", &[("ks", &ks)]).await["code"], "INTERNAL_DATABASE_ERROR");
}

#[tokio::test]
async fn the_log_tells_calls_and_no_secret() {
    let server = Server::start().await;
    let secret = server.admin_secret().to_owned();
    let params = [("secret", secret.as_str()), ("partnerId", "102"), ("type", "2"), ("userId", "me")];
    let ks = server.call("session.start", &params).await;
    let ks = ks.as_str().unwrap().to_owned();
    server.call("session.get", &[("ks", &ks), ("session", &ks)]).await;
    server.call("user.loginByLoginId", &[("loginId", "a@b.example"), ("password", "canary")]).await;
    server.call("no.such", &[]).await;
    let all = server.find_requests(&RequestQuery::default());
    let told: Vec<(String, &str)> = all.iter().map(|call| (call.name(), call.code())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, code)| (name.as_str(), *code)).collect();
    assert_eq!(
        told,
        [
            ("session.start", "OK"),
            ("session.get", "OK"),
            ("user.loginByLoginId", "USER_WRONG_PASSWORD"),
            ("no.such", "SERVICE_DOES_NOT_EXISTS")
        ]
    );
    assert_eq!(all[0].param("userId"), Some(&"me".into()));
    assert_eq!(all[1].seen.user.as_deref(), Some("me"));
    let text = format!("{all:?}");
    assert!(![secret.as_str(), &ks, "canary"].iter().any(|it| text.contains(it)), "{text}");
    let query = RequestQuery { code: Some("OK".to_owned()), after: Some(1), ..RequestQuery::default() };
    assert_eq!(server.find_requests(&query).len(), 1);
}

#[tokio::test]
async fn requests_in_flight_survive_resets() {
    let server = std::sync::Arc::new(Server::start().await);
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move {
                for _ in 0..40 {
                    let answer = server.call("user.list", &[("ks", &server.admin_ks())]).await;
                    assert_eq!(answer["totalCount"], 1, "{answer}");
                }
            })
        })
        .collect();
    for _ in 0..10 {
        server.reset().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
}
