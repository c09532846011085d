//! Card and account numbers.
//!
//! A card number has the Luhn check digit of ISO/IEC 7812; account and passbook numbers have bank rules of their own and
//! must not be held to it. No card prefixes are known here: which a bank issues is not public.

use super::all;

/// Form of a card number.
pub const CARD_PATTERN: &str = "^[0-9]{13,19}$";
/// Form of an account number: some banks write letters or hyphens.
pub const ACCOUNT_PATTERN: &str = "^[0-9A-Za-z-]{1,32}$";

/// Whether `text` has the form of a card number: 13 to 19 digits.
pub fn is_card(text: &str) -> bool {
    all(text, 13, 19, |byte| byte.is_ascii_digit())
}

/// Whether `text` has the form of an account number: 1 to 32 ASCII letters, digits and hyphens.
pub fn is_account(text: &str) -> bool {
    all(text, 1, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether the last of these digits is the Luhn check digit of the others. Anything but digits fails.
pub fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (at, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(byte - b'0');
        sum += match at % 2 {
            0 => digit,
            _ if digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        };
    }
    !digits.is_empty() && sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_examples_pass() {
        // Two numbers long published as examples of the algorithm.
        assert!(luhn("49927398716") && !luhn("49927398717"));
        assert!(luhn("4111111111111111"));
        assert!(!luhn("") && !luhn("4111-1111-1111-1111") && !luhn("４"));
    }

    #[test]
    fn forms_are_exact() {
        assert!(is_card("6217001234567") && is_card("6217001234567890123"));
        for bad in ["621700123456", "62170012345678901234", "621700123456789A", "６２１７００１２３４５６７８９０"]
        {
            assert!(!is_card(bad), "{bad}");
        }
        assert!(is_account("0") && is_account("31-450001040012345") && is_account(&"9".repeat(32)));
        for bad in ["", "1 2", "1_2", "账号", &"9".repeat(33)] {
            assert!(!is_account(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn one_changed_digit_is_always_found(body in "[0-9]{12,18}", at in 0..12usize, by in 1..10u8) {
            let card = (0..10).map(|check| format!("{body}{check}")).find(|card| luhn(card)).unwrap();
            let mut changed = card.into_bytes();
            changed[at] = b'0' + (changed[at] - b'0' + by) % 10;
            prop_assert!(!luhn(&String::from_utf8(changed).unwrap()));
        }
    }
}
