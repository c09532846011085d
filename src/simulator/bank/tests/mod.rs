//! Over real sockets with mutual TLS: what a bank does with payments and queries, and each way in which it misbehaves.

mod dialect;

use std::path::Path;
use std::time::Instant;

use jiff::civil::date;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::adapter::plan::Transport;
use crate::adapter::runtime::{Answered, Expected, Original, Ours, Outgoing, Refusal};
use crate::adapter::{Direction, FrameProgress};
use crate::message::{Fen, Field, Occurrence, Operation, Record};
use crate::simulator::ledger::{self, Event, Line, Status};
use crate::tls::dev::{self, House};
use crate::tls::{ClientFiles, ServerFiles, Versions};

const DAY: jiff::civil::Date = date(2022, 3, 1);
/// Every payment is paid at once.
const PLAIN: Manners = Manners { refuses: 0, holds: 0, refuses_later: 0, patience: 1 };

struct Run {
    adapter: Arc<Adapter>,
    settings: Settings,
    house: House,
    bank: RunningBank,
    dir: tempfile::TempDir,
}

async fn run(transport: fn() -> Transport, change: impl FnOnce(&mut Options)) -> Run {
    let dir = tempfile::tempdir().expect("folder");
    let house = dev::write(&dir.path().join("certs"), &["some"]).expect("certificates");
    let (certificate, key) = house.leaf("some");
    let client_ca = house.ca();
    let files = ServerFiles { certificate, key, client_ca, client_crl: None, versions: Versions::Tls13, alpn: &[] };
    let tls = files.load().expect("a listener's configuration").config;
    let mut options = Options::new(dir.path().to_owned(), tls);
    options.manners = PLAIN;
    change(&mut options);
    let adapter = Arc::new(dialect::adapter(transport));
    let settings = Settings::default();
    let bank = Bank::start(adapter.clone(), settings.clone(), options).await.expect("a bank");
    Run { adapter, settings, house, bank, dir }
}

fn payment(fen: i64) -> Record<'static> {
    let mut record = Record::new();
    record.set_text(Field::PayeeAccount, "7900000000000000001");
    record.set_fen(Field::Amount, Fen::new(fen));
    record
}

type Stream = TlsStream<TcpStream>;

impl Run {
    async fn connect(&self) -> io::Result<Stream> {
        self.connect_as(Some(self.house.leaf("gateway-client"))).await
    }

