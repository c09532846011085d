use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn encode(charset: Charset, text: &str) -> Result<Vec<u8>, Unmappable> {
    let mut out = Vec::new();
    charset.encode_into(text, &mut out).map(|()| out)
}

fn fields(charset: Charset, bytes: &[u8]) -> Vec<&[u8]> {
    charset.split(bytes, b'|').collect()
}

const GB: [Charset; 3] = [Charset::GbkWhatwg, Charset::GbkJava, Charset::Gb18030];

#[test]
fn names_are_exact() {
    for charset in Charset::ALL {
        assert_eq!(Charset::from_name(charset.name()), Some(charset));
    }
    for alias in ["", "gbk", "GBK", "GBK-Java", "gbk-java ", "gb18030", "gb2312", "utf8", "UTF-8", "cp936"] {
        assert_eq!(Charset::from_name(alias), None, "{alias:?}");
    }
}

#[test]
fn the_three_tables_differ_where_banks_differ() {
    // text, gbk-whatwg, gbk-java, gb18030-2022; empty: refused
    let table: [(&str, [&[u8]; 3]); 12] = [
        ("张三", [&[0xD5, 0xC5, 0xC8, 0xFD], &[0xD5, 0xC5, 0xC8, 0xFD], &[0xD5, 0xC5, 0xC8, 0xFD]]),
        ("·", [&[0xA1, 0xA4], &[0xA1, 0xA4], &[0xA1, 0xA4]]),
        ("€", [&[0x80], &[0xA2, 0xE3], &[0xA2, 0xE3]]),
        ("䶮", [&[0xFE, 0x9F], &[], &[0xFE, 0x9F]]),
        ("\u{E863}", [&[], &[0xFE, 0x9F], &[0x83, 0x36, 0xCF, 0x39]]),
        ("㛃", [&[], &[], &[0x82, 0x30, 0xB7, 0x31]]),
        ("•", [&[], &[], &[0x81, 0x36, 0xA6, 0x31]]),
        ("\u{E78D}", [&[0xA6, 0xD9], &[0xA6, 0xD9], &[0xA6, 0xD9]]),
        ("\u{FE10}", [&[0xA6, 0xD9], &[], &[0xA6, 0xD9]]),
        ("\u{3000}", [&[0xA1, 0xA1], &[0xA1, 0xA1], &[0xA1, 0xA1]]),
        ("\u{E5E5}", [&[], &[0xA3, 0xA0], &[]]),
        ("😀", [&[], &[], &[0x94, 0x39, 0xFC, 0x36]]),
    ];
    for (text, written) in table {
        for (charset, expected) in GB.into_iter().zip(written) {
            let refused = Unmappable { character: text.chars().next().unwrap(), at: 0 };
            let expected = if expected.is_empty() { Err(refused) } else { Ok(expected.to_vec()) };
            assert_eq!(encode(charset, text), expected, "{} {text:?}", charset.name());
        }
    }
}

#[test]
fn what_one_byte_pair_reads_as_depends_on_the_name() {
    // bytes, gbk-whatwg, gbk-java, gb18030-2022; empty: refused at 0
    let table: [(&[u8], &str, &str, &str); 11] = [
        (&[0xFE, 0x9F], "䶮", "\u{E863}", "䶮"),
        (&[0xA8, 0xBC], "\u{1E3F}", "\u{E7C7}", "\u{1E3F}"),
        (&[0xA6, 0xD9], "\u{FE10}", "\u{E78D}", "\u{FE10}"),
        (&[0xFE, 0x59], "\u{9FB4}", "\u{E81E}", "\u{9FB4}"),
        (&[0xA8, 0x92], "⊕", "♁", "⊕"),
        (&[0xA3, 0xA0], "\u{3000}", "\u{E5E5}", "\u{3000}"),
        (&[0xA2, 0xE3], "€", "€", "€"),
        (&[0x80], "€", "", "€"),
        (&[0x84, 0x31, 0x82, 0x36], "", "", "\u{FE10}"),
        (&[0x82, 0x30, 0xB7, 0x31], "", "", "㛃"),
        (&[0x84, 0x31, 0xA5, 0x30], "", "", ""),
    ];
    for (bytes, whatwg, java, gb18030) in table {
        for (charset, expected) in GB.into_iter().zip([whatwg, java, gb18030]) {
            let text = charset.decode(bytes);
            let expected = if expected.is_empty() { Err(Undecodable { at: 0 }) } else { Ok(Cow::Borrowed(expected)) };
            assert_eq!(text, expected, "{} {bytes:02X?}", charset.name());
            assert_eq!(charset.char_len(bytes), text.is_ok().then_some(bytes.len()), "{} {bytes:02X?}", charset.name());
        }
    }
}

