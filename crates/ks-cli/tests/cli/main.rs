//! The binary as people and programs use it: as a process.

mod call;
mod dev;
mod generate;
mod help;
mod inspect;
mod login;
mod partner;
mod person;
mod profile;
mod rights;
mod serve;
mod settings;
mod support;
mod user;