    async fn connect_as(&self, identity: Option<(PathBuf, PathBuf)>) -> io::Result<Stream> {
        let files = ClientFiles { server_ca: self.house.ca(), server_crl: None, identity, versions: Versions::Tls13 };
        let tls = files.load().expect("a client's configuration");
        let stream = TcpStream::connect(self.bank.address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(tls.config).connect(name, stream).await
    }

    /// Sends one request on a connection of its own and reads whatever comes until the bank closes or `patience` ends.
    async fn raw(&self, wire: &Wire, patience: Duration) -> (Vec<u8>, bool) {
        let mut stream = self.connect().await.expect("a connection");
        self.write(&mut stream, wire).await;
        let mut bytes = Vec::new();
        let closed = tokio::time::timeout(patience, stream.read_to_end(&mut bytes)).await.is_ok();
        (bytes, closed)
    }

    async fn write(&self, stream: &mut Stream, wire: &Wire) {
        let mut bytes = Vec::new();
        if let Some(target) = &wire.target {
            let target = std::str::from_utf8(target).expect("ASCII");
            let length = wire.body.len();
            bytes.extend(format!("POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n").bytes());
        }
        bytes.extend_from_slice(&wire.body);
        stream.write_all(&bytes).await.expect("written");
    }

    fn pay_wire(&self, serial: &str, fen: i64) -> Wire {
        let outgoing = Outgoing {
            serial,
            sent_at: jiff::Timestamp::UNIX_EPOCH,
            business_date: DAY,
            settings: &self.settings,
            items: &[payment(fen)],
            original: None,
        };
        self.adapter.encode_request(&self.adapter.operations[&Operation::PaymentPay], &outgoing).expect("a request")
    }

    fn original<'a>(&self, serial: &'a str) -> Original<'a> {
        Original { serial, sent_at: jiff::Timestamp::UNIX_EPOCH, business_date: DAY, bank_serial: None }
    }

    fn query_wire(&self, serial: &str) -> Wire {
        let outgoing = Outgoing {
            serial: "0000000099",
            sent_at: jiff::Timestamp::UNIX_EPOCH,
            business_date: DAY,
            settings: &self.settings,
            items: &[payment(100)],
            original: Some(self.original(serial)),
        };
        self.adapter.encode_request(&self.adapter.operations[&Operation::PaymentQuery], &outgoing).expect("a request")
    }

    fn read(&self, operation: Operation, serial: &str, fen: i64, bytes: &[u8]) -> Result<Answered, Refusal> {
        let is_query = operation == Operation::PaymentQuery;
        let expected = Expected {
            serial: if is_query { "0000000099" } else { serial },
            item: &payment(fen),
            item_number: 1,
            sent_at: jiff::Timestamp::UNIX_EPOCH,
            business_date: DAY,
            original: is_query.then(|| self.original(serial)),
            settings: &self.settings,
        };
        self.adapter.decode_reply(&self.adapter.operations[&operation], bytes, &expected)
    }

    /// The answer to a wire, without what HTTP puts around it.
    async fn exchange(&self, wire: &Wire) -> Vec<u8> {
        let mut stream = self.connect().await.expect("a connection");
        self.write(&mut stream, wire).await;
        let (mut bytes, mut whole) = (Vec::new(), None);
        while whole.is_none() {
            let read = tokio::time::timeout(Duration::from_secs(20), stream.read_buf(&mut bytes)).await;
            assert!(read.expect("in time").expect("a connection") > 0, "the bank closed");
            whole = match &wire.target {
                None => match self.adapter.frame_reader(Direction::Reply).need(&bytes).expect("a frame") {
                    FrameProgress::Complete(length) => Some(bytes[..length].to_vec()),
                    FrameProgress::More(_) | FrameProgress::ToEnd => None,
                },
                Some(_) => http_body(&bytes),
            };
        }
        whole.unwrap_or_default()
    }

    async fn pay(&self, serial: &str, fen: i64) -> Answered {
        let bytes = self.exchange(&self.pay_wire(serial, fen)).await;
        self.read(Operation::PaymentPay, serial, fen, &bytes).expect("a sound answer")
    }

    async fn query(&self, serial: &str) -> Answered {
        let bytes = self.exchange(&self.query_wire(serial)).await;
        self.read(Operation::PaymentQuery, serial, 100, &bytes).expect("a sound answer")
    }

    fn lines(&self) -> Vec<Line> {
        ledger::read(&Ledger::path_of(self.dir.path(), "some")).expect("books")
    }

    fn executed(&self) -> usize {
        self.lines().iter().filter(|line| matches!(line.entry.event, Event::Executed { .. })).count()
    }
}

/// The body, once it is as long as the head promises.
fn http_body(response: &[u8]) -> Option<Vec<u8>> {
    let head = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    (response.len() - head - 4 == promised(response)).then(|| response[head + 4..].to_vec())
}

fn promised(response: &[u8]) -> usize {
    let text = String::from_utf8_lossy(response).into_owned();
    let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    length.expect("a length").parse().expect("digits")
}

fn body(response: &[u8]) -> &[u8] {
    let at = response.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    &response[at + 4..]
}

