//! The listener over real TLS sockets, spoken to in raw bytes so that nothing a client library does hides a fault.

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
    fn pay(
        self: Arc<Self>,
        caller: Caller,
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
            let text = format!("{} {key} {} {:?}", caller.party.id, body.len(), wait.map(|wait| wait.as_secs()));
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

    fn payment(self: Arc<Self>, _: Caller, id: String) -> BoxFuture<'static, Answer> {
        async move { Answer::json(StatusCode::OK, id) }.boxed()
    }

    fn payments(self: Arc<Self>, _: Caller, listing: Listing) -> BoxFuture<'static, Answer> {
        async move { Answer::json(StatusCode::OK, format!("{:?}", listing.bank)) }.boxed()
    }

    fn query(self: Arc<Self>, _: Caller, id: String) -> BoxFuture<'static, Answer> {
        async move {
            assert!(!self.panic, "told to");
            Answer::json(StatusCode::OK, format!("asked {id}"))
        }
        .boxed()
    }

    fn events(self: Arc<Self>, _: Caller, since: Since) -> BoxFuture<'static, Answer> {
        async move { Answer::json(StatusCode::OK, format!("{since:?}")) }.boxed()
    }

    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer> {
        async { Answer::json(StatusCode::OK, "{}") }.boxed()
    }
}

/// Keys and body.
type Offered = (Vec<String>, Option<String>);

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
        let offer = |offer: Offer| (keys(offer.keys), body(offer.body));
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

