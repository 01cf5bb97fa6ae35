//! The pages around the API.

mod pages;
