//! The frame that all pages have in common.

use askama::Template;

use crate::{Answer, assets};

/// The parts of the site, as its main navigation names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// None of them.
    Other,
    /// The test console, documentation, schema and client libraries.
    Api,
    /// The developer console.
    Developer,
    /// The KS inspector.
    Inspector,
    /// What a KS is.
    WhatIsAKs,
    /// The account console.
    Account,
}

/// The four tabs of the section [`Section::Api`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The test console.
    TestConsole,
    /// The documentation.
    Documentation,
    /// The schema.
    Schema,
    /// The client libraries.
    Libraries,
}

/// An entry of the main navigation.
#[derive(Debug)]
pub struct Link {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub text: &'static str,
    /// The part of the site that it opens.
    pub section: Section,
}

/// An entry of the tabs of the section [`Section::Api`].
#[derive(Debug)]
pub struct TabLink {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub text: &'static str,
    tab: Tab,
}

impl TabLink {
    /// Whether it is the open one.
    #[must_use]
    pub fn is(&self, open: &Option<Tab>) -> bool {
        *open == Some(self.tab)
    }
}

/// What the frame (`templates/base.html`) must know of the page inside it. Every template has one as its field `page`.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What the window is called, less the name of the product.
    pub title: String,
    /// One sentence on what the page is for.
    pub description: String,
    /// The part of the site.
    pub section: Section,
    /// The open tab, if the part has tabs.
    pub tab: Option<Tab>,
}

impl Layout {
    /// A page without tabs.
    #[must_use]
    pub fn new(section: Section, title: impl Into<String>, description: impl Into<String>) -> Self {
        Self { title: title.into(), description: description.into(), section, tab: None }
    }

    /// A page of the section [`Section::Api`].
    #[must_use]
    pub fn api(tab: Tab, title: impl Into<String>, description: impl Into<String>) -> Self {
        Self { tab: Some(tab), ..Self::new(Section::Api, title, description) }
    }

    /// The main navigation.
    #[must_use]
    pub fn links(&self) -> &'static [Link] {
        const LINKS: &[Link] = &[
            Link { href: "/api_v3/testme/", text: "API console", section: Section::Api },
            Link { href: "/api-docs/", text: "Developer console", section: Section::Developer },
            Link { href: "/console/ks", text: "KS inspector", section: Section::Inspector },
            Link { href: "/console/what-is-a-ks", text: "What a KS is", section: Section::WhatIsAKs },
            Link { href: "/console", text: "Account", section: Section::Account },
        ];
        LINKS
    }

    /// The tabs of the section [`Section::Api`].
    #[must_use]
    pub fn tabs(&self) -> &'static [TabLink] {
        const TABS: &[TabLink] = &[
            TabLink { href: "/api_v3/testme/", text: "Test Console", tab: Tab::TestConsole },
            TabLink { href: "/api_v3/testmeDoc/", text: "API Documentation", tab: Tab::Documentation },
            TabLink { href: "/api_v3/xsdDoc/", text: "XML Schema", tab: Tab::Schema },
            TabLink { href: "/api_v3/testme/client-libs.php", text: "API Client Libraries", tab: Tab::Libraries },
        ];
        TABS
    }

    /// The address of one of our styles, scripts or pictures.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The version of this server.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// A description as HTML: what stands between backquotes is code.
pub(crate) fn prose(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (index, piece) in text.split('`').enumerate() {
        let piece = crate::schema::escape(piece);
        if index % 2 == 1 {
            html.push_str("<code>");
            html.push_str(&piece);
            html.push_str("</code>");
        } else {
            html.push_str(&piece);
        }
    }
    html
}

/// The page that a template makes.
pub(crate) fn render(status: u16, template: &impl Template) -> Answer {
    match template.render() {
        Ok(html) => Answer::page(status, html),
        // Writing to a string fails only when a template says so, and none does.
        Err(error) => Answer::page(500, format!("<!doctype html><title>ks</title><p>{error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_html_with_code_in_it() {
        assert_eq!(prose("`_` and <b>"), "<code>_</code> and &lt;b&gt;");
        assert_eq!(prose("plain"), "plain");
    }
}
