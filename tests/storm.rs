//! The kill storm: a gateway that is killed with SIGKILL again and again while it pays, at banks that execute whatever
//! they are sent, and accounts to the fen at the end.
//!
//! Real processes throughout: one `kuimen simulate` for each bank, one `kuimen serve` that is killed and started again, and
//! a client over mutual TLS that offers each payment under the same key until it gets a 2xx. The banks misbehave in no
//! other way, so that whatever goes wrong is the gateway's doing. A bank whose adapter claims no check for repeated
//! serials is told to execute them again: there a gateway that sends blindly after a restart pays twice, and this fails.
//! Seen to bite: with the table changed so that a restart makes SENDING READY again, 40 kills paid 9 of 1,600 twice.
//! `KUIMEN_STORM_KILLS` sets how often it is killed; the ordinary run is short.

#![expect(clippy::expect_used, clippy::panic, reason = "whatever goes wrong must fail the test, in helpers too")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use kuimen::adapter::plan::Adapter;
use kuimen::journal::Unreadable;
use kuimen::journal::export::Export;
use kuimen::life::State;
use kuimen::message::{Fen, Field, north};
use kuimen::simulator::accounts::{Acknowledged, Balance, Exported, balance};
use kuimen::simulator::county::{self, Demand, PayingBank};
use kuimen::simulator::ledger::{self, Ledger};
use kuimen::tls::dev::House;
use kuimen::tls::{self, ClientFiles, Versions};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Kills of the ordinary run.
const KILLS: u32 = 40;
/// Enough that the client is never out of work before the last kill.
const PAYMENTS_PER_KILL: u32 = 40;
const SEED: u64 = 20_261;
const CLIENTS: u64 = 12;
/// Between two payments of one client, at most: a kill should find some work under way, not all of it.
const PAUSE_MS: u64 = 60;
/// Between two offers of the same payment.
const RETRY: Duration = Duration::from_millis(15);
const OFFER_LIMIT: Duration = Duration::from_secs(10);
const START_LIMIT: Duration = Duration::from_secs(30);
/// After the last kill, until nothing is open any more. The longest that a payment may stay open is the adapters' horizon
/// of 72 policy hours, which the clock makes 216 seconds; nearly all settle at once.
const SETTLE_LIMIT: Duration = Duration::from_secs(260);

fn kuimen() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kuimen"))
}

fn adapters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

/// A process of ours that listens; killed when the test lets go of it, however that happens.
struct Listening {
    child: Child,
    address: SocketAddr,
}

