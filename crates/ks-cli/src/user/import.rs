//! `ks user import`: users from a CSV file.

use std::path::PathBuf;

use clap::Args;
use csv::StringRecord;
use indicatif::{ProgressBar, ProgressStyle};
use ks_schema::ids::{RoleId, UserId};
use ks_service::{password, people};
use ks_store::{Account, NewLogin, NewUser, PARTNER_ADMIN_ROLE, Store, StoreError, Vouch};
use ks_token::PartnerId;
use serde_json::json;
use tokio::task::JoinSet;

use super::acting;
use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::{existing, on_database};
use crate::settings::DatabaseArgs;
use crate::{database, when};

/// How many lines are worked on at a time: those that wait share a transaction.
const AT_ONCE: usize = 64;
/// How many lines that went wrong are told of, for people.
const TOLD: usize = 20;

/// Add users from a CSV file
///
/// Its first line names the columns: id, and any of email, firstName, lastName, screenName, tags, roleIds, isAdmin and
/// password, by the names of the API. A line with a password gives its user a login; with --login, so does each line
/// with an e-mail address: whoever has none yet sets a password by the link of a forgotten one. Nothing is made up and
/// nothing secret is printed.
///
/// A line that goes wrong is told with its number, and the others are done.
#[derive(Args)]
pub(super) struct ImportArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The file, in UTF-8
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Change users that are there already: what a line says, and nothing else of them
    #[arg(long)]
    update: bool,
    /// Let everybody with an e-mail address log in
    #[arg(long)]
    login: bool,
    /// Look at the file only, and tell what is wrong with it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// The columns that a file may have.
const COLUMNS: [&str; 9] =
    ["id", "email", "firstName", "lastName", "screenName", "tags", "roleIds", "isAdmin", "password"];

/// One line.
struct Line {
    number: u64,
    id: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    screen_name: Option<String>,
    tags: Option<String>,
    roles: Option<Vec<RoleId>>,
    is_admin: Option<bool>,
    password: Option<String>,
}

/// What was done with a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Added,
    Updated,
}

/// A line that went wrong.
struct Wrong {
    line: u64,
    user: String,
    reason: String,
}

pub(super) fn import(args: &ImportArgs, json: bool) -> Result<Exit, Failure> {
    let (lines, mut wrong) = read(args)?;
    on_database(&args.database, async |store| {
        existing(store, args.partner).await?;
        let account = store.account(args.partner).await.map_err(|error| database::failed(&error))?;
        let account = account.ok_or_else(|| Failure::no(format!("there is no account {}", args.partner)))?;
        let total = lines.len();
        let (mut good, mut counts) = (Vec::new(), [0_usize; 2]);
        for line in lines {
            match check(&account, &line) {
                Ok(()) => good.push(line),
                Err(reason) => wrong.push(Wrong { line: line.number, user: line.id, reason }),
            }
        }
        if args.dry_run {
            counts[0] = good.len();
        } else {
            counts = work(store, args, good, total, &mut wrong).await?;
        }
        wrong.sort_by_key(|wrong| wrong.line);
        report(args, counts, &wrong, json)?;
        if wrong.is_empty() { Ok(()) } else { Err(Failure::no(format!("{} lines went wrong", wrong.len()))) }
    })
}

/// Reads the whole file: a column that is unknown is wrong usage, since it would go unnoticed.
fn read(args: &ImportArgs) -> Result<(Vec<Line>, Vec<Wrong>), Failure> {
    let name = args.file.display();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_path(&args.file);
    let reader = reader.as_mut().map_err(|error| Failure::unreachable(format!("{name}: {error}")))?;
    let unreadable = |error: &csv::Error| Failure::usage(format!("{name}: {}", printable(&error.to_string())));
    let headers = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let headers: Vec<String> = headers.iter().map(|header| header.trim_start_matches('\u{feff}').to_owned()).collect();
    if let Some(unknown) = headers.iter().find(|header| !COLUMNS.contains(&header.as_str())) {
        return Err(Failure::usage(format!("{name}: there is no column {}", printable(unknown)))
            .hint(format!("the columns are {}", COLUMNS.join(", "))));
    }
    if !headers.iter().any(|header| header == "id") {
        return Err(Failure::usage(format!("{name}: the column id is missing")));
    }
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let number = record.position().map_or(0, csv::Position::line);
        match line(&headers, &record, number) {
            Ok(line) => lines.push(line),
            Err(reason) => {
                let user = record.get(0).unwrap_or_default().to_owned();
                wrong.push(Wrong { line: number, user, reason });
            }
        }
    }
    Ok((lines, wrong))
}

