//! The tables of the GB family, one pair of 64 K arrays for each charset, built once on first use.
//!
//! Reading looks a two-byte code up by its big-endian value, writing looks a code point up by its value: one load each for
//! all but the four-byte characters. The WHATWG index comes from `encoding_rs`, asked for one code at a time and never with
//! its replacement functions; `gbk-java` is that index with [`java::DIFFERENCES`] laid over it.

use std::sync::LazyLock;

use super::{four, java, pua};

/// `gbk-whatwg`.
pub(super) static GBK_WHATWG: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::whatwg();
    table.set_code('€', 0x80);
    table
});

/// `gbk-java`.
pub(super) static GBK_JAVA: LazyLock<Table> = LazyLock::new(|| {
    let mut by_code = whatwg_index();
    for (code, character) in java::differences() {
        if let Some(slot) = by_code.get_mut(usize::from(code)) {
            *slot = character;
        }
    }
    Table { by_character: inverse(&by_code), by_code, euro_at_80: false, four_bytes: false }
});

/// `gb18030-2022`.
pub(super) static GB18030: LazyLock<Table> = LazyLock::new(|| Table { four_bytes: true, ..Table::whatwg() });

/// A charset that is ASCII plus two-byte codes, and perhaps `80` and four-byte codes.
pub(super) struct Table {
    /// Code → code point; 0 where nothing is assigned.
    by_code: Vec<u16>,
    /// Code point → code; 0 where there is none, below 0x100 for a single byte. ASCII is not in it.
    by_character: Vec<u16>,
    /// Whether the single byte `80` reads as `€`.
    euro_at_80: bool,
    /// Whether four-byte codes exist.
    four_bytes: bool,
}

/// The bytes of one character.
pub(super) enum Code {
    Single(u8),
    Double([u8; 2]),
    Four([u8; 4]),
}

impl Code {
    pub(super) fn len(&self) -> usize {
        match self {
            Code::Single(_) => 1,
            Code::Double(_) => 2,
            Code::Four(_) => 4,
        }
    }

    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        match self {
            Code::Single(byte) => out.push(*byte),
            Code::Double(bytes) => out.extend_from_slice(bytes),
            Code::Four(bytes) => out.extend_from_slice(bytes),
        }
    }
}

impl Table {
    /// The WHATWG two-byte index, with the one-way codes of the old private-use forms.
    fn whatwg() -> Table {
        let by_code = whatwg_index();
        let mut table = Table { by_character: inverse(&by_code), by_code, euro_at_80: true, four_bytes: false };
        for (code, character) in java::differences() {
            if pua::MOVED_IN_2022.contains(&character)
                && let Some(slot) = table.by_character.get_mut(usize::from(character))
            {
                *slot = code;
            }
        }
        table
    }

    fn set_code(&mut self, character: char, code: u16) {
        if let Some(slot) = usize::try_from(u32::from(character)).ok().and_then(|at| self.by_character.get_mut(at)) {
            *slot = code;
        }
    }

    /// The bytes of `character`, or `None` when the charset has no code for it.
    #[inline]
    pub(super) fn code(&self, character: char) -> Option<Code> {
        if let Ok(byte) = u8::try_from(character)
            && byte.is_ascii()
        {
            return Some(Code::Single(byte));
        }
        if let Ok(unit) = u16::try_from(u32::from(character)) {
            match self.by_character.get(usize::from(unit)).copied().unwrap_or_default().to_be_bytes() {
                [0, 0] => {}
                [0, byte] => return Some(Code::Single(byte)),
                bytes => return Some(Code::Double(bytes)),
            }
        }
        if self.four_bytes { four::code(character).map(Code::Four) } else { None }
    }

    /// The character at the start of `bytes` and its length, or `None` when it is cut, illegal or absent.
    #[inline]
    pub(super) fn character(&self, bytes: &[u8]) -> Option<(char, usize)> {
        let (&lead, rest) = bytes.split_first()?;
        if lead.is_ascii() {
            return Some((char::from(lead), 1));
        }
        if lead == 0x80 {
            return self.euro_at_80.then_some(('€', 1));
        }
        let &trail = rest.first()?;
        let unit = self.by_code.get(usize::from(u16::from_be_bytes([lead, trail]))).copied().unwrap_or_default();
        if unit != 0 {
            return char::from_u32(u32::from(unit)).map(|character| (character, 2));
        }
        if !self.four_bytes {
            return None;
        }
        four::character(*bytes.first_chunk()?).map(|character| (character, 4))
    }
}

/// Code → code point for the 23,940 two-byte codes of the WHATWG index `gb18030`.
pub(super) fn whatwg_index() -> Vec<u16> {
    let mut by_code = vec![0; 0x1_0000];
    for (code, slot) in (0..=u16::MAX).zip(by_code.iter_mut()) {
        let [lead, trail] = code.to_be_bytes();
        if matches!(lead, 0x81..=0xFE) && matches!(trail, 0x40..=0x7E | 0x80..=0xFE) {
            *slot =
                four::ask(&[lead, trail]).and_then(|character| u16::try_from(u32::from(character)).ok()).unwrap_or(0);
        }
    }
    by_code
}

/// Code point → code. Where two codes read as one character the lower one is written: `A1A1`, not `A3A0`, for U+3000.
fn inverse(by_code: &[u16]) -> Vec<u16> {
    let mut by_character = vec![0; 0x1_0000];
    for (code, &unit) in (0..=u16::MAX).zip(by_code) {
        if unit != 0
            && let Some(slot) = by_character.get_mut(usize::from(unit))
            && *slot == 0
        {
            *slot = code;
        }
    }
    by_character
}
