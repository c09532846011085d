//! Messages made from the dictionary, by a seed: whatever is written must read back as it was.

use fastrand::Rng;

use crate::adapter::check::{Counts, Finding, Severity};
use crate::adapter::plan::{Adapter, OperationPlan};
use crate::adapter::runtime::{Original, Outgoing};
use crate::lang::Phrase;
use crate::message::dictionary::{DOCUMENTS, Type, def};
use crate::message::value::Document;
use crate::message::value::account::luhn;
use crate::message::{Fen, Field, Operation, Record, Sensitivity};

/// Messages for each operation.
const MESSAGES: usize = 200;
/// Always the same messages, so that a finding can be looked at twice.
const SEED: u64 = 0x6b75_696d_656e;
/// Characters of names and purposes: common, two-byte with a trail byte below 0x80, rare, and outside of most charsets.
const NAME: &[char] = &['张', '三', '李', '欧', '阳', '誠', '韡', '丂', '镕', '㼆', '䶮', '·', 'A', 'z', '𠮷'];

/// Writes and reads generated messages.
pub(super) fn check(adapter: &Adapter, plan: &OperationPlan, findings: &mut Vec<Finding>, counts: &mut Counts) {
    let mut rng = Rng::with_seed(SEED);
    let settings = adapter.demo_settings();
    let serial = adapter.full_width_serial();
    let sent_at = jiff::Timestamp::UNIX_EPOCH;
    let business_date = jiff::civil::Date::constant(2022, 3, 15);
    let mut find = |rule: Phrase| {
        findings.push(Finding { severity: Severity::Error, place: plan.operation.name().to_owned(), rule });
    };
    let mut written = 0;
    let mut refused_for = None;
    for number in 0..MESSAGES {
        let record = message(&mut rng, plan.operation.asks_about().unwrap_or(plan.operation), &adapter.id);
        let original = Original { serial: &serial, sent_at, business_date, bank_serial: None };
        let query = plan.operation.asks_about().is_some();
        let items = [record];
        let outgoing = Outgoing {
            serial: &serial,
            sent_at,
            business_date,
            settings: &settings,
            items: &items,
            original: query.then_some(original),
        };
        let wire = match adapter.encode_request(plan, &outgoing) {
            Ok(wire) => wire,
            Err(refusal) => {
                counts.refused += 1;
                refused_for = Some(format!("{} {}", refusal.code, refusal.field.unwrap_or_default()));
                continue;
            }
        };
        written += 1;
        let [record] = &items;
        match adapter.decode_request(plan, &wire, &settings) {
            Ok(read) => {
                let lost = Field::ALL.into_iter().find(|field| {
                    let absent = query || plan.absent.iter().any(|(absent, _)| absent == field);
                    let came = read.items.first().and_then(|item| item.get(*field));
                    // What is declared absent may be missing; what comes must always be what went.
                    came.map_or(!absent && record.get(*field).is_some(), |came| Some(came) != record.get(*field))
                });
                match lost {
                    Some(field) => find(
                        Phrase::new("adapter-check-generated-differs")
                            .with("number", number)
                            .with("field", field.name()),
                    ),
                    None => counts.generated += 1,
                }
            }
            Err(refusal) => {
                let rule = Phrase::new("adapter-check-generated-unreadable").with("number", number);
                find(rule.with("code", refusal.code).with("field", refusal.field.unwrap_or_default()));
            }
        }
    }
    if written == 0 {
        let why = refused_for.unwrap_or_default();
        find(Phrase::new("adapter-check-generated-none").with("why", why));
    }
}