#[tokio::test]
async fn a_payment_is_executed_written_down_and_answered() {
    for transport in [dialect::tcp as fn() -> Transport, dialect::http] {
        let run = run(transport, |_| {}).await;
        let answered = run.pay("0000000001", 100).await;
        assert_eq!((answered.reply.occurrence, answered.correlation), (Occurrence::Yes, Ours::Yes));
        assert_eq!(answered.reply.bank_serial.as_deref(), Some("00000001"));
        let lines = run.lines();
        let events: Vec<_> = lines.iter().map(|line| &line.entry.event).collect();
        let sha256 = data_encoding::HEXLOWER.encode(&run.pay_wire("0000000001", 100).digest());
        assert_eq!(events, [&Event::Received { sha256: sha256.clone() }, &Event::Executed { times: 1 }]);
        assert_eq!((lines[1].entry.fen, lines[1].entry.account.as_str()), (Fen::new(100), "7900000000000000001"));
        assert_eq!(ledger::sent_lines("some", &lines), format!("some\t2022-03-01\t0000000001\t{sha256}\n"));
        assert_eq!(run.query("0000000001").await.reply.occurrence, Occurrence::Yes);
        let unknown = run.query("0000000002").await.reply;
        assert_eq!((unknown.occurrence, unknown.not_found), (Occurrence::Unknown, true));
        run.bank.stop().await;
    }
}

#[tokio::test]
async fn nobody_without_our_certificate_is_served() {
    let run = run(dialect::tcp, |_| {}).await;
    if let Ok(mut stream) = run.connect_as(None).await {
        let _ = stream.write_all(&run.pay_wire("0000000001", 100).body).await;
        let mut bytes = Vec::new();
        assert!(stream.read_to_end(&mut bytes).await.is_err(), "the handshake was refused");
    }
    assert_eq!(run.lines(), []);
}

#[tokio::test]
async fn a_kept_connection_carries_one_request_after_the_other() {
    let run = run(dialect::tcp, |_| {}).await;
    let mut stream = run.connect().await.expect("a connection");
    for (serial, fen) in [("0000000001", 100), ("0000000002", 200)] {
        run.write(&mut stream, &run.pay_wire(serial, fen)).await;
        let mut bytes = vec![0; 4 + 46];
        stream.read_exact(&mut bytes).await.expect("an answer");
        assert_eq!(run.read(Operation::PaymentPay, serial, fen, &bytes).expect("ours").correlation, Ours::Yes);
    }
    assert_eq!(run.executed(), 2);
}

#[tokio::test]
async fn rubbish_is_not_answered_and_not_booked() {
    let run = run(dialect::tcp, |_| {}).await;
    let (bytes, closed) = run.raw(&Wire { target: None, body: b"0004ABCD".to_vec() }, Duration::from_secs(5)).await;
    assert_eq!((bytes, closed, run.lines()), (vec![], true, vec![]));
    let http = self::run(dialect::http, |_| {}).await;
    let wire = Wire { target: Some(b"/pay?x=1".to_vec()), body: b"ABCD".to_vec() };
    let (bytes, _) = http.raw(&wire, Duration::from_secs(1)).await;
    assert!(bytes.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&bytes));
}

#[tokio::test]
async fn a_repeated_serial_is_refused_or_executed_again_as_told() {
    let run = run(dialect::tcp, |_| {}).await;
    run.pay("0000000001", 100).await;
    let again = run.pay("0000000001", 100).await.reply;
    assert_eq!((again.occurrence, again.bank_code.as_deref()), (Occurrence::Unknown, Some("3001")));
    assert_eq!((run.executed(), run.lines().len()), (1, 4));
    run.bank.stop().await;

    let run = self::run(dialect::tcp, |options| options.refuses_duplicates = Some(false)).await;
    run.pay("0000000001", 100).await;
    assert_eq!(run.pay("0000000001", 100).await.reply.occurrence, Occurrence::Yes);
    assert_eq!(run.executed(), 2, "a blind resend doubles the money");
    assert_eq!(run.lines()[3].entry.event, Event::Executed { times: 2 });
}

#[tokio::test]
async fn a_refusal_is_final_and_something_in_hand_is_decided_by_asking() {
    let run = run(dialect::tcp, |options| options.manners.refuses = 1000).await;
    assert_eq!(run.pay("0000000001", 100).await.reply.occurrence, Occurrence::No);
    assert_eq!(run.query("0000000001").await.reply.occurrence, Occurrence::No);
    assert_eq!(run.executed(), 0);

    for (refuses_later, want) in [(0, Occurrence::Yes), (1000, Occurrence::No)] {
        let manners = Manners { refuses: 0, holds: 1000, refuses_later, patience: 3 };
        let run = self::run(dialect::tcp, |options| options.manners = manners).await;
        assert_eq!(run.pay("0000000001", 100).await.reply.occurrence, Occurrence::InHand);
        assert_eq!(run.executed(), 0);
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(run.query("0000000001").await.reply.occurrence);
        }
        assert_eq!(answers.last(), Some(&want));
        assert_eq!(run.executed(), usize::from(want == Occurrence::Yes), "{answers:?}");
    }
}

