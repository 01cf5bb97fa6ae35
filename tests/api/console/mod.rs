//! The pages around the API.

mod account;
mod examples;
mod howto;
mod inspector;
mod pages;
