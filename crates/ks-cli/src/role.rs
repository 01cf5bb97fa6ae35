//! `ks role`: named sets of permissions, straight in the database.

use clap::{Args, Subcommand};
use ks_store::{NewRole, Role, RoleStatus, Store, StoreError};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::{existing, on_database};
use crate::settings::{AccountArgs, DatabaseArgs};
use crate::{database, when};

/// Manage roles: named sets of permissions
#[derive(Args)]
pub(crate) struct RoleArgs {
    #[command(subcommand)]
    command: RoleCommand,
}

#[derive(Subcommand)]
enum RoleCommand {
    Add(AddArgs),
    /// List an account's roles, the built-in ones included
    List(AccountArgs),
    /// Show one role
    Show(OneArgs),
    /// Delete a role that no user has
    Delete(OneArgs),
}

/// Add a role
#[derive(Args)]
struct AddArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The role's name
    #[arg(value_name = "NAME")]
    name: String,
    /// Its permissions, joined by commas; * is all
    #[arg(long, value_name = "NAMES", default_value = "")]
    permissions: String,
    /// A name by which sessions may ask for it, by the privilege setrole
    #[arg(long, value_name = "NAME")]
    system_name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// Tags, joined by commas
    #[arg(long, value_name = "TAGS", default_value = "")]
    tags: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct OneArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The role's number or system name, as `ks role list` shows them
    #[arg(value_name = "ROLE")]
    role: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: RoleArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        RoleCommand::Add(args) => {
            let database = args.database.clone();
            on_database(&database, async |store| add(store, args, json).await)
        }
        RoleCommand::List(args) => on_database(&args.database, async |store| list(store, args.partner, json).await),
        RoleCommand::Show(args) => on_database(&args.database, async |store| show(store, &args, json).await),
        RoleCommand::Delete(args) => on_database(&args.database, async |store| delete(store, &args, json).await),
    }
}

/// The roles that an account can see, the built-in ones first.
async fn all(store: &Store, partner: PartnerId) -> Result<Vec<Role>, Failure> {
    existing(store, partner).await?;
    let mut all = Vec::new();
    for owner in [PartnerId::new(0), partner] {
        let roles = store.roles(owner).await.map_err(|error| database::failed(&error))?;
        all.extend(roles.iter().cloned());
    }
    Ok(all)
}

async fn add(store: &Store, args: AddArgs, json: bool) -> Result<(), Failure> {
    if all(store, args.partner).await?.iter().any(|role| role.name == args.name) {
        return Err(Failure::no(format!("there is a role {} already", printable(&args.name))));
    }
    let unknown = ks_service::unknown_permission(store, args.partner, &args.permissions).await;
    if let Some(name) = unknown.map_err(|error| database::failed(&error))? {
        return Err(Failure::no(format!("there is no permission {}", printable(&name))));
    }
    let new = NewRole {
        partner_id: args.partner,
        system_name: args.system_name,
        name: args.name,
        description: args.description,
        permission_names: args.permissions,
        tags: args.tags,
    };
    let added = store.add_role(new, when::now()).await.map_err(|error| database::failed(&error))?;
    if json {
        return output::json(&object(&added));
    }
    output::line(&format!("Account {} has a new role, number {}.", args.partner, added.id))
}

async fn list(store: &Store, partner: PartnerId, json: bool) -> Result<(), Failure> {
    let all = all(store, partner).await?;
    if json {
        return output::json(&json!({ "roles": all.iter().map(object).collect::<Vec<_>>() }));
    }
    let rows: Vec<_> = all
        .iter()
        .map(|role| {
            vec![
                role.id.to_string(),
                if role.partner_id.get() == 0 { "built-in" } else { "own" }.to_owned(),
                status(role).to_owned(),
                role.system_name.as_deref().map_or_else(|| "-".to_owned(), printable),
                printable(&role.name),
            ]
        })
        .collect();
    output::line(&output::table(&["ID", "OF", "STATUS", "SYSTEM NAME", "NAME"], &rows))
}

/// Refuses a role that is not there.
async fn one(store: &Store, args: &OneArgs) -> Result<Role, Failure> {
    let found = all(store, args.partner)
        .await?
        .into_iter()
        .find(|role| role.id.to_string() == args.role || role.system_name.as_deref() == Some(args.role.as_str()));
    found.ok_or_else(|| {
        Failure::no(format!("account {} has no role {}", args.partner, printable(&args.role)))
            .hint(format!("`ks role list {}` lists them", args.partner))
    })
}

async fn show(store: &Store, args: &OneArgs, json: bool) -> Result<(), Failure> {
    let role = one(store, args).await?;
    if json {
        return output::json(&object(&role));
    }
    let text = |text: &str| if text.is_empty() { "-".to_owned() } else { printable(text) };
    let lines = [
        ("Role", role.id.to_string()),
        ("Name", text(&role.name)),
        ("System name", text(role.system_name.as_deref().unwrap_or_default())),
        ("Status", status(&role).to_owned()),
        ("Description", text(&role.description)),
        ("Permissions", text(&role.permission_names)),
        ("Tags", text(&role.tags)),
        ("Created", when::date(role.created_at)),
        ("Changed", when::date(role.updated_at)),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<12} {value}")).collect();
    output::line(&rows.join("\n"))
}

async fn delete(store: &Store, args: &OneArgs, json: bool) -> Result<(), Failure> {
    let role = one(store, args).await?;
    if role.partner_id.get() == 0 {
        return Err(Failure::no(format!("role {} is built in", role.id)));
    }
    match store.delete_role(args.partner, role.id, when::now()).await {
        Ok(()) => {}
        Err(StoreError::Conflict(_)) => return Err(Failure::no(format!("users have role {}", role.id))),
        Err(error) => return Err(database::failed(&error)),
    }
    if json {
        return output::json(&json!({ "id": role.id.get(), "status": "deleted" }));
    }
    output::line(&format!("Role {} is deleted.", role.id))
}

fn object(role: &Role) -> Value {
    json!({
        "id": role.id.get(),
        "partnerId": role.partner_id.get(),
        "systemName": role.system_name,
        "name": role.name,
        "description": role.description,
        "status": status(role),
        "permissionNames": role.permission_names,
        "tags": role.tags,
        "createdAt": role.created_at,
        "updatedAt": role.updated_at,
    })
}

fn status(role: &Role) -> &'static str {
    match role.status {
        RoleStatus::Active => "active",
        RoleStatus::Blocked => "blocked",
    }
}
