//! What the tests share.

pub mod app;
pub mod scripted;
pub mod socket;
