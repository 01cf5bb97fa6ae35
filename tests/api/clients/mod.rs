//! Real programs against the server.

mod app_tokens;
mod browser;
mod channels;
mod curl;
mod entries;
mod missing;
mod node;
mod people;
mod php;
mod python;
mod tokens;
