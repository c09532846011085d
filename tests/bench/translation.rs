//! How fast the plan translates, beside translators written by hand for the same three banks.
//!
//! `cargo bench --locked --bench translation` prints a table; `-- --json` prints the same as JSON; `-- --payments N` and
//! `-- --rounds N` change the size. Before any clock is read both sides are held against each other: the same bytes, the
//! same values, the same refusals; exit 1 if they are not. The figures decide nothing: whatever they are, exit 0.
//!
//! The hard-coded side stands on the same XML reader, charset tables, Base64, HMAC and percent-encoding, and makes the same
//! checks. What is measured is the price of a bank being a folder of data.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    reason = "a program for developers: it may stop, and it computes ratios of times"
)]

#[path = "translation/abc.rs"]
mod abc;
#[path = "translation/agree.rs"]
mod agree;
#[path = "translation/by_hand.rs"]
mod by_hand;
#[path = "translation/crcb.rs"]
mod crcb;
#[path = "translation/icbc.rs"]
mod icbc;
#[path = "translation/icbc_reply.rs"]
mod icbc_reply;
#[path = "translation/measure.rs"]
mod measure;
#[path = "translation/payments.rs"]
mod payments;

use std::hint::black_box;
use std::process::ExitCode;

use kuimen::message::{Operation, Record, north};
/// The allocator of the product, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use measure::{Figures, Round, Rounds, timed};
use payments::{Bank, Message};
use serde_json::json;

/// What is translated.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    WriteRequest,
    FromJson,
    ReadRequest,
    ReadReply,
}

impl Work {
    const ALL: [Work; 4] = [Work::WriteRequest, Work::FromJson, Work::ReadRequest, Work::ReadReply];

    fn name(self) -> &'static str {
        match self {
            Work::WriteRequest => "record -> request",
            Work::FromJson => "JSON -> request",
            Work::ReadRequest => "request -> record",
            Work::ReadReply => "reply -> canonical",
        }
    }

    fn by_plan(self, bank: &Bank, message: &Message) -> bool {
        match self {
            Work::WriteRequest => {
                black_box(bank.adapter.encode_request(bank.plan(), &bank.outgoing(message, &message.items))).is_ok()
            }
            Work::FromJson => {
                let items = [read_json(message)];
                black_box(bank.adapter.encode_request(bank.plan(), &bank.outgoing(message, &items))).is_ok()
            }
            Work::ReadRequest => {
                black_box(bank.adapter.decode_request(bank.plan(), &message.wire, &bank.settings)).is_ok()
            }
            Work::ReadReply => {
                black_box(bank.adapter.decode_reply(bank.plan(), &message.reply, &bank.expected(message))).is_ok()
            }
        }
    }

    fn by_hand(self, bank: &Bank, message: &Message) -> bool {
        match self {
            Work::WriteRequest => black_box(bank.hand.write_request(&bank.outgoing(message, &message.items))).is_ok(),
            Work::FromJson => {
                let items = [read_json(message)];
                black_box(bank.hand.write_request(&bank.outgoing(message, &items))).is_ok()
            }
            Work::ReadRequest => black_box(bank.hand.read_request(&message.wire, &bank.settings)).is_ok(),
            Work::ReadReply => black_box(bank.hand.read_reply(&message.reply, &bank.expected(message))).is_ok(),
        }
    }
}

/// The north side's own reader with all its checks, the same for both.
fn read_json(message: &Message) -> Record<'_> {
    north::decode(Operation::PaymentPay, message.json.as_bytes()).expect("it was written by the same house")
}

struct Row {
    what: &'static str,
    bank: &'static str,
    work: Work,
    rounds: Rounds,
}

struct Options {
    json: bool,
    payments: u32,
    rounds: usize,
    /// Started by `cargo bench`; without it (as `cargo test --benches` does) the two are compared and nothing is timed.
    timed: bool,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("usage: cargo bench --locked --bench translation -- [--json] [--payments N] [--rounds N]");
        return ExitCode::from(64);
    };
    let banks = match payments::banks(options.payments) {
        Ok(banks) => banks,
        Err(faults) => panic!("the built-in adapters do not load: {:?}", faults.faults),
    };
    let mut compared = Vec::new();
    for bank in &banks {
        match agree::all(bank) {
            Ok(same) => compared.push((bank.id, same)),
            Err(difference) => {
                eprintln!("the two translators disagree: {difference}");
                return ExitCode::FAILURE;
            }
        }
    }
    if !options.json {
        for (bank, same) in &compared {
            println!("{bank:<5} {} translations equal, {} of them refusals by both", same.messages, same.refused);
        }
    }
    if options.timed {
        let rows = measure(&banks, options.rounds);
        if options.json { print_json(&rows, &options) } else { print_table(&rows, &options) }
    }
    ExitCode::SUCCESS
}

