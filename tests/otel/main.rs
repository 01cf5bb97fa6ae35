//! A `ks` with traces, and a collector that listens. It is another build than that of all other tests, so that these are
//! run by `cargo xtask soak` and `cargo xtask otel`.

mod lasting;
mod told;

use std::process::Command;

use ks_tests::collector::Collector;
use ks_tests::server::{binary, isolate};

/// The command `ks` of the build with traces, which lies beside the usual one.
fn ks() -> Command {
    let path = binary().with_file_name("ks-otel");
    assert!(path.exists(), "there is no {}: `cargo xtask otel` makes it", path.display());
    let mut command = Command::new(path);
    isolate(&mut command);
    // What is told shall come soon.
    command.env("OTEL_BSP_SCHEDULE_DELAY", "20");
    command
}

/// `ks dev`, telling a collector.
fn dev(collector: &Collector) -> Command {
    let mut command = ks();
    command.args(["dev", "--listen", "127.0.0.1:0", "--json", "--otlp-endpoint", &collector.url]);
    command
}