fn line(headers: &[String], record: &StringRecord, number: u64) -> Result<Line, String> {
    if record.len() != headers.len() {
        return Err(format!("{} columns instead of {}", record.len(), headers.len()));
    }
    let text = |name: &str| {
        let at = headers.iter().position(|header| header == name)?;
        record.get(at).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let roles = match text("roleIds") {
        Some(ids) => {
            let ids = ids.split([',', ';']).map(str::trim).filter(|id| !id.is_empty());
            Some(
                ids.map(|id| id.parse().map(RoleId::new))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|_| "roles are numbers")?,
            )
        }
        None => None,
    };
    let is_admin = match text("isAdmin").map(|word| word.to_ascii_lowercase()).as_deref() {
        None => None,
        Some("1" | "true" | "yes") => Some(true),
        Some("0" | "false" | "no") => Some(false),
        Some(_) => return Err("isAdmin is true or false".to_owned()),
    };
    Ok(Line {
        number,
        id: text("id").ok_or("the id is missing")?,
        email: text("email"),
        first_name: text("firstName"),
        last_name: text("lastName"),
        screen_name: text("screenName"),
        tags: text("tags"),
        roles,
        is_admin,
        password: text("password"),
    })
}

/// What is wrong with a line by itself.
fn check(account: &Account, line: &Line) -> Result<(), String> {
    if !people::is_user_id(&line.id) {
        return Err("this is no id of a user".to_owned());
    }
    if line.email.as_deref().is_some_and(|email| !people::is_address(email)) {
        return Err("this is no e-mail address".to_owned());
    }
    for name in [&line.first_name, &line.last_name, &line.screen_name].into_iter().flatten() {
        if name.contains("://") {
            return Err("a name holds no link".to_owned());
        }
    }
    match (&line.password, &line.email) {
        (Some(_), None) => Err("a password needs an e-mail address to log in with".to_owned()),
        (Some(password), Some(email)) => people::check_password(account, password, email),
        (None, _) => Ok(()),
    }
}

