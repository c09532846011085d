//! Documents made to cost more than they are worth. What bounds them is bytes and tokens, so that is what is measured.

use crate::adapter::xml::XmlFaultKind::{self, *};
use crate::adapter::xml::{Event, Limits, Reader};

/// Reads until the refusal: its offset, its kind and the tokens it took.
fn cost(text: &str, limits: &Limits) -> (usize, XmlFaultKind, usize) {
    let mut reader = Reader::new(text, limits);
    loop {
        match reader.next() {
            Ok(Event::Eof) => panic!("accepted"),
            Ok(_) => {}
            Err(fault) => return (fault.at, fault.kind, reader.events()),
        }
    }
}

/// Everything but the bytes is limited as usual.
fn any_size() -> Limits {
    Limits { bytes: usize::MAX, ..Limits::default() }
}

fn numbered(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect()
}

#[test]
fn a_large_document_is_refused_unread() {
    for text in ["<".repeat(10 << 20), "<a>".repeat(4 << 20), format!("<a>{}</a>", "x".repeat(10 << 20))] {
        assert_eq!(cost(&text, &Limits::default()), (1 << 20, TooLarge, 0));
    }
}

#[test]
fn what_the_byte_limit_lets_through_stops_at_its_own_limit() {
    let limits = any_size();
    let m = 1_000_000;
    let cases: Vec<(String, (usize, XmlFaultKind, usize))> = vec![
        ("<".repeat(10 << 20), (0, Unclosed, 1)),
        (format!("{}>", "<".repeat(10 << 20)), (1, BadName, 1)),
        ("<a>".repeat(m), (32 * 3, TooDeep, 32)),
        (format!("{}{}", "<a>".repeat(m), "</a>".repeat(m)), (32 * 3, TooDeep, 32)),
        (
            format!("<a{}/>", numbered(200_000, |n| format!(" a{n}=''"))),
            (2 + 10 * 6 + 54 * 7 + 1, TooManyAttributes, 1),
        ),
        (format!("<a{}/>", " a=''".repeat(200_000)), (2 + 5 + 1, DuplicateAttribute, 1)),
        (
            format!("<a{}/>", numbered(200_000, |n| format!(" xmlns:a{n}='u'"))),
            (2 + 10 * 13 + 6 * 14 + 1, TooManyNamespaces, 1),
        ),
        (numbered(200_000, |n| format!("<a xmlns:a{n}='u'>")), (10 * 16 + 6 * 17 + 3, TooManyNamespaces, 17)),
        (format!("<{}/>", "a".repeat(m)), (1, NameTooLong, 1)),
        (format!("<{}/>", "金".repeat(m)), (1, NameTooLong, 1)),
        (format!("<a {}=''/>", "a".repeat(m)), (3, NameTooLong, 1)),
        (format!("<a><?{}?></a>", "p".repeat(m)), (3, NameTooLong, 2)),
        (format!("<a>{}</a>", "x".repeat(m)), (3, TextTooLong, 2)),
        (format!("<a>{}</a>", " ".repeat(m)), (3, TextTooLong, 2)),
        (format!("<a><![CDATA[{}]]></a>", "x".repeat(m)), (3, TextTooLong, 2)),
        (format!("<a b='{}'/>", "x".repeat(m)), (6, TextTooLong, 1)),
        (format!("<a>{}</a>", "&lt;".repeat(m)), (3 + 4 * 65_536, TextTooLong, 65_538)),
        (format!("<a>{}</a>", "1<!---->".repeat(m)), (3 + 8 * 65_535 + 1, TooManyEvents, 131_073)),
        (format!("<a>{}</a>", "<b/>".repeat(m)), (3 + 4 * 131_071, TooManyEvents, 131_073)),
        (format!("<a>{}</a>", "<!---->".repeat(m)), (3 + 7 * 131_071, TooManyEvents, 131_073)),
        (format!("<a>{}</a>", "<?p?>".repeat(m)), (3 + 5 * 131_071, TooManyEvents, 131_073)),
        (format!("<a>{}</a>", "<![CDATA[]]>".repeat(m)), (3 + 12 * 131_071, TooManyEvents, 131_073)),
        (format!("<a>{}</a>", "&".repeat(m)), (3, BadReference, 2)),
        (format!("<a>&{};</a>", "x".repeat(m)), (3, UnknownEntity, 2)),
        (format!("<a>&#{};</a>", "9".repeat(m)), (3, BadCharacter, 2)),
        (format!("<a b='{}'/>", "&".repeat(60_000)), (6, BadReference, 1)),
        (format!("<a>{}", "<!--".repeat(m)), (3, Unclosed, 2)),
        (format!("<a>{}", "<![CDATA[".repeat(m)), (3, Unclosed, 2)),
    ];
    for (text, expected) in cases {
        let (head, _) = text.split_at_checked(40).unwrap_or((&text, ""));
        assert_eq!(cost(&text, &limits), expected, "{head}…");
    }
}

#[test]
fn entity_bombs_end_at_the_document_type() {
    let laughs = numbered(10, |n| format!("<!ENTITY l{} '{}'>", n + 1, format!("&l{n};").repeat(10)));
    let quadratic = format!("<!ENTITY a '{}'>", "x".repeat(50_000));
    for subset in [laughs, quadratic, "<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;".to_owned()] {
        let text = format!("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY l0 'lol'>{subset}]><a>&l10;</a>");
        assert_eq!(cost(&text, &Limits::default()), (21, Doctype, 1));
    }
    assert_eq!(cost("<a>&l10;</a>", &Limits::default()), (3, UnknownEntity, 2));
}
