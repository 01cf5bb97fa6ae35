//! What can be measured: one module for each subject, one table in the report for each module.

mod gateway;
mod growth;
mod http;
mod login;
mod overload;
mod process;
mod revocations;
mod scale;
mod seed;
mod tokens;

use std::path::PathBuf;

use crate::Result;
use crate::report::Line;

/// All of them, in the order of the report.
pub(crate) const ALL: [&Subject; 10] = [
    &tokens::SUBJECT,
    &http::SUBJECT,
    &process::SUBJECT,
    &login::SUBJECT,
    &growth::SUBJECT,
    &scale::SUBJECT,
    &revocations::SUBJECT,
    &gateway::SUBJECT,
    &seed::SUBJECT,
    &overload::SUBJECT,
];

/// One subject.
pub(crate) struct Subject {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// The heading of its table.
    pub(crate) title: &'static str,
    /// What is compared with what, for readers of the report.
    pub(crate) about: &'static str,
    /// Measures.
    pub(crate) figures: fn(&Settings) -> Result<Vec<Line>>,
}

/// What all subjects are told.
pub(crate) struct Settings {
    /// The binary `ks`.
    pub(crate) ks: PathBuf,
    /// How many rounds contenders have that take turns of half a second or more.
    pub(crate) rounds: usize,
    /// Whether accounts are to be small, to try a subject out. The figures then say nothing about growth.
    pub(crate) small: bool,
}

/// The subject of a name.
pub(crate) fn find(name: &str) -> Option<&'static Subject> {
    ALL.into_iter().find(|subject| subject.name == name)
}

/// The names of all, as the usage has them.
pub(crate) fn names() -> String {
    ALL.map(|subject| subject.name).join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_headings_differ() {
        for (index, subject) in ALL.into_iter().enumerate() {
            let later = ALL.into_iter().skip(index + 1);
            assert!(later.clone().all(|other| other.name != subject.name && other.title != subject.title));
            assert!(!subject.about.contains("\n## "), "a heading of a table would end the section");
        }
    }
}
