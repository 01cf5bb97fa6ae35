//! The verbs of this project.
fn main() {}
