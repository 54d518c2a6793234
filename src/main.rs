//! The `whatsmassive` command.

use clap::Parser as _;
use whatsmassive::cli::{self, Cli};

/// For SQLite too. The system's keeps an arena for each of many threads.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    cli::run(Cli::parse()).await
}
