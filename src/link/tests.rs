//! Deliveries over real sockets to a bank that misbehaves as told.

use std::future::Future;
use std::path::PathBuf;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::*;
use crate::tls::dev::{self, House};
use crate::tls::{ClientFiles, ServerFiles, Versions};

/// Four digits, then so many bytes.
struct FourDigits;

impl FrameReader for FourDigits {
    fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame> {
        let Some(digits) = so_far.get(..4) else { return Ok(FrameProgress::More(4 - so_far.len())) };
        let length: usize = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(BadFrame)?;
        match (length + 4).checked_sub(so_far.len()) {
            Some(missing) if missing > 0 => Ok(FrameProgress::More(missing)),
            _ => Ok(FrameProgress::Complete(length + 4)),
        }
    }
}

fn tcp() -> Transport {
    Transport::Tcp { framing: Framing::Frames(Arc::new(FourDigits)) }
}

fn post() -> Transport {
    Transport::Http {
        method: ::http::Method::POST,
        content_type: ::http::HeaderValue::from_static("application/x-www-form-urlencoded"),
    }
}

type Peer = TlsStream<TcpStream>;

struct Bank {
    address: String,
    house: House,
    _dir: tempfile::TempDir,
}

/// A bank that treats its n-th connection (from 0) as `behave` says.
async fn bank<F, R>(behave: F) -> Bank
where
    F: Fn(usize, Peer) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let dir = tempfile::tempdir().unwrap();
    let house = dev::write(&dir.path().join("certs"), &["bank"]).unwrap();
    let (certificate, key) = house.leaf("bank");
    let files =
        ServerFiles { certificate, key, client_ca: house.ca(), client_crl: None, versions: Versions::Tls13, alpn: &[] };
    let acceptor = TlsAcceptor::from(files.load().unwrap().config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut number = 0;
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(socket).await {
                tokio::spawn(behave(number, stream));
                number += 1;
            }
        }
    });
    Bank { address, house, _dir: dir }
}

impl Bank {
    fn client(&self, identity: Option<(PathBuf, PathBuf)>) -> Arc<Live<ClientTls>> {
        let files = ClientFiles { server_ca: self.house.ca(), server_crl: None, identity, versions: Versions::Tls13 };
        Live::open(files.paths(), move || files.load()).unwrap()
    }

    fn target(&self) -> Target {
        Target {
            address: self.address.clone(),
            server_name: "localhost".into(),
            security: Security::Mutual(self.client(Some(self.house.leaf("gateway-client")))),
            reuse: true,
            max_connections: 2,
            deadlines: Deadlines {
                connect: Duration::from_secs(2),
                write: Duration::from_secs(2),
                answer: Duration::from_millis(400),
                idle: Duration::from_secs(30),
            },
            max_answer: 64,
            breaker: BreakerRule { failures: 1000, ..BreakerRule::default() },
        }
    }
}

async fn send(link: &Link, transport: &Transport, body: &[u8]) -> Delivery {
    let slot = link.slot(Purpose::Send).await.unwrap();
    let body = Bytes::copy_from_slice(body);
    link.deliver(slot, Outbound { transport, target: Some(b"/pay?a=1"), body, mark: mark(1) }).await
}

fn mark(exchange: u32) -> Mark {
    Mark { subject: [7; 16], exchange }
}

fn answered(text: &str) -> Delivery {
    Delivery::Answered(text.as_bytes().to_vec())
}

async fn request(peer: &mut Peer) -> Option<Vec<u8>> {
    let framing = Framing::Frames(Arc::new(FourDigits));
    read_frame(peer, &framing, 64).await.ok().map(|(frame, _)| frame)
}

/// Reads one HTTP request: head, then ten bytes of body.
async fn http_request(peer: &mut Peer) -> Option<String> {
    let mut all = Vec::new();
    let mut byte = [0];
    while !all.windows(4).any(|window| window == b"\r\n\r\n") {
        peer.read_exact(&mut byte).await.ok()?;
        all.push(byte[0]);
    }
    let mut body = [0; 10];
    peer.read_exact(&mut body).await.ok()?;
    all.extend(body);
    String::from_utf8(all).ok()
}

/// Writes and makes sure it is on the wire.
async fn put(peer: &mut Peer, bytes: &[u8]) {
    peer.write_all(bytes).await.unwrap();
    peer.flush().await.unwrap();
}

async fn until_gone(peer: &mut Peer) {
    let mut sink = Vec::new();
    drop(peer.read_to_end(&mut sink).await);
}

