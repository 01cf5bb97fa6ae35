//! Every page of a list.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use ks_client::Client;
use ks_schema::describe::{ActionInfo, Type};
use serde_json::{Value, json};

use super::params::Params;
use super::{prepared, table};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::profile::failure;

/// The largest page that servers give.
const SIZE: u64 = 500;
const PAGER: &str = "KalturaFilterPager";

fn pager(info: &ActionInfo) -> Option<&'static str> {
    info.params.iter().find(|param| matches!(param.ty, Type::Object(class) if class.name == PAGER)).map(|it| it.name)
}

pub(super) fn has_pages(info: &ActionInfo) -> bool {
    pager(info).is_some()
}

pub(super) async fn all(
    client: &Client,
    info: &'static ActionInfo,
    params: &Params,
    columns: &[String],
    as_lines: bool,
) -> Result<Exit, Failure> {
    let name = pager(info).unwrap_or("pager");
    let asked = params.fields.get(name).and_then(|pager| pager.get("pageSize")).and_then(Value::as_u64);
    let size = asked.filter(|size| (1..=SIZE).contains(size)).unwrap_or(SIZE);
    let (mut found, mut count, mut page) = (Vec::new(), 0_u64, 1_u64);
    let mut bar = None;
    loop {
        let mut fields = params.fields.clone();
        fields.insert(name.to_owned(), json!({ "objectType": PAGER, "pageSize": size, "pageIndex": page }));
        let part = Params { fields, ..Params::default() };
        let answer = prepared(client, (info.service, info.name), part).await.map_err(failure)?;
        let objects = table::objects(&answer).cloned().unwrap_or_default();
        let total = answer["totalCount"].as_u64().unwrap_or_default();
        let got = objects.len() as u64;
        count += got;
        if as_lines {
            objects.iter().try_for_each(output::json)?;
        } else {
            found.extend(objects);
        }
        // A bar is for somebody who watches, and only where there is something to wait for.
        if bar.is_none() && total > size && std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:40} {pos} of {len}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar = Some(ProgressBar::new(total).with_style(style));
        }
        if let Some(bar) = &bar {
            bar.set_position(count);
        }
        // What is added meanwhile may move the end, so the count alone does not say that this was the last page.
        if got < size || (total > 0 && count >= total) {
            break;
        }
        page += 1;
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    if !as_lines {
        output::line(&table::rows(&found, columns))?;
    }
    Ok(Exit::Done)
}
