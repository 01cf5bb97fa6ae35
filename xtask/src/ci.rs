//! `cargo xtask ci`: what a change must pass.

use crate::prerequisites;
use crate::process::{cargo, run, succeeds};
use crate::suite::{self, Scale};

/// The verb: formatting, lints, supply chain, tests; the tally counts them all.
pub(crate) fn main() -> Result<(), String> {
    prerequisites::ensure(Scale::Small, prerequisites::may_install())?;
    if !succeeds(cargo().args(["fmt", "--version"])) || !succeeds(cargo().args(["clippy", "--version"])) {
        run(std::process::Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]))?;
    }
    let mut first = crate::tally::Tally::default();
    first.check("formatting", run(cargo().args(["fmt", "--all", "--check"])));
    first.check("lints", run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])));
    // The usual build has none of this. It is read by the compiler here, and run by `soak`.
    let mut traces = cargo();
    traces.args(["clippy", "--workspace", "--bins", "--test", "otel", "--features", "ks-cli/otel,ks-tests/otel"]);
    first.check("lints of the build with traces", run(traces.args(["--", "-D", "warnings"])));
    if succeeds(cargo().args(["deny", "--version"])) || prerequisites::in_ci() {
        first.check("supply chain", supply_chain());
    } else {
        println!("SKIPPED: supply chain: run `cargo install --locked cargo-deny` first");
        first.skipped += 1;
    }
    let mut tally = suite::tests(Scale::Small);
    tally.passed += first.passed;
    tally.failed += first.failed;
    tally.skipped += first.skipped;
    suite::finish(tally)
}

fn supply_chain() -> Result<(), String> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        run(cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    run(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}