async fn work(
    store: &Store,
    args: &ImportArgs,
    lines: Vec<Line>,
    total: usize,
    wrong: &mut Vec<Wrong>,
) -> Result<[usize; 2], Failure> {
    let acting = acting(store, "ks user import");
    // It shows itself on the error stream, where that is a terminal.
    let bar = ProgressBar::new(total as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} users, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.inc((total - lines.len()) as u64);
    let (mut counts, mut running, mut waiting) = ([0; 2], JoinSet::new(), lines.into_iter());
    loop {
        while running.len() < AT_ONCE
            && let Some(line) = waiting.next()
        {
            let (store, partner, update, login) = (acting.clone(), args.partner, args.update, args.login);
            running.spawn(async move {
                let (number, user) = (line.number, line.id.clone());
                one(&store, partner, line, update, login).await.map_err(|reason| Wrong { line: number, user, reason })
            });
        }
        let Some(done) = running.join_next().await else { break };
        match done.map_err(|error| Failure::unreachable(error.to_string()))? {
            Ok(Done::Added) => counts[0] += 1,
            Ok(Done::Updated) => counts[1] += 1,
            Err(failed) => wrong.push(failed),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(counts)
}

async fn one(store: &Store, partner: PartnerId, line: Line, update: bool, login: bool) -> Result<Done, String> {
    let (id, now) = (UserId::new(line.id.as_str()), when::now());
    let there = store.live_user(partner, &id).await.map_err(|error| error.to_string())?;
    let in_words = |error: StoreError| match error {
        StoreError::Conflict("login") => "another user of the account logs in with this address".to_owned(),
        StoreError::Conflict(_) => "there is such a user already".to_owned(),
        StoreError::NotFound("role") => "the account has no such role".to_owned(),
        other => other.to_string(),
    };
    let hash = match line.password.clone() {
        Some(given) => Some(password::hash(given).await.map_err(|error| error.to_string())?),
        None => None,
    };
    let email = line.email.clone().filter(|_| login || hash.is_some());
    // A list is the account's word: an address that others verified needs its owner's.
    let wanted = email.map(|email| NewLogin { email, password: hash, vouch: Vouch::Account });
    match there {
        Some(_) if !update => Err("there is such a user already".to_owned()),
        Some(user) => {
            if wanted.as_ref().is_some_and(|wanted| wanted.password.is_some()) && user.login_id.is_some() {
                return Err("the user has a login: `ks user set-password` sets its password".to_owned());
            }
            let changed = store.update_user(partner, id.clone(), now, move |user| line.apply(user)).await;
            let changed = changed.map_err(in_words)?;
            if let Some(wanted) = wanted.filter(|_| changed.login_id.is_none()) {
                store.enable_login(partner, id, wanted, now).await.map_err(in_words)?;
            }
            Ok(Done::Updated)
        }
        None => {
            let mut new = NewUser { login: wanted, ..NewUser::named(partner, id) };
            new.first_name = line.first_name.clone().or_else(|| line.last_name.is_none().then(|| line.id.clone()));
            new.last_name.clone_from(&line.last_name);
            new.email = line.email.clone().unwrap_or_default();
            new.screen_name = line.screen_name.clone().unwrap_or(new.screen_name);
            new.tags.clone_from(&line.tags);
            new.is_admin = line.is_admin.unwrap_or(false);
            new.role_ids = line.roles.clone().unwrap_or_default();
            if new.is_admin && new.role_ids.is_empty() {
                new.role_ids = vec![PARTNER_ADMIN_ROLE];
            }
            store.add_user(new, now).await.map_err(in_words)?;
            Ok(Done::Added)
        }
    }
}

impl Line {
    /// Changes what the line says.
    fn apply(self, user: &mut ks_store::User) {
        user.email = self.email.unwrap_or_else(|| user.email.clone());
        user.first_name = self.first_name.or_else(|| user.first_name.clone());
        user.last_name = self.last_name.or_else(|| user.last_name.clone());
        user.screen_name = self.screen_name.unwrap_or_else(|| user.screen_name.clone());
        user.tags = self.tags.or_else(|| user.tags.clone());
        user.role_ids = self.roles.unwrap_or_else(|| user.role_ids.clone());
        // Whoever owns the account stays its administrator.
        user.is_admin = self.is_admin.unwrap_or(user.is_admin) || user.is_account_owner;
    }
}

fn report(args: &ImportArgs, [added, updated]: [usize; 2], wrong: &[Wrong], json: bool) -> Result<(), Failure> {
    if json {
        let failed: Vec<_> = wrong
            .iter()
            .map(|wrong| json!({ "line": wrong.line, "userId": wrong.user, "reason": wrong.reason }))
            .collect();
        let done = if args.dry_run { "good" } else { "added" };
        return output::json(&json!({ done: added, "updated": updated, "failed": failed }));
    }
    let mut text = if args.dry_run {
        format!("{added} lines are in order. Nothing was changed.")
    } else {
        format!("{added} users are added, {updated} are changed.")
    };
    if !wrong.is_empty() {
        let rows: Vec<_> = wrong
            .iter()
            .take(TOLD)
            .map(|wrong| vec![wrong.line.to_string(), printable(&wrong.user), printable(&wrong.reason)])
            .collect();
        text.push_str(&format!("\n\n{}", output::table(&["LINE", "USER", "WHAT IS WRONG"], &rows)));
        if wrong.len() > TOLD {
            text.push_str(&format!("\n… and {} more; --json has all.", wrong.len() - TOLD));
        }
    }
    output::line(&text)
}
