//! Real programs against the server.

mod app_tokens;
mod browser;
mod curl;
mod entries;
mod node;
mod people;
mod php;
mod python;
mod tokens;
