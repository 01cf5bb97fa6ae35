//! The pages around the API: the test console, the developer console, the documentation, the schema, the client
//! libraries, the KS inspector.
//!
//! Pure, like the floors below: a path and a query in, a page out. What the pages say of the API is read from the
//! declarations ([`ks_schema`]), and what they say of tokens from [`ks_token`]; nothing is written down twice.
//! The pages are clients of the API like any other: they call it with `fetch`, and there is no back door.

mod account;
mod assets;
mod describe;
mod developer;
mod docs;
mod facts;
mod inspector;
mod libraries;
mod openapi;
mod page;
mod password;
pub mod plot;
mod query;
mod sample;
mod schema;
mod start;
mod testme;
mod xsd;

use std::borrow::Cow;

pub use page::{Layout, Section, Tab};
pub use query::Query;
pub use schema::{API_VERSION, client_xml};
pub use xsd::answers_xsd;

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

    /// A JSON document.
    fn json(value: &serde_json::Value) -> Self {
        let body = Cow::Owned(value.to_string().into_bytes());
        Self { status: 200, content_type: "application/json", kind: Kind::Data, body }
    }

    fn xml(text: String) -> Self {
        let body = Cow::Owned(text.into_bytes());
        Self { status: 200, content_type: "text/xml; charset=utf-8", kind: Kind::Data, body }
    }

    fn redirect(to: impl Into<String>) -> Self {
        Self { status: 308, content_type: "", kind: Kind::Redirect, body: Cow::Owned(to.into().into_bytes()) }
    }
}

/// Whether a page is for development servers alone.
#[must_use]
pub fn is_for_development(path: &str) -> bool {
    account::is_for_development(path)
}

/// What `GET` of this path answers; `None`: there is no page, and the path may be the API's.
#[must_use]
pub fn answer(path: &str, query: Option<&str>) -> Option<Answer> {
    if let Some(rest) = path.strip_prefix("/assets/") {
        return assets::answer(rest);
    }
    if let Some(rest) = path.strip_prefix("/api_v3/testme/json/") {
        return testme::data(rest);
    }
    let query = || Query::parse(query.unwrap_or_default());
    if let Some(rest) = path.strip_prefix("/api-docs/").filter(|rest| *rest != "openapi.json") {
        return developer::page(rest, &query());
    }
    Some(match path {
        "/" => start::page(),
        "/set-password" => password::page(),
        "/api_v3/testme/" | "/api_v3/testme/index.php" | "/api_v3/testme/index.html" => testme::page(),
        "/api_v3/testme/client-libs.php" => libraries::page(),
        "/api_v3/testme/parity" => libraries::parity(),
        "/api_v3/testmeDoc/" | "/api_v3/testmeDoc/index.php" | "/api_v3/testmeDoc/index.html" => docs::page(&query()),
        "/api_v3/xsdDoc/" | "/api_v3/xsdDoc/index.php" => xsd::page(&query()),
        "/api_v3/xsdDoc/answers.xsd" => Answer::xml(answers_xsd()),
        "/api_v3/api_schema.php" => Answer::xml(client_xml()),
        "/api-docs" => Answer::redirect("/api-docs/"),
        "/workflows" => Answer::redirect("/api-docs/workflows/"),
        "/api_v3/testme" | "/api_v3/testmeDoc" | "/api_v3/xsdDoc" => Answer::redirect(format!("{path}/")),
        "/console/ks" => inspector::page(),
        "/console/what-is-a-ks" => inspector::what_is_a_ks(),
        "/api-docs/openapi.json" => openapi::answer(),
        "/favicon.ico" => Answer::redirect(assets::url("favicon.svg")),
        _ => return account::page(path),
    })
}