fn options() -> Option<Options> {
    let mut options = Options { json: false, payments: 9_000, rounds: 15, timed: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => options.timed = true,
            "--json" => options.json = true,
            "--payments" => options.payments = arguments.next()?.parse().ok().filter(|count| *count >= 100)?,
            "--rounds" => options.rounds = arguments.next()?.parse().ok().filter(|count| *count > 0)?,
            _ => return None,
        }
    }
    Some(options)
}

/// All rows, round by round: within a round every row has its turn, and within a row both sides, which begins changing
/// from round to round.
fn measure(banks: &[Bank], rounds: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for what in ["stream", "one"] {
        for work in Work::ALL {
            let cells = banks.iter().map(|bank| Row { what, bank: bank.id, work, rounds: Rounds::default() });
            rows.extend(cells);
        }
    }
    for round in 0..=rounds {
        for row in &mut rows {
            let bank = banks.iter().find(|bank| bank.id == row.bank).expect("a row has a bank");
            let (messages, times) =
                if row.what == "one" { (&bank.messages[..1], 1_000) } else { (&bank.messages[..], 1) };
            let work = row.work;
            let plan = || pass(messages, times, |message| work.by_plan(bank, message));
            let hand = || pass(messages, times, |message| work.by_hand(bank, message));
            let (plan, hand) = if round % 2 == 0 {
                let plan = timed(plan);
                (plan, timed(hand))
            } else {
                let hand = timed(hand);
                (timed(plan), hand)
            };
            // The first round warms caches and is thrown away.
            if round > 0 {
                row.rounds.rounds.push(Round { plan, hand });
            }
            row.rounds.messages = messages.len() * times;
        }
    }
    rows
}

fn pass(messages: &[Message], times: usize, translate: impl Fn(&Message) -> bool) {
    for _ in 0..times {
        let done = messages.iter().filter(|message| translate(black_box(message))).count();
        assert_eq!(done, messages.len(), "a message was refused while the clock ran");
    }
}

/// The rows as they are shown: each bank, and all three together.
fn shown(rows: &[Row]) -> Vec<(&'static str, &'static str, &'static str, Figures)> {
    let mut shown = Vec::new();
    for what in ["stream", "one"] {
        for work in Work::ALL {
            let cells: Vec<&Row> = rows.iter().filter(|row| row.what == what && row.work == work).collect();
            shown.extend(cells.iter().map(|row| (what, work.name(), row.bank, row.rounds.figures())));
            if what == "stream" {
                let all: Vec<&Rounds> = cells.iter().map(|row| &row.rounds).collect();
                shown.push((what, work.name(), "all", Rounds::sum(&all).figures()));
            }
        }
    }
    shown
}

fn print_table(rows: &[Row], options: &Options) {
    println!(
        "\n{} payments, {} rounds, CPU time of one thread; ratio = throughput of plan / hard-coded",
        options.payments, options.rounds
    );
    println!(
        "\n{:<7} {:<19} {:<5} {:>9} {:>9} {:>7} {:>6} {:>6}",
        "", "", "bank", "plan us", "hand us", "ratio", "min", "max"
    );
    for (what, work, bank, figures) in shown(rows) {
        println!(
            "{what:<7} {work:<19} {bank:<5} {:>9.3} {:>9.3} {:>7.2} {:>6.2} {:>6.2}",
            figures.plan_us, figures.hand_us, figures.ratio, figures.least, figures.most
        );
    }
}

fn print_json(rows: &[Row], options: &Options) {
    let rows: Vec<_> = shown(rows)
        .into_iter()
        .map(|(what, work, bank, figures)| {
            json!({
                "what": what, "work": work, "bank": bank, "plan_us": figures.plan_us, "hand_us": figures.hand_us,
                "ratio": figures.ratio, "ratio_min": figures.least, "ratio_max": figures.most,
            })
        })
        .collect();
    let all = json!({ "payments": options.payments, "rounds": options.rounds, "clock": "thread-cpu", "rows": rows });
    println!("{all:#}");
}
