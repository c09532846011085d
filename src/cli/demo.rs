//! `kuimen demo`: an invented county in one process, over real mutual TLS, with accounts to the fen.
//!
//! The gateway, the banks and the agency share a process and nothing else: the agency keeps its own list of promises, each
//! bank its own ledger, and the gateway its journal. At the end the three are held against each other, by what `export`
//! reads from the closed directory. Policy time runs faster by [`FACTOR`]; socket deadlines are short and real.

mod agency;
mod board;
mod books;
mod show;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agency::{Agency, Promise, Wish};
use board::Board;
use jiff::civil::Time;

use super::arguments::{Demo, Shared};
use super::running::{BankParts, Parts, Running};
use super::simulate::{plan, server_files};
use super::{Exit, Screen, shelf};
use crate::clock::Clock;
use crate::front::Limits;
use crate::journal::{Keys, Tally, Unreadable, default_key_file};
use crate::lang::Phrase;
use crate::life::State;
use crate::link::{BreakerRule, Deadlines, Security, Target};
use crate::message::{Fen, Field, north};
use crate::simulator::accounts::{Acknowledged, Balance};
use crate::simulator::county::{self, PayingBank};
use crate::simulator::ledger::LedgerError;
use crate::simulator::{Bank, Options, RunningBank, StartError};
use crate::telemetry;
use crate::tls::{self, ClientFiles, ClientTls, Live, Parties, Party, San, ServerFiles, Versions};

/// How many times faster than the wall policy time runs: ten policy minutes are half a second.
const FACTOR: u32 = 1_200;
/// Connections of the agency.
const AGENCY_CONNECTIONS: usize = 16;
/// Connections to one bank.
const BANK_CONNECTIONS: usize = 16;
/// When a late answer comes: after the link has given up.
const LATE: Duration = Duration::from_millis(1_300);
/// How long the demonstration waits for outcomes after the last payment was accepted. Real time.
const PATIENCE: Duration = Duration::from_secs(420);
/// Deadlines of the links, so that a silent bank costs a second, not minutes.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(2),
    write: Duration::from_secs(2),
    answer: Duration::from_millis(1_000),
    idle: Duration::from_secs(30),
};
const BREAKER: BreakerRule =
    BreakerRule { failures: 24, back_off: Duration::from_millis(50), back_off_max: Duration::from_millis(400) };

/// Why a demonstration could not be played.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Start(#[from] super::running::StartError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error(transparent)]
    Keys(#[from] crate::journal::KeyError),
    #[error(transparent)]
    Bank(#[from] StartError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Export(#[from] Unreadable),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Plays the county; exit 0 only if nothing was doubled, lost or off by a fen.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Demo) -> Exit {
    let shelf = match shelf::all(screen, shared.adapters.as_deref()) {
        Ok(shelf) => shelf,
        Err(exit) => return exit,
    };
    tls::install_provider();
    // Misbehaving banks fill a log; it is there for whoever asks for it.
    telemetry::start(false, &command.log);
    let trouble = |error: Trouble| {
        let exit = if matches!(error, Trouble::Start(_) | Trouble::Io(_)) { Exit::Unavailable } else { Exit::Software };
        screen.fail(exit, "demo", &Phrase::new("cli-demo-trouble").with("cause", error))
    };
    let (dir, temporary) = match folder(command.data_dir.as_deref()) {
        Ok(folder) => folder,
        Err(error) => return trouble(error.into()),
    };
    let played = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Trouble::from)
        .and_then(|runtime| runtime.block_on(play(screen, &shelf, command, &dir)));
    if temporary {
        // The demonstration's own folder in the system's temporary directory; a leftover harms nobody.
        let _ = std::fs::remove_dir_all(&dir);
    }
    match played {
        // A payment that was refused is not off by a fen, but an invented county has no bad payments: all must be accepted.
        Ok((balance, elapsed)) => {
            screen.result(|lang| show::words(&balance, elapsed, lang), || show::document(&balance, elapsed));
            if balance.total.is_clean() && balance.total.accepted == u64::from(command.payments) {
                Exit::Ok
            } else {
                Exit::Found
            }
        }
        Err(error) => trouble(error),
    }
}

fn folder(chosen: Option<&Path>) -> std::io::Result<(PathBuf, bool)> {
    let (path, temporary) = match chosen {
        Some(path) => (path.to_owned(), false),
        None => (std::env::temp_dir().join(format!("kuimen-demo-{}", uuid::Uuid::now_v7())), true),
    };
    std::fs::create_dir_all(&path)?;
    Ok((path, temporary))
}