#[tokio::test]
async fn the_books_are_taken_up_where_they_were_left() {
    let first = run(dialect::tcp, |_| {}).await;
    first.pay("0000000001", 100).await;
    let Run { bank, dir, .. } = first;
    bank.stop().await;
    let folder: &Path = dir.path();
    let second = run(dialect::tcp, |options| options.data_dir = folder.to_owned()).await;
    assert_eq!(second.query("0000000001").await.reply.occurrence, Occurrence::Yes);
    let status = second.bank.ledger().look(|books| books.find("0000000001", Some(DAY)).map(|s| (s.status, s.executed)));
    assert_eq!(status, Some((Status::Paid, 1)));
}

/// The bank's behaviour with this fault alone, always.
async fn faulty(transport: fn() -> Transport, fault: Misbehaviour) -> Run {
    run(transport, |options| {
        options.faults = FaultPlan::only(fault, 10_000);
        options.late = Duration::from_millis(500);
    })
    .await
}

#[tokio::test]
async fn each_misbehaviour_shows_on_a_bare_stream() {
    const LENGTH: usize = 4 + 46;
    for fault in Misbehaviour::ALL {
        let run = faulty(dialect::tcp, fault).await;
        let started = Instant::now();
        let wire = run.pay_wire("0000000001", 100);
        if fault.is_of_connection() {
            let mut bytes = Vec::new();
            let met = match run.connect().await {
                Ok(mut stream) => {
                    let _ = stream.write_all(&wire.body).await;
                    stream.read_to_end(&mut bytes).await.is_ok_and(|_| fault == Misbehaviour::CloseUnread)
                        || fault == Misbehaviour::CloseUnread
                }
                Err(_) => fault == Misbehaviour::RefuseConnection,
            };
            assert!(met && bytes.is_empty(), "{fault:?}");
            assert_eq!(run.lines(), [], "{fault:?}");
            continue;
        }
        let (bytes, closed) = run.raw(&wire, Duration::from_millis(1500)).await;
        let read = run.read(Operation::PaymentPay, "0000000001", 100, &bytes);
        match fault {
            Misbehaviour::Silence => assert!(bytes.is_empty() && !closed),
            Misbehaviour::Late => {
                assert!(bytes.len() == LENGTH && started.elapsed() >= Duration::from_millis(500));
            }
            Misbehaviour::Twice => assert_eq!(bytes[..LENGTH], bytes[LENGTH..]),
            Misbehaviour::Contradicts => {
                let said = |bytes| run.read(Operation::PaymentPay, "0000000001", 100, bytes).expect("sound").reply;
                assert_eq!(said(&bytes[..LENGTH]).occurrence, Occurrence::Yes);
                assert_eq!(said(&bytes[LENGTH..]).occurrence, Occurrence::No);
            }
            Misbehaviour::Cut => assert!(bytes.len() < LENGTH && closed),
            Misbehaviour::WrongLength => assert!(read.is_err_and(|refusal| refusal.code == "frame") && closed),
            Misbehaviour::WrongCharset => assert!(bytes.contains(&0xff) && read.is_err()),
            Misbehaviour::UnlistedCode => {
                let reply = read.expect("readable").reply;
                assert_eq!((reply.occurrence, reply.bank_code.as_deref()), (Occurrence::Unknown, Some("ZZZZ")));
            }
            Misbehaviour::CloseUnexecuted => assert!(bytes.is_empty() && closed),
            // Nothing to mix it up with yet, no status on a bare stream, nothing to deny before a query.
            Misbehaviour::Another | Misbehaviour::Status500 | Misbehaviour::Denies => {
                assert_eq!(read.expect("sound").correlation, Ours::Yes);
            }
            Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread => {}
        }
        assert_eq!(run.executed(), usize::from(fault != Misbehaviour::CloseUnexecuted), "{fault:?}");
        assert_eq!(run.lines()[0].entry.serial, "0000000001", "{fault:?}");
        let struck = u64::from(!matches!(fault, Misbehaviour::Status500 | Misbehaviour::Denies));
        assert_eq!(run.bank.struck().values().sum::<u64>(), struck, "{fault:?}");
        run.bank.stop().await;
    }
}

