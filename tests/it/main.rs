//! Everything but the browser: rules between modules, store, fleet, engine, HTTP and Socket.IO, on real databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod engine;
mod fleet;
mod http;
mod import;
mod openapi;
mod second_server;
mod simulator;
mod simulator_media;
mod simulator_page;
mod store;
mod support;