#[test]
fn an_error_names_the_place_and_leaves_no_bytes() {
    for charset in GB {
        let mut out = b"before".to_vec();
        let error = charset.encode_into("张三a\u{E5E5}李", &mut out);
        if charset == Charset::GbkJava {
            assert_eq!(error, Ok(()));
        } else {
            assert_eq!(error, Err(Unmappable { character: '\u{E5E5}', at: 7 }));
            assert_eq!(out, b"before");
            assert_eq!(charset.encoded_len("张三a\u{E5E5}李"), Err(Unmappable { character: '\u{E5E5}', at: 7 }));
        }
        assert_eq!(charset.decode(b"ab\xD5\xC5\xFFc"), Err(Undecodable { at: 4 }), "{}", charset.name());
        assert_eq!(charset.decode(b"ab\xD5\x20c"), Err(Undecodable { at: 2 }), "{}", charset.name());
    }
    assert_eq!(Charset::Utf8.decode(b"a\xE5\xBC\xA0\xE4\xB8"), Err(Undecodable { at: 4 }));
    assert!(!Unmappable { character: '䶮', at: 3 }.to_string().contains('䶮'));
}

#[test]
fn a_byte_order_mark_is_never_sniffed() {
    let bytes = b"\xEF\xBB\xBFA";
    assert_eq!(Charset::Utf8.decode(bytes), Ok(Cow::Borrowed("\u{FEFF}A")));
    // EFBB is 锘 in all GB tables; BF41 is 緼.
    for charset in GB {
        assert_eq!(charset.decode(bytes), Ok(Cow::Owned("锘緼".to_owned())), "{}", charset.name());
        assert_eq!(charset.decode(b"\xFF\xFEA\0"), Err(Undecodable { at: 0 }), "{}", charset.name());
    }
    assert_eq!(encode(Charset::Gb18030, "\u{FEFF}"), Ok(vec![0x84, 0x31, 0x95, 0x33]));
}

#[test]
fn plain_text_is_borrowed() {
    for charset in Charset::ALL {
        assert!(matches!(charset.decode(b"0123|ABC"), Ok(Cow::Borrowed("0123|ABC"))), "{}", charset.name());
        assert!(matches!(charset.decode(b""), Ok(Cow::Borrowed(""))), "{}", charset.name());
        assert_eq!(charset.char_len(b""), None, "{}", charset.name());
    }
    assert!(matches!(Charset::Utf8.decode("张三".as_bytes()), Ok(Cow::Borrowed("张三"))));
}

#[test]
fn plain_runs_of_any_length_keep_their_place() {
    for charset in GB {
        for (before, after) in (0..40).flat_map(|before| (0..40).map(move |after| (before, after))) {
            let (before, after) = ("x".repeat(before), "7".repeat(after));
            let text = format!("{before}张{after}");
            let expected = [before.as_bytes(), b"\xD5\xC5", after.as_bytes()].concat();
            assert_eq!(encode(charset, &text).as_ref(), Ok(&expected), "{} {text}", charset.name());
            assert_eq!(charset.decode(&expected).as_deref(), Ok(&*text), "{} {text}", charset.name());
            let cut = [expected, b"\xFF".to_vec()].concat();
            assert_eq!(charset.decode(&cut), Err(Undecodable { at: cut.len() - 1 }), "{} {text}", charset.name());
        }
    }
}