#[tokio::test]
async fn a_kept_connection_carries_the_next_request() {
    let bank = bank(|_, mut peer| async move {
        while let Some(frame) = request(&mut peer).await {
            put(&mut peer, &frame).await;
        }
    })
    .await;
    let link = Link::new(bank.target());
    for text in ["0001a", "0002bb", "0000"] {
        assert_eq!(send(&link, &tcp(), text.as_bytes()).await, answered(text));
    }
    assert_eq!(link.counts(), Counts { connected: 1, reused: 2, surplus: 0 });

    let alone = Link::new(Target { reuse: false, ..bank.target() });
    for _ in 0..3 {
        assert_eq!(send(&alone, &tcp(), b"0001a").await, answered("0001a"));
    }
    assert_eq!(alone.counts(), Counts { connected: 3, reused: 0, surplus: 0 });
}

#[tokio::test]
async fn before_the_first_byte_it_is_not_sent() {
    let bank = bank(|_, _peer| async {}).await;
    let unsent = |target: Target| async move {
        match send(&Link::new(target), &tcp(), b"0001a").await {
            Delivery::NotSent(cause) => cause,
            other @ (Delivery::Answered(_) | Delivery::Unknown(_)) => panic!("{other:?}"),
        }
    };
    // An address that nobody listens on: bound, then given up.
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    assert_eq!(unsent(Target { address: nobody, ..bank.target() }).await, Unsent::Connect);
    assert_eq!(unsent(Target { server_name: "other.test".into(), ..bank.target() }).await, Unsent::Handshake);
    assert_eq!(unsent(Target { address: "no.such.invalid:1".into(), ..bank.target() }).await, Unsent::Resolve);

    let elsewhere = tempfile::tempdir().unwrap();
    let other = dev::write(&elsewhere.path().join("certs"), &[]).unwrap();
    let files = ClientFiles { server_ca: other.ca(), server_crl: None, identity: None, versions: Versions::Tls13 };
    let stranger = Live::open(vec![], move || files.load()).unwrap();
    let target = Target { security: Security::Server(stranger), ..bank.target() };
    assert_eq!(unsent(target).await, Unsent::Handshake, "another authority");

    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut target = Target { address: mute.local_addr().unwrap().to_string(), ..bank.target() };
    target.deadlines.connect = Duration::from_millis(100);
    assert_eq!(unsent(target).await, Unsent::ConnectTimeout, "the socket opens, TLS never answers");

    let abroad = Target { address: "192.0.2.1:9".into(), security: Security::FrontEnd, ..bank.target() };
    assert_eq!(unsent(abroad).await, Unsent::NotLoopback);

    let link = Link::new(bank.target());
    let slot = link.slot(Purpose::Send).await.unwrap();
    let (transport, body) = (post(), Bytes::new());
    let bad = Outbound { transport: &transport, target: Some(b"/a b"), body: body.clone(), mark: mark(1) };
    assert_eq!(link.deliver(slot, bad).await, Delivery::NotSent(Unsent::Target));
    let slot = link.slot(Purpose::Send).await.unwrap();
    link.close();
    let closed = Outbound { transport: &transport, target: Some(b"/"), body, mark: mark(1) };
    assert_eq!(link.deliver(slot, closed).await, Delivery::NotSent(Unsent::Closed));
    assert_eq!(link.slot(Purpose::Query).await.err(), Some(NoSlot::Closed));
    assert_eq!(link.counts().connected, 0);
}

#[tokio::test]
async fn a_bank_that_refuses_our_certificate_leaves_the_outcome_open() {
    // In TLS 1.3 the refusal comes after our handshake is done, when the request may have left already.
    let bank = bank(|_, mut peer| async move { until_gone(&mut peer).await }).await;
    let target = Target { security: Security::Server(bank.client(None)), ..bank.target() };
    let delivery = send(&Link::new(target), &tcp(), b"0001a").await;
    assert!(matches!(delivery, Delivery::Unknown(Unknown::Cut | Unknown::Write)), "{delivery:?}");
}

