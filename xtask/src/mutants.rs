//! `cargo xtask mutants`: breaks the crates that decide, one place at a time, and looks whether their own tests notice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{cargo, contents, succeeds};

/// The crates whose every line must be held by a test of their own.
const PACKAGES: [&str; 2] = ["ks-token", "ks-access"];
/// How long the tests of a mutant may run; what hangs is noticed, too.
const SECONDS: &str = "20";
/// Why mutants may survive.
const REASONS: &str = "tests/data/mutants.toml";
const REPORT: &str = "reports/mutants.md";

/// The verb: `--only PACKAGE[,…]`, `--shard K/N` for a part, `--again` for what survived the last run, `--report` to
/// write the report of what has run.
pub(crate) fn main(options: &[&str]) -> Result<(), String> {
    let (mut packages, mut passed_on, mut runs) = (PACKAGES.to_vec(), Vec::new(), true);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match (*option, options.as_slice().first()) {
            ("--again", _) => passed_on.push("--iterate"),
            ("--report", _) => runs = false,
            ("--only", Some(names)) => packages = names.split(',').collect(),
            ("--shard", Some(shard)) => passed_on.extend(["--shard", shard]),
            (other, _) => return Err(format!("unknown option: {other}")),
        }
        if matches!(*option, "--only" | "--shard") {
            options.next();
        }
    }
    if let Some(unknown) = packages.iter().find(|name| !PACKAGES.contains(name)) {
        return Err(format!("{unknown} is none of {}", PACKAGES.join(", ")));
    }
    if runs {
        if !succeeds(cargo().args(["mutants", "--version"])) {
            return Err(
                "cargo-mutants is not here. To install it, run:\ncargo install --locked cargo-mutants".to_owned()
            );
        }
        packages.iter().try_for_each(|package| run(package, &passed_on))?;
    } else {
        // A run that was cut short has left something, too.
        let folders = packages.iter().map(|package| folder().join(package));
        folders.filter(|folder| folder.exists()).try_for_each(|folder| remember(&folder))?;
    }
    report()
}

fn folder() -> PathBuf {
    crate::root().join("target/mutants")
}

/// Mutates one package in a copy of the repository, one mutant at a time, behind everything else that this machine does.
fn run(package: &str, options: &[&str]) -> Result<(), String> {
    let (out, scratch) = (folder().join(package), folder().join("copies"));
    if options.contains(&"--iterate") {
        // The last run may have been cut short.
        remember(&out)?;
    } else {
        drop(std::fs::remove_dir_all(&out));
    }
    for folder in [&out, &scratch] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(cargo().get_program()).args(["mutants", "--package", package]);
    command.args(["--timeout", SECONDS, "--jobs", "1", "--no-shuffle", "--colors", "never", "--profile", "mutants"]);
    // Neither examples nor documentation: what they hold is held by tests.
    command.args(["--cargo-arg=--lib", "--cargo-arg=--tests", "--output"]).arg(&out).args(options);
    command
        .current_dir(crate::root())
        .env("TMPDIR", scratch)
        .env("CARGO_TARGET_DIR", folder().join(format!("build-{package}")));
    // Random inputs find a fault at once or hardly ever.
    command.env("BOLERO_RANDOM_TEST_TIME_MS", "300");
    println!("$ cargo mutants --package {package} {}", options.join(" "));
    match command.status().map_err(|error| format!("cargo mutants: {error}"))?.code() {
        // 2 and 3: there are survivors, and mutants that hang.
        Some(0 | 2 | 3) => remember(&out),
        _ => Err(format!("cargo mutants: {package} could not be mutated")),
    }
}

