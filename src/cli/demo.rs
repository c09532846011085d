//! `kuimen demo`: an invented county in one process, over real mutual TLS, with accounts to the fen.
//!
//! The gateway, the banks and the agency share a process and nothing else: the agency keeps its own list of promises, each
//! bank its own ledger, and the gateway its journal. At the end the three are held against each other, by what `export`
//! reads from the closed directory. Policy time runs faster by [`FACTOR`]; socket deadlines are short and real.

mod agency;
mod board;
mod books;
mod lives;
mod rollout;
mod show;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agency::{Agency, Promise, Wish};
use board::Board;
use jiff::civil::Time;
use lives::{Heard, Teller};
use show::Played;

use super::arguments::{Demo, Shared};
use super::running::{BankParts, CallsParts, Parts, Running};
use super::simulate::{plan, server_files};
use super::{Exit, Screen, shelf};
use crate::adapter::plan::Adapter;
use crate::clock::Clock;
use crate::config;
use crate::county::County;
use crate::front::Limits;
use crate::journal::{Keys, Tally, Unreadable, default_key_file};
use crate::lang::Phrase;
use crate::life::State;
use crate::link::{BreakerRule, Deadlines, Security, Target};
use crate::message::{Fen, Field, Operation, Record, north};
use crate::simulator::accounts::Acknowledged;
use crate::simulator::county::{PayingBank, month};
use crate::simulator::ledger::{LedgerError, Status};
use crate::simulator::people::people;
use crate::simulator::{Bank, Caller, Options, RunningBank, StartError};
use crate::telemetry;
use crate::tls::{self, ClientFiles, ClientTls, Live, Parties, Party, San, ServerFiles, Versions};

/// How many times faster than the wall policy time runs: ten policy minutes are half a second.
const FACTOR: u32 = 1_200;
/// The county's file.
const COUNTY: &str = include_str!("../../conformance/county/county.toml");
/// Every so-many-th payment is offered twice, and comes back.
const TWIN_EVERY: usize = 150;
const RETURN_EVERY: usize = 60;
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
        Ok(played) => {
            screen.result(|lang| show::words(&played, lang), || show::document(&played, screen.lang()));
            let Played { balance, beside, .. } = played;
            let offered: u64 = [u64::from(command.payments), beside.twins, beside.pensions].into_iter().sum();
            if balance.total.is_clean() && beside.is_clean() && balance.total.accepted == offered {
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
    shelf: &BTreeMap<String, shelf::Shelved>,
    command: &Demo,
    dir: &Path,
) -> Result<Played, Trouble> {
    let (begun, first_day) = (Instant::now(), lives::today());
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

    let county = the_county(shelf);
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
            calls: door(&house, &shelved.adapter)?,
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
        keys: Arc::clone(&keys),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        tls: Live::open(server.paths(), move || server.load())?,
        parties: Parties::new(agency),
        // The only client is our own, and it asks as fast as it can.
        limits: Limits { requests_per_second: 1_000_000, ..Limits::default() },
        banks: parts,
        county: Some(county.clone()),
        clock,
        simulation: true,
    })
    .await?;

    let paying: Vec<PayingBank> = shelf
        .values()
        .map(|shelved| PayingBank { id: shelved.adapter.id.clone(), cnaps: shelved.adapter.party.cnaps.clone() })
        .collect();
    let month = month(command.seed, command.payments, &paying);
    let wishes: Vec<Wish> = month
        .iter()
        .map(|demand| Wish {
            path: "/v1/payments",
            key: demand.key.clone(),
            bank: demand.bank.clone(),
            fen: demand.record.fen(Field::Amount).map_or(0, Fen::get),
            body: north::encode(&demand.record),
        })
        .collect();
    let (wishes, twins) = with_twins(wishes);
    let agency = Arc::new(client("agency").load()?);
    let board = Board::put_up(screen, wishes.len(), &running);
    let mut tellers = BTreeMap::new();
    for (id, door) in &running.doors {
        let Some(shelved) = shelf.get(id) else { continue };
        let caller = Caller {
            settings: shelved.adapter.demo_settings(),
            adapter: Arc::clone(&shelved.adapter),
            door: *door,
            server_name: "gateway".to_owned(),
            tls: Arc::new(client(&tls::dev::caller(id)).load()?),
        };
        tellers.insert(id.clone(), Teller::new(caller));
    }
    let tellers = Arc::new(tellers);
    let calling: Vec<String> = tellers.keys().cloned().collect();
    let outlet = |bank: &str, number: u32| {
        let own = county.outlets.iter().filter(|outlet| outlet.bank == bank);
        let chosen = own.cycle().nth(usize::try_from(number).unwrap_or_default() % 64);
        chosen.map_or_else(|| "演示网点".to_owned(), |outlet| outlet.name.clone())
    };
    let people = people(command.seed, people_beside(command.payments), &calling, outlet);
    let recipients = rollout::keep(dir, rollout::recipients(command.seed, &month, &people))?;
    let living = lives::live(running.address, &agency, &tellers, people, command.seed);
    let (mut heard, mut promised) =
        tokio::join!(living, instruct(running.address, Arc::clone(&agency), wishes, &board));
    board.settling();
    settle(&running).await;
    let returned = give_back(&banks, &tellers, &mut heard).await;
    let findings = books::findings(running.gateway.journal().as_ref()).await;
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
    promised.extend(heard.paid.iter().cloned());
    let balance = books::balance(dir, &ids, &promised)?;
    let beside = books::beside(dir, heard, returned, findings, twins)?;
    let rollout = rollout::report(dir, &keys, &county, &recipients, first_day)?;
    Ok(Played { balance, beside, rollout, elapsed: begun.elapsed() })
}

