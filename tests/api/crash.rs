//! A server that is killed under load has lost nothing that it acknowledged.

mod postgres;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ks_tests::call::{fault, path, refused};
use ks_tests::http::Request;
use ks_tests::scale::count;
use ks_tests::server::Server;
use serde_json::{Value, json};

/// What the server has acknowledged, and must still know after it was killed.
#[derive(Default)]
struct Acknowledged {
    /// Sessions that were ended.
    ended: Vec<String>,
    /// Secrets that were added: id and value.
    secrets: Vec<(i64, String)>,
    /// Secrets that were disabled: id.
    disabled: Vec<i64>,
    /// Sessions with a limit of actions: how many uses were answered.
    uses: BTreeMap<String, usize>,
}

const LIMIT: usize = 40;

/// A call of which no answer may come.
fn attempt(server: &Server, name: &str, params: &Value) -> Option<Value> {
    let mut params = params.clone();
    params["format"] = json!(1);
    let response = Request::post(&path(name), "application/json", params.to_string()).send(server.addr).ok()?;
    serde_json::from_slice(&response.body).ok()
}

/// The account, as the first start of a server told it.
struct Account {
    partner: i64,
    admin_secret: String,
}

impl Account {
    fn start(&self, server: &Server, privileges: &str) -> Option<String> {
        let params = json!({"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "expiry": 80_000,
                            "userId": "load", "privileges": privileges});
        attempt(server, "session.start", &params)?.as_str().map(str::to_owned)
    }
}

/// Writes of every kind, until there is no server any more.
fn load(server: &Server, account: &Account, acknowledged: &Mutex<Acknowledged>, stop: &AtomicBool) {
    let note = |change: &dyn Fn(&mut Acknowledged)| change(&mut acknowledged.lock().expect("no panic"));
    while !stop.load(Ordering::Relaxed) {
        let Some(root) = account.start(server, "") else { return };
        let Some(limited) = account.start(server, &format!("actionslimit:{LIMIT}")) else { return };
        for round in 0..20 {
            let Some(ks) = account.start(server, "") else { return };
            match attempt(server, "session.end", &json!({"ks": ks})) {
                Some(Value::Null) => note(&|known| known.ended.push(ks.clone())),
                Some(other) => panic!("session.end: {other}"),
                None => return,
            }
            match attempt(server, "session.get", &json!({"ks": limited})) {
                Some(answer) if answer["objectType"] == "KalturaSessionInfo" => {
                    note(&|known| *known.uses.entry(limited.clone()).or_default() += 1);
                }
                Some(other) => panic!("session.get: {other}"),
                None => return,
            }
            if round % 10 == 0 {
                let Some(added) = attempt(server, "ks_secret.add", &json!({"ks": root})) else { return };
                let id = added["id"].as_i64().unwrap_or_else(|| panic!("ks_secret.add: {added}"));
                let value = added["value"].as_str().unwrap_or_else(|| panic!("ks_secret.add: {added}")).to_owned();
                note(&|known| known.secrets.push((id, value.clone())));
                let Some(answer) = attempt(server, "ks_secret.disable", &json!({"ks": root, "id": id})) else { return };
                assert_eq!(answer["status"], 0, "{answer}");
                note(&|known| known.disabled.push(id));
            }
        }
    }
}

/// Looks for everything that was acknowledged, and says what of it is lost.
fn lost(server: &Server, account: &Account, acknowledged: &Acknowledged) -> Vec<String> {
    let mut lost = Vec::new();
    for (number, ks) in acknowledged.ended.iter().enumerate() {
        let answer = server.call("system.ping", &json!({"ks": ks}));
        if answer == true {
            lost.push(format!("ended session {number} came back"));
        } else {
            assert_eq!(fault(&answer), refused("LOGOUT"));
        }
    }
    let root = account.start(server, "").expect("a session");
    let list = server.good("ks_secret.list", &json!({"ks": root}));
    let listed: BTreeMap<i64, i64> = list["objects"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|secret| Some((secret["id"].as_i64()?, secret["status"].as_i64()?)))
        .collect();
    for (id, value) in &acknowledged.secrets {
        let disabled = acknowledged.disabled.contains(id);
        match listed.get(id) {
            None => lost.push(format!("secret {id} is gone")),
            Some(status) if disabled && *status != 0 => lost.push(format!("secret {id} is listed as enabled again")),
            Some(_) => {}
        }
        if disabled {
            let params = json!({"secret": value, "partnerId": account.partner, "type": 2});
            let answer = server.call("session.start", &params);
            if answer.is_string() {
                lost.push(format!("secret {id} starts sessions again"));
            } else {
                assert_eq!(fault(&answer).0, "START_SESSION_ERROR");
            }
        }
    }
    for (ks, uses) in &acknowledged.uses {
        // Exactly as many are left as were not used; one more may have been taken without an answer.
        let mut left = 0;
        while left <= LIMIT && server.call("session.get", &json!({"ks": ks}))["objectType"] == "KalturaSessionInfo" {
            left += 1;
        }
        if left + uses > LIMIT {
            lost.push(format!("{left} uses of {LIMIT} were left after {uses}"));
        }
        assert!(left + uses >= LIMIT - 1, "{uses} uses were acknowledged and only {left} were left of {LIMIT}");
    }
    lost
}

