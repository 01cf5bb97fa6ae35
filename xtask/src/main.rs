//! The verbs of this project: `gen`, `test`, `soak`, `otel`, `ci`, `bench`, `mutants`, `package`.

mod bench;
mod ci;
mod generate;
mod mutants;
mod package;
mod postgres;
mod prerequisites;
mod process;
mod suite;
mod tally;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask VERB
  gen [--check]      writes the Rust that comes from api/, or checks that it is up to date
  test [--install]   builds, and runs every test at small counts; --install fetches what the tests need
  soak [--install]   the same tests at full counts; tables go to reports/
  bench [OPTIONS]    figures, as ratios within one run, to BENCHMARKS.md; --only SUBJECT[,…] measures
                     a part and keeps the other tables; --rounds N; --sizes small to try it out;
                     --dry-run prints only; --plot draws growth curves to reports/plots
                     (alone: from the report that is there)
  with-postgres COMMAND
                     runs a command with a PostgreSQL cluster of its own, for the tests
                     (KS_TEST_ENGINE=postgres makes them use it)
  otel               builds `ks` with the feature `otel`, as target/debug/ks-otel, and runs its tests
  mutants [OPTIONS]  breaks ks-token and ks-access one place at a time; their own tests must notice;
                     --only PACKAGE[,…], --shard K/N for a part, --again for what survived last time,
                     --report for the report alone
  package            the Debian package, in target/package; --profile PROFILE packs another build than dist
  ci                 formatting, lints, supply chain, then `test`";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["gen"] => generate::write(),
        ["gen", "--check"] => generate::check(),
        ["test", options @ ..] => suite::main(suite::Scale::Small, options),
        ["soak", options @ ..] => suite::main(suite::Scale::Soak, options),
        ["bench", options @ ..] => bench::main(options),
        ["with-postgres", program, args @ ..] => postgres::main(program, args),
        ["otel"] => suite::otel(),
        ["mutants", options @ ..] => mutants::main(options),
        ["package", options @ ..] => package::main(options),
        ["ci"] => ci::main(),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // An empty message: all was said before, and the tally must stay the last line.
            if !message.is_empty() {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: the one that cargo runs this program for, which may be a copy of the one it was built in.
fn root() -> std::path::PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    std::path::Path::new(&here).parent().map_or_else(|| ".".into(), std::path::Path::to_owned)
}
