//! The `kuimen` command.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kuimen::cli::run(std::env::args_os().collect()).into()
}
