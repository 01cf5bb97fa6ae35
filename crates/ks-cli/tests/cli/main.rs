//! The binary as people and programs use it: as a process.

mod call;
mod defaults;
mod dev;
mod diff;
mod generate;
mod help;
mod import;
mod inspect;
mod login;
mod mail_template;
mod partner;
mod person;
mod profile;
mod rights;
mod seed;
mod serve;
mod settings;
mod support;
mod user;
