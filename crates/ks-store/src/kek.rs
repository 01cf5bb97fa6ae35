//! Key-encryption keys: what account secrets are encrypted under before they reach the database.
//!
//! There may be several: one that things are sealed under, and others that still open what was sealed before.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::config::Random;
use crate::error::StoreError;
use crate::hex;

/// What a ciphertext begins with: which way it was made.
const AES_256_GCM: u8 = 1;
const NONCE: usize = 12;

/// Keys of 32 bytes for AES-256-GCM. They never print themselves. Clones are one: what one of them learns, all know.
#[derive(Clone)]
pub struct Kek(Arc<Ring>);

struct Ring {
    /// Where they come from.
    path: Option<PathBuf>,
    keys: RwLock<Keys>,
}

#[derive(Clone)]
struct Keys {
    /// In the order of the file: new ones are added at its end.
    all: Vec<Key>,
    /// Which one things are sealed under.
    current: usize,
}

#[derive(Clone)]
struct Key {
    id: String,
    cipher: Aes256Gcm,
}

impl Key {
    fn new(mut bytes: [u8; 32]) -> Self {
        let hash = Sha256::new_with_prefix(b"ks key-encryption key\n").chain_update(bytes).finalize();
        let key = Self { id: hex::encode(&hash[..4]), cipher: Aes256Gcm::new(&bytes.into()) };
        bytes.zeroize();
        key
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>()?;
        if version != AES_256_GCM {
            return None;
        }
        self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: context }).ok().map(Zeroizing::new)
    }
}

impl Kek {
    /// Takes one key; the bytes are wiped.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self::of(vec![Key::new(bytes)], None)
    }

    fn of(all: Vec<Key>, path: Option<PathBuf>) -> Self {
        Self(Arc::new(Ring { path, keys: RwLock::new(Keys { all, current: 0 }) }))
    }

    /// Reads the key file, or makes it, readable by its owner only, when there is none.
    ///
    /// Safe when several processes start at once: all of them end with the same key.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`] when the file cannot be read or made, or has a line that is not 64 hexadecimal
    /// characters; [`StoreError::Random`].
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
        let Some(text) = read_text(path)? else { return Ok(None) };
        warn_when_others_can_read(path);
        Ok(Some(Self::of(parse(path, &text)?, Some(path.to_owned()))))
    }

    /// Reads the file again, if there is one: keys may have been added, or taken away.
    pub(crate) fn reread(&self) -> Result<(), StoreError> {
        let Some(path) = &self.0.path else { return Ok(()) };
        // One that is gone may come back; what is known stays known.
        let Some(text) = read_text(path)? else { return Ok(()) };
        let all = parse(path, &text)?;
        let mut keys = self.0.keys.write();
        // The current one stays current; without it nothing could be read any more.
        if let Some(current) = all.iter().position(|key| key.id == keys.all[keys.current].id) {
            *keys = Keys { all, current };
        }
        Ok(())
    }

    /// The ids of all keys, in the order of the file.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.keys.read().all.iter().map(|key| key.id.clone()).collect()
    }

    /// The id of the key that things are sealed under.
    pub(crate) fn current_id(&self) -> String {
        let keys = self.0.keys.read();
        keys.all[keys.current].id.clone()
    }

    /// Seals under this key from now on; false when it is not known.
    pub(crate) fn choose(&self, id: &str) -> bool {
        let mut keys = self.0.keys.write();
        let found = keys.all.iter().position(|key| key.id == id);
        keys.current = found.unwrap_or(keys.current);
        found.is_some()
    }

    /// The key that opens this.
    pub(crate) fn which(&self, sealed: &[u8], context: &[u8]) -> Option<String> {
        self.0.keys.read().all.iter().find(|key| key.open(sealed, context).is_some()).map(|key| key.id.clone())
    }

    /// Adds a new key at the end of the file.
    pub(crate) fn add_to_file(&self, random: &dyn Random) -> Result<(), StoreError> {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut *key)?;
        let line = Zeroizing::new(hex::encode(&*key));
        self.rewrite(|lines| lines.push(line))
    }

    /// Takes all keys but this one out of the file.
    pub(crate) fn keep_in_file(&self, id: &str) -> Result<(), StoreError> {
        self.rewrite(|lines| {
            lines.retain(|line| hex::decode(line.as_str()).is_some_and(|bytes| Key::new(bytes).id == id));
        })
    }

    /// Puts a file with other lines into the place of the file.
    fn rewrite(&self, change: impl FnOnce(&mut Vec<Zeroizing<String>>)) -> Result<(), StoreError> {
        let path = self.0.path.as_deref().ok_or(StoreError::Invalid("the key does not come from a file"))?;
        // The file itself, where a link leads to it.
        let path = path.canonicalize().map_err(|error| key_file(path, &error))?;
        // Two that do this at once must not lose each other's keys.
        let folder = path.parent().unwrap_or(Path::new("/"));
        let lock = std::fs::File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
        let _lock = lock.map_err(|error| key_file(&path, &error))?;
        let text = read_text(&path)?.ok_or_else(|| key_file(&path, &"it is missing"))?;
        let mut lines: Vec<_> = text.lines().map(|line| Zeroizing::new(line.trim_end().to_owned())).collect();
        change(&mut lines);
        let mut joined = Zeroizing::new(String::new());
        lines.iter().filter(|line| !line.is_empty()).for_each(|line| {
            joined.push_str(line);
            joined.push('\n');
        });
        parse(&path, &joined)?;
        replace(&path, joined.trim_end()).map_err(|error| key_file(&path, &error))?;
        self.reread()
    }

    /// Encrypts, bound to `context`: it decrypts only with the same context.
    pub(crate) fn seal(&self, plain: &[u8], context: &[u8], random: &dyn Random) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce)?;
        let keys = self.0.keys.read();
        let sealed = keys.all[keys.current]
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context })
            .map_err(|_| StoreError::Invalid("too long to encrypt"))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(AES_256_GCM);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Decrypts what [`Kek::seal`] made; `None` when no key fits, or the context or the bytes are wrong.
    pub(crate) fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let keys = self.0.keys.read();
        let others = keys.all.iter().enumerate().filter(|(index, _)| *index != keys.current);
        let mut candidates = std::iter::once(&keys.all[keys.current]).chain(others.map(|(_, key)| key));
        candidates.find_map(|key| key.open(sealed, context))
    }
}

fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, StoreError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(key_file(path, &error)),
    }
}

/// One key on each line.
fn parse(path: &Path, text: &str) -> Result<Vec<Key>, StoreError> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let keys: Option<Vec<Key>> = lines.map(|line| hex::decode(line).map(Key::new)).collect();
    match keys {
        Some(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(key_file(path, &"expected 64 hexadecimal characters on each line")),
    }
}

/// Writes a draft beside a file, and puts it in its place: there is always one of the two, whole.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(name);
    write_private(&draft, text)?;
    let done = keep_owner(path, &draft).and_then(|()| std::fs::rename(&draft, path));
    if done.is_err() {
        drop(std::fs::remove_file(&draft));
    }
    done.and_then(|()| sync_folder(path))
}

/// A server that is somebody else than who runs the command has to read it, too.
fn keep_owner(path: &Path, draft: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (old, new) = (std::fs::metadata(path)?, std::fs::metadata(draft)?);
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            std::os::unix::fs::chown(draft, Some(old.uid()), Some(old.gid()))?;
        }
        std::fs::set_permissions(draft, old.permissions())?;
    }
    Ok(())
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
    fn several_keys_open_and_one_seals() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ks.key");
        let kek = Kek::from_file(&path, &OsRandom).unwrap();
        let old = kek.seal(b"hush", b"", &OsRandom).unwrap();
        kek.add_to_file(&OsRandom).unwrap();
        let [first, second] = kek.ids().try_into().unwrap();
        assert_eq!((first.len(), kek.current_id()), (8, first.clone()));
        assert!(kek.choose(&second) && !kek.choose("no such key"));
        let new = kek.seal(b"hush", b"", &OsRandom).unwrap();
        assert_eq!([kek.which(&old, b""), kek.which(&new, b"")], [Some(first), Some(second.clone())]);

        // Whoever reads the file has both; who read it before has one until it is read again.
        let other = Kek::read(&path).unwrap().unwrap();
        assert!(other.open(&old, b"").is_some() && other.open(&new, b"").is_some());
        kek.keep_in_file(&second).unwrap();
        assert!(kek.open(&old, b"").is_none() && kek.open(&new, b"").is_some());
        // It seals under a key that is no longer in the file, and so keeps what it has.
        other.reread().unwrap();
        assert!(other.open(&old, b"").is_some());
        assert!(other.choose(&second));
        other.reread().unwrap();
        assert_eq!(other.ids(), [second]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
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
