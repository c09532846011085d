//! Our serials: the last line of defence against paying twice.
//!
//! A wide serial is derived from the payment itself, so any process that believes it owns a payment sends the same one.
//! A narrow serial is a number from a lane that one process owns, with a shard digit before and a check digit after.
//! A query has no lane: where its serial must be digits, its own shard digit keeps it out of every payment's way.

use aws_lc_rs::hmac;
use data_encoding::BASE32;

use super::keys::{Keys, part};

/// Shard of queries.
const QUERY_SHARD: u8 = 9;
/// Digits of the widest narrow serial.
const NARROW_WIDEST: usize = 10;

/// Version of both rules, stored with every delivery.
pub const SERIAL_RULE_VERSION: u8 = 1;

/// What a wide serial is made of.
#[derive(Clone, Copy, Debug)]
pub struct SerialOf<'a> {
    /// Paying bank.
    pub bank: &'a str,
    /// Organisation.
    pub org: &'a str,
    /// Operation name.
    pub operation: &'a str,
    /// The caller's key.
    pub key: &'a str,
    /// Line within a batch; 0 for a single message.
    pub line: u32,
    /// How often the serial was found taken.
    pub salt: u8,
}

impl Keys {
    /// A wide serial of `width` characters of `A`–`Z`, `2`–`7`. `None` below 16 characters, where collisions would be
    /// likely, and above 52, where the digest ends.
    pub fn wide_serial(&self, of: &SerialOf<'_>, width: usize) -> Option<String> {
        self.derived(of, None, width)
    }

    /// The serial of the `n`-th query about a payment, for a bank that wants one of its own. Unlike a payment's it need
    /// not be safe against collisions with other queries', so any width is possible. Where it is made of `digits`, it
    /// begins with a shard that no payment has.
    pub fn query_serial(&self, of: &SerialOf<'_>, n: u32, width: usize, digits: bool) -> Option<String> {
        let serial = self.derived(of, Some(n), width)?;
        if !digits {
            return Some(serial);
        }
        // Of 32 characters two or more stand for each digit: uneven, and even enough for what it is for.
        let body = serial.bytes().skip(2).map(|byte| char::from(b'0' + byte % 10));
        let body: String = std::iter::once(char::from(b'0' + QUERY_SHARD)).chain(body).collect();
        let check = check_digit(&body);
        Some(format!("{body}{check}"))
    }

    fn derived(&self, of: &SerialOf<'_>, query: Option<u32>, width: usize) -> Option<String> {
        if width > 52 || (query.is_none() && width < 16) {
            return None;
        }
        let bank = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.serial, of.bank.as_bytes()).as_ref());
        let mut context = hmac::Context::with_key(&bank);
        part(&mut context, of.org.as_bytes());
        part(&mut context, of.operation.as_bytes());
        part(&mut context, of.key.as_bytes());
        part(&mut context, &of.line.to_be_bytes());
        if of.salt > 0 {
            part(&mut context, &[of.salt]);
        }
        if let Some(n) = query {
            part(&mut context, b"query");
            part(&mut context, &n.to_be_bytes());
        }
        let mut serial = BASE32.encode(context.sign().as_ref());
        serial.truncate(width);
        Some(serial)
    }
}

/// A narrow serial of `width` digits: shard, counter, check digit; wider than ten it stays at ten. `None` when the shard
/// is not a payment's digit (0 to 8) or the lane of the day is used up.
pub fn narrow_serial(shard: u8, number: u64, width: usize) -> Option<String> {
    let counter = width.min(NARROW_WIDEST).checked_sub(2).filter(|counter| *counter > 0)?;
    let body = format!("{shard}{number:0counter$}");
    if shard >= QUERY_SHARD || body.len() != counter + 1 {
        return None;
    }
    let check = check_digit(&body);
    Some(format!("{body}{check}"))
}

