//! `ks why`: which check refused a request.

use clap::Args;
use ks_store::Refusal;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::output::{self, printable};
use crate::settings::DatabaseArgs;
use crate::{database, runtime, when};

/// Say why a request was refused
///
/// Every answer carries the request's id in the header X-Kaltura-Session. Refusals are kept for a while.
#[derive(Args)]
pub(crate) struct WhyArgs {
    /// The request's id: the whole value of the header, such as `1234567890, 1700000000`
    #[arg(value_name = "REQUEST-ID", required = true, num_args = 1..)]
    request: Vec<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &WhyArgs, json: bool) -> Result<Exit, Failure> {
    let settings = args.database.resolve()?;
    // The id has a space inside, so that without quotes it comes in two.
    let request = args.request.join(" ");
    let found = runtime::short(async {
        let store = database::open(&settings).await?;
        let found = store.refusals(&request).await;
        store.close().await;
        found.map_err(|error| database::failed(&error))
    })?;
    if json {
        output::json(&json!({ "requestId": request, "refusals": found.iter().map(object).collect::<Vec<_>>() }))?;
    } else if !found.is_empty() {
        output::line(&found.iter().map(text).collect::<Vec<_>>().join("\n\n"))?;
    }
    if found.is_empty() {
        return Err(Failure::no(format!("no refusal of a request {} is kept", printable(&request)))
            .hint("it was not refused, its id is another one, it was on another database, or it is too long ago"));
    }
    Ok(Exit::Done)
}

fn text(refusal: &Refusal) -> String {
    let mut lines = vec![
        format!("When      {}", when::date(refusal.at)),
        format!("Call      {}.{}", printable(&refusal.service), printable(&refusal.action)),
        format!("Answer    {}", printable(&refusal.code)),
        format!("Check     {}", printable(&refusal.reason)),
        format!("Why       {}", printable(&refusal.detail)),
    ];
    if let Some(partner) = refusal.partner_id {
        lines.push(format!("Account   {partner}"));
    }
    if let Some(user) = &refusal.user_id {
        lines.push(format!("User      {}", printable(user)));
    }
    if let Some(hash) = refusal.session_hash {
        lines.push(format!("Session   {hash} (the hash of its token)"));
    }
    lines.join("\n")
}

fn object(refusal: &Refusal) -> Value {
    json!({
        "at": refusal.at,
        "service": refusal.service,
        "action": refusal.action,
        "code": refusal.code,
        "check": refusal.reason,
        "explanation": refusal.detail,
        "partnerId": refusal.partner_id.map(ks_token::PartnerId::get),
        "userId": refusal.user_id,
        "sessionHash": refusal.session_hash.map(|hash| hash.to_string()),
    })
}
