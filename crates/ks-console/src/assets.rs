//! Styles, scripts and pictures. All lie under one address that changes whenever one of them does, so that modules find
//! each other by relative names and browsers may keep them for ever.

use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use crate::{Answer, Kind};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Assets::iter().collect();
    names.sort_unstable();
    let mut sum = Sha256::new();
    for file in names.iter().filter_map(|name| Assets::get(name)) {
        sum.update(file.data);
    }
    sum.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// The address of an asset.
pub(crate) fn url(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// What `/assets/` and `rest` answers; `package.json`, which is for Node, is not among it. A page that an older version served may ask for an older address: it gets what
/// is there now.
pub(crate) fn answer(rest: &str) -> Option<Answer> {
    let (version, name) = rest.split_once('/')?;
    let content_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let file = Assets::get(name)?;
    let kind = if version == *VERSION { Kind::Asset } else { Kind::Data };
    Some(Answer { status: 200, content_type, kind, body: file.data })
}
