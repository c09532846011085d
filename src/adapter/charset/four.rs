//! The four-byte codes of GB 18030: `81308130` … `FE39FE39`, read as one number in base 10, 126, 10 (its *ordinal*).
//!
//! The supplementary planes lie in one straight run from `90308130`. The Basic Multilingual Plane is about two hundred
//! runs: everything that had no two-byte code, in order. They are found once by asking `encoding_rs` for each code.

use std::sync::LazyLock;

/// How many ordinals the Basic Multilingual Plane takes (up to `8431A439`, U+FFFF).
const PLANE_0: u32 = 39_420;
/// The ordinal of U+10000.
const PLANE_1: u32 = 189_000;

/// Consecutive ordinals with consecutive code points.
#[derive(Clone, Copy)]
struct Run {
    ordinal: u32,
    character: u32,
    length: u32,
}

/// The runs of plane 0 in order of ordinal (left) and of code point (right).
static RUNS: LazyLock<(Vec<Run>, Vec<Run>)> = LazyLock::new(|| {
    let mut runs: Vec<Run> = Vec::with_capacity(256);
    for ordinal in 0..PLANE_0 {
        let Some(character) = from_ordinal(ordinal).and_then(|bytes| ask(&bytes)).map(u32::from) else { continue };
        match runs.last_mut() {
            Some(run) if run.ordinal + run.length == ordinal && run.character + run.length == character => {
                run.length += 1
            }
            Some(_) | None => runs.push(Run { ordinal, character, length: 1 }),
        }
    }
    let mut by_character = runs.clone();
    by_character.sort_by_key(|run| run.character);
    (runs, by_character)
});

/// The four-byte code of a character that has no two-byte code.
#[cold]
pub(super) fn code(character: char) -> Option<[u8; 4]> {
    let character = u32::from(character);
    if let Some(offset) = character.checked_sub(0x1_0000) {
        return from_ordinal(PLANE_1 + offset);
    }
    let runs = &RUNS.1;
    let run = runs.get(runs.partition_point(|run| run.character <= character).checked_sub(1)?)?;
    let offset = character - run.character;
    if offset < run.length { from_ordinal(run.ordinal + offset) } else { None }
}

/// The character of a four-byte code.
#[cold]
pub(super) fn character(bytes: [u8; 4]) -> Option<char> {
    let ordinal = to_ordinal(bytes)?;
    if let Some(offset) = ordinal.checked_sub(PLANE_1) {
        return char::from_u32(0x1_0000 + offset);
    }
    let runs = &RUNS.0;
    let run = runs.get(runs.partition_point(|run| run.ordinal <= ordinal).checked_sub(1)?)?;
    let offset = ordinal - run.ordinal;
    if offset < run.length { char::from_u32(run.character + offset) } else { None }
}

fn to_ordinal(bytes: [u8; 4]) -> Option<u32> {
    let [first, second, third, fourth] = bytes;
    if !matches!((first, third), (0x81..=0xFE, 0x81..=0xFE)) || !second.is_ascii_digit() || !fourth.is_ascii_digit() {
        return None;
    }
    let digit = |byte: u8, zero: u8| u32::from(byte.wrapping_sub(zero));
    Some(((digit(first, 0x81) * 10 + digit(second, b'0')) * 126 + digit(third, 0x81)) * 10 + digit(fourth, b'0'))
}

fn from_ordinal(ordinal: u32) -> Option<[u8; 4]> {
    let byte = |value: u32, zero: u8| u8::try_from(value).ok().and_then(|value| zero.checked_add(value));
    Some([
        byte(ordinal / 12_600, 0x81)?,
        byte(ordinal / 1_260 % 10, b'0')?,
        byte(ordinal / 10 % 126, 0x81)?,
        byte(ordinal % 10, b'0')?,
    ])
}

/// What `encoding_rs` reads in exactly one code: no byte order mark, no replacement.
pub(super) fn ask(bytes: &[u8]) -> Option<char> {
    let mut text = [0; 8];
    let mut decoder = encoding_rs::GB18030.new_decoder_without_bom_handling();
    let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, true);
    if result != encoding_rs::DecoderResult::InputEmpty || read != bytes.len() {
        return None;
    }
    let mut characters = std::str::from_utf8(text.get(..written)?).ok()?.chars();
    characters.next().filter(|_| characters.next().is_none())
}
