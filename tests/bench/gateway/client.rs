//! The load: so many clients, each with a connection of its own and one request under way.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::figures::Figures;
use crate::payments::{self, Payment};
use crate::{place, process};

/// Before the measurement begins.
const WARM: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Load {
    /// `gateway` or `proxy`.
    pub(crate) kind: String,
    /// The place of the benchmark.
    pub(crate) dir: PathBuf,
    /// Where the middle listens.
    pub(crate) address: SocketAddr,
    /// Whose CPU time is read.
    pub(crate) process: u32,
    pub(crate) clients: usize,
    pub(crate) seconds: u64,
    /// Where the ids of accepted payments are written.
    #[arg(long)]
    pub(crate) acked: Option<PathBuf>,
}

/// What all clients share.
struct Shared {
    payments: Vec<Payment>,
    gateway: bool,
    next: AtomicUsize,
    stop: AtomicBool,
}

/// What one client has seen.
#[derive(Default)]
struct Seen {
    /// When an answer came, and how long it took.
    answers: Vec<(Instant, Duration)>,
    ids: Vec<String>,
    wrong: Option<String>,
    bytes: (usize, usize),
}

pub(crate) fn run(load: &Load) -> ExitCode {
    let tls = place::client_tls(&load.dir, "agency");
    let adapter = payments::adapter();
    let shared = Arc::new(Shared {
        payments: payments::all(&adapter, &adapter.demo_settings()),
        gateway: load.kind == "gateway",
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (figures, ids) = runtime.block_on(drive(load, &tls, &shared));
    if let Some(path) = &load.acked {
        std::fs::write(path, ids.join("\n") + "\n").expect("a list of ids");
    }
    println!("{}", serde_json::to_string(&figures).expect("figures have a JSON form"));
    ExitCode::SUCCESS
}

async fn drive(load: &Load, tls: &Arc<ClientConfig>, shared: &Arc<Shared>) -> (Figures, Vec<String>) {
    let mut senders = Vec::with_capacity(load.clients);
    for _ in 0..load.clients {
        senders.push(connect(load.address, "gateway", tls).await.expect("a connection"));
    }
    let mut clients = tokio::task::JoinSet::new();
    for sender in senders {
        clients.spawn(one(sender, Arc::clone(shared)));
    }
    tokio::time::sleep(WARM).await;
    let (begun, before) = (Instant::now(), process::cpu_micros(load.process));
    tokio::time::sleep(Duration::from_secs(load.seconds)).await;
    let (ended, after) = (Instant::now(), process::cpu_micros(load.process));
    shared.stop.store(true, Ordering::Relaxed);
    let mut all = Seen::default();
    for seen in clients.join_all().await {
        all.answers.extend(seen.answers);
        all.ids.extend(seen.ids);
        all.wrong = all.wrong.or(seen.wrong);
        all.bytes = (all.bytes.0.max(seen.bytes.0), all.bytes.1.max(seen.bytes.1));
    }
    let within = all.answers.iter().filter(|(at, _)| (begun..ended).contains(at)).map(|(_, took)| *took).collect();
    let mut figures = Figures::new(within, ended - begun, after.saturating_sub(before));
    (figures.request_bytes, figures.answer_bytes) = all.bytes;
    figures.wrong = all.wrong;
    (figures, all.ids)
}

/// One client: the next request when the answer to the last one is there.
async fn one(mut sender: SendRequest<Full<Bytes>>, shared: Arc<Shared>) -> Seen {
    let mut seen = Seen::default();
    while !shared.stop.load(Ordering::Relaxed) && seen.wrong.is_none() {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let payment = shared.payments.get(number % shared.payments.len()).expect("within the list");
        let request = if shared.gateway { to_gateway(payment, number) } else { to_bank(payment) };
        seen.bytes.0 = if shared.gateway { payment.north.len() } else { payment.wire.body.len() };
        let begun = Instant::now();
        match ask(&mut sender, request).await {
            Ok(body) if !shared.gateway => seen.bytes.1 = body.len(),
            Ok(body) => match settled(&body) {
                Some(id) => {
                    seen.bytes.1 = body.len();
                    seen.ids.push(id);
                }
                None => seen.wrong = Some(String::from_utf8_lossy(&body).into_owned()),
            },
            Err(cause) => seen.wrong = Some(cause),
        }
        let ended = Instant::now();
        seen.answers.push((ended, ended - begun));
    }
    seen
}

/// A payment under a key that was never used before.
fn to_gateway(payment: &Payment, number: usize) -> Request<Full<Bytes>> {
    Request::post("/v1/payments")
        .header("host", "gateway")
        .header("content-type", "application/json")
        .header("idempotency-key", format!("\"bench-payment-{number:012}\""))
        .header("prefer", "wait=5")
        .body(Full::new(Bytes::from(payment.north.clone())))
        .expect("a request")
}

/// The same payment as the gateway would send it on.
fn to_bank(payment: &Payment) -> Request<Full<Bytes>> {
    Request::post(payment.wire.target.as_deref().expect("an HTTP dialect"))
        .header("host", "gateway")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(payment.wire.body.clone())))
        .expect("a request")
}

async fn ask(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Result<Bytes, String> {
    sender.ready().await.map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    if status == StatusCode::OK { Ok(body) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&body))) }
}

/// The id of a payment that the answer says was made.
fn settled(body: &[u8]) -> Option<String> {
    memmem::find(body, br#""state":"SUCCEEDED""#)?;
    let start = memmem::find(body, br#""id":""#)? + br#""id":""#.len();
    Some(String::from_utf8_lossy(body.get(start..start + 36)?).into_owned())
}

/// A connection with mutual TLS.
pub(crate) async fn connect(
    address: SocketAddr,
    name: &str,
    tls: &Arc<ClientConfig>,
) -> Option<SendRequest<Full<Bytes>>> {
    let socket = TcpStream::connect(address).await.ok()?;
    socket.set_nodelay(true).ok()?;
    let name = ServerName::try_from(name.to_owned()).ok()?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, socket).await.ok()?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}
