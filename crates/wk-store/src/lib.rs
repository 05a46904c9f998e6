//! What a WuKongIM client keeps: storage traits, a memory store and the suite every backend passes.