/// Keeps what became of each mutant of the last run, with what is known of others.
fn remember(folder: &Path) -> Result<(), String> {
    let read = |path: PathBuf| -> Result<Value, String> {
        let text = contents(&path);
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let mut known = read(folder.join(KNOWN))?.as_object().cloned().unwrap_or_default();
    let last = read(folder.join("mutants.out/outcomes.json"))?;
    for one in last["outcomes"].as_array().into_iter().flatten() {
        if let Some(name) = one["scenario"]["Mutant"]["name"].as_str() {
            known.insert(name.to_owned(), one["summary"].clone());
        }
    }
    let path = folder.join(KNOWN);
    std::fs::write(&path, Value::from(known).to_string()).map_err(|error| format!("{}: {error}", path.display()))
}

/// What became of each mutant of a package, by its name.
const KNOWN: &str = "known.json";

/// What became of the mutants of one package.
#[derive(Default)]
struct Outcome {
    caught: usize,
    hung: usize,
    unviable: usize,
    /// Where each survivor is, by what was done to it: without the line, which moves.
    missed: BTreeMap<String, Vec<String>>,
}

impl Outcome {
    /// Reads what is remembered of all mutants that there are; `None` when the package was not mutated.
    fn read(folder: &Path, all: &BTreeSet<String>) -> Result<Option<Self>, String> {
        let text = contents(&folder.join(KNOWN));
        if text.is_empty() {
            return Ok(None);
        }
        let known: serde_json::Map<String, Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let mut outcome = Self::default();
        // Where a file has changed since, its mutants have other names.
        for (name, summary) in known.iter().filter(|(name, _)| all.contains(*name)) {
            match summary.as_str() {
                Some("CaughtMutant") => outcome.caught += 1,
                Some("Timeout") => outcome.hung += 1,
                Some("Unviable") => outcome.unviable += 1,
                _ => {
                    let (what, place) = without_place(name);
                    outcome.missed.entry(what).or_default().push(place);
                }
            }
        }
        Ok(Some(outcome))
    }
}

/// The mutants of a package, by their names.
fn all(package: &str) -> BTreeSet<String> {
    let listed = cargo().args(["mutants", "--list", "--package", package]).current_dir(crate::root()).output();
    let names = |output: std::process::Output| {
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    listed.map(names).unwrap_or_default()
}

/// `crates/x/src/y.rs:12:5: replace …` as `crates/x/src/y.rs: replace …` and `12:5`.
fn without_place(name: &str) -> (String, String) {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(line), Some(column), Some(what)) => (format!("{file}:{what}"), format!("{line}:{column}")),
        _ => (name.to_owned(), String::new()),
    }
}

/// A reason, and for how many mutants that read alike it stands.
struct Reason {
    why: String,
    times: usize,
}

fn reasons() -> Result<BTreeMap<String, Reason>, String> {
    let text = contents(&crate::root().join(REASONS));
    let table: toml::Table = text.parse().map_err(|error| format!("{REASONS}: {error}"))?;
    let mut reasons = BTreeMap::new();
    for row in table.get("survivor").and_then(toml::Value::as_array).into_iter().flatten() {
        let field = |name: &str| row.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let times = row.get("times").and_then(toml::Value::as_integer).and_then(|times| usize::try_from(times).ok());
        if field("why").len() < 10 {
            return Err(format!("{REASONS}: {} has no reason", field("mutant")));
        }
        reasons.insert(field("mutant"), Reason { why: field("why"), times: times.unwrap_or(1) });
    }
    Ok(reasons)
}