/// A message that the canonical language accepts, and that the bank may or may not be able to carry.
fn message(rng: &mut Rng, operation: Operation, bank: &str) -> Record<'static> {
    let mut record = Record::new();
    for field in operation.fields() {
        if !operation.requires(field) && rng.u8(..4) == 0 {
            continue;
        }
        let row = def(field);
        let text = match row.ty {
            Type::Fen => {
                record.set_fen(field, Fen::new(amount(rng)));
                continue;
            }
            Type::Fee => {
                record.set_fen(field, if rng.bool() { Fen::ZERO } else { Fen::new(amount(rng)) });
                continue;
            }
            Type::Text if row.sensitivity == Sensitivity::Open => format!("FJ{}", digits(rng, 8..=14)),
            Type::Text => words(rng, row.max),
            // Numbers of every kind of document are not made up here.
            Type::Code(codes) if codes == DOCUMENTS => Document::Resident.code().to_owned(),
            Type::Code(codes) => {
                codes.get(rng.usize(..codes.len())).map(|code| code.code.to_owned()).unwrap_or_default()
            }
            Type::Document(_) => resident(rng),
            Type::Account(_) => digits(rng, 10..=22),
            Type::BankCard => bank_card(rng),
            Type::Cnaps => "999000000014".to_owned(),
            Type::Fund => ["110", "410", "120"].get(rng.usize(..3)).copied().unwrap_or_default().to_owned(),
            Type::Period => format!("20{:02}{:02}", rng.u8(10..30), rng.u8(1..=12)),
            Type::Date => format!("20{:02}-{:02}-{:02}", rng.u8(10..30), rng.u8(1..=12), rng.u8(1..=28)),
            Type::Region => format!("50{}", digits(rng, 4..=4)),
            Type::CardNumber => format!("{}{}", rng.uppercase(), digits(rng, 8..=8)),
            Type::CardCode => format!("500236D156000005{}", digits(rng, 16..=16)),
            Type::BankId => bank.to_owned(),
        };
        record.set_text(field, text);
    }
    // A number follows its kind, which may stand behind it; a document's says nothing without one.
    for field in operation.fields() {
        let ty = def(field).ty;
        match ty.depends_on().map(|kind| record.text(kind)) {
            Some(Some("card")) => record.set_text(field, bank_card(rng)),
            Some(None) if matches!(ty, Type::Document(_)) => record.clear(field),
            Some(_) | None => {}
        }
    }
    record
}

fn bank_card(rng: &mut Rng) -> String {
    with_luhn(format!("62{}", digits(rng, 13..=16)))
}

/// Amounts of every length, more often short than long.
fn amount(rng: &mut Rng) -> i64 {
    let most = 10_i64.pow(rng.u32(1..=11));
    rng.i64(1..=most)
}

fn digits(rng: &mut Rng, length: std::ops::RangeInclusive<usize>) -> String {
    let length = rng.usize(length);
    (0..length).map(|_| rng.digit(10)).collect()
}

fn words(rng: &mut Rng, max: usize) -> String {
    let length = if rng.u8(..8) == 0 { rng.usize(1..=max) } else { rng.usize(2..=4) };
    (0..length)
        .map(|_| {
            // The rare ones come seldom enough that most names can be carried.
            let common = rng.u8(..20) != 0;
            let from = if common { NAME.get(..8) } else { Some(NAME) };
            from.and_then(|from| from.get(rng.usize(..from.len()))).copied().unwrap_or('张')
        })
        .collect()
}

/// A number of 17 digits with its check character (GB 11643).
fn resident(rng: &mut Rng) -> String {
    let number =
        format!("500236{}{:02}{:02}{}", rng.u16(1930..2000), rng.u8(1..=12), rng.u8(1..=28), digits(rng, 3..=3));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize =
        number.bytes().zip(weights).map(|(byte, weight)| usize::from(byte.saturating_sub(b'0')) * weight).sum();
    let check = "10X98765432".chars().nth(sum % 11).unwrap_or('0');
    format!("{number}{check}")
}

fn with_luhn(number: String) -> String {
    let mut last = '0'..='9';
    last.find(|check| luhn(&format!("{number}{check}")))
        .map_or_else(|| number.clone(), |check| format!("{number}{check}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::north;

    #[test]
    fn generated_messages_are_messages() {
        let mut rng = Rng::with_seed(SEED);
        for operation in Operation::ALL {
            for _ in 0..MESSAGES {
                let json = north::encode(&message(&mut rng, operation, "b1"));
                let read = north::decode(operation, json.as_bytes());
                assert!(read.is_ok(), "{} {json} {read:?}", operation.name());
            }
        }
    }
}