async fn play(
    screen: &Screen,
    shelf: &std::collections::BTreeMap<String, shelf::Shelved>,
    command: &Demo,
    dir: &Path,
) -> Result<(Balance, Duration), Trouble> {
    let begun = Instant::now();
    let clock = Clock::with_factor(NonZeroU32::new(FACTOR).unwrap_or(NonZeroU32::MIN));
    let ids: Vec<&str> = shelf.keys().map(String::as_str).collect();
    let house = tls::dev::write(&dir.join("keys").join("tls"), &ids)?;
    let keys = Arc::new(Keys::create(&default_key_file(dir))?);
    let client = |identity: &str| ClientFiles {
        server_ca: house.ca(),
        server_crl: None,
        identity: Some(house.leaf(identity)),
        versions: Versions::Tls13,
    };

    let mut banks: Vec<RunningBank> = Vec::new();
    let mut parts = Vec::new();
    let to_banks = live(client("gateway-client"))?;
    for shelved in shelf.values() {
        let tls = server_files(&house, &shelved.adapter.id).load()?;
        let options = Options {
            seed: command.seed,
            faults: plan(command.faults),
            late: LATE,
            ..Options::new(dir.to_owned(), tls.config)
        };
        let running = Bank::start(Arc::clone(&shelved.adapter), shelved.adapter.demo_settings(), options).await?;
        let target = Target {
            address: running.address.to_string(),
            server_name: shelved.adapter.id.clone(),
            security: Security::Mutual(Arc::clone(&to_banks)),
            reuse: !shelved.adapter.wire.one_request,
            max_connections: BANK_CONNECTIONS,
            deadlines: DEADLINES,
            max_answer: shelved.adapter.wire.max,
            breaker: BREAKER,
        };
        parts.push(BankParts {
            adapter: Arc::clone(&shelved.adapter),
            files: shelved.files.clone(),
            settings: shelved.adapter.demo_settings(),
            target,
            cut_over: Time::midnight(),
            calls: None,
        });
        banks.push(running);
    }

    let (certificate, key) = house.leaf("gateway");
    let server = ServerFiles {
        certificate,
        key,
        client_ca: house.ca(),
        client_crl: None,
        versions: Versions::Tls13,
        alpn: crate::front::ALPN,
    };
    let everything = || std::iter::once("*".to_owned()).collect();
    let agency = San::parse("uri:urn:kuimen:party:agency").map(|san| Party {
        id: "agency".to_owned(),
        san,
        issuer: None,
        banks: everything(),
        operations: everything(),
    });
    let mut running = Running::start(Parts {
        data_dir: dir.to_owned(),
        keys,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        tls: Live::open(server.paths(), move || server.load())?,
        parties: Parties::new(agency),
        // The only client is our own, and it asks as fast as it can.
        limits: Limits { requests_per_second: 1_000_000, ..Limits::default() },
        banks: parts,
        county: None,
        clock,
        simulation: true,
    })
    .await?;

    let paying: Vec<PayingBank> = shelf
        .values()
        .map(|shelved| PayingBank { id: shelved.adapter.id.clone(), cnaps: shelved.adapter.party.cnaps.clone() })
        .collect();
    let wishes: Vec<Wish> = county::month(command.seed, command.payments, &paying)
        .into_iter()
        .map(|demand| Wish {
            key: demand.key,
            bank: demand.bank,
            fen: demand.record.fen(Field::Amount).map_or(0, Fen::get),
            body: north::encode(&demand.record),
        })
        .collect();
    let client = client("agency").load()?;
    let board = Board::put_up(screen, wishes.len(), &running);
    let promised = instruct(running.address, Arc::new(client), wishes, &board).await;
    board.settling();
    settle(&running).await;
    if !command.once {
        board.stay(screen, &running, &house, dir).await;
    }
    board.finish();
    // The journal's manifest covers everything below the directory, so the banks close their books first.
    running.finish().await;
    for bank in banks {
        bank.stop().await;
    }
    running.stop().await;
    let balance = books::balance(dir, &ids, &promised)?;
    Ok((balance, begun.elapsed()))
}

fn live(files: ClientFiles) -> Result<Arc<Live<ClientTls>>, tls::TlsError> {
    Live::open(files.paths(), move || files.load())
}

/// Offers every payment and writes down what was promised.
async fn instruct(address: SocketAddr, tls: Arc<ClientTls>, wishes: Vec<Wish>, board: &Board) -> Vec<Acknowledged> {
    let wishes = Arc::new(tokio::sync::Mutex::new(wishes.into_iter()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AGENCY_CONNECTIONS {
        let (wishes, tls, bar) = (Arc::clone(&wishes), Arc::clone(&tls), board.bar());
        tasks.spawn(async move {
            let mut agency = Agency::new(address, tls);
            let mut promised = Vec::new();
            loop {
                let Some(wish) = wishes.lock().await.next() else { return promised };
                match agency.pay(&wish).await {
                    Promise::Accepted { id } => {
                        promised.push(Acknowledged { id, bank: wish.bank, fen: Fen::new(wish.fen) });
                    }
                    Promise::Refused { problem } => tracing::warn!(key = wish.key, problem, "refused"),
                    Promise::None => tracing::warn!(key = wish.key, "no answer"),
                }
                bar.inc(1);
            }
        });
    }
    let mut promised = Vec::new();
    while let Some(done) = tasks.join_next().await {
        promised.extend(done.unwrap_or_default());
    }
    promised
}

/// Waits until nothing is open any more: everything is final or with people.
async fn settle(running: &Running) {
    let deadline = Instant::now().checked_add(PATIENCE);
    let journal = running.gateway.journal();
    while deadline.is_some_and(|deadline| Instant::now() < deadline) {
        let open = |row: &Tally| !row.state.is_terminal() && !matches!(row.state, State::Held | State::Manual);
        match journal.tally().await {
            Ok(tally) if !tally.iter().any(open) => return,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the tally cannot be read"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
