//! Named charsets, exact to the byte: text to wire bytes and back, without guessing and without substitutes.
//!
//! | name | lengths | what it is |
//! |---|---|---|
//! | `gbk-whatwg` | 1, 2 | The two-byte index of the WHATWG Encoding Standard. `€` is written as the single byte `80`; `80` and `A2E3` both read as `€`. Four-byte sequences are refused, although the standard's own "GBK" decoder takes them: a party that says GBK has no room for them. |
//! | `gbk-java` | 1, 2 | Java's `Charset.forName("GBK")` in both directions: one to one, `€` only as `A2E3`, `80` refused. In 101 positions it differs from the index above; most are old private-use forms (`FE9F` is U+E863 here, U+4DAE 䶮 above), so 䶮 itself cannot be written. |
//! | `gb18030-2022` | 1, 2, 4 | GB 18030-2022 as ICU and the WHATWG read it. Writes every code point but U+E5E5. |
//! | `utf-8` | 1 to 4 | Strict UTF-8, no surrogates, no overlong forms. A byte order mark is the ordinary character U+FEFF. |
//!
//! Four facts about `gb18030-2022` that surprise people, the last three true of `gbk-whatwg` as well where the forms fit in two bytes:
//!
//! * **18 characters have two forms.** The 2022 edition moved U+FE10–FE19 and U+9FB4–9FBB to the two-byte codes that older
//!   editions gave to private-use code points. The two-byte form is written; the former four-byte form (`84318236` for
//!   U+FE10) still reads as the same character. So signatures and widths must come from the raw bytes.
//! * **The 18 old private-use code points** (U+E78D–E796, E81E, E826, E82B, E82C, E832, E843, E854, E864) are written as those
//!   same two-byte codes, and therefore read back as the standard characters. See [`fold`].
//! * **`A3A0` reads as U+3000** (ideographic space), which is written as `A1A1`. **U+E5E5**, which older tables paired with
//!   `A3A0`, is unmappable.
//! * **`80` reads as `€`**; `gb18030-2022` writes `€` as `A2E3`.
//!
//! Deliberately not here: detection of a charset, byte order marks, replacement characters, streaming, and normalisation
//! other than the private-use forms.

mod field;
mod four;
mod java;
mod pua;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use field::Split;
pub use pua::fold;
use table::Table;

/// A named charset; see the [module](self) for what each name means to the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// `gbk-whatwg`: the WHATWG two-byte index, `€` as `80`.
    GbkWhatwg,
    /// `gbk-java`: what a Java program calls "GBK".
    GbkJava,
    /// `gb18030-2022`: one, two or four bytes.
    Gb18030,
    /// `utf-8`.
    Utf8,
}

/// A character that the charset cannot carry.
///
/// The character may be part of a person's name: it is not in the `Display` text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the character at byte {at} of the text does not exist in the charset")]
pub struct Unmappable {
    /// The character itself.
    pub character: char,
    /// Its offset in the text, in UTF-8 bytes.
    pub at: usize,
}

/// Bytes that are not a character of the charset, or are the beginning of one that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes at offset {at} are not a character of the charset")]
pub struct Undecodable {
    /// Offset of the first byte that does not begin a complete, assigned character.
    pub at: usize,
}

impl Charset {
    /// Every charset, in the order of the module's table.
    pub const ALL: [Charset; 4] = [Charset::GbkWhatwg, Charset::GbkJava, Charset::Gb18030, Charset::Utf8];

    /// The charset of exactly this name: no aliases, no case folding.
    pub fn from_name(name: &str) -> Option<Charset> {
        Charset::ALL.into_iter().find(|charset| charset.name() == name)
    }

