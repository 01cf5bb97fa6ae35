//! Room to decode in, which a caller can use again.

use std::fmt;

/// Bytes that fit without an allocation: a token of some 580 characters.
const INLINE: usize = 512;

/// Room for decoding one token at a time.
///
/// It lives where the caller puts it (the stack, a thread-local, a pool) and can be used again. Tokens of usual size need
/// no allocation; longer ones spill to the heap, and that room is kept too.
pub struct Scratch {
    decoded: Room,
    plain: Room,
}

struct Room {
    inline: [u8; INLINE],
    spilled: Vec<u8>,
}

impl Room {
    const EMPTY: Self = Self { inline: [0; INLINE], spilled: Vec::new() };

    fn of(&mut self, len: usize) -> &mut [u8] {
        if len <= INLINE {
            return &mut self.inline[..len];
        }
        if self.spilled.len() < len {
            self.spilled.resize(len, 0);
        }
        &mut self.spilled[..len]
    }
}

impl Scratch {
    /// Fresh room.
    #[must_use]
    pub const fn new() -> Self {
        Self { decoded: Room::EMPTY, plain: Room::EMPTY }
    }

    /// Two separate pieces of `len` bytes, the second with `more`.
    pub(crate) fn rooms(&mut self, len: usize, more: usize) -> (&mut [u8], &mut [u8]) {
        (self.decoded.of(len), self.plain.of(len + more))
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch(..)")
    }
}
