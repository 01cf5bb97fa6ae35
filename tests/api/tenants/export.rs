//! What the database keeps of an account, read by a program that knows nothing of ours.

use std::collections::BTreeSet;
use std::path::Path;

use ks_tests::programs::{feed, python};
use serde_json::Value;

/// Every row of an account, one a line, less what strangers may add to or move by calls that name the account.
pub(super) fn rows(database: &Path, partner: i32) -> BTreeSet<String> {
    let mut command = python();
    command.arg(ks_tests::root().join("tests/clients/python/export.py")).arg(database).arg(partner.to_string());
    let output = feed(&mut command, b"");
    output.good().lines().filter_map(state).collect()
}

/// A row as it counts; `None`: it does not.
fn state(line: &str) -> Option<String> {
    let mut row: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    let table = row[0].as_str().unwrap_or_default().to_owned();
    match table.as_str() {
        // What was refused to whoever asked for the account, so that its owner can ask why; and how many called.
        "refusal" | "call_count" => None,
        // Wrong passwords for an address of the account are noted in its trail, whoever tried.
        "audit" if row[1]["object_type"] == "loginFailure" => None,
        // When a secret was last used is written up to a minute later.
        "account_secret" => {
            row[1]["last_used_at"] = Value::Null;
            Some(row.to_string())
        }
        // Anybody may have a link mailed to whoever has the address.
        "user_login_data" => {
            for column in ["reset_key_hash", "reset_key_until", "updated_at"] {
                row[1][column] = Value::Null;
            }
            Some(row.to_string())
        }
        _ => Some(row.to_string()),
    }
}
