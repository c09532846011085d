//! Properties over random documents: what is written is read back, what is cut is refused, nothing panics.

use proptest::prelude::*;

use super::{Event, Limits, Reader, Span, escape_attribute, escape_text, read};

/// A tree to be written; text and children alternate so that the reader's merging cannot hide a difference.
#[derive(Debug, Clone)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// Every character that XML can carry, the troublesome ones often.
fn value() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::sample::select(vec![
            '<', '>', '&', '"', '\'', '\r', '\n', '\t', ' ', ']', ';', '#', '-', '？', '金', '𠮷'
        ]),
        any::<char>().prop_filter("XML can carry it", |c| {
            matches!(*c, '\t' | '\n' | '\r') || (*c >= ' ' && *c != '\u{FFFE}' && *c != '\u{FFFF}')
        }),
    ];
    prop::collection::vec(character, 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn element() -> impl Strategy<Value = Element> {
    let head = (
        "[A-Za-z_金额][A-Za-z0-9_.金-]{0,6}",
        prop::collection::btree_map("[A-Za-z_][a-z0-9-]{0,5}", value(), 0..4),
        value(),
    );
    let head =
        head.prop_filter("no declaration of a namespace", |(_, attributes, _)| !attributes.contains_key("xmlns"));
    let leaf = head.prop_map(|(name, attributes, text)| Element {
        name,
        attributes: attributes.into_iter().collect(),
        text,
        children: Vec::new(),
    });
    let leaf = leaf.boxed();
    leaf.clone().prop_recursive(4, 24, 4, move |inner| {
        (leaf.clone(), prop::collection::vec(inner, 0..4)).prop_map(|(leaf, children)| Element { children, ..leaf })
    })
}

fn write(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (index, (name, value)) in element.attributes.iter().enumerate() {
        let quote = if index % 2 == 0 { '"' } else { '\'' };
        out.push(' ');
        out.push_str(name);
        out.push('=');
        out.push(quote);
        escape_attribute(value, out).unwrap();
        out.push(quote);
    }
    if element.text.is_empty() && element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    escape_text(&element.text, out).unwrap();
    for child in &element.children {
        write(child, out);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

/// What [`read`] must tell of the written element.
fn tell(element: &Element, told: &mut Vec<String>) {
    let name = &element.name;
    let list: Vec<_> = element.attributes.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    told.push(if list.is_empty() { format!("+{name}") } else { format!("+{name}({})", list.join(" ")) });
    if !element.text.is_empty() {
        told.push(format!("{:?}", element.text));
    }
    for child in &element.children {
        tell(child, told);
    }
    told.push(format!("-{name}"));
}

/// Reads a document of any kind to its end or fault and checks what must hold for all of them.
fn survey(text: &str) -> bool {
    let mut reader = Reader::new(text, &Limits::default());
    let (mut depth, mut last) = (0_usize, 0);
    loop {
        let mut inside = |at: Span| {
            assert!(text.get(at.start..at.end).is_some_and(|slice| !slice.is_empty()), "{at:?} in {text:?}");
            assert!(at.start >= last, "spans go forward in {text:?}");
            last = at.start;
        };
        match reader.next() {
            Ok(Event::Declaration { .. }) => {}
            Ok(Event::Start { attributes, at, .. }) => {
                inside(at);
                for attribute in attributes {
                    let slice = text.get(attribute.at.start..attribute.at.end).unwrap();
                    assert!(slice.starts_with(attribute.name) && slice.ends_with(['"', '\'']), "{slice}");
                }
                depth += 1;
            }
            Ok(Event::End { at, .. }) => {
                inside(at);
                depth -= 1;
            }
            Ok(Event::Text { value, at, .. }) => {
                inside(at);
                assert!(depth > 0 && !value.is_empty());
                assert!(escape_text(&value, &mut String::new()).is_ok(), "a value has only characters of XML");
            }
            Ok(Event::Eof) => {
                assert_eq!(depth, 0);
                return true;
            }
            Err(fault) => {
                assert!(fault.at <= text.len() && text.is_char_boundary(fault.at), "{fault} in {text:?}");
                return false;
            }
        }
    }
}

const SAMPLES: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"GBK\"?>\r\n<CMS><eb><pub><TransCode>PAYPER</TransCode></pub><in><rd><Amt>100</Amt><!-- 分 --></rd></in></eb></CMS>",
    "<ap><CCTransCode>CFRT21</CCTransCode><户名 a='1' b=\"&quot;二\">张&amp;三&#x4E09;</户名><x/><![CDATA[<&>]]><?pi data?></ap>",
    "<p:a xmlns:p='urn:x' xmlns='urn:y'><b p:c='&#10;' c=' '/><p:d xml:lang='zh'>\r\n</p:d></p:a>",
];

#[test]
fn every_prefix_of_a_document_is_refused() {
    for sample in SAMPLES {
        assert!(survey(sample), "{sample}");
        for (end, _) in sample.char_indices() {
            let (prefix, _) = sample.split_at(end);
            assert!(!survey(prefix), "accepted {prefix:?}");
        }
    }
}

/// Pieces that mutations put in: the words of the grammar, good and bad.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "/>",
    "</",
    "&",
    ";",
    "'",
    "\"",
    "=",
    " ",
    "\r",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "--",
    "<?",
    "?>",
    "<?xml ",
    "<!DOCTYPE",
    "<!",
    "xmlns=''",
    " xmlns:p='u'",
    ":",
    "p:",
    "&#",
    "&#x",
    "&amp;",
    "\u{FEFF}",
    "\0",
    "\u{FFFF}",
    "金",
    "𠮷",
    "<a>",
    "</a>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_is_read_back(root in element()) {
        let mut text = String::new();
        write(&root, &mut text);
        let mut told = Vec::new();
        tell(&root, &mut told);
        prop_assert_eq!(read(&text), Ok(told.join(" ")), "{}", text);
    }

    #[test]
    fn what_is_cut_is_refused(root in element(), cut in any::<prop::sample::Index>()) {
        let mut text = String::new();
        write(&root, &mut text);
        let mut end = cut.index(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        prop_assert!(!survey(&text), "{}", text);
    }

    #[test]
    fn nothing_panics(
        sample in prop::sample::select(SAMPLES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, prop::sample::select(PIECES)), 1..8),
    ) {
        let mut chars: Vec<char> = sample.chars().collect();
        for (index, remove, piece) in edits {
            let start = index.index(chars.len() + 1);
            let end = (start + remove).min(chars.len());
            chars.splice(start..end, piece.chars());
        }
        survey(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn nothing_panics_on_noise(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        survey(&pieces.concat());
    }
}