#[test]
fn every_cut_of_multi_byte_text_is_refused() {
    for (charset, text) in [
        (Charset::GbkWhatwg, "韡䶮丽·买买提"),
        (Charset::GbkJava, "韡瑋東·买买提"),
        (Charset::Gb18030, "韡䶮㛃𠂇·买买提"),
        (Charset::Utf8, "é韡䶮㛃𠂇·买买提"),
    ] {
        let bytes = encode(charset, text).unwrap();
        let mut start = 0;
        for character in text.chars() {
            let length = charset.encoded_len(character.encode_utf8(&mut [0; 4])).unwrap();
            assert_eq!(charset.char_len(&bytes[start..]), Some(length), "{} {character}", charset.name());
            for cut in start + 1..start + length {
                assert_eq!(charset.decode(&bytes[..cut]), Err(Undecodable { at: start }), "{} {cut}", charset.name());
                assert_eq!(charset.char_len(&bytes[start..cut]), None, "{} {cut}", charset.name());
            }
            start += length;
            assert!(charset.decode(&bytes[..start]).is_ok(), "{} {start}", charset.name());
        }
        assert_eq!(start, bytes.len());
    }
}

#[test]
fn a_bar_inside_a_name_does_not_split() {
    for charset in GB {
        let bytes = encode(charset, "韡||珅|6228|瑋東晐閨|").unwrap();
        assert_eq!(bytes[1], b'|', "the test's name must hide a bar");
        let texts: Vec<_> = fields(charset, &bytes).into_iter().map(|field| charset.decode(field).unwrap()).collect();
        assert_eq!(texts, ["韡", "", "珅", "6228", "瑋東晐閨", ""], "{}", charset.name());
    }
    assert_eq!(fields(Charset::GbkJava, b""), [b""]);
    assert_eq!(fields(Charset::GbkJava, b"|"), [b"", b""]);
    assert_eq!(fields(Charset::Utf8, "韡|东".as_bytes()), ["韡".as_bytes(), "东".as_bytes()]);
}

#[test]
fn a_digit_inside_four_bytes_does_not_split() {
    let bytes = encode(Charset::Gb18030, "a㛃0b1").unwrap();
    let split: Vec<_> = Charset::Gb18030.split(&bytes, b'0').collect();
    assert_eq!(split, [&b"a\x82\x30\xB7\x31"[..], b"b1"]);
    // To the two-byte charsets these are not characters, and the digit is a digit.
    assert_eq!(Charset::GbkJava.split(b"\x82\x30", b'0').count(), 2);
}

#[test]
fn bytes_that_are_no_character_still_split() {
    for charset in GB {
        assert_eq!(fields(charset, b"\xFF|a"), [&b"\xFF"[..], b"a"], "{}", charset.name());
        // A comma is no second byte, so a cut name does not swallow it.
        assert_eq!(charset.split(b"\xD5\xC5\xC8,7", b',').collect::<Vec<_>>(), [&b"\xD5\xC5\xC8"[..], b"7"]);
        assert_eq!(charset.swallowed(b"\xD5\xC5\xC8,7", b','), None);
        assert_eq!(fields(charset, b"\xD5\xC5|\xC8"), [&b"\xD5\xC5"[..], b"\xC8"], "{}", charset.name());
    }
}

#[test]
fn a_cut_name_swallows_the_bar_and_is_found() {
    for charset in GB {
        // 张三 cut after three bytes, a bar, an amount.
        let bytes = b"\xD5\xC5\xC8|100|x";
        assert_eq!(charset.decode(bytes).as_deref(), Ok("张葇100|x"), "{}", charset.name());
        assert_eq!(fields(charset, bytes).len(), 2, "{}", charset.name());
        assert_eq!(charset.swallowed(bytes, b'|'), Some(2), "{}", charset.name());
        assert_eq!(charset.swallowed(b"\xD5\xC5|100|x", b'|'), None, "{}", charset.name());
        assert_eq!(charset.swallowed(&encode(charset, "张|李韡|").unwrap(), b'|'), Some(5), "{}", charset.name());
    }
    assert_eq!(Charset::Utf8.swallowed("韡|李韡|".as_bytes(), b'|'), None);
}