#[tokio::test]
async fn cut_after_any_byte_it_is_unknown() {
    let answer = b"0012twelve bytes";
    let bank = bank(move |number, mut peer| async move {
        // The first connections read k bytes of the request, the others answer with k bytes.
        let Some(k) = number.checked_sub(8) else {
            let mut part = vec![0; number];
            peer.read_exact(&mut part).await.unwrap();
            return;
        };
        request(&mut peer).await;
        put(&mut peer, &answer[..k]).await;
        peer.shutdown().await.unwrap();
    })
    .await;
    let link = Link::new(bank.target());
    for k in 0..8 {
        let delivery = send(&link, &tcp(), b"0004abcd").await;
        assert!(matches!(delivery, Delivery::Unknown(Unknown::Cut | Unknown::Write)), "{k}: {delivery:?}");
    }
    for k in 0..answer.len() {
        assert_eq!(send(&link, &tcp(), b"0004abcd").await, Delivery::Unknown(Unknown::Cut), "{k}");
    }
    assert_eq!(send(&link, &tcp(), b"0004abcd").await, answered("0012twelve bytes"));
}

#[tokio::test]
async fn silence_is_unknown_at_the_deadline_and_the_late_answer_is_never_read() {
    let bank = bank(|number, mut peer| async move {
        request(&mut peer).await;
        if number == 0 {
            tokio::time::sleep(Duration::from_millis(600)).await;
            // Nobody listens any more; whether the write fails depends on who is quicker.
            drop(peer.write_all(b"0004late").await);
        } else {
            put(&mut peer, b"0003own").await;
            until_gone(&mut peer).await;
        }
    })
    .await;
    let link = Link::new(bank.target());
    let start = Instant::now();
    assert_eq!(send(&link, &tcp(), b"0001a").await, Delivery::Unknown(Unknown::Silence));
    assert!(start.elapsed() >= Duration::from_millis(400) && start.elapsed() < Duration::from_secs(2));
    assert_eq!(send(&link, &tcp(), b"0001b").await, answered("0003own"));
    assert_eq!(link.counts().connected, 2);
}

#[tokio::test]
async fn surplus_bytes_cost_the_connection() {
    let bank = bank(|number, mut peer| async move {
        request(&mut peer).await;
        match number {
            0 => put(&mut peer, b"0003one0003two").await,
            1 => {
                put(&mut peer, b"0003one").await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                put(&mut peer, b"0003two").await;
            }
            _ => put(&mut peer, b"0003own").await,
        }
        until_gone(&mut peer).await;
    })
    .await;
    let link = Link::new(bank.target());
    let mut strays = link.strays().unwrap();
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0003one"));
    assert_eq!(link.counts().surplus, 1, "together with the answer");
    assert_eq!(strays.recv().await, Some(Stray { behind: mark(1), bytes: b"0003two".to_vec() }));
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0003one"));
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0003own"));
    assert_eq!(link.counts(), Counts { connected: 3, reused: 0, surplus: 2 }, "after the answer");
    assert_eq!(strays.recv().await, Some(Stray { behind: mark(1), bytes: b"0003two".to_vec() }));
    assert!(link.strays().is_none(), "taken");
}

#[tokio::test]
async fn a_second_answer_is_found_without_another_request() {
    let bank = bank(|number, mut peer| async move {
        request(&mut peer).await;
        put(&mut peer, b"0003one").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        // In two pieces; and on the second connection cut, after so many that nobody listens any more.
        match number {
            0 => {
                put(&mut peer, b"0003t").await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                put(&mut peer, b"wo").await;
            }
            _ => put(&mut peer, b"0001a0001b0001c0001d0001e0003t").await,
        }
        until_gone(&mut peer).await;
    })
    .await;
    let link = Link::new(bank.target());
    let mut strays = link.strays().unwrap();
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0003one"));
    link.look_around();
    assert_eq!(link.counts().surplus, 0, "silent so far");
    while link.counts().surplus == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        link.look_around();
    }
    assert_eq!(strays.recv().await.map(|stray| stray.bytes), Some(b"0003two".to_vec()));
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0003one"));
    while link.counts().surplus == 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        link.look_around();
    }
    for text in ["0001a", "0001b", "0001c", "0001d"] {
        assert_eq!(strays.recv().await.map(|stray| stray.bytes), Some(text.as_bytes().to_vec()));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(strays.try_recv().is_err(), "the fifth and the cut one");
    assert_eq!(link.counts().connected, 2);
}

