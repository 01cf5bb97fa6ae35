//! An error of the protocol.

use std::borrow::Cow;
use std::fmt;

use ks_token::PartnerId;

use crate::ErrorCode;

/// Why a request was refused, for those entitled to know; it is never part of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The check that refused, in one word.
    pub check: &'static str,
    /// What that means and what helps, without any secret or token.
    pub explanation: Cow<'static, str>,
    /// The account that may know: the one that the request worked on, or claimed to.
    pub partner: Option<PartnerId>,
}

/// An error as a client sees it: a code, and a value for each argument that the code declares.
///
/// Made by the constructors in [`crate::generated::errors`], one for each code, so that arguments
/// cannot be forgotten.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    args: Vec<String>,
    echoes_token: bool,
    why: Option<Box<Why>>,
}

impl ApiError {
    /// An error with these arguments, in declared order. Missing ones become `N/A`, surplus ones are
    /// dropped, long ones are cut, and anything that looks like a tag is cut out of the values.
    #[must_use]
    pub fn new(code: ErrorCode, args: Vec<String>) -> Self {
        let declared = code.info().args.len();
        let mut args: Vec<String> = args.into_iter().take(declared).map(cut).map(strip_tags).collect();
        args.resize(declared, "N/A".to_owned());
        Self { code, args, echoes_token: false, why: None }
    }

    /// Marks that an argument repeats a token or a secret that the caller sent: it goes back to the
    /// caller and nowhere else.
    #[must_use]
    pub fn echoing(mut self) -> Self {
        self.echoes_token = true;
        self
    }

    /// Adds why, for the account that may know.
    #[must_use]
    pub fn because(
        mut self,
        check: &'static str,
        explanation: impl Into<Cow<'static, str>>,
        partner: Option<PartnerId>,
    ) -> Self {
        self.why = Some(Box::new(Why { check, explanation: explanation.into(), partner }));
        self
    }

    /// Why, if that was said.
    #[must_use]
    pub fn why(&self) -> Option<&Why> {
        self.why.as_deref()
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The arguments as `(name, value)`, in declared order.
    pub fn args(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        self.code.info().args.iter().copied().zip(self.args.iter().map(String::as_str))
    }

    /// The message with its arguments in place. It may echo what the caller sent, so it is for the
    /// caller's eyes only.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = String::new();
        let mut rest = self.code.info().message;
        while let Some(start) = rest.find('@') {
            let (before, after) = rest.split_at(start);
            message.push_str(before);
            let name_end = after[1..].find('@').map_or(after.len(), |end| end + 2);
            let place = &after[..name_end];
            let value = self.args().find(|(name, _)| place.len() >= 2 && *name == &place[1..place.len() - 1]);
            message.push_str(value.map_or(place, |(_, value)| value));
            rest = &after[name_end..];
        }
        message.push_str(rest);
        message
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ApiError");
        out.field("code", &self.code.info().code);
        if self.echoes_token {
            out.field("args", &"(withheld)").finish()
        } else {
            out.field("args", &self.args).finish()
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.info().code)
    }
}

impl std::error::Error for ApiError {}

/// An answer repeats no more than this of what was sent, in bytes.
const ECHO_LIMIT: usize = 4096;

fn cut(mut value: String) -> String {
    let mut end = value.len().min(ECHO_LIMIT);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.truncate(end);
    value
}

/// Cuts `<…>` out of an argument: an error must never carry markup to whoever shows it.
fn strip_tags(value: String) -> String {
    if !value.contains('<') {
        return value;
    }
    let mut out = String::with_capacity(value.len());
    let mut depth = 0_usize;
    for c in value.chars() {
        match c {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_fill_the_message_and_tags_are_cut() {
        let error = ApiError::new(ErrorCode::InvalidKs, vec!["a<script>b".into(), "-1".into(), "INVALID_STR".into()]);
        assert_eq!(error.message(), "Invalid KS \"ab\", Error \"-1,INVALID_STR\"");
        let missing = ApiError::new(ErrorCode::InvalidKs, vec![]);
        assert_eq!(missing.args().next(), Some(("KSID", "N/A")));
    }

    #[test]
    fn an_echo_is_cut_between_characters() {
        let error = ApiError::service_does_not_exists("é".repeat(4000));
        assert_eq!(error.args().next().map(|(_, value)| value.len()), Some(4096));
        let error = ApiError::service_does_not_exists(format!("x{}", "é".repeat(4000)));
        assert_eq!(error.args().next().map(|(_, value)| value.len()), Some(4095));
    }

    #[test]
    fn an_echo_stays_out_of_debug() {
        let error = ApiError::new(ErrorCode::InvalidKs, vec!["canary".into()]).echoing();
        assert!(!format!("{error:?}").contains("canary"));
    }
}
