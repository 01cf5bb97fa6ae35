//! The page that mails link to: a new password for the key that was mailed.

use askama::Template;

use crate::page::render;
use crate::{Answer, Layout, Section};

#[derive(Template)]
#[template(path = "set_password.html")]
struct SetPassword {
    page: Layout,
}

pub(crate) fn page() -> Answer {
    render(
        200,
        &SetPassword { page: Layout::new(Section::Other, "Set a password", "Set a password with a mailed key.") },
    )
}
