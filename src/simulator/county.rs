//! An invented county and a month of its payments: 演示数据, made from a seed and from nothing else.
//!
//! Nobody in it exists. Identity numbers carry a division code that is not assigned; card numbers begin with 79, which
//! ISO/IEC 7812 keeps for industries other than banks, so that no number can be a real card of any bank; everything else
//! about both is in order, check digits included, because the gateway holds them to it.
//! Within a bank a pair of account and amount comes once. The accounts rest on this: two executions with the same pair are
//! a double, whatever serials they came with.

use std::collections::BTreeSet;

use super::chance::Chance;
use crate::message::{Fen, Field, Record};

/// A bank that pays in the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayingBank {
    /// The adapter's id.
    pub id: String,
    /// CNAPS number of its head office.
    pub cnaps: String,
}

/// One payment to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Idempotency key, the same for the same seed.
    pub key: String,
    /// The paying bank.
    pub bank: String,
    /// The payment.
    pub record: Record<'static>,
}

/// An invented division code: 50 is the municipality, 99 no district of it.
const DIVISION: &str = "509900";
const SURNAMES: &[&str] =
    &["冉", "向", "谭", "黄", "罗", "陈", "李", "张", "刘", "王", "邓", "熊", "龚", "易", "廖", "欧阳", "覃", "魏"];
const GIVEN: &[&str] = &[
    "兴", "国", "明", "华", "秀", "英", "德", "玉", "珍", "成", "祥", "芳", "建", "云", "桂", "兰", "元", "贵", "淑",
    "琼", "清", "永", "碧", "文",
];
const FUNDS: &[(&str, u32)] = &[("110", 850), ("410", 150)];
const TOWNSHIPS: &[&str] = &["演示甲镇", "演示乙镇", "演示丙乡", "演示丁街道", "演示戊乡"];
/// How many of a thousand who are paid to a card have their social security card registered.
const REGISTERED: u32 = 720;
const FEN_FLOOR: u32 = 8_000;
const FEN_RANGE: u32 = 620_000;

/// `count` payments of the county with this seed, spread over `banks`; none without a bank.
pub fn month(seed: u64, count: u32, banks: &[PayingBank]) -> Vec<Demand> {
    let mut taken = BTreeSet::new();
    let mut demands = Vec::new();
    let mut person = 0_u32;
    while demands.len() < usize::try_from(count).unwrap_or(usize::MAX) {
        person = person.saturating_add(1);
        let mut chance = Chance::new(seed, &["county", &person.to_string()]);
        let Some(bank) = chance.one_of(banks).cloned() else { break };
        let recipient = recipient(&mut chance, person, &bank);
        for kind in kinds(&mut chance) {
            let number = demands.len().saturating_add(1);
            if number > usize::try_from(count).unwrap_or(usize::MAX) {
                break;
            }
            let mut fen = pension(&mut chance).get();
            // Two people can never share an account here, but one person's two amounts could be equal.
            while !taken.insert((bank.id.clone(), recipient.text(Field::PayeeAccount).map(str::to_owned), fen)) {
                fen = fen.saturating_add(1);
            }
            let order = format!("YS202203{number:08}");
            let mut record = recipient.clone();
            record.set_fen(Field::Amount, Fen::new(fen));
            record.set_text(Field::Kind, kind);
            record.set_text(Field::Period, if kind == "arrears" { "202202" } else { "202203" });
            record.set_text(Field::Order, order.clone());
            demands.push(Demand { key: format!("demo-{seed}-{order}"), bank: bank.id.clone(), record });
        }
    }
    demands
}

/// Where somebody is registered.
pub fn township(seed: u64, id: &str) -> &'static str {
    Chance::new(seed, &["township", id]).one_of(TOWNSHIPS).copied().unwrap_or_default()
}

/// Whether the card that somebody is paid to is known to be a social security card.
pub fn is_registered(seed: u64, id: &str) -> bool {
    Chance::new(seed, &["registered", id]).happens(REGISTERED)
}

/// What somebody is paid in a month.
pub(super) fn pension(chance: &mut Chance) -> Fen {
    Fen::new(i64::from(FEN_FLOOR.saturating_add(chance.below(FEN_RANGE))))
}

/// What a person is paid this month: nearly always the pension alone.
fn kinds(chance: &mut Chance) -> Vec<&'static str> {
    match chance.below(100) {
        0..=79 => vec!["regular"],
        80..=94 => vec!["regular", "arrears"],
        _ => vec!["regular", "one-off"],
    }
}

