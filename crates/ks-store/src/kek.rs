//! The key-encryption key: what account secrets are encrypted under before they reach the database.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::{Zeroize, Zeroizing};

use crate::config::Random;
use crate::error::StoreError;
use crate::hex;

/// What a ciphertext begins with: which way it was made.
const AES_256_GCM: u8 = 1;
const NONCE: usize = 12;

/// A key of 32 bytes for AES-256-GCM. It never prints itself.
#[derive(Clone)]
pub struct Kek(Arc<Aes256Gcm>);

impl Kek {
    /// Takes the key; the bytes are wiped.
    #[must_use]
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let kek = Self(Arc::new(Aes256Gcm::new(&bytes.into())));
        bytes.zeroize();
        kek
    }

    /// Reads the key file, or makes it, readable by its owner only, when there is none.
    ///
    /// Safe when several processes start at once: all of them end with the same key.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`] when the file cannot be read or made, or is not 64 hexadecimal characters;
    /// [`StoreError::Random`].
    pub fn from_file(path: &Path, random: &dyn Random) -> Result<Self, StoreError> {
        match Self::read(path)? {
            Some(kek) => Ok(kek),
            None => {
                create(path, random)?;
                Self::from_existing_file(path)
            }
        }
    }

    /// Reads the key file.
    pub(crate) fn from_existing_file(path: &Path) -> Result<Self, StoreError> {
        Self::read(path)?.ok_or_else(|| key_file(path, &"it is missing, and the database was made with one"))
    }

    /// Reads the key file; `None` when there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(key_file(path, &error)),
        };
        warn_when_others_can_read(path);
        let bytes =
            hex::decode(text.trim_end()).ok_or_else(|| key_file(path, &"expected 64 hexadecimal characters"))?;
        Ok(Some(Self::new(bytes)))
    }

    /// Encrypts, bound to `context`: it decrypts only with the same context.
    pub(crate) fn seal(&self, plain: &[u8], context: &[u8], random: &dyn Random) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce)?;
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context })
            .map_err(|_| StoreError::Invalid("too long to encrypt"))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(AES_256_GCM);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Decrypts what [`Kek::seal`] made; `None` when the key, the context or the bytes are wrong.
    pub(crate) fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>()?;
        if version != AES_256_GCM {
            return None;
        }
        self.0.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: context }).ok().map(Zeroizing::new)
    }
}

impl std::fmt::Debug for Kek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kek(..)")
    }
}

fn key_file(path: &Path, reason: &impl std::fmt::Display) -> StoreError {
    StoreError::KeyFile { path: path.to_owned(), reason: reason.to_string() }
}

/// Writes a new key beside the path and links it there, so that nobody ever reads half a key.
fn create(path: &Path, random: &dyn Random) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| key_file(path, &error))?;
    }
    let mut key = Zeroizing::new([0; 32]);
    let mut unique = [0; 8];
    random.fill(&mut *key)?;
    random.fill(&mut unique)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", hex::encode(&unique)));
    let draft = PathBuf::from(name);
    let made =
        write_private(&draft, &Zeroizing::new(hex::encode(&*key))).and_then(|()| std::fs::hard_link(&draft, path));
    let removed = std::fs::remove_file(&draft);
    match made {
        // Another process was first: its key counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.and(removed).and_then(|()| sync_folder(path)).map_err(|error| key_file(path, &error)),
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// The key must not be lost when the machine stops right after the first secret was stored.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

fn warn_when_others_can_read(path: &Path) {
    #[cfg(unix)]
    if let Ok(meta) = std::fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "the key file is accessible to other users of this machine");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::OsRandom;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_context_only() {
        let (kek, other) = (Kek::new([1; 32]), Kek::new([2; 32]));
        let sealed = kek.seal(b"hush", b"102 admin", &OsRandom).unwrap();
        assert_eq!(kek.open(&sealed, b"102 admin").as_deref().map(Vec::as_slice), Some(&b"hush"[..]));
        assert!(kek.open(&sealed, b"103 admin").is_none());
        assert!(other.open(&sealed, b"102 admin").is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(kek.open(&bent, b"102 admin").is_none());
            assert!(kek.open(&sealed[..at], b"102 admin").is_none());
        }
        assert_ne!(sealed, kek.seal(b"hush", b"102 admin", &OsRandom).unwrap());
        assert_eq!(format!("{kek:?}"), "Kek(..)");
    }

    #[test]
    fn a_missing_key_file_is_made_once_and_privately() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ks.key");
        let keks: Vec<Kek> = std::thread::scope(|scope| {
            let start = || Kek::from_file(&path, &OsRandom).unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let sealed = keks[0].seal(b"hush", b"", &OsRandom).unwrap();
        assert!(keks.iter().all(|kek| kek.open(&sealed, b"").is_some()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
    }

    #[test]
    fn a_malformed_key_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ks.key");
        std::fs::write(&path, "canary").unwrap();
        let error = Kek::from_file(&path, &OsRandom).unwrap_err();
        assert!(matches!(error, StoreError::KeyFile { .. }));
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
