//! Passwords: hashing them takes time and memory on purpose, so both are bounded, and so is waiting for a turn.

mod compute;
mod threads;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ks_schema::ApiError;
use ks_store::PasswordHash;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::call::Call;

/// For how long anybody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many wait for each thread that hashes: about as many as have a turn in time.
const QUEUE: usize = 500;

/// Those that wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// A place in the queue.
struct Place;

impl Place {
    fn take() -> Result<Self, HashError> {
        let waiting = WAITING.fetch_add(1, Ordering::Relaxed);
        let place = Self;
        if waiting < QUEUE * threads::count() { Ok(place) } else { Err(HashError::Busy) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many passwords are hashed at once: each takes 19 MiB, and more than the cores would only queue.
fn permits() -> &'static Semaphore {
    static PERMITS: OnceLock<Semaphore> = OnceLock::new();
    PERMITS.get_or_init(|| Semaphore::new(threads::count()))
}

/// The one lane of networks from which many wrong passwords come: they leave the other turns to others.
static NARROW: Semaphore = Semaphore::const_new(1);

/// Why a password was not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The machine gave no randomness, the stored hash is none, or the runtime is going down.
    #[error("the password could not be hashed")]
    Failed,
    /// Too many others were waiting.
    #[error("too many passwords wait to be hashed")]
    Busy,
}

/// `ACTION_BLOCKED` where the server has too much to do: whoever asks again later may get through.
pub(crate) fn refused(call: &Call<'_>, error: HashError) -> ApiError {
    match error {
        HashError::Failed => ApiError::internal_serverl_error(),
        HashError::Busy => ApiError::action_blocked(call.action.name, call.action.service).because(
            "load",
            "Too many passwords were waiting to be checked; try again later.",
            None,
        ),
    }
}

/// Hashes a password with argon2id (19 MiB, two passes, one lane) and a random salt.
///
/// # Errors
/// [`HashError`] when there is no randomness, or no turn in time.
pub async fn hash(password: String) -> Result<PasswordHash, HashError> {
    let _permit = permit(Lane::Wide).await?;
    threads::run(move |room| compute::fresh(&password, room).map(PasswordHash::new))
        .await
        .map_err(|_| HashError::Failed)?
        .map_err(|_| HashError::Failed)
}

/// The same for a call, which gives its place to others while it waits.
pub(crate) async fn hash_for(call: &Call<'_>, password: String) -> Result<PasswordHash, ApiError> {
    call.request.seat.leave();
    hash(password).await.map_err(|error| refused(call, error))
}

/// How many may be hashed at once for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// As many as the machine does.
    Wide,
    /// One, together with all others of this lane.
    Narrow,
}

/// The right to hash one password. Whoever holds it keeps others waiting.
pub(crate) struct Permit {
    _narrow: Option<SemaphorePermit<'static>>,
    _turn: SemaphorePermit<'static>,
}

/// Waits for a turn, but not for ever, nor behind any number of others.
pub(crate) async fn permit(lane: Lane) -> Result<Permit, HashError> {
    let _place = Place::take()?;
    let turn = async {
        let narrow = match lane {
            Lane::Wide => None,
            Lane::Narrow => Some(NARROW.acquire().await.map_err(|_| HashError::Failed)?),
        };
        let turn = permits().acquire().await.map_err(|_| HashError::Failed)?;
        Ok(Permit { _narrow: narrow, _turn: turn })
    };
    tokio::time::timeout(PATIENCE, turn).await.map_err(|_| HashError::Busy)?
}

impl Permit {
    /// Whether a password is the one that was hashed.
    pub(crate) async fn verify(&self, password: String, stored: PasswordHash) -> Result<bool, HashError> {
        threads::run(move |room| compute::matches(&password, stored.expose(), room))
            .await
            .map_err(|_| HashError::Failed)?
            .map_err(|_| HashError::Failed)
    }
}

/// Whether a password is the one that was hashed.
///
/// # Errors
/// [`HashError`] when the stored hash is not one, or there is no turn in time.
pub async fn verify(password: String, stored: PasswordHash) -> Result<bool, HashError> {
    permit(Lane::Wide).await?.verify(password, stored).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse".to_owned(), stored.clone()).await.unwrap());
        assert!(!verify("correct horsf".to_owned(), stored).await.unwrap());
        assert!(verify("x".to_owned(), PasswordHash::new("no hash")).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_and_the_narrow_lane_leaves_room() {
        let first = permit(Lane::Narrow).await.unwrap();
        assert_eq!(permit(Lane::Narrow).await.err(), Some(HashError::Busy));
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut wide = Vec::new();
        for _ in 1..cores {
            wide.push(permit(Lane::Wide).await.unwrap());
        }
        assert_eq!(permit(Lane::Wide).await.err(), Some(HashError::Busy), "all turns are taken");
        drop(first);
        assert!(permit(Lane::Narrow).await.is_ok());
    }
}
