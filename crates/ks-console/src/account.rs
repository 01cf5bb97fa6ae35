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
    SecondFactor,
    Users,
    Roles,
    AppTokens,
    Sessions,
    Audit,
    Register,
    Mails,
}

impl View {
    /// Those of a signed-in account, in the order of the navigation.
    const NAVIGATION: [Self; 9] = [
        Self::Overview,
        Self::Integration,
        Self::Entitlement,
        Self::SecondFactor,
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
        Self::NAVIGATION.into_iter().chain([Self::Register, Self::Mails]).find(|view| view.path() == path)
    }

    fn is(self, other: &Self) -> bool {
        self == *other
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/console",
            Self::Integration => "/console/settings/integration",
            Self::Entitlement => "/console/settings/entitlement",
            Self::SecondFactor => "/console/settings/second-factor",
            Self::Users => "/console/users",
            Self::Roles => "/console/roles",
            Self::AppTokens => "/console/app-tokens",
            Self::Sessions => "/console/sessions",
            Self::Audit => "/console/audit",
            Self::Register => "/console/register",
            Self::Mails => "/console/mails",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Integration => "Integration settings",
            Self::Entitlement => "Entitlement",
            Self::SecondFactor => "Second factor",
            Self::Users => "Users",
            Self::Roles => "Roles",
            Self::AppTokens => "App tokens",
            Self::Sessions => "Sessions",
            Self::Audit => "Sign-ins and audit",
            Self::Register => "Open an account",
            Self::Mails => "Mails",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Overview => "What happens in the account: sessions, calls, failed logins.",
            Self::Integration => "Partner id and secrets, with rotation and last use.",
            Self::Entitlement => "Whether sessions see only what their user is entitled to.",
            Self::SecondFactor => "Of whom a second factor is wanted, and an authenticator of your own.",
            Self::Users => "People of the account, their roles and logins.",
            Self::Roles => "What people and sessions may do.",
            Self::AppTokens => "Sessions for third parties, without the account's secrets.",
            Self::Sessions => "Ending sessions: by token, user, session group or secret.",
            Self::Audit => "Who signed in and who changed what.",
            Self::Register => "A trial account of one's own.",
            Self::Mails => "The mails that this development server would have sent.",
        }
    }

    /// The module that draws it.
    const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Integration => "integration",
            Self::Entitlement => "entitlement",
            Self::SecondFactor => "second-factor",
            Self::Users => "users",
            Self::Roles => "roles",
            Self::AppTokens => "app-tokens",
            Self::Sessions => "sessions",
            Self::Audit => "audit",
            Self::Register => "register",
            Self::Mails => "mails",
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Layout,
    view: View,
    views: [View; 9],
}

/// Whether a page shows what only a development server may show.
pub(crate) fn is_for_development(path: &str) -> bool {
    View::find(path) == Some(View::Mails)
}

/// The page at this path, if it is one of the account console.
pub(crate) fn page(path: &str) -> Option<Answer> {
    let view = View::find(path)?;
    let page = Layout::new(Section::Account, view.title(), view.description());
    Some(render(200, &Account { page, view, views: View::NAVIGATION }))
}
