//! The service `schema`: XML schemas of documents beside the API.

use ks_schema::{ApiError, File};

use crate::call::Call;
use crate::generated::schema::{Serve, Service};

/// Syndication feeds, bulk uploads and drop folders are no part of this server, and so their documents are none: the
/// schema of each says that there is nothing, as the protocol does for documents that a server does not know.
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\"></xs:schema>\n";

/// XML schemas.
#[derive(Debug, Default)]
pub(crate) struct Schemas;

impl Service for Schemas {
    async fn serve(&self, _call: &Call<'_>, _args: Serve) -> Result<File, ApiError> {
        Ok(File { status: 200, content_type: "application/xml", body: NOTHING.as_bytes().to_vec() })
    }
}