impl Listening {
    /// Starts it and waits for its line that says where it listens. What it logs goes to the end of `log`.
    fn start(mut command: Command, log: &Path) -> Listening {
        let log_file = File::options().create(true).append(true).open(log).expect("a log file");
        let child = command.arg("--json").stdout(Stdio::piped()).stderr(log_file).spawn().expect("a process");
        let mut started = Listening { child, address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)) };
        let out = started.child.stdout.take().expect("its output");
        let (said, hear) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(out).read_line(&mut line);
            // Nobody listens any more only if the start took too long, which is reported there.
            let _ = said.send(read.map(|_| line));
        });
        let line = hear.recv_timeout(START_LIMIT).expect("a line in time").expect("its output is readable");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let address = value.get("listening").and_then(|at| at.as_str()).and_then(|at| at.parse().ok());
        started.address = address.unwrap_or_else(|| panic!("did not start: {line:?}, see {}", log.display()));
        started
    }

    /// SIGKILL.
    fn kill(mut self) {
        let ended = self.child.try_wait().expect("its status");
        assert_eq!(ended, None, "it ended by itself");
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// SIGTERM, and how it ended.
    fn terminate(mut self) -> ExitStatus {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(told.expect("the kill command").success());
        self.child.wait().expect("its status")
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Already gone in every ordinary case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything of one storm, on disk and in memory.
struct Place {
    /// Holds the gateway's data directory, its key, the ledgers and the certificates, each in a folder of its own: the
    /// manifest of a closed journal covers what lies under the data directory, and nobody else may write there.
    dir: PathBuf,
    house: House,
    adapters: BTreeMap<String, Arc<Adapter>>,
}

impl Place {
    fn new(dir: &Path) -> Place {
        let adapters = Adapter::load_all(&adapters()).expect("adapters without faults");
        let ids: Vec<&str> = adapters.keys().map(String::as_str).collect();
        let house = tls::dev::write(&dir.join("tls"), &ids).expect("certificates");
        Place { dir: dir.to_owned(), house, adapters }
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn key(&self) -> PathBuf {
        self.dir.join("kuimen.key")
    }

    fn gateway_log(&self) -> PathBuf {
        self.dir.join("gateway.log")
    }

    fn simulate(&self, adapter: &Adapter) -> Listening {
        let mut command = kuimen();
        command.arg("simulate").args(["--bank", &adapter.id, "--faults", "none", "--seed", "3"]);
        command.arg("--data-dir").arg(&self.dir).arg("--certs").arg(&self.house.dir);
        command.arg("--adapters").arg(self::adapters());
        command.args(["--refuse-duplicates", if adapter.serial.refuses_duplicates { "true" } else { "false" }]);
        Listening::start(command, &self.dir.join(format!("{}.log", adapter.id)))
    }

    fn serve(&self) -> Listening {
        let mut command = kuimen();
        command.arg("serve").arg("--config").arg(self.dir.join("kuimen.toml"));
        Listening::start(command, &self.gateway_log())
    }

    /// Writes the gateway's configuration.
    fn configure(&self, listen: SocketAddr, banks: &BTreeMap<String, Listening>) {
        let mut text = format!(
            "allow_invented = true\nclock_factor = 1200\n\
             [data]\ndirectory = \"data\"\nkey = \"kuimen.key\"\n\
             [adapters]\ndirectory = {adapters:?}\n\
             [listen]\naddress = \"{listen}\"\ncertificate = \"tls/gateway.pem\"\nkey = \"tls/gateway.key\"\n\
             client_ca = \"tls/ca.pem\"\n\
             [logging]\nformat = \"json\"\nfilter = \"info\"\n\
             [[party]]\nid = \"agency\"\nsan = \"uri:urn:kuimen:party:agency\"\nbanks = [\"*\"]\noperations = [\"*\"]\n",
            adapters = adapters(),
        );
        for (id, bank) in banks {
            let weak = self.adapters.get(id).and_then(|adapter| adapter.legacy().next());
            let legacy = weak.map(|algorithm| format!("legacy = [{:?}]\n", algorithm.name())).unwrap_or_default();
            let _ = write!(
                text,
                "[bank.{id}]\naddress = \"{}\"\nserver_name = \"{id}\"\nsecurity = \"mutual\"\nserver_ca = \"tls/ca.pem\"\n\
                 certificate = \"tls/gateway-client.pem\"\nkey = \"tls/gateway-client.key\"\n\
                 {legacy}[bank.{id}.deadlines]\nanswer_seconds = 2\n[bank.{id}.settings]\n",
                bank.address
            );
            for setting in self.adapters.get(id).map(|adapter| adapter.settings.as_slice()).unwrap_or_default() {
                let value = setting.demo.as_deref().expect("a value for demonstrations");
                if setting.secret {
                    let file = format!("{id}.{}.secret", setting.name);
                    fs::write(self.dir.join(&file), value).expect("a secret");
                    let _ = writeln!(text, "{} = {{ file = {file:?} }}", setting.name);
                } else {
                    let _ = writeln!(text, "{} = {value:?}", setting.name);
                }
            }
        }
        fs::write(self.dir.join("kuimen.toml"), text).expect("a configuration");
    }

    fn exported(&self) -> Vec<Exported> {
        let mut rows = Vec::new();
        let export = Export::open(&self.data()).expect("a journal");
        let read = export.each(|message| {
            rows.push(Exported {
                id: message.id.to_string(),
                bank: message.bank.clone(),
                serial: message.serial().map(str::to_owned),
                state: message.state,
                fen: Fen::new(message.fen),
            });
            Ok::<(), Unreadable>(())
        });
        read.expect("a journal that can be read");
        rows
    }

    fn balance(&self, promised: &[Acknowledged]) -> Balance {
        let books = |id: &String| ledger::read(&Ledger::path_of(&self.dir, id)).expect("a ledger");
        let ledgers = self.adapters.keys().map(|id| (id.clone(), books(id))).collect();
        balance(promised, &self.exported(), &ledgers)
    }

    /// How many messages a restart found in flight, by the gateway's own log.
    fn recovered(&self) -> u64 {
        let log = fs::read_to_string(self.gateway_log()).expect("a log");
        log.lines()
            .filter(|line| line.contains("asking about what was in flight"))
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|line| line.pointer("/fields/messages").or_else(|| line.get("messages"))?.as_u64())
            .sum()
    }

    /// `kuimen verify` over the closed directory, with what the client was promised and what the banks saw.
    fn verify(&self, promised: &[Acknowledged]) -> (ExitStatus, String) {
        let (acked, sent) = (self.dir.join("acked"), self.dir.join("sent"));
        let ids: String = promised.iter().map(|promise| format!("{}\n", promise.id)).collect();
        fs::write(&acked, ids).expect("a list");
        let seen =
            |id: &String| ledger::sent_lines(id, &ledger::read(&Ledger::path_of(&self.dir, id)).expect("a ledger"));
        fs::write(&sent, self.adapters.keys().map(seen).collect::<String>()).expect("a list");
        let mut command = kuimen();
        command.args(["verify", "--json", "--dir"]).arg(self.data()).arg("--key").arg(self.key());
        let run = command.arg("--acked").arg(acked).arg("--sent").arg(sent).output().expect("verify runs");
        (run.status, String::from_utf8_lossy(&run.stdout).into_owned())
    }
}

fn settled(state: State) -> bool {
    state.is_terminal() || state == State::Manual || state == State::Held
}

/// A free port that no outgoing connection can take while the gateway is down: below the system's own range for those.
fn free_port() -> SocketAddr {
    let start = 20_000 + u16::try_from(std::process::id() % 10_000).expect("a small number");
    let addresses = (start..32_000).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses.into_iter().find(|at| TcpListener::bind(at).is_ok()).expect("a free port")
}

/// One client: its connection and its own chance.
struct Client {
    gateway: SocketAddr,
    tls: Arc<ClientConfig>,
    connection: Option<SendRequest<Full<Bytes>>>,
    chance: fastrand::Rng,
    /// Takes the first answer instead of waiting for the bank's: kills then fall between that answer and the outcome.
    hurried: bool,
}

impl Client {
    /// Takes one payment after the other and gives what was promised.
    async fn work(mut self, demands: Arc<Mutex<std::vec::IntoIter<Demand>>>) -> Vec<Acknowledged> {
        let mut promised = Vec::new();
        loop {
            let next = demands.lock().expect("no client has failed").next();
            let Some(demand) = next else { return promised };
            let fen = demand.record.fen(Field::Amount).expect("an amount");
            let body = Bytes::from(north::encode(&demand.record));
            let id = loop {
                let offer = tokio::time::timeout(OFFER_LIMIT, self.offer(&demand.key, body.clone())).await;
                match offer.ok().flatten() {
                    Some((status, answer)) if status.is_success() => {
                        let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
                        break answer.get("id").and_then(|id| id.as_str()).expect("an id").to_owned();
                    }
                    Some((
                        StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE,
                        _,
                    )) => {}
                    Some((status, answer)) => panic!("{status}: {}", String::from_utf8_lossy(&answer)),
                    None => self.connection = None,
                }
                tokio::time::sleep(RETRY).await;
            };
            promised.push(Acknowledged { id, bank: demand.bank, fen });
            tokio::time::sleep(Duration::from_millis(self.chance.u64(..=PAUSE_MS))).await;
        }
    }

    async fn offer(&mut self, key: &str, body: Bytes) -> Option<(StatusCode, Bytes)> {
        let request = Request::post("/v1/payments")
            .header("host", "gateway")
            .header("content-type", "application/json")
            .header("idempotency-key", format!("\"{key}\""))
            .header("prefer", if self.hurried { "wait=0" } else { "wait=5" })
            .body(Full::new(body))
            .expect("a request");
        if self.connection.as_ref().is_none_or(SendRequest::is_closed) {
            let socket = TcpStream::connect(self.gateway).await.ok()?;
            let name = ServerName::try_from("gateway").expect("a name");
            let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, socket).await.ok()?;
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            self.connection = Some(sender);
        }
        let sender = self.connection.as_mut()?;
        sender.ready().await.ok()?;
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status();
        Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
    }
}

/// Lets all clients work until every payment has its 2xx.
fn instruct(place: &Place, gateway: SocketAddr, payments: u32) -> std::thread::JoinHandle<Vec<Acknowledged>> {
    let paying: Vec<PayingBank> = place
        .adapters
        .values()
        .map(|adapter| PayingBank { id: adapter.id.clone(), cnaps: adapter.party.cnaps.clone() })
        .collect();
    let demands = county::month(SEED, payments, &paying);
    assert_eq!(demands.len(), usize::try_from(payments).expect("a number"));
    let files = ClientFiles {
        server_ca: place.house.ca(),
        server_crl: None,
        identity: Some(place.house.leaf("agency")),
        versions: Versions::Tls13,
    };
    let tls = files.load().expect("the client's certificates").config;
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let demands = Arc::new(Mutex::new(demands.into_iter()));
        runtime.block_on(async {
            let mut clients = tokio::task::JoinSet::new();
            for number in 0..CLIENTS {
                let chance = fastrand::Rng::with_seed(SEED.wrapping_add(number));
                let hurried = number % 2 == 0;
                let client = Client { gateway, tls: Arc::clone(&tls), connection: None, chance, hurried };
                clients.spawn(client.work(Arc::clone(&demands)));
            }
            clients.join_all().await.into_iter().flatten().collect()
        })
    })
}

