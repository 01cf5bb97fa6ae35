//! The start page: where everything is.

use askama::Template;

use crate::page::render;
use crate::{Answer, Layout, Section};

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    page: Layout,
}

pub(crate) fn page() -> Answer {
    let page = Layout::new(
        Section::Other,
        "Start",
        "A Kaltura Session server: start sessions, use them, and learn why one is refused.",
    );
    render(200, &Start { page })
}