#[tokio::test]
async fn a_denial_is_a_word_and_changes_nothing() {
    let run = faulty(dialect::tcp, Misbehaviour::Denies).await;
    run.pay("0000000001", 100).await;
    assert!(run.query("0000000001").await.reply.not_found);
    let status = run.bank.ledger().look(|books| books.find("0000000001", None).map(|s| (s.status, s.executed)));
    assert_eq!(status, Some((Status::Paid, 1)));
}

#[tokio::test]
async fn another_messages_answer_carries_its_serial() {
    let run = faulty(dialect::tcp, Misbehaviour::Another).await;
    run.pay("0000000001", 100).await;
    let answered = run.pay("0000000002", 200).await;
    assert_eq!(answered.correlation, Ours::No("serial".to_owned()));
    assert_eq!(run.executed(), 2);
}

#[tokio::test]
async fn what_was_dropped_is_not_found_and_may_come_again() {
    let run = faulty(dialect::tcp, Misbehaviour::CloseUnexecuted).await;
    run.raw(&run.pay_wire("0000000001", 100), Duration::from_secs(5)).await;
    let Run { bank, dir, .. } = run;
    bank.stop().await;
    let folder: &Path = dir.path();
    let run = self::run(dialect::tcp, |options| options.data_dir = folder.to_owned()).await;
    assert!(run.query("0000000001").await.reply.not_found);
    assert_eq!(run.pay("0000000001", 100).await.reply.occurrence, Occurrence::Yes);
    let executed = run.bank.ledger().look(|books| books.find("0000000001", None).map(|s| (s.received, s.executed)));
    assert_eq!(executed, Some((2, 1)));
}

#[tokio::test]
async fn each_misbehaviour_shows_over_http() {
    for fault in Misbehaviour::ALL.into_iter().filter(|fault| !fault.is_of_connection()) {
        let run = faulty(dialect::http, fault).await;
        let started = Instant::now();
        let (bytes, closed) = run.raw(&run.pay_wire("0000000001", 100), Duration::from_millis(1500)).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let read = |bytes| run.read(Operation::PaymentPay, "0000000001", 100, bytes);
        match fault {
            Misbehaviour::Silence => assert!(bytes.is_empty() && !closed),
            Misbehaviour::Late => assert!(started.elapsed() >= Duration::from_millis(500) && text.contains("reqData=")),
            Misbehaviour::Twice | Misbehaviour::Contradicts => {
                assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}")
            }
            Misbehaviour::Cut => assert!(body(&bytes).len() < promised(&bytes) && closed, "{text}"),
            Misbehaviour::WrongLength | Misbehaviour::WrongCharset => assert!(read(body(&bytes)).is_err()),
            Misbehaviour::UnlistedCode => {
                assert_eq!(read(body(&bytes)).expect("readable").reply.occurrence, Occurrence::Unknown);
            }
            Misbehaviour::CloseUnexecuted => assert!(bytes.is_empty() && closed),
            Misbehaviour::Status500 => assert!(text.starts_with("HTTP/1.1 500 ")),
            Misbehaviour::Another | Misbehaviour::Denies => {
                assert_eq!(read(body(&bytes)).expect("sound").correlation, Ours::Yes);
            }
            Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread => {}
        }
        assert_eq!(run.executed(), usize::from(fault != Misbehaviour::CloseUnexecuted), "{fault:?}");
        run.bank.stop().await;
    }
}
