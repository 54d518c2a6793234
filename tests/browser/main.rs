//! What only a real Chromium can show: the driver on the simulator's page, and the main job as whole processes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chaos;
mod fleet;
mod main_job;
mod media;
mod proxy;
mod restriction;
mod shard;
mod support;
mod web_channel;
