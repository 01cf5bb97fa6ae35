//! The developer console: the services by what they are for, a page for each action with "Try it out", and guided
//! workflows. The pages are complete without a script; scripts add the form, the answer, and moving from page to page
//! without losing the session, which is kept nowhere but in the open page.

mod workflows;

use askama::Template;
use ks_schema::describe::{ActionInfo, ServiceInfo};
use serde_json::{Value, json};

use self::workflows::Workflow;
use crate::docs::{self, Entry};
use crate::facts::{ActionFacts, doc};
use crate::page::render;
use crate::{Answer, Layout, Query, Section, describe};

/// Services that belong together.
struct Group {
    title: &'static str,
    about: &'static str,
    services: &'static [&'static str],
}

/// What people come for first: every way to a session.
const SESSION_ACTIONS: &[&str] = &[
    "session.start",
    "user.loginByLoginId",
    "appToken.startSession",
    "session.startWidgetSession",
    "session.get",
    "session.end",
];

const GROUPS: &[Group] = &[
    Group {
        title: "Sessions",
        about: "Starting, reading and ending them; keys for third parties and players.",
        services: &["session", "appToken", "widget", "ks_session"],
    },
    Group {
        title: "People and rights",
        about: "Users and their logins, groups, roles and permissions.",
        services: &["user", "adminUser", "groupUser", "group_group", "userRole", "permission", "permissionItem"],
    },
    Group {
        title: "Categories and entries",
        about: "What is published, and who is entitled to see it.",
        services: &["category", "categoryUser", "categoryEntry", "baseEntry", "media"],
    },
    Group {
        title: "The account",
        about: "Settings, secrets, what changed, and figures.",
        services: &["partner", "ks_secret", "ks_audit", "ks_stats"],
    },
];

/// Every service that stands in no group.
const REST: &str = "The server";

/// A group with its services.
struct Grouped {
    title: &'static str,
    about: &'static str,
    services: Vec<(Entry, Vec<Entry>, &'static str)>,
}

fn service_path(service: &ServiceInfo) -> String {
    format!("/api-docs/service/{}", service.id)
}

fn action_path(service: &str, action: &str) -> String {
    format!("/api-docs/service/{service}/action/{action}")
}

fn action_entry(service: &ServiceInfo, action: &ActionInfo, text: String, open: &str) -> Entry {
    let href = action_path(service.id, action.name);
    Entry { open: href == open, href, text, deprecated: action.deprecated.is_some() }
}

/// Every service, in its group, with the actions of the open one.
fn grouped(service: Option<&ServiceInfo>, open: &str) -> Vec<Grouped> {
    let with_actions = |info: &'static ServiceInfo| {
        let is_open = service.is_some_and(|open| open.id == info.id);
        let actions = docs::sorted_actions(info).into_iter().filter(|_| is_open);
        let actions = actions.map(|action| action_entry(info, action, action.name.to_owned(), open)).collect();
        let href = service_path(info);
        (Entry { open: href == open, href, text: info.id.to_owned(), deprecated: false }, actions, info.description)
    };
    let mut groups: Vec<Grouped> = GROUPS
        .iter()
        .map(|group| Grouped {
            title: group.title,
            about: group.about,
            services: group.services.iter().filter_map(|id| describe::service(id)).map(with_actions).collect(),
        })
        .collect();
    let is_grouped = |id: &str| GROUPS.iter().any(|group| group.services.contains(&id));
    let rest = describe::sorted_services().into_iter().filter(|info| !is_grouped(info.id)).map(with_actions);
    groups.push(Grouped { title: REST, about: "What is about the server itself.", services: rest.collect() });
    groups
}

/// The actions that start sessions and go with them.
fn session_entries(open: &str) -> Vec<Entry> {
    let found = SESSION_ACTIONS.iter().filter_map(|name| {
        let (service, action) = name.split_once('.')?;
        let service = describe::service(service)?;
        let action = describe::action(service, action)?;
        Some(action_entry(service, action, action.full_name(), open))
    });
    found.collect()
}

fn workflow_path(workflow: &Workflow) -> String {
    format!("/api-docs/workflows/{}", workflow.name)
}

struct Nav {
    sessions: Vec<Entry>,
    workflows: Vec<Entry>,
    groups: Vec<Grouped>,
}

impl Nav {
    fn new(service: Option<&ServiceInfo>, open: &str) -> Self {
        let workflows = workflows::ALL.iter().map(|it| {
            let href = workflow_path(it);
            Entry { open: href == open, href, text: it.title.to_owned(), deprecated: false }
        });
        Self { sessions: session_entries(open), workflows: workflows.collect(), groups: grouped(service, open) }
    }
}

/// Something that was found, with its place.
struct Hit {
    href: String,
    hit: docs::Hit,
}

