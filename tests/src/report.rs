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

/// Writes one part of a report, in the soak only: parts of other runs, such as on the other engine, stay.
///
/// # Panics
///
/// When the file cannot be written.
pub fn part(name: &str, introduction: &str, title: &str, text: &str) {
    if !crate::scale::is_soak() {
        return;
    }
    let old = std::fs::read_to_string(crate::root().join("reports").join(name)).unwrap_or_default();
    let heading = format!("## {title}\n");
    let others = old.split("\n## ").skip(1).map(|part| format!("## {}\n", part.trim_end()));
    let mut parts: Vec<String> = others.filter(|part| !part.starts_with(&heading)).collect();
    parts.push(format!("{}\n", text.trim_end()));
    parts.sort();
    write(name, &format!("{introduction}{}", parts.join("\n")));
}
