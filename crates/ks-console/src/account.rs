//! The account console's pages. What they show, they ask of the API in the browser.

use askama::Template;

use crate::page::render;
use crate::{Answer, Layout, Section};

/// A page of the account console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Overview,
    Integration,
    Entitlement,
    Users,
    Roles,
    AppTokens,
    Sessions,
    Audit,
    Register,
}

impl View {
    /// Those of a signed-in account, in the order of the navigation.
    const NAVIGATION: [Self; 8] = [
        Self::Overview,
        Self::Integration,
        Self::Entitlement,
        Self::Users,
        Self::Roles,
        Self::AppTokens,
        Self::Sessions,
        Self::Audit,
    ];

    fn find(path: &str) -> Option<Self> {
        let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
        // Where people of the hosted service look for the secrets.
        if path == "/console/settings" {
            return Some(Self::Integration);
        }
        Self::NAVIGATION.into_iter().chain([Self::Register]).find(|view| view.path() == path)
    }

    fn is(self, other: &Self) -> bool {
        self == *other
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/console",
            Self::Integration => "/console/settings/integration",
            Self::Entitlement => "/console/settings/entitlement",
            Self::Users => "/console/users",
            Self::Roles => "/console/roles",
            Self::AppTokens => "/console/app-tokens",
            Self::Sessions => "/console/sessions",
            Self::Audit => "/console/audit",
            Self::Register => "/console/register",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Integration => "Integration settings",
            Self::Entitlement => "Entitlement",
            Self::Users => "Users",
            Self::Roles => "Roles",
            Self::AppTokens => "App tokens",
            Self::Sessions => "Sessions",
            Self::Audit => "Sign-ins and audit",
            Self::Register => "Open an account",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Overview => "What happens in the account: sessions, calls, failed logins.",
            Self::Integration => "Partner id and secrets, with rotation and last use.",
            Self::Entitlement => "Whether sessions see only what their user is entitled to.",
            Self::Users => "People of the account, their roles and logins.",
            Self::Roles => "What people and sessions may do.",
            Self::AppTokens => "Sessions for third parties, without the account's secrets.",
            Self::Sessions => "Ending sessions: by token, user, session group or secret.",
            Self::Audit => "Who signed in and who changed what.",
            Self::Register => "A trial account of one's own.",
        }
    }

    /// The module that draws it.
    const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Integration => "integration",
            Self::Entitlement => "entitlement",
            Self::Users => "users",
            Self::Roles => "roles",
            Self::AppTokens => "app-tokens",
            Self::Sessions => "sessions",
            Self::Audit => "audit",
            Self::Register => "register",
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Layout,
    view: View,
    views: [View; 8],
}

/// The page at this path, if it is one of the account console.
pub(crate) fn page(path: &str) -> Option<Answer> {
    let view = View::find(path)?;
    let page = Layout::new(Section::Account, view.title(), view.description());
    Some(render(200, &Account { page, view, views: View::NAVIGATION }))
}
