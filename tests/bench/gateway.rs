//! What a payment through the gateway costs, beside what bounds it. `cargo bench --locked --bench gateway`.
//!
//! Four things are measured in turn, round after round, on the same disk and the same cores:
//!
//! 1. *kuimen*: `kuimen serve` with its journal on a real disk; every payment has a key of its own and must end final.
//! 2. *proxy*: a bare hyper proxy, mutual TLS in and out over pooled connections, that reads nothing and keeps nothing.
//! 3. *ceiling*: kuimen's own journal, in one process without TLS and HTTP: claim with intent in one commit, the result in
//!    a second. The same rows, indexes, chain and seals. No gateway over this journal can be faster.
//! 4. *disk*: 4 KiB written and synced, again and again, by one thread.
//!
//! Client, bank and whatever stands between them are processes of their own: the bench runs itself again under a role, so
//! that the CPU time of the middle one can be read by itself. Speed decides nothing here: the exit code is 0 unless a
//! payment did not end as it must or `kuimen verify` finds fault with a journal that was closed.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has nothing to report")]
#![expect(clippy::float_arithmetic, reason = "rates and ratios; no money is counted here")]

#[path = "gateway/bank.rs"]
mod bank;
#[path = "gateway/ceiling.rs"]
mod ceiling;
#[path = "gateway/client.rs"]
mod client;
#[path = "gateway/disk.rs"]
mod disk;
#[path = "gateway/figures.rs"]
mod figures;
#[path = "gateway/payments.rs"]
mod payments;
#[path = "gateway/place.rs"]
mod place;
#[path = "gateway/process.rs"]
mod process;
#[path = "gateway/proxy.rs"]
mod proxy;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use figures::{Figures, Report};
use place::Place;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Payments a second through the gateway, beside a bare proxy and the journal's own ceiling.
#[derive(Parser)]
struct Bench {
    /// Rounds; the medians are reported.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that each measurement lasts, after one second to warm up.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Numbers of clients, each with a connection of its own.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 256])]
    clients: Vec<usize>,
    /// Most connections of the gateway to the bank.
    #[arg(long, default_value_t = 256)]
    links: usize,
    /// Where the journals are written; must be a real disk.
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/gateway-bench"))]
    dir: PathBuf,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Cargo says it to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What this process is in the benchmark.
#[derive(Subcommand)]
enum Role {
    /// The bank behind everything.
    #[command(hide = true)]
    Bank { dir: PathBuf },
    /// The bare proxy.
    #[command(hide = true)]
    Proxy { dir: PathBuf, bank: SocketAddr },
    /// The journal alone.
    #[command(hide = true)]
    Ceiling { dir: PathBuf, clients: usize, seconds: u64 },
    /// The load.
    #[command(hide = true)]
    Client(client::Load),
}

fn main() -> ExitCode {
    let bench = Bench::parse();
    kuimen::tls::install_provider();
    match &bench.role {
        None => measure(&bench),
        Some(Role::Bank { dir }) => bank::run(dir),
        Some(Role::Proxy { dir, bank }) => proxy::run(dir, *bank),
        Some(Role::Ceiling { dir, clients, seconds }) => ceiling::run(dir, *clients, Duration::from_secs(*seconds)),
        Some(Role::Client(load)) => client::run(load),
    }
}

fn measure(bench: &Bench) -> ExitCode {
    let place = Place::new(&bench.dir);
    if let Some(kind) = place.not_a_disk() {
        eprintln!("{} is on {kind}, which syncs nothing: give another --dir", bench.dir.display());
        return ExitCode::from(78);
    }
    let bank = place.start_bank();
    let proxy = place.start_proxy(bank.address);
    let mut report = Report::new(place.file_system(), bench.links, bench.seconds);
    for round in 0..bench.rounds {
        for &clients in &bench.clients {
            let disk = disk::syncs_a_second(&place.dir, Duration::from_secs(1));
            let ceiling = place.ceiling(clients, bench.seconds);
            let relayed = place.load("proxy", proxy.address, proxy.id(), clients, bench.seconds);
            let (paid, fault) = place.gateway(round, bank.address, clients, bench.links, bench.seconds);
            if let Some(fault) = fault.or_else(|| wrong(&relayed)) {
                eprintln!("round {round}, {clients} clients: {fault}");
                return ExitCode::FAILURE;
            }
            eprintln!(
                "round {} of {}, {clients} clients: kuimen {:.0}/s, proxy {:.0}/s, ceiling {:.0}/s, disk {disk:.0} syncs/s",
                round + 1,
                bench.rounds,
                paid.rate(),
                relayed.rate(),
                ceiling.rate()
            );
            report.add(clients, &paid, &relayed, &ceiling, disk);
        }
    }
    drop((proxy, bank));
    place.tidy();
    if bench.json {
        println!("{}", report.json());
    } else {
        println!("{}", report.table());
    }
    ExitCode::SUCCESS
}

fn wrong(figures: &Figures) -> Option<String> {
    figures.wrong.as_ref().map(|answer| format!("a wrong answer: {answer}"))
}