    /// The name used in adapters.
    pub fn name(self) -> &'static str {
        match self {
            Charset::GbkWhatwg => "gbk-whatwg",
            Charset::GbkJava => "gbk-java",
            Charset::Gb18030 => "gb18030-2022",
            Charset::Utf8 => "utf-8",
        }
    }

    /// Appends the bytes of `text` to `out`. On an error `out` is left as it was.
    ///
    /// # Errors
    /// The first character that the charset cannot carry; nothing is ever substituted.
    pub fn encode_into(self, text: &str, out: &mut Vec<u8>) -> Result<(), Unmappable> {
        let Some(table) = self.table().filter(|_| !text.is_ascii()) else {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        };
        let start = out.len();
        out.reserve(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let length = if character.is_ascii() {
                let run = ascii_run(rest.as_bytes());
                out.extend_from_slice(run);
                run.len()
            } else if let Some(code) = table.code(character) {
                code.append_to(out);
                character.len_utf8()
            } else {
                out.truncate(start);
                return Err(Unmappable { character, at: text.len() - rest.len() });
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    /// The number of bytes that [`encode_into`](Self::encode_into) would append. Allocates nothing.
    ///
    /// # Errors
    /// As for [`encode_into`](Self::encode_into).
    pub fn encoded_len(self, text: &str) -> Result<usize, Unmappable> {
        let Some(table) = self.table().filter(|_| !text.is_ascii()) else {
            return Ok(text.len());
        };
        text.char_indices().try_fold(0, |length, (at, character)| {
            let code = table.code(character).ok_or(Unmappable { character, at })?;
            Ok(length + code.len())
        })
    }

    /// The text of `bytes`, borrowed when they are ASCII or valid UTF-8.
    ///
    /// # Errors
    /// The offset of the first byte that does not begin a complete, assigned character.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Undecodable> {
        let Some(table) = self.table().filter(|_| !bytes.is_ascii()) else {
            let text = std::str::from_utf8(bytes).map_err(|error| Undecodable { at: error.valid_up_to() })?;
            return Ok(Cow::Borrowed(text));
        };
        // Two bytes become at most three of UTF-8, and ASCII stays: half as much again is always enough, but for `80`.
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
        let mut rest = bytes;
        while !rest.is_empty() {
            let run = ascii_run(rest);
            text.push_str(std::str::from_utf8(run).map_err(|_| Undecodable { at: bytes.len() - rest.len() })?);
            rest = rest.get(run.len()..).unwrap_or_default();
            while let Some(lead) = rest.first()
                && !lead.is_ascii()
            {
                let (character, length) = table.character(rest).ok_or(Undecodable { at: bytes.len() - rest.len() })?;
                text.push(character);
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        Ok(Cow::Owned(text))
    }

    /// The length in bytes of the character at the start of `bytes`: `None` when it is cut, illegal or absent.
    pub fn char_len(self, bytes: &[u8]) -> Option<usize> {
        match self.table() {
            Some(table) => table.character(bytes).map(|(_, length)| length),
            None => utf8_char_len(bytes),
        }
    }

    /// The fields of `bytes` between delimiters, in order. A later byte of a character never splits, even when it equals
    /// the delimiter (the second byte of 韡, `ED 7C`, is a vertical bar). Bytes that are not a character count one by one.
    ///
    /// As with [`slice::split`], n delimiters give n + 1 fields, and empty input gives one empty field.
    pub fn split(self, bytes: &[u8], delimiter: u8) -> Split<'_> {
        Split::new(self, bytes, delimiter)
    }

    /// The offset of the first character that has the delimiter's byte inside it, after its lead byte.
    ///
    /// When a record has too few fields this is the place to point at: a name that was cut in the middle of a character
    /// leaves a lead byte directly before the delimiter, and the pair reads as another, legal character. It may also be an
    /// honest character such as 韡: only the missing field tells the two apart.
    pub fn swallowed(self, bytes: &[u8], delimiter: u8) -> Option<usize> {
        field::swallowed(self, bytes, delimiter)
    }

    fn table(self) -> Option<&'static Table> {
        match self {
            Charset::GbkWhatwg => Some(&table::GBK_WHATWG),
            Charset::GbkJava => Some(&table::GBK_JAVA),
            Charset::Gb18030 => Some(&table::GB18030),
            Charset::Utf8 => None,
        }
    }
}

/// The ASCII bytes at the start, found sixteen at a time: messages are mostly tags and digits.
fn ascii_run(bytes: &[u8]) -> &[u8] {
    let (chunks, _) = bytes.as_chunks::<16>();
    let whole = 16 * chunks.iter().take_while(|chunk| chunk.is_ascii()).count();
    let more = bytes.iter().skip(whole).take_while(|byte| byte.is_ascii()).count();
    bytes.get(..whole + more).unwrap_or(bytes)
}

fn utf8_char_len(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        0x00..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        0x80..=0xC1 | 0xF5..=0xFF => return None,
    };
    let character = bytes.get(..length)?;
    std::str::from_utf8(character).is_ok().then_some(length)
}
