//! Accounts made with the command line, beside a running server.

use std::path::Path;

use serde_json::{Value, json};

use crate::server::{Server, run};

/// An account besides the one that the server announced.
#[derive(Debug)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// Its administrator secret.
    pub admin_secret: String,
    /// Its user secret.
    pub user_secret: String,
}

impl Account {
    /// Makes an account in the database in this folder.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn create(data: &Path, id: i64) -> Self {
        let (number, email) = (id.to_string(), format!("owner{id}@example.com"));
        let made = command(data, &["create", "--id", &number, "--name", "Another", "--admin-email", &email]);
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("no {name} in {made}")).to_owned();
        assert_eq!(made["partnerId"], id, "{made}");
        Self { id, admin_secret: text("adminSecret"), user_secret: text("userSecret") }
    }

    /// Starts a session with the administrator secret, as soon as the running server knows of the account.
    ///
    /// # Panics
    ///
    /// When it does not get to know of it.
    #[must_use]
    pub fn start(&self, server: &Server, kind: i64, privileges: &str) -> String {
        let params = json!({"secret": self.admin_secret, "partnerId": self.id, "type": kind, "expiry": 3600,
                            "userId": "someone", "privileges": privileges});
        let mut token = Value::Null;
        eventually("the running server knows the account", || {
            token = server.call("session.start", &params);
            token.is_string()
        });
        token.as_str().unwrap_or_default().to_owned()
    }
}

/// `ks partner …` on the database in a folder.
///
/// # Panics
///
/// When it fails.
#[must_use]
#[track_caller]
pub fn command(data: &Path, words: &[&str]) -> Value {
    let folder = data.to_string_lossy();
    let mut args = vec!["partner"];
    args.extend_from_slice(words);
    args.extend_from_slice(&["--data-dir", &folder, "--json"]);
    run(&args).json()
}

/// Waits for what another process changed: a server follows within its bound, not at once.
///
/// # Panics
///
/// When it does not happen within a minute.
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("not within a minute: {what}");
}
