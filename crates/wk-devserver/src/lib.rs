//! An embedded WuKongIM-compatible server for tests, demos and offline development.
