//! One gateway, one bank, one client and what each of them knows.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use jiff::civil::Date;
use kuimen::adapter::builtin;
use kuimen::adapter::load::FileSet;
use kuimen::adapter::plan::Adapter;
use kuimen::cli::running::{BankParts, CallsParts, Parts, Running};
use kuimen::clock::Clock;
use kuimen::config;
use kuimen::county::County;
use kuimen::front::{ALPN, Limits};
use kuimen::journal::{Entry, Keys, Message, MessageId, default_key_file};
use kuimen::life::State;
use kuimen::link::{BreakerRule, Deadlines, Security, Target};
use kuimen::message::north;
use kuimen::simulator::county::{self, PayingBank};
use kuimen::simulator::{self, Bank, FaultPlan, Manners, Misbehaviour, Options, RunningBank, Script};
use kuimen::tls::dev::{Authority, Leaf, Use};
use kuimen::tls::{self, ClientFiles, ClientTls, Live, Parties, Party, San, ServerFiles, Versions};
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Ten policy minutes are half a second.
pub(crate) const FACTOR: u32 = 1_200;
/// How long the gateway waits for the bank's answer.
pub(crate) const ANSWER: Duration = Duration::from_millis(400);
/// How long anything is waited for that has to happen.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two looks.
pub(crate) const LOOK: Duration = Duration::from_millis(10);

/// Every payment is paid at once.
pub(crate) const PLAIN: Manners = Manners { refuses: 0, holds: 0, refuses_later: 0, patience: 1 };
/// Every payment is refused.
pub(crate) const STRICT: Manners = Manners { refuses: 1_000, ..PLAIN };

/// Faults of a payment's arrivals, and of queries about it.
pub(crate) fn script(
    payments: impl IntoIterator<Item = Option<Misbehaviour>>,
    queries: impl IntoIterator<Item = Option<Misbehaviour>>,
) -> FaultPlan {
    let (payments, queries) = (payments.into_iter().collect(), queries.into_iter().collect());
    FaultPlan::script(Script { payments, queries, ..Script::default() })
}

/// How a gateway and its bank are to be.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) bank: &'static str,
    pub(crate) faults: FaultPlan,
    pub(crate) manners: Manners,
    pub(crate) refuses_duplicates: Option<bool>,
    pub(crate) late: Duration,
    pub(crate) answer: Duration,
    pub(crate) connections: usize,
    pub(crate) breaker: BreakerRule,
    pub(crate) factor: u32,
    /// What the agency may do, and through which bank.
    pub(crate) agency: (&'static str, &'static str),
    pub(crate) limits: Limits,
    /// The gateway's configuration names the bank.
    pub(crate) configured: bool,
    /// The adapter, where it is not the built-in one.
    pub(crate) files: Option<FileSet>,
    /// The county whose rules are asked.
    pub(crate) county: Option<County>,
}

impl Setup {
    pub(crate) fn of(bank: &'static str) -> Setup {
        Setup {
            bank,
            faults: FaultPlan::none(),
            manners: PLAIN,
            refuses_duplicates: None,
            // Over HTTP the limits of writing and answering are one.
            late: ANSWER * 3,
            answer: ANSWER,
            connections: 8,
            breaker: BreakerRule { failures: 1_000, ..BreakerRule::default() },
            factor: FACTOR,
            agency: ("*", "*"),
            limits: Limits { requests_per_second: 1_000_000, ..Limits::default() },
            configured: true,
            files: None,
            county: None,
        }
    }

    pub(crate) async fn start(self) -> Place {
        Place::new(self).await
    }

    /// With this fault at the payment's first arrival.
    pub(crate) fn first(self, fault: Misbehaviour) -> Setup {
        Setup { faults: script([Some(fault)], []), ..self }
    }
}

/// The gateway, its bank and the folder in which everything lies.
/// The file of the county with which the example ships.
pub(crate) fn county_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/county/county.toml")
}

