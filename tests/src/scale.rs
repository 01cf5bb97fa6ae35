//! How often tests that repeat themselves do so, and how a test says that it could not do its work.

/// Whether the full counts are wanted (`KS_TEST_SCALE=soak`).
#[must_use]
pub fn is_soak() -> bool {
    std::env::var("KS_TEST_SCALE").is_ok_and(|scale| scale == "soak")
}

/// A count: the first beside a build, the second in the soak.
#[must_use]
pub fn count(small: usize, soak: usize) -> usize {
    if is_soak() { soak } else { small }
}

/// Says that the running test could not do its work here, and why. `cargo xtask test` counts it as skipped.
///
/// For what a machine may refuse (tracing a process), never for what can be installed.
///
/// # Panics
///
/// When the note cannot be written.
pub fn skip(test: &str, reason: &str) {
    let note = format!("{test}: {reason}");
    eprintln!("SKIPPED {note}");
    if let Some(folder) = std::env::var_os("KS_TEST_SKIPS") {
        let file = std::path::Path::new(&folder).join(test.replace(['/', ':'], "-"));
        std::fs::write(&file, note).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
