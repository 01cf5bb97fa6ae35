//! Why a session sees an object or does not, for the owner of the account (`ks_session.explainAccess`,
//! `ks explain-access`).

use ks_access::entitlement::category::{self, CategoryRule};
use ks_access::entitlement::entry::{self, EntryFacts, EntryRule, Parent};
use ks_access::entitlement::{DEFAULT, Viewer};
use ks_schema::{ApiError, CategoryId, EntryId};
use ks_store::{Account, StoreError};
use ks_token::{Claims, Envelope, Ks, Scratch, Secret, SecretKey, generate_v2};

use crate::call::database_error;
use crate::entitlement::Looking;
use crate::node::Node;

/// The object that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A category.
    Category(CategoryId),
    /// An entry.
    Entry(EntryId),
}

/// The session that is asked about. It need not exist.
#[derive(Clone, Debug)]
pub struct Imagined {
    /// Its user; none for an empty text.
    pub user_id: String,
    /// Whether it is an administrator's.
    pub is_admin: bool,
    /// Its privileges, as they are given when a session is started.
    pub privileges: String,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether entitlement is enforced for the session.
    pub is_enforced: bool,
    /// The context of the session, in lower case; empty if it has none.
    pub context: String,
    /// Whether the session gets the object.
    pub is_visible: bool,
    /// Whether lists show it to the session.
    pub is_listed: bool,
    /// The rule that decided.
    pub rule: &'static str,
    /// The same in words.
    pub explanation: String,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// No session can carry these privileges.
    #[error("no session can have these privileges")]
    Privileges,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ExplainError> for ApiError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Privileges => Self::invalid_field_value("privileges"),
            ExplainError::Store(error) => database_error(&error),
        }
    }
}

impl Node {
    /// Why a session of an account would see an object, or not.
    ///
    /// # Errors
    /// [`ExplainError`].
    pub async fn explain_access(
        &self,
        account: &Account,
        session: &Imagined,
        subject: &Subject,
    ) -> Result<Explanation, ExplainError> {
        let partner = account.partner.id;
        let ks = imagine(account, session).ok_or(ExplainError::Privileges)?;
        let looking = Looking { partner, kind: ks.kind(), user: ks.user_id.as_deref(), privileges: &ks.privileges };
        let viewer = self.find_viewer(partner, account.partner.default_entitlement_enforcement, Some(looking)).await?;
        let (is_visible, is_listed, rule, why) = match subject {
            Subject::Category(id) => {
                let known = self.store.category_facts(partner, *id, &viewer).await?;
                let rule = known.map_or(CategoryRule::Gone, |(_, facts)| category::visible(&viewer, &facts));
                let (name, why) = of_category(rule);
                (rule.is_visible(), rule.is_visible(), name, why.to_owned())
            }
            Subject::Entry(id) => match self.store.entry_facts(partner, id, &viewer).await? {
                None => (false, false, "gone", of_entry(&viewer, EntryRule::Gone, None).1),
                Some((_, facts)) => {
                    let got = entry::visible(&viewer, &facts);
                    let listed = entry::listed(&viewer, &facts, viewer.lists_own_only());
                    let (name, mut why) = of_entry(&viewer, got, Some(&facts));
                    if got.is_visible() && !listed.is_visible() {
                        why = format!("{why} {}", of_entry(&viewer, listed, Some(&facts)).1);
                    }
                    (got.is_visible(), listed.is_visible(), name, why)
                }
            },
        };
        Ok(Explanation {
            is_enforced: viewer.is_enforced,
            context: viewer.context.clone(),
            is_visible,
            is_listed,
            rule,
            explanation: format!("{why} {}", of_session(&viewer)),
        })
    }
}

/// What a session that is started like this says. Its token is made and read as any other's, under a key of nobody's.
fn imagine(account: &Account, session: &Imagined) -> Option<Ks> {
    let key = SecretKey::new(&Secret::new("nobody's").ok()?);
    let claims = Claims {
        user_id: Some(session.user_id.clone()),
        session_type: if session.is_admin { 2 } else { 0 },
        privileges: Some(session.privileges.clone()),
        ..Claims::new(account.partner.id, i64::from(i32::MAX))
    };
    let token = generate_v2(&claims, &key, [0; 16]).ok()?;
    let mut scratch = Scratch::new();
    Envelope::decode(token.as_bytes(), &mut scratch).ok()?.verify(&[key]).ok()
}

