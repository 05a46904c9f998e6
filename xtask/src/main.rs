//! The automation of the workspace: `cargo xtask`.
fn main() {}
