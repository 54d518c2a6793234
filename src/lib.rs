//! WhatsMassive: a fleet of WhatsApp numbers for collections teams.
//!
//! The house, from the street door to the cellar; a module imports only from those below it
//! (`tests/it/architecture.rs` holds the same table and enforces it):
//!
//! ```text
//! cli ─ the command line
//! app ─ builds everything from the configuration and shuts it down in order
//! http, realtime ─ REST and Socket.IO for the command center
//! engine, import, export ─ campaigns and their ledger; spreadsheets of debtors, in and out
//! fleet ─ one actor per session, kept at its desired state
//! store, channel, bus ─ the database; WhatsApp; what happened just now
//! domain ─ pure rules: routing, pacing, policy, templates, phones, money
//!
//! config ─ plain settings, read by app; simulator ─ a WhatsApp Web to practise on, imports nothing from the crate
//! ```

pub mod app;
pub mod bus;
pub mod channel;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod export;
pub mod fleet;
pub mod http;
pub mod import;
pub mod lifecycle;
pub mod realtime;
pub mod simulator;
pub mod store;
pub mod telemetry;