#[tokio::test]
async fn a_second_http_answer_is_handed_up_without_its_head() {
    let other = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother".as_slice();
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".as_slice();
    let failed = b"HTTP/1.1 500 E\r\ncontent-length: 1\r\n\r\nx".as_slice();
    let seconds = [other, chunked, failed, other];
    let bank = bank(move |number, mut peer| async move {
        http_request(&mut peer).await;
        let second = seconds.get(number).copied().unwrap_or_default();
        if number == 3 {
            // Later, when the connection rests.
            put(&mut peer, OK).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            put(&mut peer, second).await;
        } else {
            put(&mut peer, &[OK, second].concat()).await;
        }
        until_gone(&mut peer).await;
    })
    .await;
    let link = Link::new(bank.target());
    let mut strays = link.strays().unwrap();
    for surplus in 1..=3 {
        assert_eq!(send(&link, &post(), b"0123456789").await, answered("done"));
        assert_eq!(link.counts().surplus, surplus);
    }
    assert_eq!(send(&link, &post(), b"0123456789").await, answered("done"));
    while link.counts().surplus == 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        link.look_around();
    }
    for _ in 0..2 {
        assert_eq!(strays.recv().await, Some(Stray { behind: mark(1), bytes: b"other".to_vec() }));
    }
    assert!(strays.try_recv().is_err(), "neither a failure nor what has no length is an answer");
}

