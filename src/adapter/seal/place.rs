//! Where a seal stands: before the message or behind it, its code as digits between two literal texts.

use data_encoding::{BASE64, Encoding, HEXLOWER, HEXUPPER};

use crate::adapter::plan::{SealPlace, SealSide, SealSpelling};

/// A seal that was found, not checked.
pub(super) struct Found<'b> {
    pub(super) message: &'b [u8],
    /// Where the message begins.
    pub(super) message_at: usize,
    pub(super) code: Vec<u8>,
    /// Where the digits begin.
    pub(super) code_at: usize,
}

/// Reads `TEXT{hex}TEXT`, with `{HEX}` and `{base64}` as the other spellings. The text between the digits and the message must
/// be there and must not go on like digits, so that it is certain where they end.
pub(crate) fn parse(side: SealSide, template: &str) -> Option<SealPlace> {
    let spellings =
        [("{hex}", SealSpelling::HexLower), ("{HEX}", SealSpelling::HexUpper), ("{base64}", SealSpelling::Base64)];
    let (spelling, (open, close)) =
        spellings.into_iter().find_map(|(mark, spelling)| Some((spelling, template.split_once(mark)?)))?;
    let fixed = |text: &str| text.is_ascii() && !text.contains(['{', '}']);
    let between = match side {
        SealSide::Before => close.as_bytes().first().filter(|byte| **byte != b'='),
        SealSide::After => open.as_bytes().last(),
    };
    let certain = between.is_some_and(|byte| !spelling.has(*byte));
    (fixed(open) && fixed(close) && certain).then(|| SealPlace {
        side,
        open: open.to_owned(),
        spelling,
        close: close.to_owned(),
    })
}

impl SealSpelling {
    fn encoding(self) -> Encoding {
        match self {
            SealSpelling::HexLower => HEXLOWER,
            SealSpelling::HexUpper => HEXUPPER,
            SealSpelling::Base64 => BASE64,
        }
    }

    /// Whether a byte is one of its digits; the padding of Base64 is none.
    fn has(self, byte: u8) -> bool {
        match self {
            SealSpelling::HexLower => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            SealSpelling::HexUpper => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
            SealSpelling::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
        }
    }
}

/// How many bytes of padding stand at an end of digits, at most two.
fn padding<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|byte| **byte == b'=').take(2).count()
}

impl SealPlace {
    /// Writes a code at its place around the message that begins at `start`.
    pub(super) fn put(&self, code: &[u8], out: &mut Vec<u8>, start: usize) {
        let text = format!("{}{}{}", self.open, self.spelling.encoding().encode(code), self.close);
        match self.side {
            SealSide::Before => {
                out.splice(start..start, text.into_bytes());
            }
            SealSide::After => out.extend_from_slice(text.as_bytes()),
        }
    }

    /// Finds the code and the message.
    ///
    /// # Errors
    /// Where the first byte is that does not belong there.
    pub(super) fn find<'b>(&self, sealed: &'b [u8]) -> Result<Found<'b>, usize> {
        let (open, close) = (self.open.as_bytes(), self.close.as_bytes());
        let is_digit = |byte: &u8| self.spelling.has(*byte);
        let (message, message_at, digits, code_at) = match self.side {
            SealSide::Before => {
                let rest = sealed.strip_prefix(open).ok_or(0_usize)?;
                let length = rest.iter().take_while(|byte| is_digit(byte)).count();
                let length = length.saturating_add(padding(rest.iter().skip(length)));
                let (digits, rest) = rest.split_at_checked(length).ok_or(open.len())?;
                let end = open.len().saturating_add(length);
                let message = rest.strip_prefix(close).ok_or(end)?;
                (message, end.saturating_add(close.len()), digits, open.len())
            }
            SealSide::After => {
                let end = sealed.len().saturating_sub(close.len());
                let before = sealed.strip_suffix(close).ok_or(end)?;
                let padding = padding(before.iter().rev());
                let length = before.iter().rev().skip(padding).take_while(|byte| is_digit(byte)).count();
                let at = before.len().saturating_sub(padding).saturating_sub(length);
                let (before, digits) = before.split_at_checked(at).ok_or(at)?;
                (before.strip_suffix(open).ok_or(at)?, 0, digits, at)
            }
        };
        let code = self.spelling.encoding().decode(digits).map_err(|_| code_at)?;
        Ok(Found { message, message_at, code, code_at })
    }
}
