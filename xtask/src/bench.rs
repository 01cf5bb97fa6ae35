//! `cargo xtask bench`: figures, as ratios within one run.

use crate::process::{cargo, run};

/// The verb: builds the product as it is run by others, then measures it. Options go to `ks-bench`; `--dry-run` leaves
/// the report alone.
pub(crate) fn main(options: &[&str]) -> Result<(), String> {
    run(cargo().args(["build", "--release", "--package", "ks-cli"]))?;
    let is_dry = options.contains(&"--dry-run");
    let write = if is_dry || options.contains(&"--write") { &[] } else { ["--write", "BENCHMARKS.md"].as_slice() };
    let options = options.iter().filter(|option| **option != "--dry-run");
    run(cargo().args(["run", "--release", "--package", "ks-bench", "--"]).args(write).args(options))
}
