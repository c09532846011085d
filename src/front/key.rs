//! The idempotency key as a client writes it.

use std::fmt;

/// A key: 20 to 64 characters of `A–Z a–z 0–9 . _ : -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

/// The header is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadKey;

impl Key {
    /// Reads the value of `Idempotency-Key`: a structured-field string (`"…"`). The same characters without quotes are
    /// taken as the same key, since many HTTP clients cannot easily send the quotes; nothing else is.
    ///
    /// # Errors
    /// A quote at one end only, a length or a character outside the published format.
    pub fn from_header(value: &[u8]) -> Result<Self, BadKey> {
        let text = match value {
            [b'"', inner @ .., b'"'] => inner,
            bare => bare,
        };
        Self::new(std::str::from_utf8(text).map_err(|_| BadKey)?)
    }

    /// A key from its characters.
    ///
    /// # Errors
    /// A length or a character outside the published format.
    pub fn new(text: &str) -> Result<Self, BadKey> {
        let fits = (20..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
        if fits { Ok(Self(text.to_owned())) } else { Err(BadKey) }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_bare_are_one_key() {
        let bare = "0190f3a0-7e5c-7000-8000-0123456789ab";
        let quoted = format!("\"{bare}\"");
        assert_eq!(Key::from_header(bare.as_bytes()), Key::from_header(quoted.as_bytes()));
        assert_eq!(Key::from_header(quoted.as_bytes()).unwrap().as_str(), bare);
    }

    #[test]
    fn anything_else_is_refused() {
        let edge = "a".repeat(64);
        assert!(Key::from_header(edge.as_bytes()).is_ok() && Key::from_header(b"abcdefghijklmnopqrst").is_ok());
        for bad in [
            "",
            "\"\"",
            "abcdefghijklmnopqrs",
            "\"abcdefghijklmnopqrstu",
            "abcdefghijklmnopqrst\"",
            "abcdefghijklmnopqrst uv",
            "abcdefghijklmnopqrst,uv",
            "abcdefghijklmnopqrst\u{e9}",
            "\"abcdefghijklmnopqrst\";a=1",
        ] {
            assert_eq!(Key::from_header(bad.as_bytes()), Err(BadKey), "{bad}");
        }
        assert!(Key::from_header(format!("{edge}a").as_bytes()).is_err());
    }
}
