//! The pages around the API.

mod account;
mod developer;
mod docs;
mod examples;
mod features;
mod howto;
mod inspector;
mod looks;
mod pages;
mod tools;
mod weight;
mod workflows;
