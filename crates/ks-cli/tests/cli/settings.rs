//! Flags, environment, file, defaults; seen through `ks serve --check`.

use std::fs;

use serde_json::json;

use crate::defaults::settings_with;
use crate::support::{command, finish, ks};

#[test]
fn each_layer_goes_before_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ks.toml");
    fs::write(
        &path,
        "listen = \"127.0.0.1:1\"\nadmin-listen = \"127.0.0.1:2\"\nlog = \"error\"\ndata-dir = \"data\"\n",
    )
    .unwrap();
    let done = finish(
        command(&["serve", "--check", "--json", "--listen", "127.0.0.1:3"])
            .env("KS_CONFIG", &path)
            .env("KS_LISTEN", "127.0.0.1:4")
            .env("KS_ADMIN_LISTEN", "127.0.0.1:5")
            .env("KS_TRUSTED_PROXY", "10.0.0.0/8,192.0.2.1"),
    );
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let data = folder.path().join("data");
    assert_eq!(
        done.json(),
        settings_with(&json!({
            "listen": "127.0.0.1:3",
            "admin-listen": "127.0.0.1:5",
            "trusted-proxy": ["10.0.0.0/8", "192.0.2.1/32"],
            "log": "error",
            "database": format!("sqlite:{}", data.join("ks.db").display()),
            "key-file": data.join("ks.key"),
        }))
    );
}

#[test]
fn the_data_is_kept_where_the_person_keeps_data() {
    let database = |set: &[(&str, &str)]| {
        let done = finish(command(&["serve", "--check", "--json"]).envs(set.iter().copied()));
        done.json()["database"].as_str().unwrap().to_owned()
    };
    assert_eq!(database(&[("HOME", "/h")]), "sqlite:/h/.local/share/ks/ks.db");
    assert_eq!(database(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]), "sqlite:/x/ks/ks.db");
    assert_eq!(database(&[("XDG_DATA_HOME", "/x"), ("KS_DATA_DIR", "/d")]), "sqlite:/d/ks.db");
    let done = finish(command(&["serve", "--check"]).env_remove("HOME"));
    assert_eq!(done.code, 2);
    assert!(done.err.contains("give --data-dir DIR"), "{}", done.err);
}

#[test]
fn people_see_the_settings_as_a_file_would_have_them() {
    let done = ks(&["serve", "--check", "--data-dir", "/d", "--trusted-proxy", "10.0.0.0/8"]);
    assert_eq!(done.code, 0);
    let defaults = settings_with(&json!({}));
    let (in_flight, queue) = (&defaults["max-in-flight"], &defaults["max-queue"]);
    assert_eq!(
        done.out,
        format!(
            "listen = \"127.0.0.1:8080\"\ntrusted-proxy = [\"10.0.0.0/8\"]\n\
             node-name = \"ks\"\nmax-body = 16777216\nmax-connections = 10000\nmax-connections-per-address = 5000\n\
             max-in-flight = {in_flight}\nmax-queue = {queue}\nqueue-wait = 400\nrate-action = []\ndrain = 0\n\
             sign-up = false\ngateway = false\nnotify = true\nlog = \"info\"\nlog-format = \"text\"\n\
             database = \"sqlite:/d/ks.db\"\nkey-file = \"/d/ks.key\"\n"
        )
    );
}

#[test]
fn a_wrong_file_is_wrong_usage_and_a_missing_one_is_out_of_reach() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ks.toml");
    let path = path.to_str().unwrap();
    fs::write(path, "listn = \"127.0.0.1:1\"\n").unwrap();
    for args in [&["serve", "--config", path][..], &["partner", "list", "--config", path]] {
        let done = ks(args);
        assert_eq!(done.code, 2);
        assert!(done.err.contains("unknown field `listn`"), "{}", done.err);
    }
    assert_eq!(ks(&["serve", "--config", "/nonexistent/ks.toml"]).code, 3);
    for args in [["--listen", "nowhere"], ["--database", "mysql:x"], ["--trusted-proxy", "x"], ["--log", "loud"]] {
        assert_eq!(ks(&[&["serve"], &args[..]].concat()).code, 2, "{args:?}");
    }
}

/// Whoever asks this build for traces is told which has them; variables that others read, too, ask for nothing.
#[cfg(not(feature = "otel"))]
#[test]
fn a_build_without_traces_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ks.toml");
    fs::write(&path, "otlp-endpoint = \"http://127.0.0.1:4318\"\n").unwrap();
    let check = || command(&["serve", "--check", "--json", "--data-dir", "/d"]);
    for asked in [
        finish(check().args(["--otlp-endpoint", "http://127.0.0.1:4318"])),
        finish(check().env("KS_OTLP_ENDPOINT", "http://127.0.0.1:4318")),
        finish(check().arg("--config").arg(&path)),
        finish(&mut command(&["dev", "--listen", "0", "--otlp-endpoint", "http://127.0.0.1:4318"])),
    ] {
        assert_eq!(asked.code, 2, "{asked:?}");
        let told = format!("{}{}", asked.out, asked.err);
        assert!(told.contains("this build of ks has no traces"), "{asked:?}");
    }
    let done = finish(check().env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"));
    assert_eq!((done.code, &done.json()["otlp-endpoint"]), (0, &json!(null)), "{done:?}");
    let help = finish(&mut command(&["serve", "--help"]));
    assert!(!help.out.contains("otlp"), "{}", help.out);
}

#[test]
fn a_collector_with_a_password_in_its_address_is_refused_without_showing_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ks.toml");
    fs::write(&path, "otlp-endpoint = \"http://user:canary@127.0.0.1:4318\"\n").unwrap();
    let refused = finish(command(&["serve", "--check", "--data-dir", "/d", "--config"]).arg(&path));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("OTEL_EXPORTER_OTLP_HEADERS") && !refused.err.contains("canary"), "{refused:?}");
}

#[test]
fn a_url_with_a_password_that_cannot_be_used_is_refused_without_showing_it() {
    for (flag, variable, url) in [
        ("--otlp-endpoint", "KS_OTLP_ENDPOINT", "http://user:canary@127.0.0.1:4318"),
        ("--smtp", "KS_SMTP", "imap://user:canary@127.0.0.1"),
        ("--database", "KS_DATABASE", "mysql://user:canary@127.0.0.1/ks"),
        ("--database", "KS_DATABASE", "postgres://user:canary@127.0.0.1:x/ks"),
    ] {
        for as_json in [&[][..], &["--json"]] {
            let check = || command(&[&["serve", "--check", "--data-dir", "/d"], as_json].concat());
            for refused in [finish(check().args([flag, url])), finish(check().env(variable, url))] {
                assert_eq!(refused.code, 2, "{refused:?}");
                let told = format!("{}{}", refused.out, refused.err);
                assert!(told.contains(flag) && !told.contains("canary"), "{refused:?}");
            }
        }
    }
}
