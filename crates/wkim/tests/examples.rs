//! Every example runs to its end by itself.
#![allow(clippy::unwrap_used)]

#[path = "../examples/ai_stream.rs"]
mod ai_stream;
#[path = "../examples/custom_content.rs"]
mod custom_content;
#[path = "../examples/echo_bot.rs"]
mod echo_bot;
#[path = "../examples/group_bot.rs"]
mod group_bot;
#[path = "../examples/hello.rs"]
mod hello;
#[path = "../examples/history_export.rs"]
mod history_export;
#[path = "../examples/image_upload.rs"]
mod image_upload;
#[path = "../examples/two_accounts.rs"]
mod two_accounts;

#[test]
fn hello() {
    hello::main().unwrap();
}

#[test]
fn echo_bot() {
    echo_bot::main().unwrap();
}

#[test]
fn custom_content() {
    custom_content::main().unwrap();
}

#[test]
fn two_accounts() {
    two_accounts::main().unwrap();
}

#[test]
fn history_export() {
    history_export::main().unwrap();
}

#[test]
fn group_bot() {
    group_bot::main().unwrap();
}

#[test]
fn image_upload() {
    image_upload::main().unwrap();
}

#[test]
fn ai_stream() {
    ai_stream::main().unwrap();
}