fn of_session(viewer: &Viewer) -> String {
    let account = &viewer.account;
    let enforced = match (viewer.is_enforced, account.has_entitlement, account.enforces_by_default) {
        (_, false, _) => "The account does not have the feature FEATURE_ENTITLEMENT, so that nothing is enforced.",
        (true, _, true) => "The account enforces entitlement, and the session does not lift it.",
        (true, _, false) => "The session asks for entitlement.",
        (false, _, true) => "The session lifts entitlement by disableentitlement.",
        (false, _, false) => "The account does not enforce entitlement, and the session does not ask for it.",
    };
    if !viewer.is_enforced {
        return enforced.to_owned();
    }
    let context = if viewer.context == DEFAULT {
        "It has no context (privacycontext), and so sees what has none either".to_owned()
    } else {
        format!("Its context is {}", viewer.exact_context)
    };
    let user = match (viewer.is_anonymous, viewer.user) {
        (true, _) => "it has no user",
        (false, None) => "the account does not know its user",
        (false, Some(_)) => "the account knows its user",
    };
    format!("{enforced} {context}; {user}.")
}

const fn of_category(rule: CategoryRule) -> (&'static str, &'static str) {
    match rule {
        CategoryRule::Gone => ("gone", "There is no such category in the account, or no more."),
        CategoryRule::NotEnforced => ("not-enforced", "Visible: every category of the account is."),
        CategoryRule::OtherContext => ("other-context", "Hidden: the category is in other contexts than the session."),
        CategoryRule::Listed => ("listed", "Visible: everybody in its context sees that the category exists."),
        CategoryRule::Member => ("member", "Visible: the user, or a group of theirs, is a member of the category."),
        CategoryRule::NotMember => {
            ("not-member", "Hidden: only members see that the category exists, and the user is none.")
        }
    }
}

fn of_entry(viewer: &Viewer, rule: EntryRule, facts: Option<&EntryFacts>) -> (&'static str, String) {
    let counting = facts.map(|facts| match &facts.parent {
        Parent::Entry(parent) if !viewer.account.ignores_parents => &**parent,
        Parent::Entry(_) | Parent::None | Parent::Gone => facts,
    });
    let category = |place: usize| {
        let place = counting.and_then(|facts| facts.places.get(place));
        place.map_or_else(String::new, |place| format!(" \"{}\"", place.category.name))
    };
    let (name, why) = match rule {
        EntryRule::Gone => ("gone", "There is no such entry in the account, or no more.".to_owned()),
        EntryRule::ParentGone => {
            ("parent-gone", "Hidden: the entry above it decides over it, and is no more.".to_owned())
        }
        EntryRule::NotEnforced => ("not-enforced", "Visible: every entry of the account is.".to_owned()),
        EntryRule::Exempt => {
            ("exempt", "Visible: the session names the entry (disableentitlementforentry).".to_owned())
        }
        EntryRule::Owner => ("owner", "Visible: the user owns the entry.".to_owned()),
        EntryRule::OwnerGroup => ("owner-group", "Visible: a group of the user's owns the entry.".to_owned()),
        EntryRule::CoEditor => {
            ("co-editor", "Visible: the user, or a group of theirs, may edit the entry (entitledUsersEdit).".to_owned())
        }
        EntryRule::CoPublisher => (
            "co-publisher",
            "Visible: the user, or a group of theirs, may publish the entry (entitledUsersPublish).".to_owned(),
        ),
        EntryRule::CoViewer => {
            ("co-viewer", "Visible: the user, or a group of theirs, may see the entry (entitledUsersView).".to_owned())
        }
        EntryRule::Uncategorised => {
            ("uncategorised", "Visible: the entry is in no category, so everybody may get it.".to_owned())
        }
        EntryRule::OpenCategory(place) => (
            "open-category",
            format!("Visible: in the context, everybody sees what is in the category{}.", category(place)),
        ),
        EntryRule::SignedIn(place) => (
            "signed-in",
            format!("Visible: in the context, every user sees what is in the category{}.", category(place)),
        ),
        EntryRule::Member(place) => (
            "member",
            format!("Visible: the user, or a group of theirs, is a member of the category{}.", category(place)),
        ),
        EntryRule::NoContextStored => (
            "no-context-stored",
            "Visible: the entry came into one of its categories when that had no context.".to_owned(),
        ),
        EntryRule::NoCategory => (
            "no-category",
            "Hidden: none of the entry's categories is in the context and either open or one of the user's.".to_owned(),
        ),
        EntryRule::NotOwn => (
            "not-own",
            "Lists do not show it: the session lists its user's own entries only, as it does not have list:*."
                .to_owned(),
        ),
        EntryRule::NotListed => (
            "not-listed",
            "Lists do not show it: none of its own categories is in the context and either open or one of the user's."
                .to_owned(),
        ),
    };
    let has_parent =
        facts.is_some_and(|facts| matches!(facts.parent, Parent::Entry(_)) && !viewer.account.ignores_parents);
    let of_parent = has_parent && !matches!(rule, EntryRule::NotOwn | EntryRule::NotListed | EntryRule::Gone);
    (name, if of_parent { format!("{why} This is said of the entry above it, which decides over it.") } else { why })
}
