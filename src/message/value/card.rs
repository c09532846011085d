//! Social security cards: the number printed on a card, the identification code in its chip, the division that issued it.
//!
//! The number is not unique in the country: only together with the division that issued the card. The bank card number on
//! the same card is another number, see [`super::account`].

use super::all;

/// Form of a card number (卡号): nine digits, or a letter and eight digits.
pub const NUMBER_PATTERN: &str = "^[0-9A-Z][0-9]{8}$";
/// Form of an identification code (卡识别码): 32 hexadecimal digits, of which the first six are decimal, a division.
pub const CODE_PATTERN: &str = "^[0-9]{6}[0-9A-F]{26}$";
/// Form of a division (行政区划): six digits.
pub const REGION_PATTERN: &str = "^[0-9]{6}$";

/// Whether `text` has the form of a card number.
pub fn is_number(text: &str) -> bool {
    let (first, rest) = text.split_at_checked(1).unwrap_or_default();
    all(first, 1, 1, |byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && all(rest, 8, 8, |byte| byte.is_ascii_digit())
}

/// Whether `text` has the form of an identification code. Its letters are capitals.
pub fn is_code(text: &str) -> bool {
    let (region, rest) = text.split_at_checked(6).unwrap_or_default();
    is_region(region) && all(rest, 26, 26, |byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

/// Whether `text` has the form of a division. Which exist is not checked: old cards name some that no longer do.
pub fn is_region(text: &str) -> bool {
    all(text, 6, 6, |byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_exact() {
        assert!(is_number("B00000019") && is_number("500000019"));
        for bad in ["", "B0000001", "B000000190", "b00000019", "BB0000019", "卡00000001", "Ｂ00000019"] {
            assert!(!is_number(bad), "{bad}");
        }
        let code = "500236D156000005AB0123456789ABCD";
        assert!(is_code(code) && is_region("500236"));
        for bad in ["", "50023", "5002360", "50023X", "５００２３６"] {
            assert!(!is_region(bad) && !is_code(bad), "{bad}");
        }
        for bad in
            [code.trim_start_matches('5'), &format!("{code}0"), &code.to_lowercase(), &code.replace("500236", "A00236")]
        {
            assert!(!is_code(bad), "{bad}");
        }
    }
}
