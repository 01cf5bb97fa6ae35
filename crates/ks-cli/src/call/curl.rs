//! The same call with curl.

use ks_schema::describe::ActionInfo;
use serde_json::Value;

use super::params::Params;

/// A command line that does what `ks call` would do. Secrets are left out unless they are to be shown.
pub(super) fn command(
    url: &str,
    (service, action): (&str, &str),
    format: u32,
    params: &Params,
    info: Option<&ActionInfo>,
    show: bool,
) -> String {
    let query = if format == 9 { "?callback=callback" } else { "" };
    let address = format!("{url}/api_v3/service/{}/action/{action}{query}", service.to_lowercase());
    let mut pairs = vec![("format".to_owned(), format.to_string())];
    for (name, value) in &params.fields {
        let hidden = !show && is_secret(name, info);
        flatten(name.clone(), value, hidden, &mut pairs);
    }
    let mut lines = vec![format!("curl -s {}", shell(&address))];
    let as_form = !params.files.is_empty();
    for (name, value) in &pairs {
        let flag = match value.chars().all(|c| c.is_ascii_alphanumeric() || "_.:*,-".contains(c)) {
            _ if as_form => "--form-string",
            true => "-d",
            false => "--data-urlencode",
        };
        lines.push(format!("  {flag} {}", shell(&format!("{name}={value}"))));
    }
    for (name, _) in &params.files {
        lines.push(format!("  -F {}", shell(&format!("{name}=@FILE"))));
    }
    lines.join(" \\\n")
}

/// Whether a parameter is declared as a secret, or is named like one.
pub(crate) fn is_secret(name: &str, info: Option<&ActionInfo>) -> bool {
    let declared = info.and_then(|info| info.params.iter().find(|param| param.name == name));
    let lower = name.to_lowercase();
    let named = lower == "ks" || ["secret", "password", "token", "hash"].iter().any(|word| lower.contains(word));
    declared.map_or(named, |param| param.sensitive)
}

fn flatten(name: String, value: &Value, hidden: bool, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let hidden = hidden || is_secret(key, None);
                flatten(format!("{name}:{key}"), value, hidden && key != "objectType", out);
            }
        }
        Value::Array(items) if items.is_empty() => out.push((format!("{name}:-"), String::new())),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(format!("{name}:{at}"), item, hidden, out);
            }
        }
        Value::Null => {}
        _ if hidden => {
            let last = name.rsplit(':').next().unwrap_or(&name).to_owned();
            out.push((name, format!("YOUR_{}", last.to_uppercase())));
        }
        Value::String(text) => out.push((name, text.clone())),
        other => out.push((name, other.to_string())),
    }
}

fn shell(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
