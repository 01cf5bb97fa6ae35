//! The house has floors: an import only ever points down, and the lower floors have no I/O and no clock.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// From the ground up: each crate with those that it may use.
const FLOORS: &[(&str, &[&str])] = &[
    ("ks-token", &[]),
    ("ks-schema", &["ks-token"]),
    ("ks-tower", &["ks-token"]),
    ("ks-client", &["ks-token", "ks-schema"]),
    ("ks-access", &["ks-token", "ks-schema"]),
    ("ks-console", &["ks-token", "ks-schema", "ks-access"]),
    ("ks-wire", &["ks-token", "ks-schema", "ks-access"]),
    ("ks-store", &["ks-token", "ks-schema", "ks-access", "ks-wire"]),
    ("ks-service", &["ks-token", "ks-schema", "ks-access", "ks-wire", "ks-store"]),
    ("ks-server", &["ks-token", "ks-schema", "ks-access", "ks-console", "ks-wire", "ks-store", "ks-service"]),
    ("ks-testing", &["ks-token", "ks-schema", "ks-service", "ks-server"]),
    ("ks-cli", &["ks-token", "ks-schema", "ks-access", "ks-wire", "ks-store", "ks-service", "ks-server", "ks-client"]),
];

/// Pure: no I/O, no clock, no ambient randomness.
const PURE: &[&str] = &["ks-token", "ks-schema", "ks-access"];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(ks_tests::root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo speaks JSON")
}

/// What each of our crates uses in its product, by name.
fn uses() -> BTreeMap<String, Vec<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let ours = packages
        .iter()
        .filter(|package| package["manifest_path"].as_str().is_some_and(|path| path.contains("/crates/ks-")));
    ours.map(|package| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let product = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
        let names = product.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect();
        (package["name"].as_str().expect("a name").to_owned(), names)
    })
    .collect()
}

#[test]
fn an_arrow_only_ever_points_down() {
    let uses = uses();
    for (name, dependencies) in &uses {
        let Some((_, allowed)) = FLOORS.iter().find(|(floor, _)| floor == name) else {
            panic!("{name} has no floor: DESIGN says where each crate stands");
        };
        for dependency in dependencies.iter().filter(|dependency| dependency.starts_with("ks-")) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not use {dependency}");
        }
    }
    for (name, _) in FLOORS {
        assert!(uses.contains_key(*name), "{name} is gone");
    }
}

#[test]
fn the_lower_floors_have_no_io_and_no_clock() {
    const CRATES: &[&str] =
        &["tokio", "sqlx", "axum", "hyper", "reqwest", "rand", "getrandom", "tracing", "jiff", "chrono", "time"];
    const WORDS: &[&str] = &[
        "std::fs",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "std::io",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "println!",
        "eprintln!",
        "thread_rng",
        "OsRng",
    ];
    let uses = uses();
    for name in PURE {
        let dependencies = uses.get(*name).unwrap_or_else(|| panic!("{name} is gone"));
        for dependency in dependencies {
            assert!(!CRATES.contains(&dependency.as_str()), "{name} is pure and must not use {dependency}");
        }
        let mut seen = 0;
        visit(&ks_tests::root().join("crates").join(name).join("src"), &mut |path, text| {
            seen += 1;
            // Tests inside the crate may do what they like.
            if path.file_name().is_some_and(|file| file == "tests.rs") || path.iter().any(|part| part == "tests") {
                return;
            }
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in product.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in WORDS {
                    assert!(!code.contains(word), "{}:{}: {word} in a pure crate", path.display(), number + 1);
                }
            }
        });
        assert!(seen > 0, "{name} has no sources");
    }
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path, &std::fs::read_to_string(&path).expect("a source file"));
        }
    }
}