#[test]
fn folding_meets_the_standard_characters() {
    for (form, standard) in [
        ("\u{E863}", "䶮"),
        ("\u{E78D}\u{E796}", "\u{FE10}\u{FE19}"),
        ("\u{E81E}\u{E864}", "\u{9FB4}\u{9FBB}"),
        ("\u{E7C7}\u{E7C8}", "\u{1E3F}\u{1F9}"),
        ("\u{E816}\u{E817}\u{E818}\u{E831}\u{E83B}\u{E855}", "𠂇𠂉𠃌𡗗𢦏𤇾"),
        ("张\u{E863}三", "张䶮三"),
    ] {
        assert_eq!(fold(form), standard);
        assert_eq!(fold(standard), standard);
    }
    // Plain text, another U+E… character, and a private-use character without a standard form are left alone and borrowed.
    for text in ["", "abc", "张三", "\u{E000}", "\u{E526}", "\u{F8FF}", "\u{EFFF}"] {
        assert!(matches!(fold(text), Cow::Borrowed(same) if same == text), "{text:?}");
    }
}

#[test]
fn one_byte_pair_folds_to_one_text_in_both_gbk_tables() {
    let mut differ = 0;
    for pair in (0x8140..=0xFEFE_u16).map(u16::to_be_bytes) {
        let (Ok(whatwg), Ok(java)) = (Charset::GbkWhatwg.decode(&pair), Charset::GbkJava.decode(&pair)) else {
            continue;
        };
        differ += usize::from(whatwg != java);
        if pair != [0xA8, 0x92] {
            assert_eq!(fold(&whatwg), fold(&java), "{pair:02X?}");
        }
    }
    assert_eq!(differ, 101);
}

/// Characters of names and addresses, and every corner: all planes, private use, ASCII.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => proptest::char::range('\u{4E00}', '\u{9FFF}'),
        2 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\u{3400}', '\u{4DBF}'),
        1 => proptest::char::range('\u{E000}', '\u{F8FF}'),
        1 => any::<char>(),
    ];
    proptest::collection::vec(character, 0..40).prop_map(String::from_iter)
}

/// Bytes that come close to being text.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![2 => 0x81..=0xFE_u8, 1 => 0x30..=0x39_u8, 1 => Just(b'|'), 1 => any::<u8>()];
    proptest::collection::vec(byte, 0..40)
}

proptest! {
    #[test]
    fn what_is_written_reads_back(text in text()) {
        for charset in Charset::ALL {
            let mut out = b"|".to_vec();
            let result = charset.encode_into(&text, &mut out);
            prop_assert_eq!(charset.encoded_len(&text), result.map(|()| out.len() - 1));
            if let Err(error) = result {
                prop_assert_eq!(&out, b"|");
                let (before, rest) = text.split_at_checked(error.at).unwrap();
                prop_assert!(rest.starts_with(error.character));
                prop_assert!(charset.encoded_len(before).is_ok());
                continue;
            }
            let back = charset.decode(&out[1..]).unwrap();
            // The 18 forms written one way are the only ones that may change, and folding undoes that.
            prop_assert_eq!(fold(&back), fold(&text));
            if matches!(charset, Charset::GbkJava | Charset::Utf8) {
                prop_assert_eq!(&back, &text);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_whole_or_refused_at_a_character(bytes in bytes()) {
        for charset in Charset::ALL {
            let mut at = 0;
            while let Some(length) = charset.char_len(&bytes[at..]) {
                at += length;
            }
            match charset.decode(&bytes) {
                Ok(_) => prop_assert_eq!(at, bytes.len()),
                Err(error) => prop_assert_eq!(error.at, at),
            }
            let again = charset.split(&bytes, b'|').collect::<Vec<_>>().join(&b'|');
            prop_assert_eq!(again, &bytes[..]);
        }
        // A second opinion on where the characters of a whole text lie.
        let other = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&bytes);
        prop_assert_eq!(Charset::Gb18030.decode(&bytes).ok(), other);
    }
}

#[test]
fn utf8_characters_are_those_of_the_standard_library() {
    let edges = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ];
    let count = edges.len();
    for number in 0..count.pow(4) {
        let bytes = [number / count.pow(3), number / count.pow(2) % count, number / count % count, number % count];
        let bytes = bytes.map(|edge| edges[edge]);
        let expected = (1..=4).find(|length| std::str::from_utf8(&bytes[..*length]).is_ok());
        assert_eq!(Charset::Utf8.char_len(&bytes), expected, "{bytes:02X?}");
    }
}
