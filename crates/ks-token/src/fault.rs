//! Why a token is refused: before its signature verifies, and after.

/// Why a text is not a valid token.
///
/// A client is told the same for all of them: code -1, `INVALID_STR` (token §3). The reason is for those who are entitled
/// to know: the holder of the secret, and the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// The text is not base64: a foreign character, wrong padding, or an impossible length (token §1.1).
    #[error("the text is not base64")]
    Base64,
    /// The text decodes to nothing, or to the single character `0` (token §1.1).
    #[error("the text decodes to nothing")]
    Empty,
    /// A separator is missing: the first `|` of version 1, or the second of version 2 (token §1.2, §1.3).
    #[error("a separator is missing")]
    Separator,
    /// Version 1 has fewer than three fields (token §1.2).
    #[error("version 1 needs at least three fields")]
    TooFewFields,
    /// The hash of version 1 is not 40 lowercase hexadecimal characters (token §1.2).
    #[error("the hash is not 40 lowercase hexadecimal characters")]
    HashText,
    /// The partner id is not spelled canonically (token §1.5).
    #[error("the partner id is not spelled canonically")]
    PartnerId,
    /// The encrypted part of version 2 is empty or not a multiple of 16 bytes (token §1.3).
    #[error("the encrypted part is not a multiple of 16 bytes")]
    BlockSize,
    /// The account is unknown, or has no secret that verifies (token §3, step 3).
    #[error("no secret is known for the partner")]
    NoSecret,
    /// No secret of the account made this signature (token §3, step 4).
    #[error("no secret of the partner made this signature")]
    Signature,
    /// The signature is right, but nothing is signed (token §1.3).
    #[error("the token has no fields")]
    EmptyBody,
    /// The signed text has a control byte: in version 1 anywhere, the trace of a length extension (token §8.1); in
    /// version 2 in the name of a field (token §1.3).
    #[error("the token has a control byte")]
    ControlByte,
    /// The signed text is not UTF-8.
    #[error("the token is not UTF-8")]
    Utf8,
    /// The expiry is not a strict integer (token §1.7).
    #[error("the expiry is not a strict integer")]
    Expiry,
    /// The session type is not a strict integer (token §1.7).
    #[error("the session type is not a strict integer")]
    SessionType,
    /// The name of a field has a bracket, which some readers turn into a list (token §1.3).
    #[error("the name of a field has a bracket")]
    Bracket,
    /// A reserved field of version 2 is there twice (token §1.3).
    #[error("a reserved field is there twice")]
    DuplicateField,
    /// Version 2 has more than 1000 fields (token §1.3).
    #[error("the token has more than 1000 fields")]
    TooManyFields,
}

impl TokenFault {
    /// The code that a client is told: -1 for every fault.
    #[must_use]
    pub const fn code(self) -> i32 {
        Refusal::InvalidStr.code()
    }

    /// The name that a client is told: `INVALID_STR` for every fault.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Refusal::InvalidStr.name()
    }
}

/// Why a session is refused, in the protocol's own codes and names (token §3).
///
/// The library decides `Expired`, `RestrictedIp` and `RestrictedUri`; the others are for what a server finds in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.name())]
pub enum Refusal {
    /// The text is not a valid token.
    InvalidStr,
    /// The token is for another partner than the one asked for.
    InvalidPartner,
    /// The token is for another user than the one asked for.
    InvalidUser,
    /// The session type does not allow what was asked for.
    InvalidType,
    /// The session has run out.
    Expired,
    /// The session was ended, alone or with its group.
    LogOut,
    /// The old "light" session text is wrong.
    InvalidLks,
    /// The session has used up its `actionslimit`.
    ExceededActionsLimit,
    /// The caller's address is not one of `iprestrict`.
    RestrictedIp,
    /// The old "light" sessions are switched off.
    LksDisabled,
    /// The request's address is not one of `urirestrict`.
    RestrictedUri,
}

impl Refusal {
    /// Every refusal, in the order of the codes.
    pub const ALL: [Self; 11] = [
        Self::InvalidStr,
        Self::InvalidPartner,
        Self::InvalidUser,
        Self::InvalidType,
        Self::Expired,
        Self::LogOut,
        Self::InvalidLks,
        Self::ExceededActionsLimit,
        Self::RestrictedIp,
        Self::LksDisabled,
        Self::RestrictedUri,
    ];

    /// The protocol's number: -1 to -11.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::InvalidStr => -1,
            Self::InvalidPartner => -2,
            Self::InvalidUser => -3,
            Self::InvalidType => -4,
            Self::Expired => -5,
            Self::LogOut => -6,
            Self::InvalidLks => -7,
            Self::ExceededActionsLimit => -8,
            Self::RestrictedIp => -9,
            Self::LksDisabled => -10,
            Self::RestrictedUri => -11,
        }
    }

    /// The protocol's name, on which clients match.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidStr => "INVALID_STR",
            Self::InvalidPartner => "INVALID_PARTNER",
            Self::InvalidUser => "INVALID_USER",
            Self::InvalidType => "INVALID_TYPE",
            Self::Expired => "EXPIRED",
            Self::LogOut => "LOGOUT",
            Self::InvalidLks => "INVALID_LKS",
            Self::ExceededActionsLimit => "EXCEEDED_ACTIONS_LIMIT",
            Self::RestrictedIp => "EXCEEDED_RESTRICTED_IP",
            Self::LksDisabled => "LKS_DISABLED",
            Self::RestrictedUri => "EXCEEDED_RESTRICTED_URI",
        }
    }
}
