//! The service `session`.

mod end;
mod get;
mod impersonate;
mod start;
mod widget;
