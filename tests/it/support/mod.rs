//! What the tests share.

pub mod app;
pub mod postgres;
#[expect(dead_code, reason = "the tests with a browser need more of it")]
#[path = "../../browser/support/process.rs"]
pub mod process;
pub mod scripted;
pub mod socket;