#[tokio::test]
async fn a_connection_that_the_bank_closed_is_not_used() {
    let bank = bank(|_, mut peer| async move {
        request(&mut peer).await;
        put(&mut peer, b"0001a").await;
        peer.shutdown().await.unwrap();
    })
    .await;
    let link = Link::new(bank.target());
    for _ in 0..3 {
        assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0001a"));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(link.counts(), Counts { connected: 3, reused: 0, surplus: 0 });
}

#[tokio::test]
async fn a_reload_of_our_certificate_ends_the_kept_connections() {
    let bank = bank(|_, mut peer| async move {
        while let Some(frame) = request(&mut peer).await {
            put(&mut peer, &frame).await;
        }
    })
    .await;
    let live = bank.client(Some(bank.house.leaf("gateway-client")));
    let link = Link::new(Target { security: Security::Mutual(live.clone()), ..bank.target() });
    send(&link, &tcp(), b"0001a").await;
    let (certificate, _) = bank.house.leaf("gateway-client");
    let text = std::fs::read_to_string(&certificate).unwrap();
    std::fs::write(&certificate, format!("renewed\n{text}")).unwrap();
    assert!(live.refresh().unwrap());
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0001a"));
    assert_eq!(link.counts(), Counts { connected: 2, reused: 0, surplus: 0 });
}

#[tokio::test]
async fn bad_frames_are_unknown() {
    let answers: [&[u8]; 5] = [b"00a1x", b"9999", b"0061", b"0070", b"-001x"];
    let bank = bank(move |number, mut peer| async move {
        request(&mut peer).await;
        put(&mut peer, answers[number]).await;
        until_gone(&mut peer).await;
    })
    .await;
    let link = Link::new(bank.target());
    let mut unknown = Vec::new();
    for _ in answers {
        unknown.push(match send(&link, &tcp(), b"0001a").await {
            Delivery::Unknown(cause) => cause.code(),
            other @ (Delivery::NotSent(_) | Delivery::Answered(_)) => panic!("{other:?}"),
        });
    }
    assert_eq!(unknown, ["answer-frame", "answer-too-long", "answer-too-long", "answer-too-long", "answer-frame"]);
}

#[tokio::test]
async fn read_to_the_end_needs_a_proper_end() {
    let bank = bank(|number, mut peer| async move {
        request(&mut peer).await;
        match number {
            0 => {
                put(&mut peer, b"whole").await;
                peer.shutdown().await.unwrap();
            }
            // Dropped without a TLS close: somebody in between may have cut it.
            1 => put(&mut peer, b"torn").await,
            2 => peer.shutdown().await.unwrap(),
            _ => {
                put(&mut peer, &[b'x'; 65]).await;
                peer.shutdown().await.unwrap();
            }
        }
    })
    .await;
    let link = Link::new(bank.target());
    let transport = Transport::Tcp { framing: Framing::ToEnd };
    assert_eq!(send(&link, &transport, b"0001a").await, answered("whole"));
    assert_eq!(send(&link, &transport, b"0001a").await, Delivery::Unknown(Unknown::Cut));
    assert_eq!(send(&link, &transport, b"0001a").await, Delivery::Unknown(Unknown::Cut));
    assert_eq!(send(&link, &transport, b"0001a").await, Delivery::Unknown(Unknown::TooLong));
    assert_eq!(link.counts().connected, 4);
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone";

#[tokio::test]
async fn http_is_one_exchange_at_a_time_on_a_kept_connection() {
    let bank = bank(|_, mut peer| async move {
        while let Some(text) = http_request(&mut peer).await {
            assert!(text.starts_with("POST /pay?a=1 HTTP/1.1\r\nhost: localhost:"), "{text}");
            assert!(text.contains("content-type: application/x-www-form-urlencoded\r\n"), "{text}");
            assert!(text.contains("content-length: 10\r\n") && text.ends_with("0123456789"), "{text}");
            put(&mut peer, OK).await;
        }
    })
    .await;
    let link = Link::new(bank.target());
    for _ in 0..3 {
        assert_eq!(send(&link, &post(), b"0123456789").await, answered("done"));
    }
    assert_eq!(link.counts(), Counts { connected: 1, reused: 2, surplus: 0 });
}

#[tokio::test]
async fn http_answers_that_are_none_are_unknown() {
    let long = [b"HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n".as_slice(), &[b'x'; 65]].concat();
    let answers: Vec<(Vec<u8>, Delivery)> = vec![
        (b"HTTP/1.1 500 E\r\ncontent-length: 0\r\n\r\n".to_vec(), Delivery::Unknown(Unknown::Status(500))),
        (b"HTTP/1.1 302 F\r\nlocation: /\r\n\r\n".to_vec(), Delivery::Unknown(Unknown::Status(302))),
        (b"HTTP/1.1 204 N\r\n\r\n".to_vec(), Delivery::Unknown(Unknown::Status(204))),
        (b"0004done".to_vec(), Delivery::Unknown(Unknown::Http)),
        (long, Delivery::Unknown(Unknown::TooLong)),
        (b"".to_vec(), Delivery::Unknown(Unknown::Silence)),
        (OK[..OK.len() - 1].to_vec(), Delivery::Unknown(Unknown::Silence)),
        ([OK, OK].concat(), answered("done")),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end".to_vec(), Delivery::Unknown(Unknown::Silence)),
    ];
    let expected: Vec<Delivery> = answers.iter().map(|(_, delivery)| delivery.clone()).collect();
    let bank = bank(move |number, mut peer| {
        let answer = answers.get(number).map_or_else(Vec::new, |(bytes, _)| bytes.clone());
        async move {
            http_request(&mut peer).await;
            put(&mut peer, &answer).await;
            until_gone(&mut peer).await;
        }
    })
    .await;
    let link = Link::new(bank.target());
    for delivery in expected {
        assert_eq!(send(&link, &post(), b"0123456789").await, delivery);
    }
    assert_eq!(link.counts(), Counts { connected: 9, reused: 0, surplus: 1 });
}

#[tokio::test]
async fn http_cut_after_any_byte_is_unknown() {
    let bank = bank(|number, mut peer| async move {
        http_request(&mut peer).await;
        put(&mut peer, &OK[..number]).await;
        peer.shutdown().await.unwrap();
    })
    .await;
    let link = Link::new(bank.target());
    for k in 0..OK.len() {
        assert_eq!(send(&link, &post(), b"0123456789").await, Delivery::Unknown(Unknown::Cut), "{k}");
    }
    assert_eq!(send(&link, &post(), b"0123456789").await, answered("done"));
}

#[tokio::test]
async fn a_front_end_on_this_machine_is_reached_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut frame = [0; 5];
        socket.read_exact(&mut frame).await.unwrap();
        socket.write_all(&frame).await.unwrap();
    });
    let bank = bank(|_, _peer| async {}).await;
    let link = Link::new(Target { address, security: Security::FrontEnd, ..bank.target() });
    assert_eq!(send(&link, &tcp(), b"0001a").await, answered("0001a"));
}

#[tokio::test]
async fn slots_bound_the_deliveries_and_the_breaker_stops_sends_only() {
    let bank = bank(|_, mut peer| async move { until_gone(&mut peer).await }).await;
    let mut target = bank.target();
    target.breaker =
        BreakerRule { failures: 1, back_off: Duration::from_secs(30), back_off_max: Duration::from_mins(1) };
    let link = Link::new(target);
    let first = link.try_slot(Purpose::Send).unwrap();
    let second = link.try_slot(Purpose::Send).unwrap();
    assert_eq!(link.try_slot(Purpose::Query).err(), Some(NoSlot::Busy));
    drop(second);
    let transport = tcp();
    let outbound = Outbound { transport: &transport, target: None, body: Bytes::from_static(b"0001a"), mark: mark(1) };
    assert_eq!(link.deliver(first, outbound).await, Delivery::Unknown(Unknown::Silence));
    assert!(matches!(link.try_slot(Purpose::Send).err(), Some(NoSlot::Open { .. })));
    assert!(matches!(link.slot(Purpose::Send).await.err(), Some(NoSlot::Open { .. })));
    assert!(link.open_for().is_some());
    assert!(link.try_slot(Purpose::Query).is_ok(), "queries go on");
}
