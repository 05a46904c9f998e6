//! Fixtures for the tests of the workspace.