/// Luhn's check digit: it finds every single wrong digit and every swap of neighbours but 0 and 9.
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit.saturating_sub(b'0'));
            match at % 2 {
                0 if digit > 4 => 2 * digit - 9,
                0 => 2 * digit,
                _ => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const OF: SerialOf<'_> =
        SerialOf { bank: "b1", org: "fengjie", operation: "payment.pay", key: "k-0000000001", line: 0, salt: 0 };

    #[test]
    fn the_same_payment_has_the_same_serial_and_another_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let serial = Keys::create(&path).unwrap().wide_serial(&OF, 16).unwrap();
        let keys = Keys::load(&path).unwrap();
        assert_eq!(keys.wide_serial(&OF, 16).unwrap(), serial);
        assert!(serial.len() == 16 && serial.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)));
        let mut seen = HashSet::from([serial]);
        for other in [
            SerialOf { bank: "b2", ..OF },
            SerialOf { org: "other", ..OF },
            SerialOf { operation: "card.apply", ..OF },
            SerialOf { key: "k-0000000002", ..OF },
            SerialOf { line: 1, ..OF },
            SerialOf { salt: 1, ..OF },
        ] {
            assert!(seen.insert(keys.wide_serial(&other, 16).unwrap()), "{other:?}");
        }
        for n in 1..4 {
            assert!(seen.insert(keys.query_serial(&OF, n, 16, false).unwrap()), "query {n}");
        }
    }

    #[test]
    fn a_hundred_thousand_payments_share_no_serial() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        let mut seen = HashSet::new();
        for n in 0..100_000 {
            let key = format!("FJ2022030000{n:08}");
            assert!(seen.insert(keys.wide_serial(&SerialOf { key: &key, ..OF }, 16).unwrap()));
        }
    }

    #[test]
    fn narrow_widths_are_refused_for_wide_serials() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        assert_eq!(keys.wide_serial(&OF, 15), None);
        assert_eq!(keys.wide_serial(&OF, 53), None);
        assert_eq!(keys.query_serial(&OF, 1, 10, false).unwrap().len(), 10);
    }

    #[test]
    fn narrow_serials_carry_shard_counter_and_check_digit() {
        assert_eq!(narrow_serial(7, 99_273_987, 10).as_deref(), Some("7992739875"));
        assert_eq!(narrow_serial(0, 0, 10).as_deref(), Some("0000000000"));
        assert_eq!(narrow_serial(1, 1, 10).as_deref(), Some("1000000016"));
        assert_eq!(narrow_serial(1, 1, 8).as_deref(), Some("10000016"));
        assert_eq!(narrow_serial(1, 1, 12).as_deref(), Some("1000000016"));
        assert_eq!(narrow_serial(8, 99_999_999, 10).as_deref().map(str::len), Some(10));
        assert_eq!(narrow_serial(8, 999_999, 8).as_deref().map(str::len), Some(8));
        for (shard, number, width) in [(9, 1, 10), (10, 1, 10), (1, 100_000_000, 10), (1, 1_000_000, 8), (1, 0, 2)] {
            assert_eq!(narrow_serial(shard, number, width), None, "{shard} {number} {width}");
        }
    }

    #[test]
    fn a_query_s_digits_are_never_a_payment_s() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        let mut seen = HashSet::new();
        for n in 0..200 {
            let serial = keys.query_serial(&OF, n, 8, true).unwrap();
            assert!(serial.len() == 8 && serial.bytes().all(|byte| byte.is_ascii_digit()), "{serial}");
            let (body, check) = serial.split_at(7);
            assert_eq!(check_digit(body).to_string(), check);
            assert!(serial.starts_with('9') && narrow_serial(9, 0, 8).is_none());
            assert_eq!(keys.query_serial(&OF, n, 8, true).unwrap(), serial);
            seen.insert(serial);
        }
        assert!(seen.len() > 190, "{} of 200", seen.len());
    }
}
