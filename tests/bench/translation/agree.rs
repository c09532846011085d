//! The proof that comes before any clock is read: both translators write the same bytes and read the same values, and
//! refuse the same messages, so that neither is faster by doing less.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use kuimen::adapter::runtime::{Answered, Incoming, Settings, Wire};
use kuimen::message::{Context, Fen, Field, Record};

use crate::payments::{Bank, Message};

/// How many messages were compared, and how many of them both refused.
#[derive(Default, Clone, Copy)]
pub(crate) struct Compared {
    pub(crate) messages: usize,
    pub(crate) refused: usize,
}

/// What one of the two made of a message, as text that can be compared; `None` where it was refused.
type Made = Option<String>;

impl Compared {
    fn add(&mut self, what: &str, plan: Made, hand: Made) -> Result<(), String> {
        self.messages += 1;
        self.refused += usize::from(plan.is_none());
        if plan == hand { Ok(()) } else { Err(format!("{what}\n  plan: {plan:?}\n  hand: {hand:?}")) }
    }
}

/// Compares everything.
///
/// # Errors
/// The first message on which the two differ.
pub(crate) fn all(bank: &Bank) -> Result<Compared, String> {
    let mut compared = Compared::default();
    for (at, message) in bank.messages.iter().enumerate() {
        whole(bank, message, &mut compared).map_err(|error| format!("{} message {at}: {error}", bank.id))?;
    }
    let mut chance = fastrand::Rng::with_seed(7);
    for (at, message) in bank.messages.iter().take(400).enumerate() {
        for _ in 0..40 {
            spoilt(bank, message, &mut chance, &mut compared)
                .map_err(|error| format!("{} spoilt message {at}: {error}", bank.id))?;
        }
    }
    samples(bank, &mut compared)?;
    Ok(compared)
}

fn whole(bank: &Bank, message: &Message, compared: &mut Compared) -> Result<(), String> {
    let before = compared.refused;
    write(bank, message, &message.items, compared)?;
    read_request(bank, &message.wire, &bank.settings, compared)?;
    read_reply(bank, message, &message.reply, compared)?;
    if compared.refused > before { Err("refused by both".to_owned()) } else { Ok(()) }
}

