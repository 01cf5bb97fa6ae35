//! argon2id in memory that is used again.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{Error, Result, try_generate_salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::threads::Room;

/// A new hash with a random salt, in PHC format, with the costs that the library recommends: 19 MiB, two passes, one lane.
pub(super) fn fresh(password: &str, room: &mut Room) -> Result<String> {
    let argon2 = Argon2::default();
    let salt = Salt::new(&try_generate_salt()?)?;
    let hash = output(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN, room)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(salt),
        hash: Some(hash),
    };
    Ok(hash.to_string())
}

/// Whether a password is the one of a hash in PHC format. Hashes are compared in constant time.
pub(super) fn matches(password: &str, stored: &str, room: &mut Room) -> Result<bool> {
    let stored = PasswordHash::new(stored)?;
    let (Some(salt), Some(hash)) = (stored.salt, stored.hash) else { return Err(Error::EncodingInvalid) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored)?);
    Ok(output(&argon2, password, &salt, hash.len(), room)? == hash)
}

fn output(argon2: &Argon2<'_>, password: &str, salt: &Salt, length: usize, room: &mut Room) -> Result<Output> {
    let blocks = argon2.params().block_count();
    if room.len() < blocks {
        room.resize(blocks, Block::new());
    }
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..length).ok_or(Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut room[..blocks])?;
    Ok(Output::new(out)?)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    /// The library's own way of hashing and verifying is the judge.
    #[test]
    fn hashes_are_those_of_the_library() {
        let (mut room, argon2) = (Room::new(), Argon2::default());
        let theirs = argon2.hash_password(b"correct horse").unwrap().to_string();
        assert!(matches("correct horse", &theirs, &mut room).unwrap());
        assert!(!matches("correct horsf", &theirs, &mut room).unwrap());
        let ours = fresh("correct horse", &mut room).unwrap();
        argon2.verify_password(b"correct horse", ours.as_str()).unwrap();
        assert!(argon2.verify_password(b"correct horsf", ours.as_str()).is_err());
        // With other costs and an older version, as another program may have made one; and then with the usual ones again.
        let other = Argon2::new(Algorithm::Argon2i, Version::V0x10, Params::new(64, 3, 2, None).unwrap());
        let small = other.hash_password_with_salt(b"pony", b"some salt for it").unwrap().to_string();
        assert!(matches("pony", &small, &mut room).unwrap() && !matches("horse", &small, &mut room).unwrap());
        assert!(matches("correct horse", &theirs, &mut room).unwrap());
        assert!(matches("x", "no hash", &mut room).is_err());
    }
}
