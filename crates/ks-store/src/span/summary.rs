//! What may be told of a statement.

/// What a statement does, and to which table. Nothing else of its text is told.
pub(super) fn summary(sql: &str) -> (&str, Option<&str>) {
    let mut words = sql.split([' ', '\n', '(', ')', ';', ',']).filter(|word| !word.is_empty());
    let operation = words.next().unwrap_or_default();
    let is_name = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let table = match operation {
        "UPDATE" => words.next(),
        _ => words.find(|word| matches!(*word, "FROM" | "INTO")).and_then(|_| words.next()),
    };
    (operation, table.filter(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_told_by_its_verb_and_its_table() {
        for (sql, expected) in [
            ("SELECT 1", ("SELECT", None)),
            ("SELECT id FROM entry WHERE id = $1", ("SELECT", Some("entry"))),
            ("SELECT x\nFROM kuser\nWHERE name = 'FROM canary'", ("SELECT", Some("kuser"))),
            ("SELECT x FROM (SELECT y FROM entry)", ("SELECT", None)),
            ("INSERT INTO change_log (a, b) VALUES ($1, $2)", ("INSERT", Some("change_log"))),
            ("UPDATE partner SET name = $1", ("UPDATE", Some("partner"))),
            ("DELETE FROM widget WHERE id = $1", ("DELETE", Some("widget"))),
            ("COMMIT", ("COMMIT", None)),
            ("", ("", None)),
        ] {
            assert_eq!(summary(sql), expected, "{sql}");
        }
    }
}
