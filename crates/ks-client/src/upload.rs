//! Files, in both directions.

use std::fmt;

use bytes::Bytes;

/// A file to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    pub(crate) file_name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl Upload {
    /// A file of this name and content.
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { file_name: file_name.into(), content_type: "application/octet-stream".to_owned(), bytes: bytes.into() }
    }

    /// Says what kind of content it is.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({} bytes)", self.bytes.len())
    }
}

/// What an action that answers a file sends.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// The HTTP status; a health check of a server that is unwell has another one than 200.
    pub status: u16,
    /// What kind of content it is, as the server says.
    pub content_type: String,
    /// The content.
    pub bytes: Bytes,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {}, {} bytes)", self.status, self.content_type, self.bytes.len())
    }
}
