//! A session that is kept, and renewed before it ends.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::credentials::Started;
use crate::{Client, Credentials, Error};

/// How long before its end a session is renewed, in seconds; of short ones it is a tenth of their time.
const MARGIN: i64 = 60;

/// A session, shared by all copies of a client. Whoever needs it while it is being renewed waits for that one renewal.
pub(crate) struct Keeper {
    credentials: Credentials,
    kept: Mutex<Kept>,
}

struct Kept {
    ks: Zeroizing<String>,
    renew_at: Option<i64>,
    expiry: Option<i64>,
}

impl Kept {
    fn new(started: Started, now: i64) -> Self {
        let renew_at = started.expiry.map(|expiry| {
            let lifetime = expiry.saturating_sub(now).max(0);
            expiry.saturating_sub(MARGIN.min(lifetime / 10))
        });
        Self { ks: started.ks, renew_at, expiry: started.expiry }
    }
}

impl Keeper {
    /// Starts the first session.
    pub(crate) async fn start(client: &Client, credentials: Credentials) -> Result<Self, Error> {
        let now = client.now();
        let started = start(&credentials, client).await?;
        Ok(Self { credentials, kept: Mutex::new(Kept::new(started, now)) })
    }

    /// The session, renewed if it is about to end.
    pub(crate) async fn ks(&self, client: &Client) -> Result<Zeroizing<String>, Error> {
        let mut kept = self.kept.lock().await;
        let now = client.now();
        if kept.renew_at.is_some_and(|at| now >= at) && self.credentials.can_renew() {
            match start(&self.credentials, client).await {
                Ok(started) => *kept = Kept::new(started, now),
                // What is left of the present one is better than nothing.
                Err(error) if kept.expiry.is_some_and(|expiry| now >= expiry) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(kept.ks.clone())
    }

    /// Another session in place of one that the server calls expired; `None` when there is no other.
    pub(crate) async fn instead_of(&self, refused: &str, client: &Client) -> Result<Option<Zeroizing<String>>, Error> {
        let mut kept = self.kept.lock().await;
        if kept.ks.as_str() == refused {
            if !self.credentials.can_renew() {
                return Ok(None);
            }
            let now = client.now();
            *kept = Kept::new(start(&self.credentials, client).await?, now);
        }
        Ok(Some(kept.ks.clone()))
    }
}

/// Boxed, since a session is started by calls, and calls ask for a session.
fn start<'a>(
    credentials: &'a Credentials,
    client: &'a Client,
) -> Pin<Box<dyn Future<Output = Result<Started, Error>> + Send + 'a>> {
    Box::pin(async move { credentials.start(&client.anonymous()).await })
}
