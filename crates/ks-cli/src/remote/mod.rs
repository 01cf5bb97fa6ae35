//! Commands that talk to a server: `ks login`, `ks whoami`, `ks logout`.

mod http;
mod kept;
mod login;

pub(crate) use login::{LoginArgs, login};

use clap::Args;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::output::{self, printable};
use crate::{runtime, when};
use http::{Fault, Remote};
use kept::Kept;

/// The variable with the password of `ks login`.
pub(crate) const PASSWORD_VARIABLE: &str = "KS_PASSWORD";

/// Show whose session `ks login` keeps, and whether it is still good
#[derive(Args)]
pub(crate) struct WhoamiArgs {}

/// End the session that `ks login` keeps, and forget it
#[derive(Args)]
pub(crate) struct LogoutArgs {}

/// What a session is.
struct Who {
    user: String,
    session_type: &'static str,
    expiry: Option<i64>,
    privileges: Option<String>,
}

/// Asks the server whose session this is.
async fn who(remote: &Remote, kept: &Kept) -> Result<Who, Failure> {
    match remote.call("session", "get", &[("ks", &kept.ks)]).await? {
        Ok(info) => Ok(Who {
            user: info["userId"].as_str().unwrap_or_default().to_owned(),
            session_type: if info["sessionType"] == 2 { "admin" } else { "user" },
            expiry: info["expiry"].as_i64(),
            privileges: info["privileges"].as_str().map(str::to_owned),
        }),
        // Users may not read sessions, not even their own; that they are told so means that the session is good.
        Err(Fault { code, .. }) if code == "SERVICE_FORBIDDEN" => {
            let user = match remote.call("user", "get", &[("ks", &kept.ks)]).await? {
                Ok(user) => user["id"].as_str().unwrap_or_default().to_owned(),
                // A session may be of somebody whom the account does not know.
                Err(Fault { code, .. }) if code == "INVALID_USER_ID" => kept.user.clone().unwrap_or_default(),
                Err(fault) => return Err(fault.into()),
            };
            Ok(Who { user, session_type: "user", expiry: None, privileges: None })
        }
        Err(fault) => Err(fault.into()),
    }
}

pub(crate) fn whoami(_: &WhoamiArgs, json: bool) -> Result<Exit, Failure> {
    let kept = Kept::read()?.ok_or_else(nobody)?;
    runtime::short(async {
        let remote = Remote::new(&kept.url)?;
        tell(&remote, &kept, json).await.map(|()| Exit::Done)
    })
}

async fn tell(remote: &Remote, kept: &Kept, json: bool) -> Result<(), Failure> {
    let who = who(remote, kept).await?;
    if json {
        return output::json(&object(kept, &who));
    }
    let ends = who
        .expiry
        .map_or_else(|| "-".to_owned(), |at| format!("{} ({})", when::date(at), when::distance(at, when::now())));
    let lines = [
        ("Server", printable(&kept.url)),
        ("Account", kept.partner.to_string()),
        ("User", if who.user.is_empty() { "-".to_owned() } else { printable(&who.user) }),
        ("Type", who.session_type.to_owned()),
        ("Ends", ends),
        ("Privileges", who.privileges.as_deref().map_or_else(|| "-".to_owned(), printable)),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<11} {value}")).collect();
    output::line(&rows.join("\n"))
}

fn object(kept: &Kept, who: &Who) -> Value {
    json!({
        "url": kept.url,
        "partnerId": kept.partner,
        "userId": who.user,
        "sessionType": who.session_type,
        "expiry": who.expiry,
        "privileges": who.privileges,
    })
}

pub(crate) fn logout(_: &LogoutArgs, json: bool) -> Result<Exit, Failure> {
    let kept = Kept::read()?.ok_or_else(nobody)?;
    let ended = runtime::short(async {
        let remote = Remote::new(&kept.url)?;
        remote.call("session", "end", &[("ks", &kept.ks)]).await
    });
    // Forgotten here in any case; the server may be gone for good.
    Kept::forget()?;
    match ended {
        // A session that is over already is as good as ended.
        Ok(Ok(_)) => {}
        Ok(Err(fault)) if fault.code == "INVALID_KS" => {}
        Ok(Err(fault)) => return Err(fault.into()),
        Err(failure) => return Err(failure.hint("the session is forgotten here, and goes on there until it expires")),
    }
    if json {
        output::json(&json!({ "url": kept.url, "status": "logged out" }))?;
    } else {
        output::line(&format!("Logged out of {}.", printable(&kept.url)))?;
    }
    Ok(Exit::Done)
}

fn nobody() -> Failure {
    Failure::no("nobody is logged in").hint("`ks login` logs in")
}
