//! One line per way to break a rule: the document, the offset, the kind.

use std::collections::BTreeSet;

use crate::adapter::xml::XmlFaultKind::{self, *};
use crate::adapter::xml::{Event, Limits, Reader};

/// The fault of a document, which the reader must then repeat.
fn fault(text: &str, limits: &Limits) -> Option<(usize, XmlFaultKind)> {
    let mut reader = Reader::new(text, limits);
    loop {
        match reader.next() {
            Ok(Event::Eof) => return None,
            Ok(_) => {}
            Err(fault) => {
                assert_eq!(reader.next().unwrap_err(), fault, "{text:?}");
                return Some((fault.at, fault.kind));
            }
        }
    }
}

#[test]
fn each_rule_has_its_kind_and_place() {
    let cases: &[(&str, usize, XmlFaultKind)] = &[
        ("", 0, Empty),
        (" \n", 2, Empty),
        ("<?xml version='1.0'?>", 21, Empty),
        ("<!-- x -->", 10, Empty),
        ("\u{FEFF}<a/>", 0, ByteOrderMark),
        ("<!DOCTYPE a><a/>", 0, Doctype),
        ("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY", 22, Doctype),
        ("<!doctype a><a/>", 0, Doctype),
        ("<a><!DOCTYPE a></a>", 3, Doctype),
        ("<!ELEMENT a ANY><a/>", 0, BadMarkup),
        ("<a><!></a>", 3, BadMarkup),
        ("<a><!- x --></a>", 3, BadMarkup),
        ("<a><![cdata[x]]></a>", 3, BadMarkup),
        ("<a><![CDATA [x]]></a>", 3, BadMarkup),
        (" <?xml version='1.0'?><a/>", 1, BadDeclaration),
        ("<a><?xml version='1.0'?></a>", 3, BadDeclaration),
        ("<?xml version='1.0'?><?xml version='1.0'?><a/>", 21, BadDeclaration),
        ("<?xml?><a/>", 5, BadDeclaration),
        ("<?xml ?><a/>", 5, BadDeclaration),
        ("<?xml version=1.0?><a/>", 14, BadDeclaration),
        ("<?xml version='1.0\"?><a/>", 14, BadDeclaration),
        ("<?xml version='2.0'?><a/>", 19, BadDeclaration),
        ("<?xml version='1.'?><a/>", 18, BadDeclaration),
        ("<?xml version='1.0'encoding='x'?><a/>", 19, BadDeclaration),
        ("<?xml version='1.0' encoding='1'?><a/>", 32, BadDeclaration),
        ("<?xml encoding='UTF-8' version='1.0'?><a/>", 5, BadDeclaration),
        ("<?xml version='1.0' standalone='x'?><a/>", 34, BadDeclaration),
        ("<?xml version='1.0' standalone='no' encoding='x'?><a/>", 36, BadDeclaration),
        ("<?xml version='1.0' other='x'?><a/>", 20, BadDeclaration),
        ("<?XML version='1.0'?><a/>", 0, BadPi),
        ("<a><? x?></a>", 3, BadPi),
        ("<a><??></a>", 3, BadPi),
        ("<a><?1?></a>", 3, BadPi),
        ("<a><?p:q?></a>", 3, BadPi),
        ("<a><?p+?></a>", 3, BadPi),
        ("<a><!-- -- --></a>", 8, BadComment),
        ("<a><!-- x ---></a>", 10, BadComment),
        ("<a><!--></a>", 3, Unclosed),
        ("<a><!---></a>", 3, Unclosed),
        ("<a>\u{1}</a>", 3, BadCharacter),
        ("<a>金\u{FFFE}</a>", 6, BadCharacter),
        ("<a>&#0;</a>", 3, BadCharacter),
        ("<a>&#x1F;</a>", 3, BadCharacter),
        ("<a>&#xD800;</a>", 3, BadCharacter),
        ("<a>&#x110000;</a>", 3, BadCharacter),
        ("<a>&#4294967361;</a>", 3, BadCharacter),
        ("<a b='\u{8}'/>", 6, BadCharacter),
        ("<a b='&#8;'/>", 6, BadCharacter),
        ("<a><!-- \u{2} --></a>", 8, BadCharacter),
        ("<a><?p \u{2}?></a>", 7, BadCharacter),
        ("<a><![CDATA[\u{2}]]></a>", 12, BadCharacter),
        ("\u{1}<a/>", 0, BadCharacter),
        ("<a>1 & 2</a>", 5, BadReference),
        ("<a>&amp</a>", 3, BadReference),
        ("<a>&</a>", 3, BadReference),
        ("<a>&;</a>", 3, BadReference),
        ("<a>&#;</a>", 3, BadReference),
        ("<a>&#x;</a>", 3, BadReference),
        ("<a>&#X41;</a>", 3, BadReference),
        ("<a>&#+65;</a>", 3, BadReference),
        ("<a>& amp;</a>", 3, BadReference),
        ("<a b='1&'/>", 7, BadReference),
        ("<a b='&lt;&x y;'/>", 10, BadReference),
        ("<a>&nbsp;</a>", 3, UnknownEntity),
        ("<a>&AMP;</a>", 3, UnknownEntity),
        ("<a b='x&e;'/>", 7, UnknownEntity),
        ("<a>x]]>y</a>", 4, CdataEndInText),
        ("<a>]]]></a>", 4, CdataEndInText),
        ("<a b='1<2'/>", 7, LessThanInAttribute),
        ("<1a/>", 1, BadName),
        ("< a/>", 1, BadName),
        ("<a></ a>", 3, BadName),
        ("<a></>", 3, BadName),
        ("<:a/>", 1, BadName),
        ("<a:/>", 3, BadName),
        ("<a:b:c/>", 4, BadName),
        ("<a -b='1'/>", 3, BadName),
        ("<×/>", 1, BadName),
        ("<金×/>", 4, BadTag),
        ("<a b/>", 4, BadTag),
        ("<a b=1/>", 5, BadTag),
        ("<a b='1'c='2'/>", 8, BadTag),
        ("<a / >", 3, BadName),
        ("<a b='1'/ ></a>", 8, BadTag),
        ("<a<b/>", 2, BadTag),
        ("<a b='1' b='2'/>", 9, DuplicateAttribute),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", 35, DuplicateAttribute),
        ("<a xmlns:p='u' xmlns:q='&#117;' p:b='1' q:b='2'/>", 40, DuplicateAttribute),
        ("<p:a/>", 1, UndeclaredPrefix),
        ("<a p:b='1'/>", 3, UndeclaredPrefix),
        ("<a><b xmlns:p='u'/><p:c/></a>", 20, UndeclaredPrefix),
        ("<xmlns:a/>", 1, UndeclaredPrefix),
        ("<a xmlns:p=''/>", 3, BadNamespace),
        ("<a xmlns:xml='u'/>", 3, BadNamespace),
        ("<a xmlns:xmlns='u'/>", 3, BadNamespace),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", 3, BadNamespace),
        ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", 3, BadNamespace),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", 3, BadNamespace),
        ("<a></b>", 3, MismatchedEnd),
        ("<a><b></a></b>", 6, MismatchedEnd),
        ("<a></ab>", 3, MismatchedEnd),
        ("<a/></a>", 4, MismatchedEnd),
        ("</a>", 0, MismatchedEnd),
        ("<a></a b='1'>", 3, MismatchedEnd),
        ("<a>", 3, Unclosed),
        ("<a><b></b>", 10, Unclosed),
        ("<a>1", 4, Unclosed),
        ("<", 0, Unclosed),
        ("<a", 0, Unclosed),
        ("<a b='>", 0, Unclosed),
        ("<a></a", 3, Unclosed),
        ("<a><!", 3, Unclosed),
        ("<a><![CDA", 3, Unclosed),
        ("<a><![CDATA[1]]", 3, Unclosed),
        ("<a><!-- ", 3, Unclosed),
        ("<a><?p ", 3, Unclosed),
        ("<?xml version='1.0'", 0, Unclosed),
        ("<a/><b/>", 4, SecondRoot),
        ("<a></a><a></a>", 7, SecondRoot),
        ("x<a/>", 0, TextOutsideRoot),
        ("<a/> x", 5, TextOutsideRoot),
        ("<a/>&#32;", 4, TextOutsideRoot),
        ("<![CDATA[]]><a/>", 0, TextOutsideRoot),
        ("\0<a/>", 0, BadCharacter),
    ];
    let small = Limits { bytes: 100, depth: 2, attributes: 2, namespaces: 2, name: 4, text: 6, events: 12 };
    let bounded: &[(&str, usize, XmlFaultKind)] = &[
        (&" ".repeat(101), 100, TooLarge),
        ("<a><b><c/></b></a>", 6, TooDeep),
        ("<a b='' c='' d=''/>", 13, TooManyAttributes),
        ("<a xmlns:b='u'/>", 3, NameTooLong),
        ("<abcde/>", 1, NameTooLong),
        ("<a bcdef=''/>", 3, NameTooLong),
        ("<a><?pqrst?></a>", 3, NameTooLong),
        ("<金额/>", 1, NameTooLong),
        ("<a>1234567</a>", 3, TextTooLong),
        ("<a>123&lt;456</a>", 10, TextTooLong),
        ("<a>123<!-- -->4567</a>", 14, TextTooLong),
        ("<a><![CDATA[1234567]]></a>", 3, TextTooLong),
        ("<a b='1234567'/>", 6, TextTooLong),
        ("<a><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/></a>", 47, TooManyEvents),
        ("<a>1&lt;1&lt;1&lt;1&lt;1&lt;1&lt;1</a>", 18, TextTooLong),
        (
            "<a><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----></a>",
            80,
            TooManyEvents,
        ),
    ];
    let namespaces = Limits { namespaces: 2, ..Limits::default() };
    let scoped: &[(&str, usize, XmlFaultKind)] = &[
        ("<a xmlns:b='u' xmlns:c='v'><d xmlns='w'/></a>", 30, TooManyNamespaces),
        ("<a xmlns:b='u' xmlns:c='v' xmlns:d='w'/>", 27, TooManyNamespaces),
    ];
    let mut met = BTreeSet::new();
    for (limits, table) in [(Limits::default(), cases), (small, bounded), (namespaces, scoped)] {
        for (text, at, kind) in table {
            assert_eq!(fault(text, &limits), Some((*at, *kind)), "{text:?}");
            met.insert(*kind);
        }
    }
    let missed: Vec<_> = XmlFaultKind::ALL.iter().filter(|kind| !met.contains(*kind)).collect();
    assert!(missed.is_empty(), "no case for {missed:?}");
}

#[test]
fn what_lies_exactly_on_a_limit_is_read() {
    let limits = Limits { bytes: 52, depth: 2, attributes: 2, namespaces: 1, name: 7, text: 6, events: 5 };
    let text = "<a xmlns:b='u' c=''><abcdefg><!-- -->123456</abcdefg></a>";
    assert_eq!(fault(text, &Limits { bytes: text.len(), events: 6, ..limits }), None);
    assert_eq!(fault(text, &Limits { bytes: text.len(), ..limits }), Some((53, TooManyEvents)));
    assert_eq!(fault(text, &limits), Some((52, TooLarge)));
    // Scope, not total, is what counts for namespaces.
    let siblings = "<a><b xmlns:p='u'/><b xmlns:p='u'/><b xmlns:p='u'/></a>";
    assert_eq!(fault(siblings, &Limits { namespaces: 1, ..Limits::default() }), None);
}

#[test]
fn codes_are_distinct_and_kebab_case() {
    let codes: BTreeSet<_> = XmlFaultKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(codes.len(), XmlFaultKind::ALL.len());
    for code in codes {
        assert!(code.starts_with("xml-") && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
    }
}
