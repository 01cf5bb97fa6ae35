//! `cargo xtask bench`: figures, as ratios within one run.

use crate::process::{cargo, run};

/// What is drawn from the report, and where to.
const PLOT: [&str; 3] = ["plot", "BENCHMARKS.md", "reports/plots"];

/// The verb: builds the product as it is run by others, then measures it. Options go to `ks-bench`; `--dry-run` leaves
/// the report alone. `--plot` draws growth curves from the report afterwards; alone, it measures nothing.
pub(crate) fn main(options: &[&str]) -> Result<(), String> {
    if options == ["--plot"] {
        return run(cargo().args(["run", "--quiet", "--package", "ks-bench", "--"]).args(PLOT));
    }
    run(cargo().args(["build", "--release", "--package", "ks-cli"]))?;
    let is_dry = options.contains(&"--dry-run");
    let write = if is_dry || options.contains(&"--write") { &[] } else { ["--write", "BENCHMARKS.md"].as_slice() };
    let ours = ["--dry-run", "--plot"];
    let to_bench = options.iter().filter(|option| !ours.contains(option));
    run(cargo().args(["run", "--release", "--package", "ks-bench", "--"]).args(write).args(to_bench))?;
    if options.contains(&"--plot") {
        run(cargo().args(["run", "--release", "--quiet", "--package", "ks-bench", "--"]).args(PLOT))?;
    }
    Ok(())
}
