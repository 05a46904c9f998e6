//! The memory store passes the suite.

wk_store::store_suite!(wk_store::MemoryStore::new);
