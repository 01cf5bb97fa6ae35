//! One request to calls: where parameters come from, and which wins.

mod call;
mod form;
mod json;
mod limits;
mod multipart;
mod multirequest;
mod names;
mod path;
mod salvage;

use std::fmt;

use bytes::Bytes;
use ks_schema::{ApiError, Map, Out, Tree, Upload};

pub use call::CallTree;
pub use limits::Limits;
use limits::{Budget, USUAL_COUNT};
use names::Names;

use crate::format::{Reply, read_format, read_ignore_null};

/// The parts of an HTTP request that the protocol looks at. The method does not matter to it, but a body
/// counts for POST and GET only: pass an empty one for the others.
#[derive(Clone)]
pub struct RawRequest<'a> {
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// What follows the first `?`, as it came.
    pub query: Option<&'a str>,
    /// The whole Content-Type header.
    pub content_type: Option<&'a str>,
    /// The body, after transfer encodings are undone.
    pub body: Bytes,
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What a request asks for.
#[derive(Debug)]
pub struct Decoded {
    /// How to answer, whatever became of the rest.
    pub reply: Reply,
    /// The calls to make, or why there are none.
    pub calls: Result<Calls, Refused>,
}

/// One call, or the parts of a multirequest.
#[derive(Debug)]
pub enum Calls {
    /// One call: answered by its result alone.
    Single(CallTree),
    /// A multirequest: the calls in the order in which they must run, answered by a list of equal length.
    Multi(Vec<CallTree>),
}

/// A request that could not be read, and the error that says so.
#[derive(Debug)]
pub struct Refused {
    /// The reason.
    pub error: ApiError,
    /// For a multirequest, how many parts the answer must have (1 where their number is not known).
    pub parts: Option<usize>,
}

impl Refused {
    /// The answer: the error itself, or for a multirequest a list of it, because clients take anything but
    /// a list there for a reason to die.
    #[must_use]
    pub fn into_out(self) -> Out {
        let error = Out::Error(Box::new(self.error));
        match self.parts {
            None => error,
            Some(parts) => Out::List(vec![error; parts]),
        }
    }
}

/// Body parameters by where they came from.
#[derive(Default)]
struct Body {
    params: Map,
    /// File parts, which beat all other parts of the body.
    files: Map,
    /// Text fields of a multipart body, which a lenient reader may take for files: some clients send
    /// in-memory files without a file name.
    spare: Vec<(String, Upload)>,
}

/// Reads a request.
///
/// Parameters come from the body, from uploaded files, from the query and from key/value pairs in the
/// path; later sources win over earlier ones, recursively key by key. Names are split at `:` (top level
/// only) and by the bracket rules of PHP (forms and queries only).
///
/// Never fails as a whole: see [`Decoded`].
#[must_use]
pub fn decode(request: &RawRequest<'_>, limits: &Limits) -> Decoded {
    let callback = request.query.and_then(|query| form::find(query.as_bytes(), "callback"));
    match read_params(request, limits) {
        Ok((params, spare)) => {
            let reply = Reply {
                format: read_format(params.get("format")),
                callback,
                ignore_null: read_ignore_null(params.get("ignoreNull")),
            };
            Decoded { reply, calls: multirequest::split(params, spare, limits) }
        }
        Err(error) => {
            let found = salvage::salvage(request);
            let reply = Reply { format: read_format(found.format.as_ref()), callback, ignore_null: false };
            Decoded { reply, calls: Err(Refused { error, parts: found.is_multirequest.then_some(1) }) }
        }
    }
}

fn read_params(request: &RawRequest<'_>, limits: &Limits) -> Result<(Map, Vec<(String, Upload)>), ApiError> {
    let mut budget = Budget::new(limits);
    let body = read_body(request, &mut budget)?;
    let mut params = body.params;
    if !body.files.is_empty() {
        names::overlay(&mut params, body.files);
    }
    if request.query.is_none() && path::is_flat(request.path) {
        // So it is nearly always, and laying a tree over another is then no more than this.
        path::each(request.path, |key, value| {
            budget.node(1)?;
            params.insert(key.into(), value);
            Ok(())
        })?;
    } else {
        let mut url = Names::default();
        if let Some(query) = request.query {
            form::read(query.as_bytes(), &mut url, &mut budget)?;
        }
        path::each(request.path, |key, value| url.set_plain(&key, value, &mut budget))?;
        names::overlay(&mut params, url.into_map());
    }
    Ok((params, body.spare))
}

/// How a body is encoded, by its Content-Type.
enum Encoding {
    Json,
    Multipart,
    Form,
    /// The protocol reads no parameters from it.
    Other,
}

impl Encoding {
    /// JSON also with parameters such as a charset, which the reference refuses and no client relies on.
    /// A body without a Content-Type is taken for a form.
    fn of(content_type: Option<&str>) -> Self {
        let Some(content_type) = content_type else { return Self::Form };
        let media = content_type.split(';').next().unwrap_or_default().trim();
        if media.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if media.eq_ignore_ascii_case("multipart/form-data") {
            Self::Multipart
        } else if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") || media.is_empty() {
            Self::Form
        } else {
            Self::Other
        }
    }
}

fn read_body(request: &RawRequest<'_>, budget: &mut Budget) -> Result<Body, ApiError> {
    let mut body = Body::default();
    match Encoding::of(request.content_type) {
        Encoding::Json => body.params = json::read_body(&request.body, budget)?,
        Encoding::Multipart => body = read_multipart(request, budget)?,
        Encoding::Form => {
            let mut names = Names::with_room(if request.body.is_empty() { 0 } else { USUAL_COUNT });
            form::read(&request.body, &mut names, budget)?;
            body.params = names.into_map();
        }
        Encoding::Other => {}
    }
    Ok(body)
}

/// A form in parts. With a part `json`, that part is the parameters and other text parts are ignored; files
/// count either way, and may come first.
fn read_multipart(request: &RawRequest<'_>, budget: &mut Budget) -> Result<Body, ApiError> {
    let mut fields = Vec::new();
    multipart::each(request.content_type.unwrap_or_default(), &request.body, |field| {
        fields.push(field);
        // Each becomes a value below, after the part `json` was found.
        budget.has_room(fields.len())
    })?;
    let json = fields.iter().rev().find(|field| field.is_json()).map(|field| field.bytes.clone());
    let mut body = Body::default();
    let mut texts = Names::default();
    let mut files = Names::default();
    for field in fields {
        if field.file_name.is_some() {
            let (name, upload) = field.into_upload();
            files.set_form(&name, Tree::File(std::sync::Arc::new(upload)), budget)?;
        } else if !field.is_json() {
            if json.is_none() {
                texts.set_form(&field.name, Tree::Text(field.text()), budget)?;
            } else {
                budget.node(1)?;
            }
            body.spare.push(field.into_upload());
        }
    }
    body.files = files.into_map();
    body.params = match json {
        Some(json) => json::read_map(&json, "json", budget)?,
        None => texts.into_map(),
    };
    Ok(body)
}

/// The error for a body that is not what its Content-Type says.
fn malformed(name: &str, expected: &str) -> ApiError {
    ApiError::property_validation_wrong_format(name, expected)
}
