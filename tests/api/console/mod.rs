//! The pages around the API.

mod account;
mod developer;
mod docs;
mod entitlement;
mod examples;
mod features;
mod howto;
mod inspector;
mod looks;
mod openapi;
mod pages;
mod second_factor;
mod sessions;
mod tools;
mod trial;
mod weight;
mod workflows;
