//! Passwords: hashing them takes time and memory on purpose, so both are bounded.

mod compute;
mod threads;

use std::sync::OnceLock;

use ks_store::PasswordHash;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many passwords are hashed at once: each takes 19 MiB, and more than the cores would only queue.
fn permits() -> &'static Semaphore {
    static PERMITS: OnceLock<Semaphore> = OnceLock::new();
    PERMITS.get_or_init(|| Semaphore::new(threads::count()))
}

/// Hashing failed: the machine gave no randomness, or the runtime is going down.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Hashes a password with argon2id (19 MiB, two passes, one lane) and a random salt.
///
/// # Errors
/// [`HashError`] when there is no randomness.
pub async fn hash(password: String) -> Result<PasswordHash, HashError> {
    let _permit = permits().acquire().await.map_err(|_| HashError)?;
    threads::run(move |room| compute::fresh(&password, room).map(PasswordHash::new))
        .await
        .map_err(|_| HashError)?
        .map_err(|_| HashError)
}

/// The right to hash one password. Whoever holds it keeps others waiting.
pub(crate) struct Permit(#[expect(dead_code, reason = "held, never looked at")] SemaphorePermit<'static>);

/// Waits for a turn.
pub(crate) async fn permit() -> Result<Permit, HashError> {
    permits().acquire().await.map(Permit).map_err(|_| HashError)
}

impl Permit {
    /// Whether a password is the one that was hashed.
    pub(crate) async fn verify(&self, password: String, stored: PasswordHash) -> Result<bool, HashError> {
        threads::run(move |room| compute::matches(&password, stored.expose(), room))
            .await
            .map_err(|_| HashError)?
            .map_err(|_| HashError)
    }
}

/// Whether a password is the one that was hashed.
///
/// # Errors
/// [`HashError`] when the stored hash is not one.
pub async fn verify(password: String, stored: PasswordHash) -> Result<bool, HashError> {
    permit().await?.verify(password, stored).await
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
}
