//! The service `categoryEntry`.

mod counts;
mod crud;
mod list;
mod rights;
