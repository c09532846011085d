//! The journal's own ceiling: two group commits a message by kuimen's own code, and nothing else.
//!
//! Everything that the gateway makes outside of the journal (encoded bytes, fingerprints, the answer) is made beforehand.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use kuimen::adapter::plan::Adapter;
use kuimen::clock::Clock;
use kuimen::gateway::{policy, resource};
use kuimen::journal::{
    Change, Claim, Claimed, Evidence, Fingerprint, Journal, Keys, Message, MessageId, NewDelivery, Response, SerialOf,
    Settings, SqliteJournal, Then,
};
use kuimen::life::{BankPolicy, Event, State, Verdict};
use kuimen::message::{Field, Operation, Record, fingerprint};

use crate::figures::Figures;
use crate::payments::{self, Payment};
use crate::{bank, process};

const ORG: &str = "agency";
const WARM: Duration = Duration::from_secs(1);

/// A payment with everything about it that is not the journal's work.
struct Made {
    payment: Payment,
    fingerprint: Fingerprint,
    bytes: Vec<u8>,
    answer: Vec<u8>,
    fen: i64,
}

struct Shared {
    journal: SqliteJournal,
    keys: Arc<Keys>,
    adapter: Arc<Adapter>,
    made: Vec<Made>,
    policy: BankPolicy,
    date: Date,
    stop: AtomicBool,
}

pub(crate) fn run(dir: &Path, clients: usize, lasting: Duration) -> ExitCode {
    let adapter = payments::adapter();
    let keys = Arc::new(Keys::create(&dir.join("ceiling.key")).expect("keys"));
    let settings = Settings { dir: dir.join("ceiling"), clock: Clock::REAL, simulation: true, max_pages: None };
    let shared = Arc::new(Shared {
        journal: SqliteJournal::open(settings, Arc::clone(&keys)).expect("a journal"),
        made: made(&adapter, &keys),
        policy: policy(&adapter, Clock::REAL),
        date: kuimen::clock::business_date(Timestamp::now(), jiff::civil::Time::midnight()),
        stop: AtomicBool::new(false),
        keys,
        adapter,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let figures = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for client in 0..clients {
            tasks.spawn(one(Arc::clone(&shared), client));
        }
        tokio::time::sleep(WARM).await;
        let (begun, before) = (Instant::now(), process::cpu_micros(std::process::id()));
        tokio::time::sleep(lasting).await;
        let (ended, after) = (Instant::now(), process::cpu_micros(std::process::id()));
        shared.stop.store(true, Ordering::Relaxed);
        let answers: Vec<(Instant, Duration)> = tasks.join_all().await.into_iter().flatten().collect();
        shared.journal.close().await.expect("the journal closes");
        let within = answers.iter().filter(|(at, _)| (begun..ended).contains(at)).map(|(_, took)| *took).collect();
        Figures::new(within, ended - begun, after.saturating_sub(before))
    });
    println!("{}", serde_json::to_string(&figures).expect("figures have a JSON form"));
    ExitCode::SUCCESS
}

fn made(adapter: &Adapter, keys: &Keys) -> Vec<Made> {
    let settings = adapter.demo_settings();
    let operation = Operation::PaymentPay;
    payments::all(adapter, &settings)
        .into_iter()
        .map(|payment| Made {
            fingerprint: keys.fingerprint(operation.name(), &fingerprint::canonical_fields(&payment.record)),
            bytes: [payment.wire.target.as_deref().unwrap_or_default(), b"\n", &payment.wire.body].concat(),
            answer: bank::paid(adapter, &settings, &payment.wire).expect("an answer"),
            fen: payment.record.fen(Field::Amount).expect("an amount").get(),
            payment,
        })
        .collect()
}

/// One message after the other: claim with intent, then the result.
async fn one(shared: Arc<Shared>, client: usize) -> Vec<(Instant, Duration)> {
    let mut answers = Vec::new();
    for number in 0_usize.. {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        let made = shared.made.get((client * 61 + number) % shared.made.len()).expect("within the list");
        let begun = Instant::now();
        let claim = shared.claim(made, format!("bench-payment-{client:04}-{number:08}"));
        let claimed = shared.journal.claim(claim).await.expect("a claim is taken");
        let Claimed::Won(message) = claimed else { break };
        let settled = shared.journal.advance(shared.result(made, &message)).await.expect("the result is taken");
        assert!(settled.message.state == State::Succeeded && settled.response_stored, "the payment is final");
        let ended = Instant::now();
        answers.push((ended, ended - begun));
    }
    answers
}

impl Shared {
    fn claim(&self, made: &Made, key: String) -> Claim {
        let operation = Operation::PaymentPay.name();
        let of = SerialOf { bank: &self.adapter.id, org: ORG, operation, key: &key, line: 0, salt: 0 };
        let delivery = NewDelivery {
            serial: self.keys.wide_serial(&of, self.adapter.serial.width).expect("a serial"),
            scope: String::new(),
            salt: 0,
            lane: None,
            business_date: self.date,
            bytes: made.bytes.clone(),
        };
        Claim {
            id: MessageId::new(),
            org: ORG.to_owned(),
            operation: Operation::PaymentPay,
            key,
            fingerprint: made.fingerprint.clone(),
            raw_digest: [7; 32],
            bank: self.adapter.id.clone(),
            twin: None,
            findings: Vec::new(),
            order: made.payment.record.text(Field::Order).map(str::to_owned),
            fen: made.fen,
            adapter: self.adapter.digest.clone(),
            at: Timestamp::now(),
            request: made.payment.north.clone().into_bytes(),
            then: Then::Send(delivery),
        }
    }

    fn result(&self, made: &Made, message: &Message) -> Change {
        let at = Timestamp::now();
        let (reason, bank_serial) = (Some("7".to_owned()), Some("00000001".to_owned()));
        let state = State::Succeeded;
        let settled = resource::Settled {
            state,
            reason: reason.as_deref(),
            bank_serial: bank_serial.as_deref(),
            answers: &Record::new(),
            at,
        };
        let response = Response { state, status: 200, body: resource::settled(message, &settled) };
        Change {
            id: message.id,
            at,
            event: Event::Answered(Verdict::Yes),
            policy: self.policy,
            evidence: Evidence {
                reason,
                bank_serial,
                answer: Some(made.answer.clone()),
                response: Some(response),
                ..Evidence::default()
            },
        }
    }
}