fn recipient(chance: &mut Chance, person: u32, bank: &PayingBank) -> Record<'static> {
    let mut record = Record::new();
    record.set_text(Field::PayeeName, name(chance));
    record.set_text(Field::PayeeIdType, "resident");
    record.set_text(Field::PayeeId, identity(chance));
    let (kind, account) = account(chance, person);
    record.set_text(Field::PayeeAccountKind, kind);
    record.set_text(Field::PayeeAccount, account);
    record.set_text(Field::PayeeBank, bank.cnaps.clone());
    let fund = if chance.happens(FUNDS.last().map_or(0, |(_, share)| *share)) { FUNDS.last() } else { FUNDS.first() };
    record.set_text(Field::Fund, fund.map_or("110", |(code, _)| code));
    record.set_text(Field::Bank, bank.id.clone());
    record.set_text(Field::Purpose, "演示数据");
    record
}

pub(super) fn name(chance: &mut Chance) -> String {
    let mut name = chance.one_of(SURNAMES).copied().unwrap_or_default().to_owned();
    for _ in 0..=chance.below(2) {
        name.push_str(chance.one_of(GIVEN).copied().unwrap_or_default());
    }
    name
}

/// A resident identity number: division, birth date, order, check digit (GB 11643).
pub(super) fn identity(chance: &mut Chance) -> String {
    let year = 1932_u32.saturating_add(chance.below(30));
    let (month, day) = (1_u32.saturating_add(chance.below(12)), 1_u32.saturating_add(chance.below(28)));
    let body = format!("{DIVISION}{year}{month:02}{day:02}{:03}", 1_u32.saturating_add(chance.below(998)));
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|byte| u32::from(byte.saturating_sub(b'0')));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit.saturating_mul(weight)).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"];
    body + check.into_iter().nth(usize::try_from(sum % 11).unwrap_or_default()).unwrap_or_default()
}

/// A number of its own for each person: four in five have a card (19 digits), the others an account (17 digits).
fn account(chance: &mut Chance, person: u32) -> (&'static str, String) {
    if chance.below(5) == 0 {
        return ("account", format!("79{:05}{person:010}", chance.below(100_000)));
    }
    ("card", card_number(chance, person))
}

/// A card number of a person's own, with its Luhn digit.
pub(super) fn card_number(chance: &mut Chance, person: u32) -> String {
    let body = format!("79{:06}{person:010}", chance.below(1_000_000));
    let doubled = body.bytes().rev().enumerate().map(|(at, byte)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        match digit.saturating_mul(2) {
            _ if at % 2 == 1 => digit,
            twice if twice > 9 => twice.saturating_sub(9),
            twice => twice,
        }
    });
    let check = 10_u32.saturating_sub(doubled.sum::<u32>() % 10) % 10;
    format!("{body}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Operation, north, validate};

    fn banks() -> Vec<PayingBank> {
        [("one", "102100099996"), ("two", "103100000026"), ("three", "314653000011")]
            .map(|(id, cnaps)| PayingBank { id: id.to_owned(), cnaps: cnaps.to_owned() })
            .to_vec()
    }

    #[test]
    fn every_payment_is_in_order() {
        let demands = month(1, 2_000, &banks());
        assert_eq!(demands.len(), 2_000);
        for demand in &demands {
            assert_eq!(validate(&demand.record), vec![], "{:?}", demand.record);
            let json = north::encode(&demand.record);
            let read = north::decode(Operation::PaymentPay, json.as_bytes()).expect("the gateway takes it");
            assert_eq!(read, demand.record);
            assert_eq!(demand.record.text(Field::Bank), Some(demand.bank.as_str()));
            assert!(demand.record.text(Field::PayeeAccount).is_some_and(|account| account.starts_with("79")));
        }
        let of_kind = |kind| demands.iter().filter(|d| d.record.text(Field::PayeeAccountKind) == Some(kind)).count();
        assert!(of_kind("card") > 1_400 && of_kind("account") > 250);
    }

    #[test]
    fn keys_and_pairs_of_account_and_amount_come_once() {
        let demands = month(3, 5_000, &banks());
        let keys: BTreeSet<_> = demands.iter().map(|demand| &demand.key).collect();
        let pair = |d: &Demand| {
            (
                d.bank.clone(),
                d.record.text(Field::PayeeAccount).map(str::to_owned),
                d.record.fen(Field::Amount).map(Fen::get),
            )
        };
        let pairs: BTreeSet<_> = demands.iter().map(pair).collect();
        let accounts: BTreeSet<_> = demands.iter().map(|d| d.record.text(Field::PayeeAccount)).collect();
        assert_eq!((keys.len(), pairs.len()), (5_000, 5_000));
        assert!(accounts.len() < 5_000, "some people are paid twice, in two amounts");
    }

    #[test]
    fn the_seed_decides_everything_and_a_longer_month_begins_the_same() {
        assert_eq!(month(9, 300, &banks()), month(9, 300, &banks()));
        assert_ne!(month(9, 300, &banks()), month(10, 300, &banks()));
        assert_eq!(month(9, 300, &banks())[..], month(9, 900, &banks())[..300]);
        assert_eq!(month(9, 300, &[]), vec![]);
        let spread: BTreeSet<_> = month(9, 300, &banks()).into_iter().map(|demand| demand.bank).collect();
        assert_eq!(spread.len(), 3);
    }
}
