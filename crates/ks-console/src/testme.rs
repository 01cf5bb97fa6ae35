//! The test console: one page, and the declarations that it fetches.

use std::borrow::Cow;

use askama::Template;

use crate::page::render;
use crate::{Answer, Kind, Layout, Tab, describe, schema};

#[derive(Template)]
#[template(path = "testme.html")]
struct TestMe {
    page: Layout,
    /// The overview of services, as JSON that may stand in a page.
    services: String,
    api_version: &'static str,
}

pub(crate) fn page() -> Answer {
    let page = Layout::api(
        Tab::TestConsole,
        "Test Console",
        "Call every action of the API from a form, and see the answer, the request and code for it.",
    );
    let services = in_page(&describe::overview().to_string());
    render(200, &TestMe { page, services, api_version: schema::API_VERSION })
}

/// JSON as it may stand inside a `script` element: nothing in it can end the element.
pub(crate) fn in_page(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// `action/SERVICE.ACTION.json` and `class/CLASS.json`.
pub(crate) fn data(rest: &str) -> Option<Answer> {
    let name = rest.strip_suffix(".json")?;
    let value = match name.split_once('/')? {
        ("action", name) => {
            let (service, action) = name.split_once('.')?;
            let service = describe::service(service)?;
            describe::action_json(service, describe::action(service, action)?)
        }
        ("class", name) => describe::class_json(describe::class(name)?),
        _ => return None,
    };
    let body = Cow::Owned(value.to_string().into_bytes());
    Some(Answer { status: 200, content_type: "application/json", kind: Kind::Data, body })
}
