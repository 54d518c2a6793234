//! hedge
pub mod simulator;