#[test]
fn kills_at_any_moment_double_nothing_and_lose_nothing() {
    let kills: u32 = match std::env::var("KUIMEN_STORM_KILLS") {
        Ok(kills) => kills.parse().expect("KUIMEN_STORM_KILLS is a number"),
        Err(_) => KILLS,
    };
    let payments = kills.max(1) * PAYMENTS_PER_KILL;
    let begun = Instant::now();
    tls::install_provider();
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::new(folder.path());
    let unguarded: Vec<&str> =
        place.adapters.values().filter(|it| !it.serial.refuses_duplicates).map(|it| it.id.as_str()).collect();
    assert!(!unguarded.is_empty(), "without a bank that executes again, sending blindly would not show");
    let banks: BTreeMap<String, Listening> =
        place.adapters.iter().map(|(id, adapter)| (id.clone(), place.simulate(adapter))).collect();
    let listen = free_port();
    place.configure(listen, &banks);

    let mut gateway = place.serve();
    let client = instruct(&place, listen, payments);
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut idle = 0;
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(chance.u64(30..=250)));
        idle += u32::from(client.is_finished());
        gateway.kill();
        gateway = place.serve();
    }
    assert_eq!(idle, 0, "kills came after the last payment: the client needs more of them");
    let promised = client.join().expect("every payment was accepted in the end");
    assert_eq!(promised.len(), usize::try_from(payments).expect("a number"));
    let patience = Instant::now();
    while place.exported().iter().any(|row| !settled(row.state)) && patience.elapsed() < SETTLE_LIMIT {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(gateway.terminate().success(), "the gateway closes in order");
    for (id, bank) in banks {
        assert!(bank.terminate().success(), "{id} closes in order");
    }

    let balance = place.balance(&promised);
    let (total, recovered) = (&balance.total, place.recovered());
    println!(
        "kills {kills} payments {payments} succeeded {} failed {} manual {} recovered {recovered} doubled {} lost {} seconds {}",
        total.succeeded,
        total.failed,
        total.manual,
        total.doubled,
        total.lost,
        begun.elapsed().as_secs(),
    );
    for (id, accounts) in &balance.banks {
        assert!(accounts.is_clean(), "{id}: {accounts:?}");
    }
    assert!(total.is_clean(), "{total:?}");
    let open: Vec<Exported> = place.exported().into_iter().filter(|row| !settled(row.state)).collect();
    assert!(open.is_empty(), "still open: {open:?}");
    assert_eq!(total.accepted, u64::from(payments), "{total:?}");
    assert!(recovered > 0, "no kill interrupted anything");
    // Where nobody can be asked and a repeat is executed again, an interrupted payment is for people.
    let with_people: u64 =
        balance.banks.iter().filter(|(id, _)| unguarded.contains(&id.as_str())).map(|(_, it)| it.manual).sum();
    assert!(with_people > 0, "no kill interrupted a payment to {unguarded:?}");
    let (status, report) = place.verify(&promised);
    assert!(status.success(), "{status}: {report}");
    assert!(report.contains("\"closed\":true"), "{report}");
}
