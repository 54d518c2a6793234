//! The `whatsmassive` command.

use clap::Parser as _;
use whatsmassive::cli::{self, Cli};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    cli::run(Cli::parse()).await
}
