//! Tables that the soak leaves in `reports/`.

/// Writes a report, in the soak only.
///
/// # Panics
///
/// When the file cannot be written.
pub fn write(name: &str, text: &str) {
    if crate::scale::is_soak() {
        let folder = crate::root().join("reports");
        std::fs::create_dir_all(&folder).expect("reports/ can be made");
        std::fs::write(folder.join(name), text).expect("a report can be written");
    }
}
