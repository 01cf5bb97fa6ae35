//! Databases as a whole: many starts at once, layouts, and copies from one engine to the other.

use std::path::Path;
use std::process::Command;

use ks_test_cluster::{Cluster, Durability};
use ks_tests::call::refused;
use ks_tests::server::{Output, Server, ks, run_command};
use serde_json::{Value, json};

const WORLD: &str = "\
accounts:
  - id: 300
    name: Campus
    adminEmail: ops@example.com
    adminPassword: Correct-Horse-7
    adminSecrets: [secret-of-the-campus, second-secret-of-the-campus]
    users:
      - {id: ann, email: ann@example.com, roles: [EDITOR], password: Correct-Horse-8}
      - {id: bea}
    groups:
      - {id: staff, members: [ann, bea]}
    roles:
      - {systemName: EDITOR, permissions: [CONTENT_MANAGE_BASE]}
    appTokens:
      - {id: 0_mytoken1, token: a-key-for-tests, hashType: SHA256, sessionType: user, sessionUserId: ann}
    categories:
      - name: math
        privacyContexts: [campus]
        members: {ann: manager, staff: member}
        categories: [{name: algebra, inheritMembers: true}]
    entries:
      - {name: First, categories: [math], owner: ann}
      - {name: Second, categories: ['math>algebra'], owner: bea}
";

/// `ks serve` on a database; all that share the folder share the key.
fn serve(folder: &Path, database: &str) -> Command {
    let mut command = ks();
    command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--database", database, "--key-file"]);
    command.arg(folder.join("ks.key"));
    command
}

/// A command on a database.
fn on(folder: &Path, database: &str, words: &[&str]) -> Output {
    let key = folder.join("ks.key");
    run_command(ks().args(words).args(["--database", database, "--json", "--key-file"]).arg(key))
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite:{}", folder.join(name).display())
}

/// Starts several servers at once on a database that has nothing.
fn all_come_up(folder: &Path, database: &str) {
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Server::start(&mut serve(folder, database)))).collect();
        starts.into_iter().map(|start| start.join().expect("a server")).collect()
    });
    // One of them made the first account, and one of them each part of the layout.
    let made: Vec<&Server> = servers.iter().filter(|server| server.info["partnerId"].is_number()).collect();
    assert_eq!(made.len(), 1, "{:?}", servers.iter().map(|server| &server.info).collect::<Vec<_>>());
    let layout = on(folder, database, &["migrate", "--check"]).json();
    assert_eq!(layout["pending"], json!([]));
    let number = |line: &str| line.split("number=").nth(1)?.split(' ').next()?.parse::<i64>().ok();
    let (mut said, mut applied) = (String::new(), Vec::new());
    // What they log goes another way than what they announce, and may be read later.
    ks_tests::account::eventually("each is told", || {
        said = servers.iter().map(Server::said).collect();
        applied = said.lines().filter(|line| line.contains("applied migration")).filter_map(number).collect();
        applied.iter().max().copied() == layout["layout"].as_i64()
    });
    let count = applied.len();
    applied.sort_unstable();
    applied.dedup();
    assert_eq!(count, applied.len(), "one was applied twice: {said}");
    let start = json!({"secret": made[0].told("adminSecret"), "partnerId": made[0].partner(), "type": 2});
    for server in &servers {
        assert!(server.good("session.start", &start).is_string());
    }
}

#[test]
fn servers_that_start_at_once_on_an_empty_file_all_come_up() {
    let folder = tempfile::tempdir().expect("a folder");
    all_come_up(folder.path(), &sqlite(folder.path(), "ks.db"));
}

#[test]
fn servers_that_start_at_once_on_an_empty_postgresql_database_all_come_up() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    all_come_up(folder.path(), &cluster.database().expect("a database"));
}

#[test]
fn a_postgresql_database_is_brought_along_by_ks_migrate_and_not_by_a_start() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    let database = cluster.database().expect("a database");
    let check = || on(folder.path(), &database, &["migrate", "--check"]);
    let missing = check();
    assert_eq!(missing.status.code(), Some(1), "{missing:?}");
    let pending: Value = serde_json::from_str(&missing.out).expect("JSON");
    assert_eq!((&pending["layout"], &pending["pending"][0]["name"]), (&json!(0), &json!("foundation")));
    let added = on(folder.path(), &database, &["migrate"]).json();
    assert_eq!(added["added"], pending["pending"]);
    assert_eq!(on(folder.path(), &database, &["migrate"]).json()["added"], json!([]));
    assert_eq!(check().json()["pending"], json!([]));

    // As a program of the layout before would have left it.
    let name = database.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name");
    let last = "DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)";
    ks_test_cluster::sql(cluster.socket(), name, last).expect("SQL");
    for words in [&["partner", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let output = on(folder.path(), &database, words);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(output.err.contains("`ks migrate` brings it there"), "{output:?}");
    }
    assert_eq!(check().status.code(), Some(1));
}

