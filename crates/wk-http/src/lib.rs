//! The WuKongIM REST API as a data source.
