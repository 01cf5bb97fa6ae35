//! The binary `ks`.
fn main() {}
