//! Everything but the browser: rules between modules, store, fleet, engine, HTTP and Socket.IO, on real databases.

mod architecture;
mod engine;
mod fleet;
mod support;
