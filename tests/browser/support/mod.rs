//! What the browser tests share.

#[path = "../../it/support/postgres.rs"]
pub mod postgres;
pub mod line;
pub mod process;