/// Writes the report; a survivor without a reason fails the verb.
fn report() -> Result<(), String> {
    let reasons = reasons()?;
    let (mut table, mut survivors) = (String::new(), String::new());
    let (mut unexplained, mut used) = (Vec::new(), BTreeSet::new());
    for package in PACKAGES {
        let all = all(package);
        let (outcome, all) = (Outcome::read(&folder().join(package), &all)?, all.len());
        let Some(outcome) = outcome else {
            let _ = writeln!(table, "| `{package}` | {all} | none | | | | |");
            continue;
        };
        let missed: usize = outcome.missed.values().map(Vec::len).sum();
        let ran = outcome.caught + outcome.hung + outcome.unviable + missed;
        let _ = writeln!(
            table,
            "| `{package}` | {all} | {ran} | {} | {} | {} | {missed} |",
            outcome.caught, outcome.hung, outcome.unviable
        );
        for (what, places) in &outcome.missed {
            let reason = reasons.get(what).filter(|reason| places.len() <= reason.times);
            let why = reason.map_or("**none**".to_owned(), |reason| reason.why.replace('|', "\\|"));
            let _ = writeln!(survivors, "| `{}` | {} | {why} |", what.replace('|', "\\|"), places.join(", "));
            match reason {
                Some(_) => drop(used.insert(what.clone())),
                None => unexplained.push(format!("{what} ({})", places.join(", "))),
            }
        }
    }
    if survivors.is_empty() {
        survivors.push_str("| none | | |\n");
    }
    let text = format!(
        "# Mutants\n\nEach mutant is the crate with one place changed; its own tests (and nobody else's) must fail, within \
         {SECONDS} seconds. What hangs is noticed as well; what does not compile says nothing.\n\nWritten by `cargo xtask \
         mutants`. A survivor needs a reason in `{REASONS}`, or the command fails.\n\n| crate | mutants | ran | caught | \
         hung | do not compile | survived |\n|---|---|---|---|---|---|---|\n{table}\n## Survivors\n\n| mutant | line | why it \
         may live |\n|---|---|---|\n{survivors}"
    );
    std::fs::write(crate::root().join(REPORT), text).map_err(|error| format!("{REPORT}: {error}"))?;
    for stale in reasons.keys().filter(|name| !used.contains(*name)) {
        println!("no survivor needs the reason of: {stale}");
    }
    if unexplained.is_empty() {
        return Ok(());
    }
    Err(format!("{} survivors have no reason in {REASONS}:\n{}", unexplained.len(), unexplained.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_by_what_it_does_wherever_it_stands() {
        let (what, place) = without_place("crates/ks-token/src/hash.rs:12:5: replace f -> bool with true");
        assert_eq!(
            (what.as_str(), place.as_str()),
            ("crates/ks-token/src/hash.rs: replace f -> bool with true", "12:5")
        );
        assert_eq!(without_place("a::b").0, "a::b");
    }

    #[test]
    fn what_ran_is_counted_and_what_survived_is_named() {
        let folder = std::env::temp_dir().join(format!("ks-mutants-{}", std::process::id()));
        let out = folder.join("mutants.out");
        std::fs::create_dir_all(&out).unwrap();
        let ran = |rows: &[(&str, &str)]| {
            let outcome = |(name, summary): &(&str, &str)| serde_json::json!({"scenario": {"Mutant": {"name": name}}, "summary": summary});
            let mut outcomes: Vec<Value> = rows.iter().map(outcome).collect();
            outcomes.push(serde_json::json!({"scenario": "Baseline", "summary": "Success"}));
            std::fs::write(out.join("outcomes.json"), serde_json::json!({ "outcomes": outcomes }).to_string()).unwrap();
            remember(&folder).unwrap();
        };
        ran(&[
            ("a.rs:1:1: replace f", "CaughtMutant"),
            ("a.rs:2:1: replace g", "MissedMutant"),
            ("a.rs:9:1: replace g", "MissedMutant"),
            ("a.rs:3:1: replace h", "Timeout"),
            ("a.rs:4:1: replace i", "Unviable"),
            ("a.rs:5:1: replace j", "MissedMutant"),
        ]);
        // Again, with a better test.
        ran(&[("a.rs:5:1: replace j", "CaughtMutant")]);
        // What is not there any more says nothing.
        ran(&[("a.rs:6:1: replace k", "MissedMutant")]);
        let names = [
            "1:1: replace f",
            "2:1: replace g",
            "9:1: replace g",
            "3:1: replace h",
            "4:1: replace i",
            "5:1: replace j",
        ];
        let all = names.map(|name| format!("a.rs:{name}")).into();
        let outcome = Outcome::read(&folder, &all).unwrap().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((outcome.caught, outcome.hung, outcome.unviable), (2, 1, 1));
        let places = vec!["2:1".to_owned(), "9:1".to_owned()];
        assert_eq!(outcome.missed, BTreeMap::from([("a.rs: replace g".to_owned(), places)]));
    }
}
