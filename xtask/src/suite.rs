//! `cargo xtask test` and `cargo xtask soak`: one suite at two scales.

use std::fs::Permissions;
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use ks_test_cluster::{Cluster, Durability, SHARED};
use tempfile::TempDir;

use crate::process::{cargo, run, succeeds, watch};
use crate::tally::Tally;
use crate::{generate, prerequisites};

/// The tests of the API that run on both engines: their servers run in the test's own process.
const ON_BOTH: [&str; 18] = [
    "app_token::",
    "base_entry::",
    "entitlement::",
    "errors::",
    "escalation::",
    "faults::",
    "group::",
    "ks_audit::",
    "ks_stats::",
    "lifecycle::",
    "matrix::",
    "media::",
    "order::",
    "partner::",
    "permission::",
    "privileges::",
    "user::",
    "user_role::",
];

/// How often the tests that repeat themselves do so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Counts that fit beside a build.
    Small,
    /// The full counts; tables are written to `reports/`.
    Soak,
}

impl Scale {
    /// The verb that runs it.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Small => "test",
            Self::Soak => "soak",
        }
    }

    /// The value of `KS_TEST_SCALE`.
    fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Soak => "soak",
        }
    }
}

/// A folder for everything that tests leave behind: programs that are killed, as many are, clear nothing away.
fn scratch() -> std::io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("ks-tests-").tempdir()?;
    // Anybody's, as the usual one is: PostgreSQL refuses root.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o1777))?;
    Ok(folder)
}

/// The runner that has each test in a process of its own.
fn nextest(scale: Scale) -> Command {
    let mut nextest = cargo();
    // Not by package, ever: that would build everything once more, with other features.
    nextest.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    match scale {
        Scale::Small => {
            // Many wait, for a browser, a database or the time: on so many, cores are never idle.
            let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
            nextest.arg(format!("--test-threads={}", 2 * cores));
        }
        Scale::Soak => {
            nextest.args(["--profile", "soak"]);
        }
    }
    nextest
}

/// The verb: its last line is the tally, and nothing else.
pub(crate) fn main(scale: Scale, options: &[&str]) -> Result<(), String> {
    let install = match options {
        [] => false,
        ["--install"] => true,
        other => return Err(format!("unknown options: {}", other.join(" "))),
    };
    prerequisites::ensure(scale, install)?;
    finish(tests(scale))
}

/// The verb: the tests of the build with traces alone.
pub(crate) fn otel() -> Result<(), String> {
    let mut tally = Tally::default();
    with_traces(|_| {}, &mut tally);
    finish(tally)
}