/// That county, with agreements that are in force whenever this is run.
pub(crate) fn the_county() -> County {
    let mut county = config::county::load(&county_file()).unwrap_or_else(|faults| panic!("{faults:?}"));
    for agreement in &mut county.agreements {
        agreement.until = Date::MAX;
    }
    county
}

pub(crate) struct Place {
    dir: tempfile::TempDir,
    pub(crate) setup: Setup,
    keys: Arc<Keys>,
    gateway: Option<Running>,
    bank: Option<RunningBank>,
    bank_address: SocketAddr,
    /// Where the gateway listened first.
    address: SocketAddr,
}

impl Place {
    async fn new(setup: Setup) -> Place {
        tls::install_provider();
        let dir = tempfile::tempdir().expect("a folder");
        certificates(&dir.path().join("tls"), setup.bank);
        let keys = Arc::new(Keys::create(&default_key_file(&dir.path().join("data"))).expect("keys"));
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut place = Place { dir, setup, keys, gateway: None, bank: None, bank_address: any, address: any };
        place.open_bank().await;
        place.open_gateway().await;
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("tls").join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn leaf(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.file(&format!("{name}.pem")), self.file(&format!("{name}.key")))
    }

    fn server(&self, name: &str, alpn: &'static [&'static [u8]]) -> ServerFiles {
        let (certificate, key) = self.leaf(name);
        let client_ca = self.file("ca.pem");
        ServerFiles { certificate, key, client_ca, client_crl: None, versions: Versions::Tls13, alpn }
    }

    fn client(&self, name: &str) -> ClientFiles {
        let identity = Some(self.leaf(name));
        ClientFiles { server_ca: self.file("ca.pem"), server_crl: None, identity, versions: Versions::Tls13 }
    }

    fn files(&self) -> FileSet {
        let built_in = || builtin::file_sets().remove(self.setup.bank).expect("a built-in adapter");
        self.setup.files.clone().unwrap_or_else(built_in)
    }

    fn adapter(&self) -> Arc<Adapter> {
        Arc::new(Adapter::compile(self.setup.bank, &self.files()).unwrap_or_else(|faults| panic!("{faults}")))
    }

    /// Opens the bank, on the address it had before if it was open before.
    pub(crate) async fn open_bank(&mut self) {
        let adapter = self.adapter();
        let tls = self.server(self.setup.bank, &[]).load().expect("a listener's configuration").config;
        let options = Options {
            listen: self.bank_address,
            faults: self.setup.faults.clone(),
            manners: self.setup.manners,
            refuses_duplicates: self.setup.refuses_duplicates,
            late: self.setup.late,
            ..Options::new(self.dir.path().join("bank"), tls)
        };
        let settings = adapter.demo_settings();
        let bank = Bank::start(adapter, settings, options).await.expect("a bank");
        self.bank_address = bank.address;
        self.bank = Some(bank);
    }

    pub(crate) async fn close_bank(&mut self) {
        self.bank.take().expect("an open bank").stop().await;
    }

    pub(crate) fn bank(&self) -> &RunningBank {
        self.bank.as_ref().expect("an open bank")
    }

    /// Starts the gateway on what lies in the folder.
    pub(crate) async fn open_gateway(&mut self) {
        let adapter = self.adapter();
        let client = self.client("gateway-client");
        let tls = Live::open(client.paths(), move || client.load()).expect("a client's certificates");
        let target = Target {
            address: self.bank_address.to_string(),
            server_name: self.setup.bank.to_owned(),
            security: Security::Mutual(tls),
            reuse: !adapter.wire.one_request,
            max_connections: self.setup.connections,
            deadlines: Deadlines { write: ANSWER, answer: self.setup.answer, ..Deadlines::default() },
            max_answer: adapter.wire.max,
            breaker: self.setup.breaker,
        };
        let settings = adapter.demo_settings();
        let cut_over = jiff::civil::Time::midnight();
        let door = self.server("gateway", &[]);
        let calls = CallsParts {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: Live::open(door.paths(), move || door.load()).expect("the door's certificates"),
            caller: San::parse("dns:bank-caller.test").expect("a name"),
        };
        let bank = BankParts { adapter, files: self.files(), settings, target, cut_over, calls: Some(calls) };
        let server = self.server("gateway", ALPN);
        let parts = Parts {
            data_dir: self.data(),
            keys: Arc::clone(&self.keys),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: Live::open(server.paths(), move || server.load()).expect("the listener's certificates"),
            parties: Parties::new([
                party("agency", self.setup.agency),
                party("other", ("*", "*")),
                party("reader", ("nothing", "*")),
            ]),
            limits: self.setup.limits,
            banks: if self.setup.configured { vec![bank] } else { Vec::new() },
            county: self.setup.county.clone(),
            clock: Clock::with_factor(NonZeroU32::new(self.setup.factor).expect("a factor")),
            simulation: true,
        };
        let running = Running::start(parts).await.expect("a gateway");
        self.address = running.address;
        self.gateway = Some(running);
    }

    /// Ends the gateway as SIGTERM does; says whether everything in hand was finished.
    pub(crate) async fn close_gateway(&mut self) -> bool {
        self.gateway.take().expect("a running gateway").stop().await
    }

    /// The gateway's ending, to be awaited elsewhere.
    pub(crate) fn let_go(&mut self) -> Running {
        self.gateway.take().expect("a running gateway")
    }

    pub(crate) fn gateway(&self) -> &Running {
        self.gateway.as_ref().expect("a running gateway")
    }

    /// Invented payments through this bank: each its own person, amount and order.
    pub(crate) fn payments(&self, count: u32) -> Vec<Offer> {
        let bank = PayingBank { id: self.setup.bank.to_owned(), cnaps: self.adapter().party.cnaps.clone() };
        let demands = county::month(5, count, &[bank]).into_iter();
        demands
            .map(|demand| Offer { path: "/v1/payments", key: demand.key.clone(), body: north::encode(&demand.record) })
            .collect()
    }

    /// The bank's own client, with somebody's certificate.
    pub(crate) fn calling_as(&self, name: &str) -> simulator::Caller {
        let adapter = self.adapter();
        simulator::Caller {
            settings: adapter.demo_settings(),
            adapter,
            door: self.gateway().doors[self.setup.bank],
            server_name: "gateway".to_owned(),
            tls: Arc::new(self.client(name).load().expect("a client")),
        }
    }

    /// An errand about the n-th invented card.
    pub(crate) fn errand(&self, path: &'static str, n: u32) -> Offer {
        let body = json!({
            "holder": { "name": "张三", "id_type": "resident", "id": "11010519491231002X" },
            "card": { "number": format!("B{n:08}") },
            "bank": self.setup.bank,
        });
        let key = format!("{}-{n:020}", path.rsplit('/').next().unwrap_or_default());
        let mut offer = Offer { path, key, body: body.to_string() };
        if path.ends_with("/report-loss") {
            offer = offer.with("/loss", json!({ "kind": "formal" }));
        }
        offer
    }

    pub(crate) fn payment(&self) -> Offer {
        self.payments(1).remove(0)
    }

    pub(crate) async fn caller(&self, name: &str) -> Caller {
        Caller::connect(self.address, self.client(name).load().expect("a client")).await.expect("a connection")
    }

    pub(crate) async fn try_caller(&self, name: &str) -> Option<Caller> {
        Caller::connect(self.address, self.client(name).load().expect("a client")).await
    }

    /// A bare TLS connection of the agency.
    pub(crate) async fn raw(&self) -> TlsStream<TcpStream> {
        let tls = self.client("agency").load().expect("a client");
        tls_stream(self.address, &tls).await.expect("a connection")
    }

    /// Offers a payment as the agency, on a connection of its own.
    pub(crate) async fn offer(&self, payment: &Offer, wait: u32) -> Answer {
        self.caller("agency").await.offer(payment, wait).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.caller("agency").await.get(path).await
    }

    pub(crate) async fn find(&self, id: &str) -> Message {
        let id: MessageId = id.parse().expect("an id");
        self.gateway().gateway.journal().find(id).await.expect("a journal").expect("a message")
    }

    /// Waits until the message stands there.
    pub(crate) async fn until(&self, id: &str, state: State) -> Message {
        self.until_true(id, |message| message.state == state).await
    }

    /// Waits until this is so.
    pub(crate) async fn until_true(&self, id: &str, so: impl Fn(&Message) -> bool) -> Message {
        let begun = Instant::now();
        loop {
            let message = self.find(id).await;
            if so(&message) {
                return message;
            }
            let history = self.history(id).await;
            assert!(begun.elapsed() < LIMIT, "{} {:?} after {history:?}", message.state, message.reason);
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn timeline(&self, id: &str) -> Vec<Entry> {
        let id: MessageId = id.parse().expect("an id");
        self.gateway().gateway.journal().timeline(id).await.expect("a timeline")
    }

    /// What happened to a message, one word an event: its name, and what it said.
    pub(crate) async fn history(&self, id: &str) -> Vec<String> {
        let word = |entry: Entry| match entry.detail {
            Some(detail) => format!("{} {detail}", entry.event),
            None => entry.event,
        };
        self.timeline(id).await.into_iter().map(word).collect()
    }

    /// Whom the closed journal says it refused, and why.
    pub(crate) fn refusals(&self) -> Vec<(String, String)> {
        let journal = rusqlite::Connection::open(self.data().join("gateway/journal.sqlite")).expect("a journal");
        let mut chain = journal.prepare("SELECT record FROM chain ORDER BY seq").expect("a chain");
        let records = chain.query_map([], |row| row.get::<_, String>(0)).expect("records");
        let records = records.map(|record| record.expect("a record")).filter(|it| it.contains("event=refused\n"));
        let line = |record: &str, name: &str| {
            let found = record.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().to_owned()
        };
        records.map(|record| (line(&record, "org"), line(&record, "reason"))).collect()
    }

    /// By the bank's own books: how often a serial came, and how often money moved for it.
    pub(crate) fn books(&self, message: &Message) -> (u32, u32) {
        let serial = message.serial().expect("a serial");
        let of = |standing: &kuimen::simulator::ledger::Standing| (standing.received, standing.executed);
        self.bank().ledger().look(|books| books.find(serial, None).map_or((0, 0), of))
    }

    /// How often money moved at the bank, over all payments.
    pub(crate) fn executed(&self) -> u32 {
        self.bank().ledger().look(|books| books.all().map(|standing| standing.executed).sum())
    }

    /// How often the bank got a payment, over all payments.
    pub(crate) fn received(&self) -> u32 {
        self.bank().ledger().look(|books| books.all().map(|standing| standing.received).sum())
    }

    pub(crate) fn struck(&self, fault: Misbehaviour) -> u64 {
        self.bank().struck().get(&fault).copied().unwrap_or_default()
    }

    pub(crate) fn link(&self) -> Arc<kuimen::link::Link> {
        Arc::clone(&self.gateway().gateway.bank(self.setup.bank).expect("the bank").link)
    }
}

/// Waits until this is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < LIMIT, "never: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// A message to be offered.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) path: &'static str,
    pub(crate) key: String,
    pub(crate) body: String,
}

