//! The service `media`.

mod content;
mod crud;
mod list;
