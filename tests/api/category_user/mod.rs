//! The service `categoryUser`.

mod add;
mod crud;
mod list;
mod rights;
