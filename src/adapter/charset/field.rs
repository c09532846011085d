//! Delimited bytes: where fields end when the second byte of a character may look like the delimiter.

use super::Charset;

/// The fields of a delimited record; made by [`Charset::split`].
#[derive(Debug, Clone)]
pub struct Split<'a> {
    charset: Charset,
    delimiter: u8,
    /// What is left, or `None` after the last field.
    rest: Option<&'a [u8]>,
}

impl<'a> Split<'a> {
    pub(super) fn new(charset: Charset, bytes: &'a [u8], delimiter: u8) -> Split<'a> {
        Split { charset, delimiter, rest: Some(bytes) }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let bytes = self.rest.take()?;
        let end = Characters::new(self.charset, bytes).find(|(_, character)| *character == [self.delimiter]);
        let Some((at, _)) = end else { return Some(bytes) };
        self.rest = bytes.get(at + 1..);
        bytes.get(..at)
    }
}

impl std::iter::FusedIterator for Split<'_> {}

/// See [`Charset::swallowed`].
pub(super) fn swallowed(charset: Charset, bytes: &[u8], delimiter: u8) -> Option<usize> {
    Characters::new(charset, bytes)
        .find(|(_, character)| character.iter().skip(1).any(|byte| *byte == delimiter))
        .map(|(at, _)| at)
}

/// Offset and bytes of one character after another; what is not a character counts as one byte.
struct Characters<'a> {
    charset: Charset,
    rest: &'a [u8],
    at: usize,
}

impl<'a> Characters<'a> {
    fn new(charset: Charset, bytes: &'a [u8]) -> Characters<'a> {
        Characters { charset, rest: bytes, at: 0 }
    }
}

impl<'a> Iterator for Characters<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let length = match self.rest.first()? {
            0x00..=0x7F => 1,
            0x80..=0xFF => self.charset.char_len(self.rest).unwrap_or(1),
        };
        let (character, rest) = self.rest.split_at_checked(length)?;
        let at = self.at;
        self.rest = rest;
        self.at += length;
        Some((at, character))
    }
}
