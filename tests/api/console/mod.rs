//! The pages around the API.

mod account;
mod docs;
mod examples;
mod features;
mod howto;
mod inspector;
mod looks;
mod pages;
