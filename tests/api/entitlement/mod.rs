//! Who sees which category and entry, through HTTP.

mod explain;
mod world;
