//! The listener over real TLS sockets, spoken to in raw bytes so that nothing a client library does hides a fault.

mod ends;
mod limits;
mod people;
mod routes;
mod strict;

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use rustls_pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::message::Operation;
use crate::tls::dev::{Authority, Issued, Leaf, Use};
use crate::tls::{Party, San, ServerFiles, Versions};

/// A service that counts, and can be told to hold a payment until it is let go.
#[derive(Default)]
struct Office {
    begun: AtomicUsize,
    finished: AtomicUsize,
    hold: bool,
    panic: bool,
    go: Notify,
    turned_away: Mutex<Vec<TurnedAway>>,
}

impl Service for Office {
    fn take(
        self: Arc<Self>,
        caller: Caller,
        operation: Operation,
        key: Key,
        body: Bytes,
        wait: Option<Duration>,
    ) -> BoxFuture<'static, Answer> {
        async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            assert!(!self.panic, "told to");
            if self.hold {
                self.go.notified().await;
            }
            self.finished.fetch_add(1, Ordering::SeqCst);
            let text = format!(
                "{} {} {key} {} {:?}",
                caller.party.id,
                operation.name(),
                body.len(),
                wait.map(|wait| wait.as_secs())
            );
            Answer::json(StatusCode::ACCEPTED, text).header(http::header::LOCATION, "/v1/payments/1").replayed()
        }
        .boxed()
    }

    fn turned_away(self: Arc<Self>, request: TurnedAway) -> BoxFuture<'static, Answer> {
        async move {
            let answer = request.code.document(request.lang, request.detail.as_ref(), &[]);
            self.turned_away.lock().unwrap().push(request);
            answer
        }
        .boxed()
    }

    fn read(self: Arc<Self>, _: Caller, shelf: Shelf, id: String) -> BoxFuture<'static, Answer> {
        async move { Answer::json(StatusCode::OK, format!("{shelf:?} {id}")) }.boxed()
    }

    fn list(self: Arc<Self>, _: Caller, listing: Listing) -> BoxFuture<'static, Answer> {
        async move { Answer::json(StatusCode::OK, format!("{:?} {:?}", listing.shelf, listing.bank)) }.boxed()
    }

    fn query(self: Arc<Self>, _: Caller, id: String) -> BoxFuture<'static, Answer> {
        async move {
            assert!(!self.panic, "told to");
            Answer::json(StatusCode::OK, format!("asked {id}"))
        }
        .boxed()
    }

    fn events(self: Arc<Self>, _: Caller, since: Since) -> BoxFuture<'static, Result<Told, Code>> {
        async move { Ok(Told { events: vec![format!("{since:?}").into()], next: since.after }) }.boxed()
    }

    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer> {
        async { Answer::json(StatusCode::OK, "{}") }.boxed()
    }
}

/// Operation, keys and body.
type Offered = (Operation, Vec<String>, Option<String>);

struct House {
    dir: tempfile::TempDir,
    ca: Authority,
    address: SocketAddr,
    office: Arc<Office>,
    tls: Arc<Live<ServerTls>>,
    stop: CancellationToken,
    served: JoinHandle<Drained>,
}

fn quick() -> Limits {
    Limits {
        handshake: Duration::from_millis(300),
        header: Duration::from_millis(400),
        body: Duration::from_millis(100),
        body_bytes: 100,
        drain: Duration::from_millis(800),
        ..Limits::default()
    }
}

async fn house(office: Office, limits: Limits) -> House {
    let dir = tempfile::tempdir().unwrap();
    let ca = Authority::new("front test CA").unwrap();
    let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let server = ca.issue(&Leaf::now("gateway", Use::Server, &["localhost"])).unwrap();
    put("ca.pem", &ca.certificate());
    put("crl.pem", &ca.revoke(&[], SystemTime::now() + Duration::from_hours(1)).unwrap());
    put("server.pem", &server.certificate);
    put("server.key", &server.key);
    let files = ServerFiles {
        certificate: dir.path().join("server.pem"),
        key: dir.path().join("server.key"),
        client_ca: dir.path().join("ca.pem"),
        client_crl: Some(dir.path().join("crl.pem")),
        versions: Versions::Tls13,
        alpn: ALPN,
    };
    let tls = Live::open(files.paths(), move || files.load()).unwrap();
    let party = |id: &str, operation: &str| Party {
        id: id.into(),
        san: San::parse(&format!("dns:{id}.test")).unwrap(),
        issuer: None,
        banks: ["*".to_owned()].into(),
        operations: [operation.to_owned()].into(),
    };
    let parties = Parties::new([party("agency", "*"), party("reader", "payment.query")]);
    let office = Arc::new(office);
    let front = Front::new(tls.clone(), parties, office.clone(), limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn(front.serve(listener, stop.clone()));
    House { dir, ca, address, office, tls, stop, served }
}

impl House {
    fn leaf(&self, name: &str) -> Issued {
        self.ca.issue(&Leaf::now(name, Use::Client, &[&format!("{name}.test")])).unwrap()
    }

    async fn connect(&self, issued: &Issued, alpn: &[u8]) -> TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        let root = self.ca.certificate();
        roots.add(rustls_pki_types::CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
        let chain = vec![rustls_pki_types::CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap()];
        let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .unwrap();
        config.alpn_protocols = vec![alpn.to_vec()];
        let socket = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap()
    }

    /// What was turned away since the last look: the code, and the keys and the body of an offer.
    fn turned_away(&self) -> Vec<(Code, Option<Offered>)> {
        let requests = std::mem::take(&mut *self.office.turned_away.lock().unwrap());
        let body = |body: Option<Bytes>| body.map(|body| String::from_utf8(body.to_vec()).unwrap());
        let keys = |keys: Vec<Key>| keys.iter().map(Key::to_string).collect();
        let offer = |offer: Offer| (offer.operation, keys(offer.keys), body(offer.body));
        requests.into_iter().map(|request| (request.code, request.offer.map(offer))).collect()
    }

    async fn agency(&self) -> TlsStream<TcpStream> {
        self.connect(&self.leaf("agency"), b"http/1.1").await
    }

    /// One raw exchange on a connection of its own, until the server closes or falls silent.
    async fn raw(&self, request: &str) -> String {
        talk(&mut self.agency().await, request).await
    }
}

/// Writes and reads until the end of the stream or 250 ms of silence.
async fn talk(stream: &mut TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    listen(stream).await.0
}

/// What comes until the end or 250 ms of silence, and whether it was the end.
async fn listen(stream: &mut TlsStream<TcpStream>) -> (String, bool) {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    loop {
        match tokio::time::timeout(Duration::from_millis(250), stream.read(&mut part)).await {
            Err(_) => return (String::from_utf8(all).unwrap(), false),
            Ok(Ok(0) | Err(_)) => return (String::from_utf8(all).unwrap(), true),
            Ok(Ok(read)) => all.extend_from_slice(&part[..read]),
        }
    }
}

const THE_KEY: &str = "0190f3a0-7e5c-7000-8000-0123456789ab";
const KEY: &str = "Idempotency-Key: \"0190f3a0-7e5c-7000-8000-0123456789ab\"\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

fn pay(extra: &str) -> String {
    format!("POST /v1/payments HTTP/1.1\r\nHost: localhost\r\n{KEY}{JSON}{extra}Content-Length: 2\r\n\r\n{{}}")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Status and problem code of a raw answer.
fn verdict(answer: &str) -> (u16, String) {
    let status =
        answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).map_or(0, |code| code.parse().unwrap());
    let code = answer.split("urn:kuimen:problem:").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    (status, code.to_owned())
}
