//! The engine, by deterministic simulation: seeded faults, paused time, a real database.

mod campaigns;
mod files;
mod hidden;
pub mod life;
mod limits;
mod main_job;
mod restrictions;
mod simulation;
