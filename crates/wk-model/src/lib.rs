//! The values a WuKongIM application sees: messages, channels, conversations, pages.
