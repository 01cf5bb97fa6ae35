//! How a command ends: the exit code, and one line that says why.

use std::process::ExitCode;

/// The documented exit codes; `main.rs` and `ks --help` list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or the answer is yes.
    Done,
    /// The answer is no.
    No,
    /// Wrong usage.
    Usage,
    /// Something could not be reached or opened.
    Unreachable,
    /// Without the secret nobody can say.
    Undecided,
    /// As the program ended that was run.
    Program(u8),
}

impl Exit {
    /// Its number.
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Undecided => 4,
            Self::Program(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    hint: Option<String>,
    /// What the server said, for programs.
    api: Option<Box<serde_json::Value>>,
}

impl Failure {
    /// The answer is no.
    pub(crate) fn no(message: impl Into<String>) -> Self {
        Self::new(Exit::No, message)
    }

    /// A flag, a variable or a file's content is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A file, an address or the database is out of reach.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, message)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, api: None }
    }

    /// Adds what the server said.
    pub(crate) fn api(mut self, error: &ks_client::ApiError) -> Self {
        self.api = Some(Box::new(api_object(error)));
        self
    }

    /// Adds what the person can do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Tells it on the error stream. A reader who has gone away is told nothing.
    pub(crate) fn tell(&self, json: bool) {
        if json {
            let mut object = serde_json::json!({
                "error": { "message": self.message, "hint": self.hint, "exitCode": self.exit.code() }
            });
            if let Some(api) = &self.api {
                object["error"]["api"] = (**api).clone();
            }
            crate::output::err(&object.to_string());
            return;
        }
        crate::output::err(&format!("error: {}", self.message));
        if let Some(hint) = &self.hint {
            crate::output::err(&format!("  {hint}"));
        }
    }
}

/// What the server said, as an object.
pub(crate) fn api_object(error: &ks_client::ApiError) -> serde_json::Value {
    let args: serde_json::Map<_, _> = error.args().map(|(name, value)| (name.to_owned(), value.into())).collect();
    serde_json::json!({ "code": error.code(), "message": error.message(), "args": args })
}
