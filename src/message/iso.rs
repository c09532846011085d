//! Reasons for a payment that did not happen: the county's set and where ISO 20022 has a code that honestly matches.
//!
//! The county's codes are those of the return files of urban and rural residents' pensions (AAE357 失败原因), without
//! 101 and 106, which belong to collecting money. A code that covers several ISO reasons lists them all and does not
//! pick one; a code about the agency's own numbers has none. The ISO status of a payment
//! belongs to its state and is not here.

use crate::lang::Phrase;

/// One reason of the county's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The county's code, three digits.
    pub code: &'static str,
    /// What it means.
    pub phrase: Phrase,
    /// Codes of ISO 20022 ExternalStatusReason1Code that say the same or, together, cover it.
    pub iso: &'static [&'static str],
}

/// The county's reasons, by code.
pub fn reasons() -> [Reason; 15] {
    let reason = |code, phrase, iso| Reason { code, phrase, iso };
    [
        reason("102", Phrase::new("message-reason-102"), &[]),
        reason("103", Phrase::new("message-reason-103"), &["AC01"]),
        reason("104", Phrase::new("message-reason-104"), &["BE01"]),
        reason("105", Phrase::new("message-reason-105"), &["BE01"]),
        reason("201", Phrase::new("message-reason-201"), &[]),
        reason("202", Phrase::new("message-reason-202"), &[]),
        reason("203", Phrase::new("message-reason-203"), &[]),
        reason("204", Phrase::new("message-reason-204"), &[]),
        reason("205", Phrase::new("message-reason-205"), &[]),
        reason("206", Phrase::new("message-reason-206"), &[]),
        reason("207", Phrase::new("message-reason-207"), &[]),
        reason("208", Phrase::new("message-reason-208"), &["AM09"]),
        reason("209", Phrase::new("message-reason-209"), &["AM05"]),
        reason("210", Phrase::new("message-reason-210"), &["MS03"]),
        // Closed, reported lost, not linked or otherwise not fit: the county does not say which.
        reason("211", Phrase::new("message-reason-211"), &["AC04", "AC06"]),
    ]
}

/// Whether `code` is written as codes of the ISO set are: two capital letters and two digits.
pub fn is_iso_reason(code: &str) -> bool {
    let (letters, digits) = code.split_at_checked(2).unwrap_or(("", ""));
    letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.len() == 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use std::collections::BTreeSet;

    #[test]
    fn the_set_is_whole_and_speaks_both_languages() {
        let reasons = reasons();
        let codes = reasons.iter().map(|reason| reason.code).collect::<Vec<_>>();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        assert!(!codes.contains(&"101") && !codes.contains(&"106"), "codes of collecting");
        for lang in Lang::ALL {
            let texts = reasons.iter().map(|reason| reason.phrase.text(lang)).collect::<BTreeSet<_>>();
            assert_eq!(texts.len(), reasons.len());
        }
        assert!(reasons.iter().all(|reason| reason.phrase.key().ends_with(reason.code)));
        assert!(reasons.iter().flat_map(|reason| reason.iso).all(|code| is_iso_reason(code)));
    }

    #[test]
    fn iso_codes_have_one_form() {
        assert!(is_iso_reason("AC04"));
        for bad in ["", "AC4", "ac04", "AC044", "04AC", "账04"] {
            assert!(!is_iso_reason(bad), "{bad}");
        }
    }
}
