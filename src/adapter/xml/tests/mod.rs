//! Tests of the strict layer; the W3C suite is a test of its own.

mod faults;
mod hostile;
mod property;

use super::{Attribute, Event, Limits, Reader, Span, XmlFault, escape_attribute, escape_text};

/// What a document says, without offsets, in one line: `+name(a=v)`, `-name`, `"text"`, `~"text"` when not plain.
fn read(text: &str) -> Result<String, XmlFault> {
    let mut reader = Reader::new(text, &Limits::default());
    let mut told = Vec::new();
    loop {
        told.push(match reader.next()? {
            Event::Declaration { encoding } => format!("?{}", encoding.unwrap_or("")),
            Event::Start { name, attributes, .. } => {
                let list: Vec<_> = attributes.map(|a| format!("{}={:?}", a.name, a.value)).collect();
                if list.is_empty() { format!("+{name}") } else { format!("+{name}({})", list.join(" ")) }
            }
            Event::End { name, .. } => format!("-{name}"),
            Event::Text { value, plain, .. } => format!("{}{value:?}", if plain { "" } else { "~" }),
            Event::Eof => return Ok(told.join(" ")),
        });
    }
}

#[test]
fn tells_what_a_document_says() {
    let cases = [
        ("<a/>", "+a -a"),
        ("<a></a >", "+a -a"),
        ("<?xml version=\"1.0\" encoding='GBK'?>\n<a>1</a>\n", "?GBK +a \"1\" -a"),
        ("<?xml version='1.1' standalone='no' ?><a/>", "? +a -a"),
        (" <!-- x --> <?p q?><a/><!-- y -->\n<?p?>", "+a -a"),
        ("<a> <b>1</b>\n<b/></a>", "+a \" \" +b \"1\" -b \"\\n\" +b -b -a"),
        // one text event whatever the pieces
        ("<a>1&lt;2&#x41;&#66;&amp;&gt;&quot;&apos;</a>", "+a \"1<2AB&>\\\"'\" -a"),
        ("<a>1<!-- 9 -->2</a>", "+a ~\"12\" -a"),
        ("<a>1<?x 9?>2</a>", "+a ~\"12\" -a"),
        ("<a><![CDATA[<1>&amp;]]>2</a>", "+a ~\"<1>&amp;2\" -a"),
        ("<a><![CDATA[]]]]><![CDATA[>]]></a>", "+a ~\"]]>\" -a"),
        ("<a>1<!-- x --></a>", "+a ~\"1\" -a"),
        ("<a><!-- x --></a>", "+a -a"),
        ("<a><!----><!--->--><!-- - - --></a>", "+a -a"),
        ("<a><!-- x --><b>1</b></a>", "+a +b \"1\" -b -a"),
        // an entity's character is never read again
        ("<a>&amp;lt;&#38;lt;&#60;b/></a>", "+a \"&lt;&lt;<b/>\" -a"),
        // line ends
        ("<a>1\r\n2\r3\n\r\r\n4&#13;</a>", "+a \"1\\n2\\n3\\n\\n\\n4\\r\" -a"),
        ("<a><![CDATA[\r\n]]>\r</a>", "+a ~\"\\n\\n\" -a"),
        // attribute values
        ("<a b='1' c = \"2'\"/>", "+a(b=\"1\" c=\"2'\") -a"),
        ("<a\tb='x\r\ny\tz\n\r&#10;&#9;&quot;&apos;&amp;&lt;>'\n/>", "+a(b=\"x y z  \\n\\t\\\"'&<>\") -a"),
        ("<a b='/'></a>", "+a(b=\"/\") -a"),
        ("<a b='>'/>", "+a(b=\">\") -a"),
        // names
        ("<_a.b-1·/>", "+_a.b-1· -_a.b-1·"),
        ("<报文><金额 币种='人民币'>1</金额></报文>", "+报文 +金额(币种=\"人民币\") \"1\" -金额 -报文"),
        // namespaces
        ("<p:a xmlns:p='u'><p:b p:c='1'/></p:a>", "+p:a(xmlns:p=\"u\") +p:b(p:c=\"1\") -p:b -p:a"),
        ("<a xmlns='u'><b xmlns=''/></a>", "+a(xmlns=\"u\") +b(xmlns=\"\") -b -a"),
        ("<a xml:lang='zh' b:c='1' c='2' xmlns:b='u'/>", "+a(xml:lang=\"zh\" b:c=\"1\" c=\"2\" xmlns:b=\"u\") -a"),
        (
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
            "+a(xmlns:xml=\"http://www.w3.org/XML/1998/namespace\") -a",
        ),
    ];
    for (text, told) in cases {
        assert_eq!(read(text), Ok(told.to_owned()), "{text}");
    }
}

#[test]
fn the_whole_range_of_characters_is_read() {
    let value = "\t\n \u{7F}\u{85}\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}（）";
    assert_eq!(read(&format!("<a>{value}</a>")), Ok(format!("+a {value:?} -a")));
}

#[test]
fn spans_are_where_things_stand() {
    let text = "<?xml version='1.0'?>\n<表 b='&amp;'>1<!-- -->2</表><!-- -->";
    let mut reader = Reader::new(text, &Limits::default());
    let slice = |at: Span| text.get(at.start..at.end).unwrap();
    let mut spans = Vec::new();
    loop {
        match reader.next().unwrap() {
            Event::Declaration { .. } => {}
            Event::Start { at, attributes, .. } => {
                assert_eq!(attributes.get("b").as_deref(), Some("&"));
                assert_eq!(attributes.get("c"), None);
                spans.extend(attributes.map(|Attribute { at, .. }| slice(at)));
                spans.push(slice(at));
            }
            Event::End { at, .. } | Event::Text { at, .. } => spans.push(slice(at)),
            Event::Eof => break,
        }
    }
    assert_eq!(spans, ["b='&amp;'", "<表 b='&amp;'>", "1<!-- -->2", "</表>"]);
    assert!(matches!(reader.next(), Ok(Event::Eof)), "the end stays the end");
}

#[test]
fn a_plain_value_is_borrowed() {
    let mut reader = Reader::new("<a b='金额'>1.00</a>", &Limits::default());
    let Ok(Event::Start { mut attributes, .. }) = reader.next() else { panic!("no start") };
    assert!(matches!(attributes.next().unwrap().value, std::borrow::Cow::Borrowed("金额")));
    let Ok(Event::Text { value, .. }) = reader.next() else { panic!("no text") };
    assert!(matches!(value, std::borrow::Cow::Borrowed("1.00")));
}

#[test]
fn escapes_and_refuses_what_cannot_be_carried() {
    let mut out = String::from("=");
    assert_eq!(escape_text("a<b>&'\"\t\r\n金", &mut out), Ok(()));
    assert_eq!(out, "=a&lt;b&gt;&amp;'\"\t&#13;\n金");
    let mut out = String::new();
    assert_eq!(escape_attribute("a<b>&'\"\t\r\n金", &mut out), Ok(()));
    assert_eq!(out, "a&lt;b&gt;&amp;&apos;&quot;&#9;&#13;&#10;金");
    for (bad, at) in [("金\0", 3), ("\u{1F}", 0), ("a\u{FFFE}", 1), ("<\u{FFFF}", 1), ("（\u{B}", 3)] {
        let mut out = String::from("kept");
        assert_eq!(escape_text(bad, &mut out), Err(at));
        assert_eq!(escape_attribute(bad, &mut out), Err(at));
        assert_eq!(out, "kept");
    }
}