fn write(bank: &Bank, message: &Message, items: &[Record<'_>], compared: &mut Compared) -> Result<(), String> {
    let outgoing = bank.outgoing(message, items);
    let plan = bank.adapter.encode_request(bank.plan(), &outgoing);
    let hand = bank.hand.write_request(&outgoing);
    compared.add("request written", made(plan, spelt), made(hand, spelt))
}

fn read_request(bank: &Bank, wire: &Wire, settings: &Settings, compared: &mut Compared) -> Result<(), String> {
    let plan = bank.adapter.decode_request(bank.plan(), wire, settings);
    let hand = bank.hand.read_request(wire, settings);
    compared.add(&format!("request read: {}", spelt(wire)), made(plan, incoming), made(hand, incoming))
}

fn read_reply(bank: &Bank, message: &Message, bytes: &[u8], compared: &mut Compared) -> Result<(), String> {
    let expected = bank.expected(message);
    let plan = bank.adapter.decode_reply(bank.plan(), bytes, &expected);
    let hand = bank.hand.read_reply(bytes, &expected);
    compared.add(&format!("reply read: {}", bytes.escape_ascii()), made(plan, answered), made(hand, answered))
}

/// Refusals are compared as such: what they say is for people, and the reference speaks to none.
fn made<T, E: Debug>(result: Result<T, E>, show: fn(&T) -> String) -> Made {
    result.ok().as_ref().map(show)
}

fn spelt(wire: &Wire) -> String {
    let target = wire.target.as_deref().map(<[u8]>::escape_ascii);
    format!("{} {}", target.map_or_else(String::new, |target| target.to_string()), wire.body.escape_ascii())
}

fn incoming(read: &Incoming<'static>) -> String {
    let items: Vec<_> = read.items.iter().map(values).collect();
    // The lists may be of different lengths where the last settings did not stand in the message.
    let settings: Vec<_> = read.settings.iter().enumerate().filter(|(_, value)| value.is_some()).collect();
    format!("{:?} {:?} {:?} {settings:?} {items:?}", read.serial, read.sent_at, read.business_date)
}

/// Unmasked: it is invented data, and both sides must be equal to the last character.
fn values(record: &Record<'_>) -> Vec<(&'static str, String)> {
    let fen = |field| record.fen(field).map(|fen: Fen| fen.get().to_string());
    Field::ALL
        .into_iter()
        .filter_map(|field| Some((field.name(), record.text(field).map(str::to_owned).or_else(|| fen(field))?)))
        .collect()
}

fn answered(read: &Answered) -> String {
    let reply = &read.reply;
    format!(
        "{:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        reply.occurrence,
        reply.not_found,
        reply.bank_code,
        reply.bank_text,
        reply.reason,
        reply.bank_serial,
        reply.amount.map(Fen::get),
        reply.account,
        reply.serial,
        reply.details,
        read.correlation,
    )
}

/// One message spoilt in one place: outside, inside its wrapping, and as values that do not fit.
fn spoilt(bank: &Bank, message: &Message, chance: &mut fastrand::Rng, compared: &mut Compared) -> Result<(), String> {
    let outside = Wire { target: message.wire.target.clone(), body: spoil(&message.wire.body, chance) };
    read_request(bank, &outside, &bank.settings, compared)?;
    if let Some(target) = &message.wire.target {
        let other = Wire { target: Some(spoil(target, chance)), body: message.wire.body.clone() };
        read_request(bank, &other, &bank.settings, compared)?;
    }
    let inside = spoil(&bank.hand.peel_request(&message.wire), chance);
    let inside = bank.hand.wrap_request(&message.wire, &inside, &bank.settings);
    read_request(bank, &inside, &bank.settings, compared)?;
    read_reply(bank, message, &spoil(&message.reply, chance), compared)?;
    let inside = bank.hand.wrap_reply(&spoil(&bank.hand.peel_reply(&message.reply), chance));
    read_reply(bank, message, &inside, compared)?;
    let mut items = message.items.clone();
    unfit(&mut items[0], chance);
    write(bank, message, &items, compared)
}

/// Another byte, a byte less, a byte more, a cut, or a piece of it moved.
fn spoil(bytes: &[u8], chance: &mut fastrand::Rng) -> Vec<u8> {
    const BYTES: &[u8] = b"<>&/;= \n\r\t.019AZaz|#%-\x7f\x80\x81\xa1\xd5\xfe\xff\"'";
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    let at = chance.usize(..bytes.len());
    let other = BYTES[chance.usize(..BYTES.len())];
    match chance.u8(..6) {
        0 => bytes[at] = other,
        1 => bytes[at] = bytes[at].wrapping_add(1),
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, other),
        4 => bytes.truncate(at),
        _ => {
            let end = (at + chance.usize(..40)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = chance.usize(..=bytes.len());
            bytes.splice(to..to, piece);
        }
    }
    bytes
}

/// A value that may not fit, or none.
fn unfit(record: &mut Record<'static>, chance: &mut fastrand::Rng) {
    const TEXTS: &[&str] = &[
        "",
        " ",
        " 张三",
        "张三 ",
        "张\u{7f}三",
        "张\n三",
        "䶮",
        "𠮷",
        "a&b<c>d",
        "\"'",
        "]]>",
        "０１",
        "\u{fffe}",
        "card",
        "account",
        "0123456789",
        "62284800100012345",
        "12345678901234567890123456789012",
        "123456789012345678901234567890123",
        "张三张三张三张三张三张三张三",
        "X",
        "€",
        "·",
    ];
    let field = Field::ALL[chance.usize(..Field::COUNT)];
    match chance.u8(..8) {
        0 => record.clear(field),
        1 => record
            .set_fen(Field::Amount, Fen::new([-1, 0, 1, 99, 100, 1_000_000_000_000_000, i64::MAX][chance.usize(..7)])),
        _ if field == Field::Amount => {}
        _ => record.set_text(field, TEXTS[chance.usize(..TEXTS.len())]),
    }
}

/// The samples beside the adapter: what an independent script assembled from the facts, good and bad.
fn samples(bank: &Bank, compared: &mut Compared) -> Result<(), String> {
    let parent = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(bank.id).join("samples/payment.pay");
    for entry in fs::read_dir(parent).map_err(|error| error.to_string())? {
        let folder = entry.map_err(|error| error.to_string())?.path();
        let file = |name: &str| fs::read(folder.join(name)).ok();
        let Some(context) = file("context.json").and_then(|bytes| Context::decode(&bytes).ok()) else { continue };
        let settings = bank.adapter.settings_from(|name| context.settings.get(name).cloned());
        let settings = settings.map_err(|_| format!("{}: settings", folder.display()))?;
        let said = |error| format!("{}: {error}", folder.display());
        if let Some(body) = file("request.wire") {
            let wire = Wire { target: file("request.target"), body };
            read_request(bank, &wire, &settings, compared).map_err(said)?;
        }
        for name in ["reply.wire", "reply.also.wire"] {
            let Some(bytes) = file(name) else { continue };
            let mut like = bank.messages[0].clone();
            like.serial = context.serial.clone().unwrap_or_default();
            read_reply(bank, &like, &bytes, compared).map_err(said)?;
        }
    }
    Ok(())
}