#[tokio::test]
async fn the_routes_reach_the_service() {
    let house = house(Office::default(), Limits::default()).await;
    let answer = house.raw(&pay("Prefer: wait=3\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("location: /v1/payments/1\r\n") && answer.contains("idempotent-replayed: true\r\n"));
    assert!(answer.ends_with("agency 0190f3a0-7e5c-7000-8000-0123456789ab 2 Some(3)"), "{answer}");
    let mut stream = house.agency().await;
    for (request, expected) in [
        (get("/v1/payments/0190-a"), "0190-a"),
        (get("/v1/payments?bank=abc"), "Some(\"abc\")"),
        (get("/v1/health"), "{}"),
        ("POST /v1/payments/7/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".into(), "asked 7"),
    ] {
        let answer = talk(&mut stream, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(expected), "{answer}");
    }
    for (request, expected) in [
        (get("/v1/nothing"), (404, "not-found")),
        (get("/v1/payments/a_b"), (404, "not-found")),
        (get("/v1/payments/7/query"), (405, "method-not-allowed")),
        (get("/v1/health?x=1"), (400, "request-malformed")),
        (get("/v1/payments?page=1"), (400, "request-malformed")),
    ] {
        let (status, code) = verdict(&talk(&mut stream, &request).await);
        assert_eq!((status, code.as_str()), expected, "{request}");
    }
}

#[tokio::test]
async fn the_strict_layer_refuses_what_hyper_lets_pass() {
    let house = house(Office::default(), quick()).await;
    let body = "Content-Length: 2\r\n\r\n{}";
    let key2 = "Idempotency-Key: abcdefghijklmnopqrstuvwxyz\r\n";
    let post = "POST /v1/payments HTTP/1.1\r\n";
    let host = "Host: localhost\r\n";
    for (request, status, code) in [
        (format!("{post}{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}{host}Host: other\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}{host}{host}{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}Host: a b\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}Host:\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("CONNECT localhost:443 HTTP/1.1\r\n{host}\r\n"), 405, "method-not-allowed"),
        (format!("TRACE /v1/health HTTP/1.1\r\n{host}\r\n"), 405, "method-not-allowed"),
        (format!("PUT /v1/payments HTTP/1.1\r\n{host}{JSON}{body}"), 405, "method-not-allowed"),
        (format!("{post}{host}{KEY}{key2}{JSON}{body}"), 400, "idempotency-key-malformed"),
        (format!("{post}{host}{KEY}{KEY}{JSON}{body}"), 400, "idempotency-key-malformed"),
        (format!("{post}{host}{JSON}{body}"), 400, "idempotency-key-missing"),
        (format!("{post}{host}Idempotency-Key: short\r\n{JSON}{body}"), 400, "idempotency-key-malformed"),
        (
            format!("{post}{host}{KEY}{JSON}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
            411,
            "length-required",
        ),
        (
            format!("{post}{host}{KEY}{JSON}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            411,
            "length-required",
        ),
        (format!("{post}{host}{KEY}{body}"), 415, "unsupported-media-type"),
        (format!("{post}{host}{KEY}{JSON}Content-Length: 101\r\n\r\n"), 413, "body-too-large"),
        (format!("{post}{host}{KEY}{JSON}Content-Length: 9\r\n\r\n{{}}"), 408, "body-timeout"),
        (format!("GET http://localhost/v1/health HTTP/1.1\r\n{host}\r\n"), 400, "request-malformed"),
        (format!("GET /v1/../health HTTP/1.1\r\n{host}\r\n"), 400, "request-malformed"),
        (format!("GET /v1/health HTTP/1.1\r\n{host}Content-Length: 2\r\n\r\n{{}}"), 400, "request-malformed"),
        (format!("GET /v1/health HTTP/1.0\r\n{host}\r\n"), 0, ""),
        // hyper's own: no problem document, but refused.
        (format!("{post}{host}{KEY}{JSON}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"), 400, ""),
        (format!("{post}{host}X: {}\r\n{KEY}{JSON}{body}", "x".repeat(17_000)), 431, ""),
    ] {
        let answer = house.raw(&request).await;
        if request.contains("HTTP/1.0") {
            assert!(answer.starts_with("HTTP/1.0 400"), "{answer}");
            continue;
        }
        assert_eq!(verdict(&answer), (status, code.to_owned()), "{request}\n{answer}");
    }
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0, "nothing reached the service");
}

#[tokio::test]
async fn a_request_in_doubt_ends_the_connection() {
    let house = house(Office::default(), Limits::default()).await;
    let smuggled = format!(
        "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\n{KEY}{JSON}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\n{}",
        get("/v1/health")
    );
    let mut stream = house.agency().await;
    stream.write_all(smuggled.as_bytes()).await.unwrap();
    let (answer, ended) = listen(&mut stream).await;
    assert_eq!(verdict(&answer).0, 411);
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "the second request is not answered: {answer}");
    assert!(ended);
}

#[tokio::test]
async fn problems_are_said_in_the_asked_language() {
    let house = house(Office::default(), Limits::default()).await;
    let ask = |lang: &str| format!("GET /v1/none HTTP/1.1\r\nHost: localhost\r\nAccept-Language: {lang}\r\n\r\n");
    let english = house.raw(&ask("en")).await;
    assert!(english.contains("content-language: en\r\n") && english.contains("\"title\":\"not found\""), "{english}");
    assert!(english.contains("content-type: application/problem+json\r\n"));
    let chinese = house.raw(&ask("zh-CN")).await;
    assert!(chinese.contains("content-language: zh\r\n") && chinese.contains("\"title\":\"未找到\""), "{chinese}");
}

#[tokio::test]
async fn the_certificate_decides_who_may_ask_for_what() {
    let house = house(Office::default(), Limits::default()).await;
    let mut stranger = house.connect(&house.leaf("stranger"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut stranger, &pay("")).await), (403, "party-unknown".into()));
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &pay("")).await), (403, "operation-not-allowed".into()));
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/payments/1")).await).0, 200);
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_revoked_certificate_is_silenced_on_its_open_connection() {
    let house = house(Office::default(), Limits::default()).await;
    let (bad, good) = (house.leaf("agency"), house.leaf("agency"));
    let mut revoked = house.connect(&bad, b"http/1.1").await;
    let mut kept = house.connect(&good, b"http/1.1").await;
    for stream in [&mut revoked, &mut kept] {
        assert_eq!(verdict(&talk(stream, &get("/v1/health")).await).0, 200);
    }
    let list = house.ca.revoke(&[bad.serial], SystemTime::now() + Duration::from_hours(1)).unwrap();
    std::fs::write(house.dir.path().join("crl.pem"), list).unwrap();
    assert!(house.tls.refresh().unwrap());
    assert_eq!(verdict(&talk(&mut revoked, &pay("")).await), (403, "certificate-refused".into()));
    assert!(listen(&mut revoked).await.1, "and closed");
    assert_eq!(verdict(&talk(&mut kept, &get("/v1/health")).await).0, 200, "the others stay connected");
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn slow_clients_are_cut_off() {
    let house = house(Office::default(), quick()).await;
    let closed_within = |mut socket: TcpStream| async move {
        let mut sink = Vec::new();
        tokio::time::timeout(Duration::from_secs(2), socket.read_to_end(&mut sink)).await.is_ok()
    };
    assert!(closed_within(TcpStream::connect(house.address).await.unwrap()).await, "no handshake");
    for (alpn, bytes) in [
        (b"http/1.1".as_slice(), "".as_bytes()),
        (b"http/1.1", b"GET /v1/health HTTP/1.1\r\nHost: loc"),
        (b"h2", b""),
        (b"h2", b"PRI * HTTP/2.0\r\n"),
        (b"h2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    ] {
        let mut stream = house.connect(&house.leaf("agency"), alpn).await;
        stream.write_all(bytes).await.unwrap();
        let mut sink = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut sink)).await;
        assert!(ended.is_ok(), "{}: {bytes:?}", String::from_utf8_lossy(alpn));
    }
}

#[tokio::test]
async fn http2_works_and_its_host_is_checked_too() {
    let house = house(Office::default(), Limits::default()).await;
    let stream = house.connect(&house.leaf("agency"), b"h2").await;
    let (mut sender, driver) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(driver);
    let request = || {
        http::Request::post("https://localhost/v1/payments")
            .header("idempotency-key", "0190f3a0-7e5c-7000-8000-0123456789ab")
            .header("content-type", "application/json")
    };
    let body = || Full::new(Bytes::from_static(b"{}"));
    let answer = sender.send_request(request().body(body()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 202);
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(text.ends_with(b" 2 None"), "{text:?}");
    let other = request().header("host", "elsewhere").body(body()).unwrap();
    assert_eq!(sender.send_request(other).await.unwrap().status(), 400);
}

#[tokio::test]
async fn hanging_up_does_not_stop_the_work_and_a_drain_waits_for_it() {
    let house = house(Office { hold: true, ..Office::default() }, Limits::default()).await;
    let mut stream = house.agency().await;
    stream.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!house.served.is_finished(), "the drain waits");
    assert!(TcpStream::connect(house.address).await.is_err(), "nobody new is let in");
    house.office.go.notify_one();
    assert_eq!(house.served.await.unwrap(), Drained::Clean);
    assert_eq!(house.office.finished.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_drain_answers_what_is_under_way_and_ends_idle_connections() {
    let house = house(Office { hold: true, ..Office::default() }, Limits::default()).await;
    let (mut busy, mut idle) = (house.agency().await, house.agency().await);
    assert_eq!(verdict(&talk(&mut idle, &get("/v1/health")).await).0, 200);
    busy.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.stop.cancel();
    assert!(listen(&mut idle).await.1, "idle ones end at once");
    house.office.go.notify_one();
    let (answer, ended) = listen(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 202 ") && ended, "{answer}");
    assert_eq!(house.served.await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn a_drain_is_bounded() {
    let house = house(Office { hold: true, ..Office::default() }, quick()).await;
    let mut stream = house.agency().await;
    stream.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.stop.cancel();
    assert_eq!(house.served.await.unwrap(), Drained::CutOff { connections: 1, work: 1 });
}

#[tokio::test]
async fn a_fault_before_anything_is_known_is_no_success_and_the_key_is_asked() {
    let house = house(Office { panic: true, ..Office::default() }, Limits::default()).await;
    let answer = house.raw(&pay("")).await;
    assert_eq!(verdict(&answer), (500, "internal".into()));
    assert_eq!(house.turned_away(), [(Code::Internal, Some((vec![THE_KEY.to_owned()], Some("{}".into()))))]);
}

#[tokio::test]
async fn a_fault_in_asking_is_answered_with_where_the_payment_stands() {
    let house = house(Office { panic: true, ..Office::default() }, Limits::default()).await;
    let ask = "POST /v1/payments/7/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    let answer = house.raw(ask).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n7"), "a send may have begun: {answer}");
}

#[tokio::test]
async fn whatever_refuses_an_offer_has_its_key_looked_up() {
    let house = house(Office::default(), quick()).await;
    let offered = |keys: &[&str], body: Option<&str>| {
        Some((keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), body.map(str::to_owned)))
    };
    let start = "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\n";
    let body = "Content-Length: 2\r\n\r\n{}";
    let other = "another-key-0123456789";
    for (request, code, offer) in [
        (format!("{start}{KEY}{body}"), Code::MediaType, offered(&[THE_KEY], Some("{}"))),
        (format!("{start}{JSON}{body}"), Code::KeyMissing, offered(&[], Some("{}"))),
        (
            format!("{start}{KEY}Idempotency-Key: {other}\r\n{JSON}{body}"),
            Code::KeyMalformed,
            offered(&[THE_KEY, other], Some("{}")),
        ),
        (format!("{start}{KEY}{JSON}Content-Length: 101\r\n\r\n"), Code::BodySize, offered(&[THE_KEY], None)),
        (format!("{start}{KEY}{JSON}Content-Length: 9\r\n\r\n{{}}"), Code::BodyTime, offered(&[THE_KEY], None)),
        (format!("{start}Host: b\r\n{KEY}{JSON}{body}"), Code::Request, offered(&[THE_KEY], None)),
        (pay("Transfer-Encoding: chunked\r\n"), Code::Length, offered(&[THE_KEY], None)),
    ] {
        house.raw(&request).await;
        assert_eq!(house.turned_away(), [(code, offer)], "{request}");
    }
    // What is forbidden leaves evidence, also where no payment is offered.
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    talk(&mut reader, &pay("")).await;
    assert_eq!(house.turned_away(), [(Code::Operation, offered(&[THE_KEY], Some("{}")))]);
    let mut stranger = house.connect(&house.leaf("stranger"), b"http/1.1").await;
    talk(&mut stranger, &get("/v1/payments/1")).await;
    assert_eq!(house.turned_away(), [(Code::PartyUnknown, None)]);
    // The rest is nobody's business.
    house.raw(&get("/v1/nothing")).await;
    assert_eq!(house.turned_away(), []);
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_party_has_so_many_connections_and_no_more() {
    let house = house(Office::default(), Limits { connections_per_party: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (house.agency().await, house.agency().await);
    for stream in [&mut first, &mut second] {
        assert_eq!(verdict(&talk(stream, &get("/v1/health")).await).0, 200);
    }
    let mut third = house.agency().await;
    drop(third.write_all(get("/v1/health").as_bytes()).await);
    assert_eq!(listen(&mut third).await, (String::new(), true));
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/health")).await).0, 200, "another party has its own");
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/health")).await).0, 200, "a place is free again");
}

#[tokio::test]
async fn a_party_that_asks_too_often_is_told_to_slow_down() {
    let house = house(Office::default(), Limits { requests_per_second: 5, ..Limits::default() }).await;
    let mut stream = house.agency().await;
    let answers = talk(&mut stream, &get("/v1/health").repeat(20)).await;
    let count = |what: &str| answers.matches(what).count();
    assert_eq!((count("HTTP/1.1 200 "), count("HTTP/1.1 429 ")), (5, 15), "{answers}");
    assert_eq!(
        (count("retry-after: "), count("too-many-requests"), count("kuimen-accepted")),
        (15, 30, 0),
        "{answers}"
    );
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/health")).await).0, 200, "another party has its own pace");
}

#[tokio::test]
async fn so_many_requests_are_under_way_and_no_more() {
    let limits = Limits { requests: 1, ..Limits::default() };
    let house = house(Office { hold: true, ..Office::default() }, limits).await;
    let mut busy = house.agency().await;
    busy.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..2 {
        let refused = house.raw(&pay("")).await;
        assert_eq!(verdict(&refused), (503, "unavailable".into()));
        assert!(refused.contains("retry-after: ") && !refused.contains("kuimen-accepted"), "nobody looked: {refused}");
    }
    assert_eq!(house.turned_away(), []);
    // Who hangs up takes his request with him, but not the work.
    drop(busy);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/payments/1")).await).0, 503);
    house.office.go.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/payments/1")).await).0, 200);
}

#[tokio::test]
async fn a_silent_host_leaves_room_for_others_and_a_handshake_ends_its_count() {
    let limits = Limits { handshakes: 3, handshakes_per_address: 2, ..Limits::default() };
    let house = house(Office::default(), limits).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        silent.push(socket.connect(house.address).await.unwrap());
    }
    // Each of these is done shaking hands, so that none of them stands in another's way.
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut stream = house.agency().await;
        assert_eq!(verdict(&talk(&mut stream, &get("/v1/health")).await).0, 200);
        open.push(stream);
    }
}

#[tokio::test]
async fn whoever_connects_and_says_nothing_keeps_nobody_else_out() {
    let limits = Limits { connections: 8, handshakes: 4, handshakes_per_address: 4, ..Limits::default() };
    let house = house(Office::default(), limits).await;
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(house.address).await.unwrap());
    }
    // Four of them are listened to for as long as a handshake may take; the others are hung up on at once.
    let mut gone = 0;
    for stream in &mut silent {
        let read = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut [0; 1])).await;
        gone += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert_eq!(gone, 12);
    drop(silent);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/health")).await).0, 200);
}
