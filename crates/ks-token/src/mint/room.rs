//! Where a token is put together: on the stack, unless it is unusually long.

use crate::query;

/// Bytes that fit on the stack.
const INLINE: usize = 384;

/// Calls with `size` bytes of room, or a little more.
pub(super) fn with_room<T>(size: usize, work: impl FnOnce(&mut [u8]) -> T) -> T {
    if size <= INLINE { work(&mut [0; INLINE]) } else { work(&mut vec![0; size]) }
}

/// Writes one thing after the other into a room that was measured before.
pub(super) struct Writer<'r> {
    room: &'r mut [u8],
    at: usize,
}

impl<'r> Writer<'r> {
    pub(super) fn new(room: &'r mut [u8], at: usize) -> Self {
        Self { room, at }
    }

    /// Where the next byte would go.
    pub(super) fn end(&self) -> usize {
        self.at
    }

    /// A text as it is.
    #[inline]
    pub(super) fn put(&mut self, text: &str) {
        self.room[self.at..self.at + text.len()].copy_from_slice(text.as_bytes());
        self.at += text.len();
    }

    /// A few bytes whose number is known when this is compiled, which spares a call.
    #[inline(always)]
    pub(super) fn few<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some(place) = self.room[self.at..].first_chunk_mut() {
            *place = *bytes;
        }
        self.at += N;
    }

    /// A number in decimal.
    #[inline]
    pub(super) fn number(&mut self, number: i64) {
        match u8::try_from(number) {
            // Session types have one digit.
            Ok(digit @ 0..10) => self.few(&[b'0' + digit]),
            _ => self.put(itoa::Buffer::new().format(number)),
        }
    }

    /// A text as a query string has it. Says whether that needed an escape.
    #[inline]
    pub(super) fn encode(&mut self, text: &str) -> bool {
        let len = query::encode(&mut self.room[self.at..], text);
        self.at += len;
        len > text.len()
    }

    /// Takes the last byte back.
    pub(super) fn back(&mut self) {
        self.at -= 1;
    }
}
