//! CNAPS bank numbers (联行号): 3 digits of bank class, 4 of city, 4 of branch, 1 check digit.
//!
//! The check digit is ISO 7064 MOD 11,10 (hybrid system). UnionPay organisation numbers have 8 digits and are another
//! thing; lists mix the two.

use super::all;

/// Form of a bank number.
pub const PATTERN: &str = "^[0-9]{12}$";

/// Whether `text` has the form of a bank number: 12 digits.
pub fn is_cnaps(text: &str) -> bool {
    all(text, 12, 12, |byte| byte.is_ascii_digit())
}

/// Whether the last digit is the check digit of those before it (ISO 7064 MOD 11,10). Anything but digits fails.
pub fn check_digit(digits: &str) -> bool {
    let mut product = 10;
    let mut last = None;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return false;
        }
        if let Some(digit) = last.replace(u32::from(byte - b'0')) {
            let sum = (product + digit) % 10;
            product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
        }
    }
    last.is_some_and(|check| (product + check) % 10 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven published numbers of head offices.
    const HEAD_OFFICES: [&str; 7] = [
        "102100099996",
        "103100000026",
        "105100000017",
        "403100000004",
        "314653000011",
        "313653000013",
        "321667090019",
    ];

    #[test]
    fn head_offices_pass_and_no_single_change_does() {
        for number in HEAD_OFFICES {
            assert!(is_cnaps(number) && check_digit(number), "{number}");
            for at in 0..12 {
                for digit in b'0'..=b'9' {
                    let mut changed = number.as_bytes().to_vec();
                    if changed[at] != digit {
                        changed[at] = digit;
                        assert!(!check_digit(&String::from_utf8(changed).unwrap()), "{number} changed at {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_twelve_digits_are_a_bank_number() {
        for bad in ["", "31465300001", "3146530000110", "31465300001X", "３１４６５３００００１１"] {
            assert!(!is_cnaps(bad), "{bad}");
        }
        assert!(!check_digit("") && !check_digit("31465300001X"));
    }
}
