//! Which layer wins, and what a file may say.

use super::*;

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn no_default() -> Result<PathBuf, Failure> {
    Ok(PathBuf::from("/default"))
}

fn resolve(database: &DatabaseArgs, listen: &ListenArgs, file: &str) -> Settings {
    let mut file = ConfigFile::parse(file).unwrap();
    file.anchor(Path::new("/etc/ks"));
    Settings::over(database, listen, &file, no_default).unwrap()
}

#[test]
fn defaults() {
    let settings = resolve(&DatabaseArgs::default(), &ListenArgs::default(), "");
    assert_eq!(
        settings.object(),
        json!({
            "listen": "127.0.0.1:8080",
            "admin-listen": null,
            "trusted-proxy": [],
            "node-name": "ks",
            "max-body": 16_777_216,
            "max-connections": 10_000,
            "max-connections-per-address": 5000,
            "max-in-flight": 32 * cores(),
            "max-queue": 512 * cores(),
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
            "database": "sqlite:/default/ks.db",
            "key-file": "/default/ks.key",
        })
    );
}

#[test]
fn the_file_goes_before_the_defaults_and_its_paths_are_relative_to_it() {
    let file = r#"
        listen = "localhost:9000"
        admin-listen = "[::1]:9001"
        trusted-proxy = ["10.0.0.0/8", "192.0.2.1"]
        node-name = "ks"
        max-body = 16777216
        max-connections = 10000
        log = "debug"
        data-dir = "data"
    "#;
    assert_eq!(
        resolve(&DatabaseArgs::default(), &ListenArgs::default(), file).object(),
        json!({
            "listen": "127.0.0.1:9000",
            "admin-listen": "[::1]:9001",
            "trusted-proxy": ["10.0.0.0/8", "192.0.2.1/32"],
            "node-name": "ks",
            "max-body": 16_777_216,
            "max-connections": 10_000,
            "max-connections-per-address": 5000,
            "max-in-flight": 32 * cores(),
            "max-queue": 512 * cores(),
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
            "log": "debug",
            "log-format": "text",
            "database": "sqlite:/etc/ks/data/ks.db",
            "key-file": "/etc/ks/data/ks.key",
        })
    );
}

#[test]
fn flags_go_before_the_file() {
    let file = r#"
        listen = "127.0.0.1:9000"
        trusted-proxy = ["10.0.0.0/8"]
        log = "debug"
        database = "sqlite:file.db"
        key-file = "/keys/ks.key"
    "#;
    let listen = ListenArgs {
        listen: Some(SocketAddr::from(([0, 0, 0, 0], 1))),
        trusted_proxy: vec![network("192.0.2.0/24").unwrap()],
        log: Some(LogLevel::Warn),
        ..ListenArgs::default()
    };
    let database = DatabaseArgs { database: Some("sqlite:flag.db".parse().unwrap()), ..DatabaseArgs::default() };
    assert_eq!(
        resolve(&database, &listen, file).object(),
        json!({
            "listen": "0.0.0.0:1",
            "admin-listen": null,
            "trusted-proxy": ["192.0.2.0/24"],
            "node-name": "ks",
            "max-body": 16_777_216,
            "max-connections": 10_000,
            "max-connections-per-address": 5000,
            "max-in-flight": 32 * cores(),
            "max-queue": 512 * cores(),
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
            "log": "warn",
            "log-format": "text",
            "database": "sqlite:flag.db",
            "key-file": "/keys/ks.key",
        })
    );
}

#[test]
fn a_database_outside_the_data_folder_has_its_key_beside_it() {
    let database = DatabaseArgs {
        data_dir: Some("/data".into()),
        database: Some("sqlite:/db/a.db".parse().unwrap()),
        ..DatabaseArgs::default()
    };
    let settings = resolve(&database, &ListenArgs::default(), "").database;
    assert_eq!(settings.key_file, Path::new("/db/ks.key"));
}

