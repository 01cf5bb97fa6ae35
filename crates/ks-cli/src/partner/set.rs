//! `ks partner set`: the settings of an account.

use clap::{Args, ValueEnum};
use ks_service::{CATEGORIES_SETTING, MEMBERS_SETTING};
use ks_store::{Partner, Store};
use ks_token::PartnerId;

use crate::exit::Failure;
use crate::generate::account as number;
use crate::partner::{account, existing};
use crate::settings::DatabaseArgs;
use crate::{database, when};

/// Change settings of an account, and show it
///
/// At least one setting is named; the others stay as they are.
#[derive(Args)]
#[command(
    override_usage = "ks partner set [OPTIONS] <PARTNER>",
    after_help = "\
Examples:
  ks partner set 102 --max-expiry 3600 --v1 off
  ks partner set 103 --parent 102            102 is the parent of 103,
  ks partner set 102 --may-impersonate on    and may now start sessions in it"
)]
pub(super) struct SetArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    pub(super) partner: PartnerId,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    pub(super) database: DatabaseArgs,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// The account's name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Whether tokens of version 1, which are signed but not encrypted, are accepted
    #[arg(long, value_name = "on|off", value_enum, hide_possible_values = true)]
    v1: Option<Switch>,
    /// The longest life of the sessions that the server starts, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    max_expiry: Option<i64>,
    /// The account that it belongs to, or `none`
    #[arg(long, value_name = "PARTNER", value_parser = parent, allow_negative_numbers = true)]
    parent: Option<Parent>,
    /// Whether it may enter the accounts that belong to it
    #[arg(long, value_name = "on|off", value_enum, hide_possible_values = true)]
    may_impersonate: Option<Switch>,
    /// Whether new accounts may be made after this one: they take over its settings, permissions and roles
    #[arg(long, value_name = "on|off", value_enum, hide_possible_values = true)]
    template: Option<Switch>,
    /// Whether answers of the API leave the account's secrets out
    #[arg(long, value_name = "on|off", value_enum, hide_possible_values = true)]
    hide_secrets: Option<Switch>,
    /// Whether its sessions are under entitlement unless they say otherwise
    #[arg(long, value_name = "on|off", value_enum, hide_possible_values = true)]
    enforce_entitlement: Option<Switch>,
    /// How many members a category may have: 5000 unless set
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    category_members: Option<i64>,
    /// In how many categories an entry may be: 32 unless set
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    entry_categories: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// The parent that is wanted; `None` inside: no parent at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parent(Option<PartnerId>);

/// Reads a parent.
fn parent(text: &str) -> Result<Parent, String> {
    if text == "none" {
        return Ok(Parent(None));
    }
    number(text).map(|id| Parent(Some(id))).map_err(|error| format!("{error}; or `none`"))
}

/// Reads a length of time. The API's objects carry it as a number of 32 bits.
fn seconds(text: &str) -> Result<i64, String> {
    match text.parse::<i32>() {
        Ok(seconds) if seconds > 0 => Ok(i64::from(seconds)),
        _ => Err("it is a whole number of seconds from 1 to 2147483647".to_owned()),
    }
}

pub(super) async fn run(store: &Store, args: SetArgs, json: bool) -> Result<(), Failure> {
    let id = args.partner;
    existing(store, id).await?;
    if let Some(Parent(Some(parent))) = args.changes.parent {
        if parent == id {
            return Err(Failure::usage("an account cannot be its own parent"));
        }
        existing(store, parent).await?;
    }
    let changed = store.update_partner(id, when::now(), move |partner| args.changes.make(partner)).await;
    let changed = changed.map_err(|error| database::failed(&error))?;
    account::tell(&changed, json)
}

impl Changes {
    /// Makes the changes that were asked for.
    fn make(self, partner: &mut Partner) {
        if let Some(name) = self.name {
            partner.name = name;
        }
        if let Some(seconds) = self.max_expiry {
            partner.ks_max_expiry = seconds;
        }
        if let Some(Parent(parent)) = self.parent {
            partner.parent_id = parent;
        }
        if let Some(switch) = self.template {
            partner.set_template(switch == Switch::On);
        }
        for (switch, setting) in [
            (self.v1, &mut partner.v1_allowed),
            (self.may_impersonate, &mut partner.may_impersonate),
            (self.hide_secrets, &mut partner.hide_secrets),
            (self.enforce_entitlement, &mut partner.default_entitlement_enforcement),
        ] {
            if let Some(switch) = switch {
                *setting = switch == Switch::On;
            }
        }
        for (number, name) in [(self.category_members, MEMBERS_SETTING), (self.entry_categories, CATEGORIES_SETTING)] {
            if let Some(number) = number {
                partner.properties.insert(name.to_owned(), number.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_setting_may_be() {
        assert_eq!(parent("none"), Ok(Parent(None)));
        assert_eq!(parent("102"), Ok(Parent(Some(PartnerId::new(102)))));
        assert_eq!((seconds("1"), seconds("2147483647")), (Ok(1), Ok(2_147_483_647)));
        for text in ["0", "-1", "2147483648", "", "1.5", "None"] {
            assert!(parent(text).is_err() && seconds(text).is_err(), "{text}");
        }
    }
}
