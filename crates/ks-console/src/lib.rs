//! The pages around the API: the test console, the documentation, the schema, the client libraries, the KS inspector.
//!
//! Pure, like the floors below: a path and a query in, a page out. What the pages say of the API is read from the
//! declarations ([`ks_schema`]), and what they say of tokens from [`ks_token`]; nothing is written down twice.
//! The pages are clients of the API like any other: they call it with `fetch`, and there is no back door.

mod assets;
mod inspector;
mod page;
mod query;
mod start;

use std::borrow::Cow;

pub use page::{Layout, Section, Tab};
pub use query::Query;

/// What a path answers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body.
    pub content_type: &'static str,
    /// What kind of thing it is; that decides how it may be kept and what it may do.
    pub kind: Kind,
    /// The body, or where to go.
    pub body: Cow<'static, [u8]>,
}

/// What kind of thing an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page, under a policy that lets our own scripts and styles run and nothing else.
    Page,
    /// A file whose address changes with its content: it may be kept for ever.
    Asset,
    /// Data that describes this version of the API: it must not act as a page, and is to be asked for again.
    Data,
    /// The body is an address to go to.
    Redirect,
}

impl Answer {
    /// A page.
    #[must_use]
    pub fn page(status: u16, html: String) -> Self {
        Self { status, content_type: "text/html; charset=utf-8", kind: Kind::Page, body: Cow::Owned(html.into_bytes()) }
    }

    fn redirect(to: impl Into<String>) -> Self {
        Self { status: 308, content_type: "", kind: Kind::Redirect, body: Cow::Owned(to.into().into_bytes()) }
    }
}

/// What `GET` of this path answers; `None`: there is no page, and the path may be the API's.
#[must_use]
pub fn answer(path: &str, _query: Option<&str>) -> Option<Answer> {
    if let Some(rest) = path.strip_prefix("/assets/") {
        return assets::answer(rest);
    }
    Some(match path {
        "/" => start::page(),
        "/console/ks" => inspector::page(),
        "/console/what-is-a-ks" => inspector::what_is_a_ks(),
        "/favicon.ico" => Answer::redirect(assets::url("favicon.svg")),
        _ => return None,
    })
}
