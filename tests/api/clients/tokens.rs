//! Tokens both ways: minted by the published Python client and read here, minted here and byte-equal to a naive
//! rendering of the format. The example `crosscheck` of the crate `ks-token` does our half of the work.

use std::process::Command;

use ks_tests::programs::{feed, python};
use ks_tests::report;
use ks_tests::scale::count;
use ks_tests::server::{binary, isolate};

/// Our half. `cargo xtask test` has built it; otherwise cargo does.
fn crosscheck(args: &[&str]) -> Command {
    let folder = binary().parent().expect("a target folder").to_owned();
    let built = folder.join("examples/crosscheck");
    let mut command = if built.exists() {
        Command::new(built)
    } else {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--package", "ks-token", "--example", "crosscheck", "--"]);
        cargo.current_dir(ks_tests::root());
        cargo
    };
    isolate(&mut command);
    command.args(args);
    command
}

/// The other half.
fn script(name: &str, args: &[&str]) -> Command {
    let mut command = python();
    command.arg(ks_tests::root().join("tests/clients/python").join(name)).args(args);
    command
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

#[test]
fn tokens_of_the_published_python_client_verify_here() {
    let count = count(300, 10_000).to_string();
    let minted = feed(&mut script("mint.py", &[&count, "1"]), b"");
    assert_eq!(lines(minted.good()).len().to_string(), count);
    let verified = feed(&mut crosscheck(&["verify"]), minted.out.as_bytes());
    let said = format!("{}{}", verified.good(), verified.err);
    assert!(said.contains(&count), "not all were verified: {said}");
    report::write(
        "tokens-from-python.md",
        &format!("# Tokens minted by the published Python client\n\n{count} of {count} verify here.\n"),
    );
}

#[test]
fn our_tokens_are_byte_equal_to_a_naive_rendering() {
    let count = count(300, 10_000).to_string();
    let orders = feed(&mut crosscheck(&["random", &count, "1"]), b"");
    assert_eq!(lines(orders.good()).len().to_string(), count);
    let ours = feed(&mut crosscheck(&["mint"]), orders.out.as_bytes());
    let naive = feed(&mut script("naive_ks.py", &[]), orders.out.as_bytes());
    let (ours, naive) = (lines(ours.good()), lines(naive.good()));
    assert_eq!(ours.len().to_string(), count);
    for ((order, ours), naive) in lines(&orders.out).iter().zip(&ours).zip(&naive) {
        assert_eq!(ours, naive, "{order}");
    }
    assert_eq!(ours.len(), naive.len());
    report::write(
        "tokens-to-python.md",
        &format!("# Tokens minted here\n\n{count} of {count} are byte-equal to a naive rendering.\n"),
    );
}
