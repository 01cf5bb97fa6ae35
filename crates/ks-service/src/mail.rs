//! Mails: what is sent, and the ways of sending.

use std::collections::VecDeque;
use std::fmt;

use parking_lot::Mutex;

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
}

/// For a server without a way to send mails: it says so in its log, without the text.
#[derive(Debug, Default)]
pub struct NoMailer;

impl Mailer for NoMailer {
    fn send(&self, _mail: Mail) {
        tracing::warn!("a mail was not sent: no mail server is configured");
    }
}
