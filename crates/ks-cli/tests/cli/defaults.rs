//! What `ks serve` does unless it is told otherwise.

use serde_json::{Value, json};

/// All settings but `database` and `key-file`, with these in place of theirs.
pub(crate) fn settings_with(changes: &Value) -> Value {
    // Some follow the machine.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut settings = json!({
        "listen": "127.0.0.1:8080",
        "admin-listen": null,
        "trusted-proxy": [],
        "node-name": "ks",
        "max-body": 16_777_216,
        "max-connections": 10_000,
        "max-connections-per-address": 5000,
        "max-in-flight": 32 * cores,
        "max-queue": 512 * cores,
        "queue-wait": 400,
        "rate-address": null,
        "rate-partner": null,
        "rate-action": [],
        "tls-cert": null,
        "tls-key": null,
        "drain": 0,
        "sign-up": false,
        "gateway": false,
        "migrate": null,
        "notify": true,
        "smtp": null,
        "mail-from": null,
        "public-url": null,
        "log": "info",
        "log-format": "text",
        "otlp-endpoint": null,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        settings[name] = value.clone();
    }
    settings
}
