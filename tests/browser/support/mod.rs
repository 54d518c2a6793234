//! What the browser tests share.

pub mod line;
#[path = "../../it/support/postgres.rs"]
pub mod postgres;
pub mod process;