enum Content {
    Overview,
    Search { query: String, hits: Vec<Hit> },
    Service { service: &'static ServiceInfo, actions: Vec<(Entry, &'static str)> },
    Action(Box<ActionFacts>),
    Workflows,
    Workflow(&'static Workflow),
    Missing { what: &'static str, name: String },
}

#[derive(Template)]
#[template(path = "developer.html")]
struct Developer {
    page: Layout,
    nav: Nav,
    query: String,
    content: Content,
}

const DESCRIPTION: &str = "Every action of the API with a form to try it out, code for it, and guided workflows.";

/// The page below `/api-docs/`; `rest` is what follows that.
pub(crate) fn page(rest: &str, query: &Query) -> Option<Answer> {
    if rest == "actions.json" {
        return Some(Answer::json(&actions()));
    }
    let trimmed = rest.strip_suffix('/').unwrap_or(rest);
    let mut service = None;
    let content = match trimmed.split('/').collect::<Vec<_>>().as_slice() {
        [""] => match query.get("q").map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Content::Search { query: text.to_owned(), hits: search(text) },
            None => Content::Overview,
        },
        ["service", name] => match describe::service(name) {
            Some(info) => {
                service = Some(info);
                let actions = docs::sorted_actions(info).into_iter();
                let entry = |action: &'static ActionInfo| {
                    (action_entry(info, action, action.name.to_owned(), ""), action.description)
                };
                Content::Service { service: info, actions: actions.map(entry).collect() }
            }
            None => Content::Missing { what: "service", name: (*name).to_owned() },
        },
        ["service", name, "action", action] => {
            let found = describe::service(name).and_then(|info| Some((info, describe::action(info, action)?)));
            match found {
                Some((info, action)) => {
                    service = Some(info);
                    Content::Action(Box::new(ActionFacts::of(info, action)))
                }
                None => Content::Missing { what: "action", name: format!("{name}.{action}") },
            }
        }
        ["workflows"] => Content::Workflows,
        ["workflows", name] => match Workflow::find(name) {
            Some(workflow) => Content::Workflow(workflow),
            None => Content::Missing { what: "workflow", name: (*name).to_owned() },
        },
        _ => return None,
    };
    let (title, open) = match &content {
        Content::Overview => ("Developer console".to_owned(), String::new()),
        Content::Search { query, .. } => (format!("Search for {query}: Developer console"), String::new()),
        Content::Service { service, .. } => (format!("{}: Developer console", service.id), service_path(service)),
        Content::Action(facts) => {
            let path = action_path(facts.service.id, facts.action.name);
            (format!("{}: Developer console", facts.action.full_name()), path)
        }
        Content::Workflows => ("Guided workflows".to_owned(), String::new()),
        Content::Workflow(workflow) => (format!("{}: Developer console", workflow.title), workflow_path(workflow)),
        Content::Missing { name, .. } => (format!("{name} is not there: Developer console"), String::new()),
    };
    let status = if matches!(content, Content::Missing { .. }) { 404 } else { 200 };
    let page = Layout::new(Section::Developer, title, DESCRIPTION);
    let query = query.get("q").unwrap_or_default().to_owned();
    Some(render(status, &Developer { page, nav: Nav::new(service, &open), query, content }))
}

fn search(text: &str) -> Vec<Hit> {
    let hits = docs::search(text).into_iter().map(|hit| {
        let href = match (hit.kind, hit.name.split_once('.')) {
            ("service", _) => format!("/api-docs/service/{}", hit.name),
            ("action", Some((service, action))) => action_path(service, action),
            (kind, _) => doc(kind, &hit.name),
        };
        Hit { href, hit }
    });
    hits.collect()
}

/// Where one can go: every action, and the pages. The command palette reads it.
fn actions() -> Value {
    let services = describe::sorted_services();
    let actions = services.iter().flat_map(|service| {
        docs::sorted_actions(service).into_iter().map(|action| {
            let first = action.description.split(". ").next().unwrap_or_default();
            json!([action.full_name(), action_path(service.id, action.name), first])
        })
    });
    let workflows = workflows::ALL.iter().map(|it| json!([it.title, workflow_path(it), it.lead]));
    let pages = [
        ("Developer console", "/api-docs/", "Every action, with a form to try it out"),
        ("Test console", "/api_v3/testme/", "Every action as a form, several calls in one request"),
        ("API Documentation", "/api_v3/testmeDoc/", "Services, actions, objects and enums"),
        ("XML Schema", "/api_v3/xsdDoc/", "What answers look like"),
        ("API Client Libraries", "/api_v3/testme/client-libs.php", "How to point each client here"),
        ("KS inspector", "/console/ks", "What a KS says, and whether it is valid"),
        ("What a KS is", "/console/what-is-a-ks", "For newcomers"),
        ("Account console", "/console", "Secrets, users, roles, app tokens, figures"),
    ];
    let pages = pages.iter().map(|(title, href, about)| json!([title, href, about]));
    pages.chain(workflows).chain(actions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_stands_in_one_group() {
        let groups = grouped(None, "");
        let mut names: Vec<&str> =
            groups.iter().flat_map(|group| &group.services).map(|(entry, ..)| entry.text.as_str()).collect();
        let all = describe::sorted_services().len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
        let listed: usize = GROUPS.iter().map(|group| group.services.len()).sum();
        let rest = groups.last().map_or(0, |group| group.services.len());
        assert_eq!(listed + rest, all, "a group names a service that is not there");
        assert_eq!(session_entries("").len(), SESSION_ACTIONS.len());
    }

    #[test]
    fn paths_lead_to_pages_whatever_their_case() {
        let status = |rest: &str| page(rest, &Query::default()).map(|answer| answer.status);
        for rest in
            ["", "service/SESSION", "service/session/action/START", "service/session/action/start/", "workflows"]
        {
            assert_eq!(status(rest), Some(200), "{rest}");
        }
        for rest in ["service/none", "service/session/action/none", "workflows/none"] {
            assert_eq!(status(rest), Some(404), "{rest}");
        }
        assert_eq!(status("elsewhere"), None);
        assert_eq!(status("actions.json"), Some(200));
    }
}
