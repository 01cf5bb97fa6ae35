//! How to answer a request that is refused: what can be known without reading it in full.

use ks_schema::Tree;

use super::{Encoding, RawRequest, form, json, multipart, path};
use crate::number::scalar_text;

pub(super) struct Salvaged {
    pub(super) format: Option<Tree>,
    pub(super) is_multirequest: bool,
}

/// Looks for the asked-for format by the same precedence as in a sound request: path, query, body.
pub(super) fn salvage(request: &RawRequest<'_>) -> Salvaged {
    let service = find(request, "service");
    let is_multirequest =
        service.as_ref().and_then(scalar_text).is_some_and(|name| super::call::is_multirequest(&name));
    Salvaged { format: find(request, "format"), is_multirequest }
}

fn find(request: &RawRequest<'_>, name: &str) -> Option<Tree> {
    path::pairs(request.path)
        .find(|(key, _)| key.as_ref() == name)
        .map(|(_, value)| value)
        .or_else(|| form::find(request.query?.as_bytes(), name).map(Tree::Text))
        .or_else(|| find_in_body(request, name))
}

fn find_in_body(request: &RawRequest<'_>, name: &str) -> Option<Tree> {
    match Encoding::of(request.content_type) {
        Encoding::Json => json::find(&request.body, name),
        Encoding::Form => form::find(&request.body, name).map(Tree::Text),
        Encoding::Multipart => {
            let (mut json, mut named) = (None, None);
            multipart::each(request.content_type.unwrap_or_default(), &request.body, |field| {
                if field.is_json() {
                    json = Some(field);
                } else if field.name == name {
                    named = Some(field);
                }
                Ok(())
            })
            .ok()?;
            match json {
                Some(json) => json::find(&json.bytes, name),
                None => named.map(|field| Tree::Text(field.text())),
            }
        }
        Encoding::Other => None,
    }
}