impl Offer {
    /// The same with another value at a JSON pointer.
    pub(crate) fn with(&self, pointer: &str, value: Value) -> Offer {
        let mut body: Value = serde_json::from_str(&self.body).expect("JSON");
        let (parent, name) = pointer.rsplit_once('/').expect("a path");
        body.pointer_mut(parent).expect("a parent")[name] = value;
        Offer { body: body.to_string(), ..self.clone() }
    }
}

/// What the client was told.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.json().get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn id(&self) -> String {
        let id = self.text("id");
        assert!(!id.is_empty(), "{self:?}");
        id
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Status and state, or status and problem code.
    pub(crate) fn says(&self) -> (u16, String) {
        let state = self.text("state");
        (self.status, if state.is_empty() { self.text("code") } else { state })
    }
}

/// A connection of somebody to the gateway.
pub(crate) struct Caller(SendRequest<Full<Bytes>>);

async fn tls_stream(address: SocketAddr, tls: &ClientTls) -> Option<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(address).await.ok()?;
    let name = ServerName::try_from("gateway").ok()?;
    TlsConnector::from(Arc::clone(&tls.config)).connect(name, socket).await.ok()
}

impl Caller {
    async fn connect(address: SocketAddr, tls: ClientTls) -> Option<Caller> {
        let stream = tls_stream(address, &tls).await?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Caller(sender))
    }

    pub(crate) async fn offer(&mut self, payment: &Offer, wait: u32) -> Answer {
        let key = format!("\"{}\"", payment.key);
        let (key, wait) = (("idempotency-key", key.as_str()), format!("wait={wait}"));
        self.post_as(payment.path, "application/json", &[key, ("prefer", &wait)], &payment.body).await
    }

    /// Posts a payment with these headers beside the usual ones.
    pub(crate) async fn post(&mut self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.post_as("/v1/payments", "application/json", headers, body).await
    }

    /// Posts a body of any type under a key.
    pub(crate) async fn offer_as(&mut self, key: &str, media: &str, body: &str) -> Answer {
        self.post_as("/v1/payments", media, &[("idempotency-key", key), ("prefer", "wait=5")], body).await
    }

    async fn post_as(&mut self, path: &str, media: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::post(path).header("host", "gateway").header("content-type", media);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::new(Bytes::from(body.to_owned()))).expect("a request")).await.expect("an answer")
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header("host", "gateway").body(Full::default()).expect("a request");
        self.send(request).await.expect("an answer")
    }

    /// Asks the gateway to ask the bank.
    pub(crate) async fn query(&mut self, id: &str) -> Answer {
        let path = format!("/v1/payments/{id}/query");
        let request = Request::post(path).header("host", "gateway").header("content-length", "0");
        self.send(request.body(Full::default()).expect("a request")).await.expect("an answer")
    }

    /// `None` if the gateway hung up.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Option<Answer> {
        self.0.ready().await.ok()?;
        let sent = tokio::time::timeout(LIMIT, self.0.send_request(request)).await.expect("an answer in time");
        let answer = sent.ok()?;
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        Some(Answer { status, headers, body: answer.into_body().collect().await.ok()?.to_bytes() })
    }
}

