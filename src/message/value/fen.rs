//! Money: whole fen in 64 bits, checked arithmetic, no floating point anywhere.

use std::fmt;
use std::iter;

/// An amount in fen (a hundredth of a yuan). Any `i64` can be held, so that sums and differences stay exact; a payment's
/// own amount is additionally positive and at most [`Fen::MAX_PAYMENT`], which validation sees to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// The largest amount of one payment, 2^53 − 1: beyond it many JSON writers lose digits (RFC 7493, 2.2), so a larger
    /// number in a message is not trusted to be the one that was meant.
    pub const MAX_PAYMENT: Fen = Fen(9_007_199_254_740_991);

    /// An amount of `fen`.
    pub const fn new(fen: i64) -> Fen {
        Fen(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// More than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum, `None` where it does not fit.
    pub const fn checked_add(self, other: Fen) -> Option<Fen> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Fen(sum)),
            None => None,
        }
    }

    /// The difference, `None` where it does not fit.
    pub const fn checked_sub(self, other: Fen) -> Option<Fen> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Fen(difference)),
            None => None,
        }
    }

    /// The sum of many, `None` where it does not fit.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Fen>) -> Option<Fen> {
        amounts.into_iter().try_fold(Fen::ZERO, Fen::checked_add)
    }

    /// Reads whole fen: one or more ASCII digits and nothing else (`123450`, leading zeros allowed as banks pad with
    /// them). No sign, blank, separator or full-width digit. `None` for anything else or more than an `i64`.
    pub fn parse_fen(text: &str) -> Option<Fen> {
        digits(text).map(Fen)
    }

    /// Reads yuan with exactly two decimals: ASCII digits, a point, two ASCII digits (`1234.50`). No sign, blank or
    /// grouping, and neither `.50` nor `1234.5`: a bank that writes those says so in its adapter.
    pub fn parse_yuan(text: &str) -> Option<Fen> {
        let (yuan, decimals) = text.split_once('.')?;
        if decimals.len() != 2 {
            return None;
        }
        let fen = digits(decimals)?;
        digits(yuan)?.checked_mul(100)?.checked_add(fen).map(Fen)
    }

    /// Yuan with two decimals: `1234.50`, `-0.05`.
    pub fn yuan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// Yuan as people read it: `1,234.50`.
    pub fn grouped_yuan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let whole = (fen / 100).to_string();
        let lead = whole.len() % 3;
        let commas = whole
            .chars()
            .enumerate()
            .flat_map(|(at, digit)| iter::once(',').filter(move |_| at > 0 && at % 3 == lead).chain(iter::once(digit)));
        format!("{sign}{}.{:02}", commas.collect::<String>(), fen % 100)
    }
}

impl fmt::Display for Fen {
    /// The digits of the fen: `123450`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fen_are_ascii_digits_only() {
        assert_eq!(Fen::parse_fen("123450"), Some(Fen(123_450)));
        assert_eq!(Fen::parse_fen("000000000123450"), Some(Fen(123_450)));
        assert_eq!(Fen::parse_fen("9223372036854775807"), Some(Fen(i64::MAX)));
        for bad in ["", "+1", "-1", " 1", "1 ", "1.0", "1e2", "1,000", "１２", "9223372036854775808"] {
            assert_eq!(Fen::parse_fen(bad), None, "{bad}");
        }
    }

    #[test]
    fn yuan_have_exactly_two_decimals() {
        assert_eq!(Fen::parse_yuan("1234.50"), Some(Fen(123_450)));
        assert_eq!(Fen::parse_yuan("0.01"), Some(Fen(1)));
        assert_eq!(Fen::parse_yuan("92233720368547758.07"), Some(Fen(i64::MAX)));
        for bad in ["", "1", "1.", ".50", "1.5", "1.505", "-1.50", "+1.50", "1.-5", "1.5e", "1,234.50", "1．50", "1. 5"]
        {
            assert_eq!(Fen::parse_yuan(bad), None, "{bad}");
        }
        assert_eq!(Fen::parse_yuan("92233720368547758.08"), None);
    }

    #[test]
    fn people_read_groups_of_three() {
        for (fen, text) in [(5, "0.05"), (12_300, "123.00"), (123_450, "1,234.50"), (-100_000_000, "-1,000,000.00")] {
            assert_eq!(Fen(fen).grouped_yuan(), text);
        }
    }

    #[test]
    fn sums_do_not_wrap() {
        assert_eq!(Fen::checked_sum([Fen(1), Fen(2), Fen(3)]), Some(Fen(6)));
        assert_eq!(Fen::checked_sum([Fen(i64::MAX), Fen(1)]), None);
        assert_eq!(Fen(i64::MIN).checked_sub(Fen(1)), None);
    }

    proptest! {
        #[test]
        fn every_amount_survives_both_spellings(fen in 0..=i64::MAX) {
            prop_assert_eq!(Fen::parse_fen(&Fen(fen).to_string()), Some(Fen(fen)));
            prop_assert_eq!(Fen::parse_yuan(&Fen(fen).yuan()), Some(Fen(fen)));
        }
    }
}
