//! Mails: what is sent, and the ways of sending.

mod letter;
mod template;

use std::collections::VecDeque;
use std::fmt;

use ks_schema::{ApiError, PartnerId};
use parking_lot::Mutex;

pub use letter::{Kind, Letter};
pub use template::{Template, TemplateFault};

use crate::call::Call;

/// How many mails an [`Outbox`] keeps.
const KEPT: usize = 100;

/// A mail. Its text may hold the key of a link, so it never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(..)")
    }
}

/// A way of sending mails. Callers do not wait for a mail to arrive, so that nobody learns from the time which
/// addresses are known.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Takes a mail. What goes wrong later is the mailer's to log.
    fn send(&self, mail: Mail);

    /// The mails that it keeps to be looked at, oldest first: none, unless it is for development.
    fn kept(&self) -> Vec<Mail> {
        Vec::new()
    }
}

impl Call<'_> {
    /// Sends a letter to an address, in the words of an account.
    pub(crate) async fn mail(&self, partner: PartnerId, address: &str, letter: Letter<'_>) -> Result<(), ApiError> {
        let options = &self.node.options;
        // An account that is gone has nobody to write to.
        if let Some(account) = self.node.account(partner).await? {
            options.mailer.send(letter.to(address, &account.partner, options.public_url.as_deref()));
        }
        Ok(())
    }
}

/// Keeps the last mails, for development and tests, and shows them to whoever wants to see them.
#[derive(Default)]
pub struct Outbox {
    mails: Mutex<VecDeque<Mail>>,
    show: Option<fn(&Mail)>,
}

impl Outbox {
    /// An outbox that shows each mail at once.
    #[must_use]
    pub fn showing(show: fn(&Mail)) -> Self {
        Self { mails: Mutex::default(), show: Some(show) }
    }

    /// The mails that are kept, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().iter().cloned().collect()
    }

    /// Forgets the mails that are kept.
    pub fn clear(&self) {
        self.mails.lock().clear();
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Mailer for Outbox {
    fn send(&self, mail: Mail) {
        if let Some(show) = self.show {
            show(&mail);
        }
        let mut mails = self.mails.lock();
        if mails.len() >= KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }

    fn kept(&self) -> Vec<Mail> {
        self.mails()
    }
}

/// For a server without a way to send mails: it says so in its log, without the text.
#[derive(Debug, Default)]
pub struct NoMailer;

impl Mailer for NoMailer {
    fn send(&self, _mail: Mail) {
        tracing::warn!("a mail was not sent: no mail server is configured");
    }
}
