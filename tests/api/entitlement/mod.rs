//! Who sees which category and entry, through HTTP.

mod cases;
mod explain;
mod hazards;
mod world;
