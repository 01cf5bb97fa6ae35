//! The pages around the API.

mod examples;
mod howto;
mod inspector;
mod pages;
