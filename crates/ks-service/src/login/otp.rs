//! The second factor: codes that change every thirty seconds (RFC 6238), each of which counts once.

use ks_schema::ApiError;
use ks_store::{Account, Attempt, Login, StoreError, User};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Secret, Totp};

use super::attempt;
use super::settings::Settings;
use crate::call::{Call, database_error};

/// What authenticators show beside the address.
const ISSUER: &str = "ks";
/// Pixels for each square of the picture, and squares of white around it.
const SCALE: usize = 4;
const MARGIN: usize = 4;

fn totp(seed: &[u8]) -> Result<Totp, ApiError> {
    Builder::new().with_secret(Secret::from(seed)).with_skew(1).build().map_err(|_| ApiError::internal_serverl_error())
}

/// Checks a code and uses it up. `MISSING_OTP` and `INVALID_OTP` count as wrong attempts.
pub(crate) async fn check(
    call: &Call<'_>,
    tried: &Attempt,
    settings: &Settings,
    login: &Login,
    code: Option<&str>,
) -> Result<(), ApiError> {
    let store = &call.node.store;
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(attempt::failed(call, tried, settings, Some(login), ApiError::missing_otp()).await?);
    };
    let now = u64::try_from(call.now).unwrap_or(0);
    let seed = store.totp_seed(login.id).await.map_err(|error| database_error(&error))?;
    let step = match seed {
        Some(seed) => totp(&seed)?.check(code, now),
        None => None,
    };
    let fresh = match step.and_then(|step| i64::try_from(step).ok()) {
        Some(step) => store.use_totp_step(login.id, step).await.map_err(|error| database_error(&error))?,
        None => false,
    };
    if fresh {
        Ok(())
    } else {
        Err(attempt::failed(call, tried, settings, Some(login), ApiError::invalid_otp()).await?)
    }
}

/// Gives a login a new seed: its picture, as base64. With the hash of a link's key, only while that key is good: it is
/// used up.
pub(crate) async fn renew(call: &Call<'_>, login: &Login, key: Option<[u8; 32]>) -> Result<String, ApiError> {
    let seed = call.node.random::<20>();
    let picture = picture(&uri(&seed, &login.email)).ok_or_else(ApiError::error_in_qr_generation)?;
    let store = call.store();
    let kept = match key {
        Some(key) => store.renew_totp_seed(login.id, &seed, key, call.now).await,
        None => store.set_totp_seed(login.id, Some(&seed), call.now).await,
    };
    kept.map_err(|error| match error {
        // Somebody else used it up just now.
        StoreError::NotFound(_) => ApiError::invalid_hash(),
        other => database_error(&other),
    })?;
    Ok(base64_simd::STANDARD.encode_to_string(picture))
}

/// Gives a login that was just made a seed, where its account wants a second factor of such users: then it can log in
/// with both at once.
pub(crate) async fn begin(call: &Call<'_>, account: &Account, user: &User) -> Result<(), ApiError> {
    let Some(login) = user.login_id.filter(|_| Settings::of(account).needs_otp(Some(user.is_admin))) else {
        return Ok(());
    };
    let seed = call.node.random::<20>();
    call.store().set_totp_seed(login, Some(&seed), call.now).await.map_err(|error| database_error(&error))
}

/// The seed of a user's login, for programs that have the account's administrator secret.
pub(crate) async fn encrypted_seed(
    call: &Call<'_>,
    account: &Account,
    user: &User,
) -> Result<Option<String>, ApiError> {
    let (Some(login), Some(key)) = (user.login_id, account.keys.first()) else { return Ok(None) };
    let seed = call.node.store.totp_seed(login).await.map_err(|error| database_error(&error))?;
    Ok(seed.map(|seed| {
        let text = zeroize::Zeroizing::new(Secret::from(seed.as_slice()).to_base32());
        base64_simd::STANDARD.encode_to_string(key.encrypt(text.as_bytes()))
    }))
}

/// What authenticators read.
fn uri(seed: &[u8], email: &str) -> String {
    let email = utf8_percent_encode(email, NON_ALPHANUMERIC);
    format!("otpauth://totp/{ISSUER}:{email}?secret={}&issuer={ISSUER}", Secret::from(seed).to_base32())
}

/// A text as a QR code, as a PNG in black and white.
fn picture(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let squares = usize::try_from(code.size()).ok()? + 2 * MARGIN;
    let side = squares * SCALE;
    let dark = |at: usize| i32::try_from(at / SCALE).unwrap_or(0) - i32::try_from(MARGIN).unwrap_or(0);
    let pixels: Vec<u8> =
        (0..side * side).map(|at| if code.get_module(dark(at % side), dark(at / side)) { 0 } else { 255 }).collect();
    let size = u32::try_from(side).ok()?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, cut to six digits.
        let known = totp(b"12345678901234567890").unwrap();
        assert_eq!(known.check("287082", 59), Some(1));
        assert_eq!(known.check("081804", 1_111_111_109), Some(37_037_036));
        assert_eq!(known.check("081804", 1_111_111_109 + 61), None);
    }

    #[test]
    fn the_picture_is_a_png() {
        let picture = picture(&uri(b"12345678901234567890", "ann@example.com")).unwrap();
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(
            uri(b"12345678901234567890", "ann@example.com"),
            "otpauth://totp/ks:ann%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ks"
        );
    }
}
