//! `cargo xtask bench`: figures, as ratios within one run.

use crate::process::{cargo, run};

/// The verb: builds the product as it is run by others, then measures it. Options go to `ks-bench`.
pub(crate) fn main(options: &[&str]) -> Result<(), String> {
    run(cargo().args(["build", "--release", "--package", "ks-cli"]))?;
    let write = if options.is_empty() { ["--write", "BENCHMARKS.md"].as_slice() } else { &[] };
    run(cargo().args(["run", "--release", "--package", "ks-bench", "--"]).args(write).args(options))
}