/// How many rows two SQLite files differ in, in all tables.
fn differences(one: &Path, other: &Path) -> Vec<(String, i64)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(one);
        let mut conn = sqlx::ConnectOptions::connect(&options).await.expect("a database");
        let attach = format!("ATTACH '{}' AS other", other.display());
        sqlx::raw_sql(sqlx::AssertSqlSafe(attach)).execute(&mut conn).await.expect("another");
        let tables =
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> 'schema_migration' ORDER BY 1";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut conn).await.expect("tables");
        let mut found = Vec::new();
        for table in tables {
            let sql = format!(
                "SELECT (SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM other.{table})) \
                 + (SELECT count(*) FROM (SELECT * FROM other.{table} EXCEPT SELECT * FROM main.{table}))"
            );
            let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut conn).await.expect("a number");
            found.push((table, count));
        }
        found
    })
}

#[test]
fn a_world_moves_to_postgresql_and_back_with_its_tokens_and_secrets() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let (here, there, back) =
        (sqlite(place, "here.db"), cluster.database().expect("a database"), sqlite(place, "back.db"));
    std::fs::write(place.join("world.yaml"), WORLD).expect("a world");
    let world = place.join("world.yaml").display().to_string();
    let _ = on(place, &here, &["seed", &world]).good();

    // Everything that a server leaves behind, too: a session that is good, and one that was ended.
    let start = |secret: &str| json!({"secret": secret, "partnerId": 300, "type": 2, "userId": "ops"});
    let server = Server::start(&mut serve(place, &here));
    let text = |value: Value| value.as_str().expect("a text").to_owned();
    let good = text(server.good("session.start", &start("secret-of-the-campus")));
    let ended = text(server.good("session.start", &start("second-secret-of-the-campus")));
    let _ = server.call("session.end", &json!({ "ks": ended }));
    drop(server);

    let copy = |from: &str, to: &str| run_command(ks().args(["db", "copy", "--json", "--from", from, "--to", to]));
    let first = copy(&here, &there).json();
    assert!(first["rows"].as_i64() > Some(40) && first["tables"]["entry"] == 2, "{first}");
    assert_eq!(copy(&there, &back).json(), first);
    let again = copy(&here, &there);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(again.err.contains("has something in it already"), "{again:?}");
    let differ = differences(&place.join("here.db"), &place.join("back.db"));
    assert!(differ.len() > 25, "{differ:?}");
    assert_eq!(differ.iter().filter(|(_, rows)| *rows > 0).collect::<Vec<_>>(), Vec::<&(String, i64)>::new());

    for database in [&there, &back] {
        let server = Server::start(&mut serve(place, database));
        assert!(server.info["partnerId"].is_null(), "it has accounts: {}", server.info);
        assert_eq!(server.good("session.get", &json!({ "ks": good }))["partnerId"], 300);
        assert_eq!(server.fault("session.get", &json!({ "ks": ended })), refused("LOGOUT"));
        let admin = text(server.good("session.start", &start("second-secret-of-the-campus")));
        let list = server.good("category.list", &json!({ "ks": admin }));
        assert_eq!(list["totalCount"], 2, "{list}");
        let login = json!({"loginId": "ann@example.com", "password": "Correct-Horse-8"});
        assert!(server.good("user.loginByLoginId", &login).is_string());
        // What is added goes on with new numbers.
        let user = json!({"ks": admin, "user": {"objectType": "KalturaUser", "id": "new"}});
        assert_eq!(server.good("user.add", &user)["id"], "new");
        let category = json!({"ks": admin, "category": {"objectType": "KalturaCategory", "name": "new"}});
        assert!(server.good("category.add", &category)["id"].is_number());
    }

    // Without the key it is of no use, and that is said.
    let other = tempfile::tempdir().expect("a folder");
    let output = on(other.path(), &back, &["partner", "list"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(output.err.contains("the database was made with one"), "{output:?}");
}