/// Prints the tally as the last line; the verb fails if anything failed.
pub(crate) fn finish(tally: Tally) -> Result<(), String> {
    println!("{tally}");
    if tally.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// Every check and every test.
pub(crate) fn tests(scale: Scale) -> Tally {
    let mut tally = Tally::default();
    tally.check("gen --check", generate::check());

    // The tests of the API drive the real binary, and an example that checks tokens. All are built with the tests: by
    // themselves they would be built with fewer features, and so twice.
    let build = run(cargo().args(["test", "--workspace", "--no-run"]));
    let built = build.is_ok();
    tally.check("everything builds", build);
    if !built {
        return tally;
    }

    let skips = crate::root().join("target/test-skips");
    let _ = std::fs::remove_dir_all(&skips);
    if let Err(error) = std::fs::create_dir_all(&skips) {
        tally.check("a folder for skipped tests", Err(error.to_string()));
        return tally;
    }
    let scratch = match scratch() {
        Ok(scratch) => scratch,
        Err(error) => {
            tally.check("a folder for what tests leave behind", Err(error.to_string()));
            return tally;
        }
    };
    let prepare = |command: &mut Command| {
        command
            .env("TMPDIR", scratch.path())
            .env("KS_TEST_SCALE", scale.name())
            .env("KS_TEST_SKIPS", &skips)
            .env("CARGO_TERM_COLOR", "never")
            // A snapshot that differs is a failure, never a file.
            .env("INSTA_UPDATE", "no");
    };

    if succeeds(cargo().args(["nextest", "--version"])) {
        let mut nextest = nextest(scale);
        prepare(&mut nextest);
        count("tests", &mut nextest, &mut tally);
        let mut docs = cargo();
        // Not by `--doc`, which leaves out packages that are programs alone, and so would build most things once more, with
        // other features: of all tests, these have a line in their names.
        docs.args(["test", "--workspace", "--no-fail-fast", "--", "(line "]);
        prepare(&mut docs);
        count("documentation tests", &mut docs, &mut tally);
    } else {
        let mut plain = cargo();
        plain.args(["test", "--workspace", "--no-fail-fast"]);
        prepare(&mut plain);
        count("tests", &mut plain, &mut tally);
    }
    on_postgres(scale, prepare, &mut tally);
    if scale == Scale::Soak {
        with_traces(prepare, &mut tally);
    }

    let mut skipped = 0;
    for file in std::fs::read_dir(&skips).into_iter().flatten().flatten() {
        println!("SKIPPED: {}", crate::process::contents(&file.path()).trim());
        skipped += 1;
    }
    tally.skip(skipped);
    tally
}

/// What touches the database once more, on the other engine: the tests of the store, and most of the API's.
fn on_postgres(scale: Scale, prepare: impl Fn(&mut Command), tally: &mut Tally) {
    let cluster = match Cluster::start(Durability::None) {
        Ok(cluster) => cluster,
        Err(error) => return tally.check("a PostgreSQL cluster", Err(error)),
    };
    let runs = if succeeds(cargo().args(["nextest", "--version"])) {
        let api: Vec<String> = ON_BOTH.iter().map(|module| format!("test(/^{module}/)")).collect();
        let both = format!("binary(store) and not test(/^sqlite::/) | binary(api) and ({})", api.join(" | "));
        let mut nextest = nextest(scale);
        nextest.args(["-E", &both]);
        vec![nextest]
    } else {
        let (mut store, mut api) = (cargo(), cargo());
        store.args(["test", "--package", "ks-store", "--test", "store", "--no-fail-fast", "--", "--skip", "sqlite::"]);
        api.args(["test", "--package", "ks-tests", "--test", "api", "--no-fail-fast", "--"]).args(ON_BOTH);
        vec![store, api]
    };
    // What is left out here has run just before: it is not skipped.
    let skipped = tally.skipped;
    for mut command in runs {
        prepare(&mut command);
        command.env("KS_TEST_ENGINE", "postgres").env(SHARED, cluster.socket());
        count("tests on PostgreSQL", &mut command, tally);
    }
    tally.skipped = skipped;
}

/// The build with traces, which is another one from the store upwards and takes minutes of its own: `test` leaves it to
/// the lints.
fn with_traces(prepare: impl Fn(&mut Command), tally: &mut Tally) {
    let usual = crate::root().join("target/debug/ks");
    let built = run(cargo().args(["build", "--package", "ks-cli", "--features", "otel"]))
        .and_then(|()| std::fs::copy(&usual, usual.with_file_name("ks-otel")).map_err(|error| error.to_string()));
    // The usual one takes its place again.
    let built = run(cargo().args(["build", "--package", "ks-cli"])).and(built.map(drop));
    if built.is_err() {
        return tally.check("the binary with traces builds", built);
    }
    let mut tests = cargo();
    let is_nextest = succeeds(cargo().args(["nextest", "--version"]));
    tests.args(if is_nextest { &["nextest", "run"][..] } else { &["test"][..] });
    // Not by package: that would build everything once more, with other features.
    tests.args(["--workspace", "--features", "ks-tests/otel", "--test", "otel", "--no-fail-fast"]);
    prepare(&mut tests);
    count("tests of traces", &mut tests, tally);
}

/// Runs a test runner and counts what it sums up.
fn count(what: &str, command: &mut Command, tally: &mut Tally) {
    let before = tally.failed;
    let mut seen = false;
    let ended = watch(command, |line| seen |= tally.read(line));
    match ended {
        Ok(true) if seen => {}
        // A failure that no test stands for: a build that broke, a runner that crashed.
        Ok(false) if tally.failed > before => {}
        Ok(_) => tally.check(what, Err("the runner did not get to its end".to_owned())),
        Err(message) => tally.check(what, Err(message)),
    }
}
