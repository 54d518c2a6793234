//! The `whatsmassive` command.

use clap::Parser as _;
use whatsmassive::cli::{self, Cli};

/// For SQLite too; how it is set up, and why, is in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    cli::run(Cli::parse()).await
}
