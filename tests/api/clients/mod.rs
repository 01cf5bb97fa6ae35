//! Real programs against the server.

mod app_tokens;
mod browser;
mod channels;
mod curl;
mod missing;
mod node;
mod people;
mod php;
mod python;
mod tokens;