/// How many people get a card beside so many payments: enough to show everything, and not the whole county.
fn people_beside(payments: u32) -> u32 {
    (payments / 10).clamp(48, 2_000)
}

/// The county of the plan, with agreements that are in force whenever this is run, but for those of the last bank that calls.
fn the_county(shelf: &BTreeMap<String, shelf::Shelved>) -> County {
    let mut county = config::county::parse(Path::new("county.toml"), COUNTY).unwrap_or_default();
    let today = lives::today();
    let year = jiff::Span::new().days(365);
    let (from, until) = (today.saturating_sub(year), today.saturating_add(year));
    let calls = |shelved: &&shelf::Shelved| shelved.adapter.operations.values().any(|plan| plan.bank_initiates);
    let ended = shelf.values().rfind(calls).map(|shelved| shelved.adapter.id.as_str());
    for agreement in &mut county.agreements {
        (agreement.from, agreement.until) = (from, until);
        if ended == Some(agreement.bank.as_str()) {
            agreement.until = from;
        }
    }
    county
}

/// The door at which a bank calls, where its dialect lets it begin anything.
fn door(house: &tls::dev::House, adapter: &Adapter) -> Result<Option<CallsParts>, Trouble> {
    if !adapter.operations.values().any(|plan| plan.bank_initiates) {
        return Ok(None);
    }
    let files = server_files(house, "gateway");
    let caller = San::parse(&format!("dns:{}.localhost", adapter.id));
    let tls = Live::open(files.paths(), move || files.load())?;
    Ok(caller.map(|caller| CallsParts { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), tls, caller }))
}

/// Every so-many-th payment is offered again under another key, as somebody might by mistake.
fn with_twins(wishes: Vec<Wish>) -> (Vec<Wish>, u64) {
    let twin = |wish: &Wish| Wish { key: format!("{}-again", wish.key), ..wish.clone() };
    let twins: Vec<Wish> = wishes.iter().step_by(TWIN_EVERY).map(twin).collect();
    let count = u64::try_from(twins.len()).unwrap_or(u64::MAX);
    (wishes.into_iter().chain(twins).collect(), count)
}

/// Some of what was paid comes back days later: the bank tells so. Gives what it told, in fen.
async fn give_back(banks: &[RunningBank], tellers: &BTreeMap<String, Teller>, heard: &mut Heard) -> i64 {
    let mut sum = 0_i64;
    for bank in banks {
        let Some(teller) = tellers.get(bank.ledger().bank()) else { continue };
        let paid: Vec<(String, Fen)> = bank.ledger().look(|books| {
            let once = books.all().filter(|standing| standing.status == Status::Paid);
            once.step_by(RETURN_EVERY).map(|standing| (standing.serial.clone(), standing.fen)).collect()
        });
        for (serial, fen) in paid {
            let mut record = Record::new();
            record.set_text(Field::ReturnedSerial, serial);
            record.set_text(Field::ReturnedOn, lives::today().to_string());
            record.set_fen(Field::Amount, fen);
            if teller.tell(heard, Operation::PaymentReturned, &record).await {
                sum = sum.saturating_add(fen.get());
            }
        }
    }
    sum
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
                match agency.ask(&wish).await {
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
