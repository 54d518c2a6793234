//! The `whatsmassive` command.

use clap::Parser as _;
use whatsmassive::{
    app,
    cli::{self, Cli},
};

/// For SQLite too; how it is set up, and why, is in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    app::runtime()?.block_on(cli::run(cli))
}
