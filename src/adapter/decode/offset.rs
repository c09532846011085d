//! Where a place in decoded text lies in the bytes it was decoded from.

use crate::adapter::charset::Charset;

/// Translates offsets, quickly where they are asked for in order.
pub(super) struct Offsets<'b> {
    charset: Charset,
    bytes: &'b [u8],
    text: &'b str,
    /// A pair of offsets that belong together: in the text, in the bytes.
    known: (usize, usize),
}

impl<'b> Offsets<'b> {
    pub(super) fn new(charset: Charset, bytes: &'b [u8], text: &'b str) -> Offsets<'b> {
        Offsets { charset, bytes, text, known: (0, 0) }
    }

    /// The offset in the bytes. Walks both side by side: the same character may have forms of different lengths.
    pub(super) fn of(&mut self, at: usize) -> usize {
        if self.bytes.len() == self.text.len() && self.charset == Charset::Utf8 {
            return at;
        }
        let (mut text, mut bytes) = if self.known.0 <= at { self.known } else { (0, 0) };
        let rest = self.text.get(text..).unwrap_or_default();
        for character in rest.chars() {
            if text >= at {
                break;
            }
            text = text.saturating_add(character.len_utf8());
            if character.is_ascii() && self.bytes.get(bytes).is_some_and(u8::is_ascii) {
                bytes = bytes.saturating_add(1);
                continue;
            }
            let rest = self.bytes.get(bytes..).unwrap_or_default();
            bytes = bytes.saturating_add(self.charset.char_len(rest).unwrap_or(1));
        }
        self.known = (text, bytes);
        bytes
    }
}
