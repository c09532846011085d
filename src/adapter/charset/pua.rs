//! Private-use forms of characters that have a standard code point, folded for comparing names.
//!
//! Older GB tables parked characters that Unicode did not have yet in the private-use area, and some programs still keep
//! them there: the bytes `FE9F` are U+E863 to one party and U+4DAE 䶮 to another. Two spellings of one name are compared after
//! [`fold`]; what is stored and sent is never folded. Private-use code points without a standard character stay as they are.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{java, table};

/// The 18 private-use code points whose two-byte codes GB 18030-2022 gave to standard characters.
pub(super) const MOVED_IN_2022: [u16; 18] = [
    0xE78D, 0xE78E, 0xE78F, 0xE790, 0xE791, 0xE792, 0xE793, 0xE794, 0xE795,
    0xE796, // U+FE10–FE19, vertical punctuation
    0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864, // U+9FB4–9FBB, components
];

/// Private-use characters of codes that every table here still reads as private use, because their standard characters lie
/// outside the Basic Multilingual Plane and have four-byte codes of their own.
const KEPT: [(char, char); 6] = [
    ('\u{E816}', '\u{20087}'), // FE51 𠂇
    ('\u{E817}', '\u{20089}'), // FE52 𠂉
    ('\u{E818}', '\u{200CC}'), // FE53 𠃌
    ('\u{E831}', '\u{215D7}'), // FE6C 𡗗
    ('\u{E83B}', '\u{2298F}'), // FE76 𢦏
    ('\u{E855}', '\u{241FE}'), // FE91 𤇾
];

/// Private-use form and standard character, sorted: what Java reads in a code against what the WHATWG index reads in it.
static STANDARD: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let index = table::whatwg_index();
    let character = |unit: u16| char::from_u32(u32::from(unit));
    let mut pairs: Vec<(char, char)> = java::differences()
        .filter(|(_, java)| matches!(java, 0xE000..=0xF8FF))
        .filter_map(|(code, java)| Some((character(java)?, character(*index.get(usize::from(code))?)?)))
        .chain(KEPT)
        .collect();
    pairs.sort_unstable();
    pairs
});

/// `text` with the private-use forms that have a standard character replaced by it; borrowed when there are none.
///
/// For comparing names only. Two texts that the `gbk-java` and `gbk-whatwg` tables read from the same bytes are equal after
/// folding, except `A892`, which is the ordinary symbol ♁ to one and ⊕ to the other.
pub fn fold(text: &str) -> Cow<'_, str> {
    // Every form lies in U+E5E5–E864, whose UTF-8 begins with EE.
    if !text.as_bytes().contains(&0xEE) {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|character| standard(character).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|character| standard(character).unwrap_or(character)).collect())
}

fn standard(character: char) -> Option<char> {
    if !matches!(character, '\u{E000}'..='\u{F8FF}') {
        return None;
    }
    let at = STANDARD.binary_search_by_key(&character, |(form, _)| *form).ok()?;
    STANDARD.get(at).map(|(_, standard)| *standard)
}
