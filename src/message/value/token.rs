//! Short ASCII names: insurance kinds and paying banks.

use super::all;

/// Form of an insurance kind.
pub const FUND_PATTERN: &str = "^[0-9A-Z]{1,8}$";
/// Form of a paying bank's id.
pub const BANK_PATTERN: &str = "^[a-z0-9-]{2,16}$";

/// Whether `text` has the form of an insurance kind: 1 to 8 digits and capital letters.
pub fn is_fund(text: &str) -> bool {
    all(text, 1, 8, |byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// Whether `text` has the form of a paying bank's id: 2 to 16 small letters, digits and hyphens.
pub fn is_bank(text: &str) -> bool {
    all(text, 2, 16, |byte| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_exact() {
        assert!(is_fund("110") && is_fund("A") && is_fund("12345678"));
        assert!(!is_fund("") && !is_fund("123456789") && !is_fund("a") && !is_fund("１１０"));
        assert!(is_bank("ab") && is_bank("rural-2") && is_bank("0123456789abcdef"));
        assert!(!is_bank("a") && !is_bank("0123456789abcdefg") && !is_bank("AB") && !is_bank("a_b") && !is_bank("a/b"));
    }
}
