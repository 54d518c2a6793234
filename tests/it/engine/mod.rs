//! The engine, by deterministic simulation: seeded faults, paused time, a real database.

mod campaigns;
mod clocks;
mod doubts;
mod files;
mod hidden;
pub mod life;
mod limits;
mod main_job;
mod pools;
mod restrictions;
mod simulation;
