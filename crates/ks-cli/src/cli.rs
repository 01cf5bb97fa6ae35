//! The tree of commands.

use clap::{Parser, Subcommand};

/// What `ks --help` says of exit codes; `main.rs` has the same table.
const EXIT_CODES: &str = "\
Exit codes:
  0  done; or the answer is yes
  1  the answer is no: an invalid token, no such account, a refused change or call
  2  wrong usage: a flag, a variable or a line of the configuration file
  3  something could not be reached or opened: an address, a file, the database
  4  undecided: without the secret nobody can say whether a token is valid

With --json an answer is one JSON object (or one on each line), and an error is one JSON object on the error stream.";

/// A server for Kaltura sessions (KS), and the tools around it
#[derive(Parser)]
#[command(name = "ks", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Serve(Box<crate::serve::ServeArgs>),
    Dev(crate::dev::DevArgs),
    Seed(crate::seed::SeedArgs),
    Migrate(crate::migrate::MigrateArgs),
    Db(crate::db::DbArgs),
    Backup(crate::backup::BackupArgs),
    Restore(crate::backup::RestoreArgs),
    SecretKey(crate::secret_key::SecretKeyArgs),
    Health(crate::health::HealthArgs),
    Import(crate::import::ImportArgs),
    Partner(crate::partner::PartnerArgs),
    User(crate::user::UserArgs),
    AppToken(crate::app_token::AppTokenArgs),
    Role(crate::role::RoleArgs),
    MailTemplate(crate::mail_template::MailTemplateArgs),
    Audit(crate::audit::AuditArgs),
    Why(crate::why::WhyArgs),
    Call(crate::call::CallArgs),
    Diff(crate::diff::DiffArgs),
    Profile(crate::profile::ProfileArgs),
    Login(crate::remote::LoginArgs),
    Whoami(crate::remote::WhoamiArgs),
    Logout(crate::remote::LogoutArgs),
    ExplainAccess(crate::explain_access::ExplainAccessArgs),
    Generate(crate::generate::GenerateArgs),
    Inspect(crate::inspect::InspectArgs),
    Completions(crate::shell::CompletionsArgs),
    Man(crate::shell::ManArgs),
}
