//! The charset tables against references that share no code with them: Java for `gbk-java`, ICU (through Node.js) for
//! `gb18030-2022`, the standard library for `utf-8`; every code point, every code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a reference that cannot be run must fail the test, in helpers too"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use kuimen::adapter::charset::{Charset, Undecodable};

/// Runs a reference program with the given input and returns what it prints.
fn reference(program: &str, package: &str, arguments: &[&str], input: &str) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charset"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("cannot run `{program}` ({error}): install it with `apt-get install {package}`")
        });
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "`{program} {arguments:?}` failed; it needs Debian's {package}");
    output.stdout
}

fn java(argument: &str, input: &str) -> Vec<u8> {
    // The source launcher needs the compiler, so a JRE is not enough.
    reference("java", "default-jdk-headless", &["Gbk.java", argument], input)
}

/// The big-endian 32-bit numbers of a reference program.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes))
}

fn code_points() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

fn singles_and_pairs() -> impl Iterator<Item = Vec<u8>> {
    (0..=u8::MAX).map(|byte| vec![byte]).chain((0..=u16::MAX).map(|pair| pair.to_be_bytes().to_vec()))
}

fn fours() -> impl Iterator<Item = Vec<u8>> {
    (0..126_u32 * 10 * 126 * 10).map(|ordinal| {
        let digits =
            [ordinal / 12_600 + 0x81, ordinal / 1_260 % 10 + 0x30, ordinal / 10 % 126 + 0x81, ordinal % 10 + 0x30];
        digits.map(|byte| u8::try_from(byte).unwrap()).to_vec()
    })
}

/// Bytes as one number: A1A4 is 0xA1A4.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// What `charset` writes for a character, as a number; `None` when it refuses.
fn written(charset: Charset, character: char, out: &mut Vec<u8>) -> Option<u32> {
    out.clear();
    charset.encode_into(character.encode_utf8(&mut [0; 4]), out).ok().map(|()| number(out))
}

/// What a text of one or two characters is in the numbers of the reference programs.
fn reading(text: &str) -> u32 {
    let mut characters = text.chars().map(u32::from);
    match (characters.next(), characters.next(), characters.next()) {
        (Some(only), None, None) => only,
        (Some(first), Some(second), None) => 0x8000_0000 | first << 16 | second,
        (None, ..) | (_, _, Some(_)) => panic!("{text:?} is not one or two characters"),
    }
}

#[test]
fn gbk_java_is_java() {
    let table = java("table", "");
    let mut answers = numbers(&table);
    let mut out = Vec::new();
    let mut mapped = 0;
    for character in code_points() {
        let java = answers.next().filter(|bytes| *bytes != u32::MAX);
        mapped += usize::from(java.is_some());
        assert_eq!(written(Charset::GbkJava, character, &mut out), java, "U+{:04X}", u32::from(character));
    }
    assert_eq!(mapped, 128 + 23_940);
    for bytes in singles_and_pairs() {
        let java = answers.next().unwrap();
        // Java's numbers of two characters have the same top bit as its refusals; those are small when inverted.
        let expected = if !java < 2 { Err(Undecodable { at: usize::try_from(!java).unwrap() }) } else { Ok(java) };
        assert_eq!(Charset::GbkJava.decode(&bytes).map(|text| reading(&text)), expected, "{bytes:02X?}");
    }
    assert_eq!(answers.next(), None);
}

#[test]
fn the_list_of_java_differences_is_fresh() {
    let index: String = (0x8140..=0xFEFE_u16)
        .filter_map(|pair| {
            let bytes = pair.to_be_bytes();
            (Charset::GbkWhatwg.char_len(&bytes) == Some(2))
                .then(|| format!("{pair:04X} {:04X}\n", reading(&Charset::GbkWhatwg.decode(&bytes).unwrap())))
        })
        .collect();
    assert_eq!(index.lines().count(), 23_940);
    let list = String::from_utf8(java("differences", &index)).unwrap();
    let source = include_str!("../src/adapter/charset/java.rs");
    assert!(source.contains(&format!(" = [\n{list}];\n")), "put this list into src/adapter/charset/java.rs:\n{list}");
}

