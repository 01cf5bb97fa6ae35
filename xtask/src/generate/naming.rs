//! From names on the wire to names in Rust.

/// `startWidgetSession` to `start_widget_session`, `START_SESSION_ERROR` to `start_session_error`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (index, c) in chars.iter().enumerate() {
        let after_lower = index > 0 && (chars[index - 1].is_lowercase() || chars[index - 1].is_ascii_digit());
        let ends_acronym = index > 0
            && chars[index - 1].is_uppercase()
            && chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (after_lower || ends_acronym) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    escape(out)
}

/// `START_SESSION_ERROR` to `StartSessionError`, `startWidgetSession` to `StartWidgetSession`.
pub(crate) fn upper_camel(name: &str) -> String {
    let shouting = !name.chars().any(char::is_lowercase);
    let mut out = String::new();
    for word in name.split(['_', '-', '.']).filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        if shouting {
            out.extend(chars.map(|c| c.to_ascii_lowercase()));
        } else {
            out.extend(chars);
        }
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("N{out}") } else { out }
}

/// `KalturaSessionInfo` to `SESSION_INFO`.
pub(crate) fn constant(name: &str) -> String {
    snake(bare(name)).trim_start_matches("r#").to_uppercase()
}

/// A class or enum without its `Kaltura` prefix.
pub(crate) fn bare(name: &str) -> &str {
    name.strip_prefix("Kaltura").unwrap_or(name)
}

/// The Rust type of a class or enum.
pub(crate) fn type_name(name: &str) -> String {
    match bare(name) {
        // Rust's own one must not be hidden.
        "String" => "StringObject".to_owned(),
        bare => upper_camel(bare),
    }
}

/// A Rust string literal.
pub(crate) fn literal(text: &str) -> String {
    format!("{text:?}")
}

fn escape(name: String) -> String {
    const KEYWORDS: [&str; 9] = ["type", "move", "ref", "use", "where", "in", "for", "match", "override"];
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}