#[test]
fn a_mail_server_has_a_sender_and_shows_no_password() {
    let file = r#"
        smtp = "smtp://user:canary@mail.example"
        mail-from = "Sessions <ks@example.com>"
        public-url = "https://ks.example/"
    "#;
    let settings = resolve(&DatabaseArgs::default(), &ListenArgs::default(), file);
    let object = settings.object();
    assert_eq!(object["smtp"], "smtp://user@mail.example:587");
    assert_eq!(object["mail-from"], "Sessions <ks@example.com>");
    assert_eq!(object["public-url"], "https://ks.example/");
    assert!(!format!("{settings:?}").contains("canary"));
    let lone = ListenArgs { smtp: Some("smtp://localhost".parse().unwrap()), ..ListenArgs::default() };
    assert!(Settings::over(&DatabaseArgs::default(), &lone, &ConfigFile::default(), no_default).is_err());
    let error = ConfigFile::parse("smtp = \"smpt://user:canary@mail.example\"").unwrap_err();
    assert!(error.contains("line 1: ") && error.contains("another scheme"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn a_certificate_has_a_key() {
    let file = "tls-cert = \"cert.pem\"\ntls-key = \"/keys/key.pem\"\ndrain = 20\nlog-format = \"json\"";
    let object = resolve(&DatabaseArgs::default(), &ListenArgs::default(), file).object();
    assert_eq!((&object["tls-cert"], &object["tls-key"]), (&json!("/etc/ks/cert.pem"), &json!("/keys/key.pem")));
    assert_eq!((&object["drain"], &object["log-format"]), (&json!(20), &json!("json")));
    let lone = ListenArgs { tls_cert: Some("cert.pem".into()), ..ListenArgs::default() };
    assert!(Settings::over(&DatabaseArgs::default(), &lone, &ConfigFile::default(), no_default).is_err());
}

#[test]
fn limits_are_rates() {
    let file = r#"
        max-in-flight = 8
        max-queue = 16
        queue-wait = 50
        rate-address = "100/s"
        rate-partner = "6000/m:100"
        rate-action = ["user.loginbyloginid=5/m", "session.start=20/h"]
    "#;
    let object = resolve(&DatabaseArgs::default(), &ListenArgs::default(), file).object();
    let told = |name: &str| object[name].clone();
    assert_eq!([told("max-in-flight"), told("max-queue"), told("queue-wait")], [json!(8), json!(16), json!(50)]);
    assert_eq!([told("rate-address"), told("rate-partner")], [json!("100/s"), json!("6000/m:100")]);
    assert_eq!(told("rate-action"), json!(["user.loginByLoginId=5/m", "session.start=20/h"]));
    let given = ListenArgs {
        rate_address: Some("1/h".parse().unwrap()),
        rate_action: vec!["system.ping=1/s".parse().unwrap()],
        ..ListenArgs::default()
    };
    let object = resolve(&DatabaseArgs::default(), &given, file).object();
    assert_eq!((&object["rate-address"], &object["rate-action"]), (&json!("1/h"), &json!(["system.ping=1/s"])));
}

#[test]
fn an_unknown_key_is_named() {
    let error = ConfigFile::parse("listn = \"127.0.0.1:80\"").unwrap_err();
    assert!(error.contains("unknown field `listn`, expected one of `listen`, `admin-listen`"), "{error}");
}

#[test]
fn a_wrong_value_is_shown_with_its_line() {
    for (text, wanted) in [
        ("\nlisten = \"nowhere\"", "line 2"),
        ("listen = \"nowhere\"", "expected ADDRESS:PORT"),
        ("log = \"loud\"", "expected off, error, warn, info, debug or trace"),
        ("database = \"mysql:x\"", "sqlite:PATH"),
        ("trusted-proxy = [\"here\"]", "expected a network"),
        ("rate-address = \"fast\"", "expected a rate such as 100/s"),
        ("rate-action = [\"user.fly=1/s\"]", "there is no action user.fly"),
        ("data-dir = 1", "invalid type: integer"),
    ] {
        let error = ConfigFile::parse(text).unwrap_err();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn addresses_have_short_forms() {
    assert_eq!(address("8081").unwrap().to_string(), "127.0.0.1:8081");
    assert_eq!(address("localhost:1").unwrap().to_string(), "127.0.0.1:1");
    assert_eq!(address("[::]:2").unwrap().to_string(), "[::]:2");
    for text in ["", "localhost", "127.0.0.1", "example.com:80", "70000"] {
        assert!(address(text).is_err(), "{text}");
    }
}
