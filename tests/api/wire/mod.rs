//! The wire: URL forms, bodies, values, formats, headers, batches, profiles, limits.

mod bad_input;
mod bodies;
mod errors;
mod formats;
mod headers;
mod limits;
mod multirequest;
mod profiles;
mod references;
mod urls;
mod values;