/// Characters that two codes read as: the one that is written, and the other.
const DOUBLE: [(char, u32, u32); 20] = [
    // The byte that CP936 has for it, which the WHATWG reads in every GB charset.
    ('€', 0xA2E3, 0x80),
    // Old tables had U+E5E5 at A3A0; it was used as a space.
    ('\u{3000}', 0xA1A1, 0xA3A0),
    // The 18 characters that GB 18030-2022 moved to two bytes, each with its four bytes of GB 18030-2005.
    ('\u{FE10}', 0xA6D9, 0x8431_8236),
    ('\u{FE12}', 0xA6DA, 0x8431_8238),
    ('\u{FE11}', 0xA6DB, 0x8431_8237),
    ('\u{FE13}', 0xA6DC, 0x8431_8239),
    ('\u{FE14}', 0xA6DD, 0x8431_8330),
    ('\u{FE15}', 0xA6DE, 0x8431_8331),
    ('\u{FE16}', 0xA6DF, 0x8431_8332),
    ('\u{FE17}', 0xA6EC, 0x8431_8333),
    ('\u{FE18}', 0xA6ED, 0x8431_8334),
    ('\u{FE19}', 0xA6F3, 0x8431_8335),
    ('\u{9FB4}', 0xFE59, 0x8235_9037),
    ('\u{9FB5}', 0xFE61, 0x8235_9038),
    ('\u{9FB6}', 0xFE66, 0x8235_9039),
    ('\u{9FB7}', 0xFE67, 0x8235_9130),
    ('\u{9FB8}', 0xFE6D, 0x8235_9131),
    ('\u{9FB9}', 0xFE7E, 0x8235_9132),
    ('\u{9FBA}', 0xFE90, 0x8235_9133),
    ('\u{9FBB}', 0xFEA0, 0x8235_9134),
];

/// Characters that nothing reads as: what is written for them, the two bytes that were theirs before the 2022 edition.
const ONE_WAY: [(char, Option<u32>); 19] = [
    ('\u{E5E5}', None),
    ('\u{E78D}', Some(0xA6D9)),
    ('\u{E78E}', Some(0xA6DA)),
    ('\u{E78F}', Some(0xA6DB)),
    ('\u{E790}', Some(0xA6DC)),
    ('\u{E791}', Some(0xA6DD)),
    ('\u{E792}', Some(0xA6DE)),
    ('\u{E793}', Some(0xA6DF)),
    ('\u{E794}', Some(0xA6EC)),
    ('\u{E795}', Some(0xA6ED)),
    ('\u{E796}', Some(0xA6F3)),
    ('\u{E81E}', Some(0xFE59)),
    ('\u{E826}', Some(0xFE61)),
    ('\u{E82B}', Some(0xFE66)),
    ('\u{E82C}', Some(0xFE67)),
    ('\u{E832}', Some(0xFE6D)),
    ('\u{E843}', Some(0xFE7E)),
    ('\u{E854}', Some(0xFE90)),
    ('\u{E864}', Some(0xFEA0)),
];

/// What a Node.js built on another ICU may read instead, and nothing else. Debian 12 has ICU 72, whose table is GB
/// 18030-2005: it reads the 18 codes as the former private-use characters, A3A0 as U+E5E5, and refuses 80 (measured with
/// its `uconv`). ICU took in the 18 with 73.2, and the state table of its source data refuses 80 to this day; Node.js
/// 20.20.2, which names ICU 78.2, reads all 20 as the WHATWG does and needs none of these exceptions.
fn other_icu(bytes: &[u8]) -> Option<Option<u32>> {
    match number(bytes) {
        0x80 => Some(None),
        0xA3A0 => Some(Some(0xE5E5)),
        code => {
            let (former, _) = ONE_WAY.iter().find(|(_, written)| *written == Some(code))?;
            Some(Some(u32::from(*former)))
        }
    }
}

