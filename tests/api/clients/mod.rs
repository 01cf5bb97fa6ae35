//! Real programs against the server.

mod browser;
mod curl;
mod node;
mod people;
mod php;
mod python;
mod tokens;
