//! The wire formats as clients see them: whole requests in, whole bodies out.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect, and so may its helpers")]

mod answers;
mod captures;
mod fixtures;
mod multirequest;
mod profiles;
mod properties;
#[path = "../readers/mod.rs"]
mod readers;
mod references;
mod requests;
