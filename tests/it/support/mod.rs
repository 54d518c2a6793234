//! What the tests share.

pub mod app;
pub mod postgres;
pub mod scripted;
pub mod socket;
