//! Tokens both ways: minted by the published Python client and read here, minted here and byte-equal to a naive
//! rendering of the format. The example `crosscheck` of the crate `ks-token` does the work; this drives it.

use std::process::Command;

use ks_tests::programs::python;
use ks_tests::scale::count;
use ks_tests::server::{isolate, run_command};

#[test]
fn tokens_agree_both_ways() {
    let count = count(300, 10_000);
    let interpreter = python().get_program().to_owned();
    let mut command = Command::new(env!("CARGO"));
    isolate(&mut command);
    command
        .args(["run", "--quiet", "--package", "ks-token", "--example", "crosscheck", "--"])
        .arg(count.to_string())
        .arg(interpreter)
        .current_dir(ks_tests::root());
    let output = run_command(&mut command);
    let report = output.good();
    println!("{report}");
    ks_tests::report::write("tokens.md", &format!("# Tokens both ways\n\n```\n{report}```\n"));
    assert!(report.contains(&count.to_string()), "{report}");
}