fn party(id: &str, (operation, bank): (&str, &str)) -> Party {
    Party {
        id: id.to_owned(),
        san: San::parse(&format!("dns:{id}.test")).expect("a name"),
        issuer: None,
        banks: [bank.to_owned()].into(),
        operations: [operation.to_owned()].into(),
    }
}

/// An authority with everybody's certificates, and one `outsider` under another authority.
fn certificates(dir: &Path, bank: &str) {
    std::fs::create_dir_all(dir).expect("a folder");
    let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).expect("a file");
    let authority = Authority::new("pipeline test CA").expect("an authority");
    let elsewhere = Authority::new("another CA").expect("an authority");
    put("ca.pem", &authority.certificate());
    for name in ["gateway", bank] {
        let issued = authority.issue(&Leaf::now(name, Use::Server, &[name])).expect("a certificate");
        put(&format!("{name}.pem"), &issued.certificate);
        put(&format!("{name}.key"), &issued.key);
    }
    for name in ["agency", "other", "reader", "stranger", "gateway-client", "outsider", "bank-caller"] {
        let issuer = if name == "outsider" { &elsewhere } else { &authority };
        let host = format!("{name}.test");
        let issued = issuer.issue(&Leaf::now(name, Use::Client, &[&host])).expect("a certificate");
        put(&format!("{name}.pem"), &issued.certificate);
        put(&format!("{name}.key"), &issued.key);
    }
}