#[test]
fn gb18030_is_icu() {
    let table = reference("node", "nodejs", &["gb18030.mjs"], "");
    let mut answers = numbers(&table);
    let mut codes: BTreeMap<char, Vec<u32>> = BTreeMap::new();
    for bytes in singles_and_pairs().chain(fours()) {
        let icu = answers.next().map(|number| (number != u32::MAX).then_some(number)).unwrap();
        let text = Charset::Gb18030.decode(&bytes).ok();
        let ours = text.as_ref().map(|text| reading(text));
        // A pair that holds the byte 80 beside ASCII differs because 80 does.
        let holds_80 = bytes.len() == 2 && bytes.contains(&0x80) && bytes.iter().all(|byte| *byte <= 0x80);
        let known = if holds_80 { Some(None) } else { other_icu(&bytes) };
        assert!(ours == icu || known == Some(icu), "{bytes:02X?}: {ours:X?}, ICU {icu:X?}");
        if let Some(text) = text
            && Charset::Gb18030.char_len(&bytes) == Some(bytes.len())
        {
            codes.entry(text.chars().next().unwrap()).or_default().push(number(&bytes));
        }
    }
    assert_eq!(answers.next(), None);

    let doubles: BTreeMap<char, [u32; 2]> =
        DOUBLE.into_iter().map(|(c, written, other)| (c, [written, other])).collect();
    let one_way: BTreeMap<char, Option<u32>> = ONE_WAY.into_iter().collect();
    let mut out = Vec::new();
    for character in code_points() {
        let expected = match codes.get(&character).map(Vec::as_slice) {
            None => *one_way.get(&character).unwrap_or_else(|| panic!("nothing reads as {character:?}")),
            Some([code]) => Some(*code),
            Some(several) => {
                let [written, other] = doubles.get(&character).unwrap_or_else(|| panic!("{character:?}: {several:X?}"));
                let mut listed = [*written, *other];
                listed.sort_unstable();
                assert_eq!(several, listed, "{character:?}");
                Some(*written)
            }
        };
        assert_eq!(written(Charset::Gb18030, character, &mut out), expected, "U+{:04X}", u32::from(character));
    }
    // Nothing is listed that does not occur.
    assert!(doubles.keys().all(|character| codes[character].len() == 2));
    assert!(one_way.keys().all(|character| !codes.contains_key(character)));
}

#[test]
fn gbk_whatwg_is_the_two_byte_half_of_gb18030() {
    let (mut out, mut gb18030) = (Vec::new(), Vec::new());
    for character in code_points() {
        let expected = match character {
            '€' => Some(0x80),
            _ => written(Charset::Gb18030, character, &mut gb18030).filter(|code| *code <= 0xFFFF),
        };
        assert_eq!(written(Charset::GbkWhatwg, character, &mut out), expected, "U+{:04X}", u32::from(character));
    }
    for bytes in singles_and_pairs() {
        assert_eq!(Charset::GbkWhatwg.decode(&bytes), Charset::Gb18030.decode(&bytes), "{bytes:02X?}");
    }
    for bytes in fours() {
        assert_eq!(Charset::GbkWhatwg.char_len(&bytes), None, "{bytes:02X?}");
        assert_eq!(Charset::GbkJava.char_len(&bytes), None, "{bytes:02X?}");
    }
}

#[test]
fn utf8_is_the_standard_library() {
    let mut out = Vec::new();
    for character in code_points() {
        let mut buffer = [0; 4];
        let expected = character.encode_utf8(&mut buffer).as_bytes();
        assert_eq!(
            written(Charset::Utf8, character, &mut out),
            Some(number(expected)),
            "U+{:04X}",
            u32::from(character)
        );
        assert_eq!(Charset::Utf8.char_len(expected), Some(expected.len()), "U+{:04X}", u32::from(character));
    }
    for bytes in singles_and_pairs() {
        let expected = std::str::from_utf8(&bytes).map_err(|error| Undecodable { at: error.valid_up_to() });
        assert_eq!(Charset::Utf8.decode(&bytes).as_deref(), expected.as_deref(), "{bytes:02X?}");
    }
}
