//! How long fuzz targets run, and what they leave in `reports/fuzz.md`. Each crate's targets take this file in.

use std::io::{Read as _, Seek as _, Write as _};
use std::time::Duration;

/// Whether the soak is wanted.
fn is_soak() -> bool {
    std::env::var("KS_TEST_SCALE").is_ok_and(|scale| scale == "soak")
}

/// How long a target is given random inputs.
pub(crate) fn time() -> Duration {
    if is_soak() { Duration::from_mins(2) } else { Duration::from_secs(1) }
}

const INTRODUCTION: &str = "# Fuzz targets\n\nEach target first goes through its committed corpus, then through random \
    inputs, some of them spelled with what means something to the parser. The answers are held against naive models and \
    readers. With the feature `planted-bug` each parser has a deliberate bug, which its target must find.\n\nWritten by \
    the soak (`KS_TEST_SCALE=soak`, development build); a target that fails leaves no row.\n\n| target | time | random inputs |\n\
    |---|---|---|\n";

/// Leaves a row for a target that has found nothing, in the soak only.
pub(crate) fn report(package: &str, target: &str, inputs: u64) {
    if !is_soak() {
        return;
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the root of the repository");
    let path = root.join("reports/fuzz.md");
    let mut file =
        std::fs::File::options().read(true).write(true).create(true).truncate(false).open(path).expect("a report");
    // Targets run beside each other, each in a process of its own.
    file.lock().expect("a turn");
    let mut old = String::new();
    file.read_to_string(&mut old).expect("a report");
    let row = format!("| `{package}` {target} |");
    let mut rows: Vec<String> =
        old.lines().filter(|line| line.starts_with("| `") && !line.starts_with(&row)).map(str::to_owned).collect();
    rows.push(format!("{row} {} s | {inputs} |", time().as_secs()));
    rows.sort();
    file.rewind().and_then(|()| file.set_len(0)).expect("a report");
    writeln!(file, "{INTRODUCTION}{}", rows.join("\n")).expect("a report");
}
