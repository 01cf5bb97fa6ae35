//! The KS inspector, and the page that says what a KS is.

use askama::Template;
use ks_token::catalogue::{Known, ValueKind};

use crate::page::render;
use crate::{Answer, Layout, Section};

/// A privilege name, as the pages show it.
pub(crate) struct Privilege {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) explanation: &'static str,
}

/// Every privilege name with a meaning.
pub(crate) fn privileges() -> Vec<Privilege> {
    let rows = Known::ALL.iter().map(|known| Privilege {
        name: known.name(),
        value: match known.value_kind() {
            ValueKind::None => "",
            ValueKind::Wildcard => ":*",
            ValueKind::Flag => ":1",
            ValueKind::Ids => ":ID/ID or :*",
            ValueKind::Role => ":ROLE",
            ValueKind::Number => ":NUMBER",
            ValueKind::Time => ":SECONDS",
            ValueKind::Addresses => ":ADDRESS/ADDRESS",
            ValueKind::Uris => ":URI|URI*",
            ValueKind::Partners => ":PARTNER/PARTNER",
            ValueKind::Text => ":TEXT",
        },
        explanation: known.explanation(),
    });
    rows.collect()
}

#[derive(Template)]
#[template(path = "inspector.html")]
struct Inspector {
    page: Layout,
    privileges: String,
}

pub(crate) fn page() -> Answer {
    let page = Layout::new(
        Section::Inspector,
        "KS inspector",
        "What a Kaltura Session says, whether it is valid, why not, and what helps.",
    );
    let map = privileges().into_iter().map(|it| (it.name.to_owned(), it.explanation.into()));
    render(200, &Inspector { page, privileges: serde_json::Value::Object(map.collect()).to_string() })
}

#[derive(Template)]
#[template(path = "what_is_a_ks.html")]
struct WhatIsAKs {
    page: Layout,
    privileges: Vec<Privilege>,
}

pub(crate) fn what_is_a_ks() -> Answer {
    let page = Layout::new(
        Section::WhatIsAKs,
        "What a KS is",
        "Kaltura Sessions for newcomers: types, privileges, how long they last, how to keep them safe.",
    );
    render(200, &WhatIsAKs { page, privileges: privileges() })
}
