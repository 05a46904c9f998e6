//! The wkim command: demo, chat, dev server.
