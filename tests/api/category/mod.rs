//! The service `category`.

mod add;
mod clone;
mod crud;
mod delete;
mod get;
mod list;
mod r#move;
mod properties;
mod update;
