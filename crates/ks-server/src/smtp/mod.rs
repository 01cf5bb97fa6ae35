//! Sending mails by SMTP.
//!
//! Callers do not wait: mails queue in memory, a few are sent at a time, and what a mail server refuses for the moment
//! is tried again later and later. The queue is bounded. What is still in it when the process dies is lost; whoever
//! waits for a mail asks again.

mod queue;
mod url;

use std::sync::Arc;
use std::time::Duration;

use ks_service::mail::{Mail, Mailer};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use self::queue::{Job, Queue};
use self::url::Protection;
pub use self::url::{NoSmtpUrl, SmtpUrl};

/// How many mails may wait.
const ROOM: usize = 1000;
/// How long a mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Why mails cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpError {
    /// The sender is no address.
    #[error("the sender must be an address, such as ks@example.com or Sessions <ks@example.com>")]
    Sender,
    /// TLS could not be set up: the machine has no root certificates, or the host cannot be in one.
    #[error("TLS cannot be set up for the mail server {0}")]
    Tls(String),
}

/// Sends mails by SMTP.
#[derive(Debug)]
pub struct Smtp {
    jobs: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
}

/// What sends them. Dropping it ends it, too.
#[derive(Debug)]
pub struct SmtpTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Smtp {
    /// Starts sending, as this sender. Nothing is connected to before there is a mail. Inside a runtime only.
    ///
    /// # Errors
    /// See [`SmtpError`].
    pub fn start(server: &SmtpUrl, sender: &str) -> Result<(Arc<Self>, SmtpTask), SmtpError> {
        let sender: Mailbox = sender.parse().map_err(|_| SmtpError::Sender)?;
        let carrier = Carrier { transport: transport(server)?, sender };
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (stop, stopping) = oneshot::channel();
        let task = tokio::spawn(Queue::new(carrier, waiting).run(stopping));
        Ok((Arc::new(Self { jobs, room: Arc::new(Semaphore::new(ROOM)) }), SmtpTask { stop, task }))
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            tracing::warn!(waiting = ROOM, "a mail was not sent: too many are waiting");
            return;
        };
        if self.jobs.send(Job::new(mail, room)).is_err() {
            tracing::warn!("a mail was not sent: the server is stopping");
        }
    }
}

impl SmtpTask {
    /// Tries once more what waits, for a few seconds, and ends.
    pub async fn finish(self) {
        // It has ended already when nobody listens.
        let _ = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!(%error, "sending mails broke off");
        }
    }
}

fn transport(server: &SmtpUrl) -> Result<Transport, SmtpError> {
    let tls = || TlsParameters::new(server.host.clone()).map_err(|_| SmtpError::Tls(server.host.clone()));
    let tls = match server.protection {
        Protection::Whole => Tls::Wrapper(tls()?),
        Protection::Required => Tls::Required(tls()?),
        Protection::Offered => Tls::Opportunistic(tls()?),
        Protection::None => Tls::None,
    };
    let mut builder = Transport::builder_dangerous(&server.host).port(server.port).tls(tls).timeout(Some(PATIENCE));
    if let Some(user) = &server.user {
        let password = server.password.as_ref().map(|password| password.to_string()).unwrap_or_default();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

/// Hands mails to the mail server.
#[derive(Clone)]
struct Carrier {
    transport: Transport,
    sender: Mailbox,
}

/// What became of a mail.
enum Sent {
    Yes,
    /// It may go better later.
    NotYet,
    /// It never will.
    Never,
}

impl Carrier {
    async fn carry(&self, mail: &Mail) -> Sent {
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(_) => {
                tracing::warn!("a mail was not sent: its address cannot be written to");
                return Sent::Never;
            }
        };
        match self.transport.send(message).await {
            Ok(_) => Sent::Yes,
            Err(error) => {
                // Answers of mail servers repeat addresses, so only their codes are told.
                let code = error.status().map(|code| code.to_string());
                let what = match &error {
                    error if error.is_permanent() => "refused",
                    error if error.is_transient() => "refused for now",
                    error if error.is_timeout() => "no answer in time",
                    error if error.is_tls() => "TLS failed",
                    error if error.is_response() => "an answer that is none",
                    error if error.is_client() => "the mail server lacks what is needed",
                    _ => "no connection",
                };
                tracing::warn!(code, what, "a mail was not taken by the mail server");
                if error.is_permanent() { Sent::Never } else { Sent::NotYet }
            }
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, ()> {
        let to = mail.to.parse().map_err(|_| ())?;
        let unlike: u128 = rand::random();
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .date_now()
            .message_id(Some(format!("<{unlike:032x}@{}>", self.sender.email.domain())))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|_| ())
    }
}

/// Says that no person wrote this, so that none is answered by a machine (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