/// What one round wrote, and what of it was lost.
struct Round {
    acknowledged: Acknowledged,
    lost: Vec<String>,
}

fn round(data: &Path, account: &mut Option<Account>, number: usize) -> Round {
    let mut server = Server::serve(data);
    let account = account.get_or_insert_with(|| Account {
        partner: server.partner(),
        admin_secret: server.told("adminSecret").to_owned(),
    });
    let acknowledged = Mutex::new(Acknowledged::default());
    let stop = AtomicBool::new(false);
    let id = server.id();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| load(&server, account, &acknowledged, &stop));
        }
        // Long enough for some writes, and another moment each time.
        while acknowledged.lock().expect("no panic").ended.len() < 5 + number % 7 {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(u64::try_from(number * 13 % 97).expect("small")));
        let killed = std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        stop.store(true, Ordering::Relaxed);
    });
    server.kill();
    let acknowledged = acknowledged.into_inner().expect("no panic");
    let again = Server::serve(data);
    let lost = lost(&again, account, &acknowledged);
    Round { acknowledged, lost }
}

const INTRODUCTION: &str = "# kill -9 under a write load\n\n";

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut account = None;
    let mut all_lost = Vec::new();
    let mut report = String::from(
        "## SQLite\n\nEach round: four clients write, the server is killed, started again, and every \
         acknowledged change is looked for.\n\n| round | sessions ended | secrets added | disabled | uses counted | lost |\n\
         |---|---|---|---|---|---|\n",
    );
    for number in 0..count(3, 200) {
        let Round { acknowledged, lost } = round(data.path(), &mut account, number);
        let Acknowledged { ended, secrets, disabled, uses } = &acknowledged;
        report.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            number + 1,
            ended.len(),
            secrets.len(),
            disabled.len(),
            uses.values().sum::<usize>(),
            lost.len(),
        ));
        all_lost.extend(lost.into_iter().map(|what| format!("round {}: {what}", number + 1)));
    }
    // First, so that a loss is in the report too.
    ks_tests::report::part("crash.md", INTRODUCTION, "SQLite", &report);
    assert!(all_lost.is_empty(), "{all_lost:#?}");
}

/// The check itself: a database from before the changes is a server that lost them all.
#[test]
fn a_lost_change_would_be_noticed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, stale) = (folder.path().join("data"), folder.path().join("stale"));
    let mut server = Server::serve(&data);
    let account = Account { partner: server.partner(), admin_secret: server.told("adminSecret").to_owned() };
    let root = account.start(&server, "").expect("a session");
    let add_secret = |server: &Server| {
        let added = server.good("ks_secret.add", &json!({"ks": root}));
        (added["id"].as_i64().expect("an id"), added["value"].as_str().expect("a secret").to_owned())
    };
    let disabled = add_secret(&server);
    let limited = account.start(&server, &format!("actionslimit:{LIMIT}")).expect("a session");
    let used = |server: &Server| drop(server.good("session.get", &json!({"ks": limited})));
    used(&server);
    used(&server);
    assert!(server.terminate().success());
    std::fs::create_dir(&stale).expect("a folder");
    for file in std::fs::read_dir(&data).expect("the data").flatten() {
        std::fs::copy(file.path(), stale.join(file.file_name())).expect("a copy");
    }

    let mut server = Server::serve(&data);
    let ended = account.start(&server, "").expect("a session");
    let _ = server.good("session.end", &json!({"ks": ended}));
    let added = add_secret(&server);
    let _ = server.good("ks_secret.disable", &json!({"ks": root, "id": disabled.0}));
    used(&server);
    server.kill();

    let nothing = Acknowledged::default;
    let id = disabled.0;
    let each = [
        (Acknowledged { ended: vec![ended], ..nothing() }, vec!["ended session 0 came back".to_owned()]),
        (Acknowledged { secrets: vec![added.clone()], ..nothing() }, vec![format!("secret {} is gone", added.0)]),
        (
            Acknowledged { secrets: vec![disabled], disabled: vec![id], ..nothing() },
            vec![format!("secret {id} is listed as enabled again"), format!("secret {id} starts sessions again")],
        ),
        // One of three uses.
        (
            Acknowledged { uses: BTreeMap::from([(limited.clone(), 3)]), ..nothing() },
            vec![format!("{} uses of {LIMIT} were left after 3", LIMIT - 2)],
        ),
    ];
    let current = Server::serve(&data);
    let old = Server::serve(&stale);
    for (acknowledged, expected) in &each {
        assert_eq!(lost(&current, &account, acknowledged), [""; 0], "nothing was lost here");
        assert_eq!(lost(&old, &account, acknowledged), *expected, "a lost change went unnoticed");
    }
}
