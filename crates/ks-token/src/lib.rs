//! The Kaltura Session (KS) token: parse, verify, generate, privileges.
//!
//! Pure: no I/O, no clock, no ambient randomness. The time and random bytes are passed in, and the caller keeps the
//! secrets. Comments and documentation name the sections of the format's description as "token §x".
//!
//! # Verifying a token in one's own program
//!
//! A token says in the open which account it belongs to. Look up that account's secrets, in their order, and let them
//! verify the token; then ask whether it may be used now, from here, for this request.
//!
//! ```
//! use ks_token::{Claims, Envelope, PartnerId, Refusal, RequestContext, Scratch, Secret, SecretKey, generate_v2};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once for each secret: the key schedule is worth keeping.
//! let keys = [SecretKey::new(&Secret::new("0123456789abcdef0123456789abcdef")?)];
//!
//! // Somebody who has the secret makes a token…
//! let mut claims = Claims::new(PartnerId::new(102), 1_700_000_000 + 86_400);
//! claims.user_id = Some("alice".into());
//! claims.privileges = Some("edit:0_abc/0_def,iprestrict:203.0.113.0/24".into());
//! let text = generate_v2(&claims, &keys[0], *b"take a good PRNG")?;
//!
//! // …and your program, which has it too, verifies it.
//! let mut scratch = Scratch::new();
//! let envelope = Envelope::decode(text.as_bytes(), &mut scratch)?;
//! assert_eq!(envelope.partner_id(), PartnerId::new(102));
//! let ks = envelope.verify(&keys)?;
//! assert_eq!(ks.user_id.as_deref(), Some("alice"));
//! assert!(ks.privileges.verify("edit", "0_def"));
//! assert!(!ks.privileges.verify("edit", "0_de"));
//!
//! // A genuine token can still be too old, or used from elsewhere.
//! let mut request =
//!     RequestContext { now: 1_700_000_000, remote_addr: "203.0.113.7".parse()?, uri: "/api_v3/service/media" };
//! assert_eq!(ks.check(&request), Ok(()));
//! request.remote_addr = "198.51.100.1".parse()?;
//! assert_eq!(ks.check(&request), Err(Refusal::RestrictedIp));
//! request.now += 86_400;
//! assert_eq!(ks.check(&request), Err(Refusal::Expired));
//! # Ok(())
//! # }
//! ```

pub mod catalogue;

mod base64;
mod digest;
mod download;
mod envelope;
mod fault;
mod hash;
mod ks;
mod mint;
mod number;
mod partner;
mod privileges;
mod query;
mod read_v1;
mod read_v2;
mod restrict;
mod scratch;
mod secret;

pub use download::{DownloadAsset, download_asset, seeded_rand};
pub use envelope::{Envelope, Version};
pub use fault::{Refusal, TokenFault};
pub use hash::{InvalidKsHash, KsHash, session_id_hash};
pub use ks::{Ks, Rand, RequestContext, SessionKind};
pub use mint::{Claims, MintError, MintField, generate_v1, generate_v2};
pub use partner::{InvalidPartnerId, PartnerId};
pub use privileges::{InvalidActionsLimit, Item, Items, Parts, Privileges};
pub use restrict::{ip_allowed, uri_allowed};
pub use scratch::Scratch;
pub use secret::{EmptySecret, Secret, SecretKey};
/// The texts of a [`Ks`]: short ones lie in place.
pub use smol_str::SmolStr;
