//! The reader against the public JSON parsing test suite, against another parser, and where it is stricter.

use super::*;
use proptest::prelude::*;

/// nst/JSONTestSuite (MIT), a name and an input a line. In the suite's cases of broken UTF-8 the package this was taken
/// from has U+FFFD for each broken byte; here such a character is fed as the byte FF, which is as broken.
const SUITE: &str = include_str!("../../../tests/data/json-test-suite.ndjson");

fn suite() -> Vec<(String, Vec<u8>)> {
    let case = |line: &str| {
        let (name, input): (String, String) = serde_json::from_str(line).unwrap();
        let bytes = input.split('\u{fffd}').map(str::as_bytes).collect::<Vec<_>>().join(&0xff);
        (name, bytes)
    };
    let mut cases = SUITE.lines().map(case).collect::<Vec<_>>();
    // Two cases of the suite are long repetitions and stand here instead.
    cases.push(("n_structure_100000_opening_arrays".into(), "[".repeat(100_000).into_bytes()));
    cases.push(("n_structure_open_array_object".into(), "[{\"\":".repeat(50_000).into_bytes()));
    cases
}

#[test]
fn the_test_suite_is_read_as_the_standard_says() {
    let (mut accepted, mut refused, mut free) = (0, 0, 0);
    for (name, input) in suite() {
        let outcome = parse(&input);
        match name.split('_').next() {
            Some("y") => {
                accepted += 1;
                assert!(outcome.is_ok(), "{name}: {outcome:?}");
            }
            Some("n") => {
                refused += 1;
                assert!(outcome.is_err(), "{name}");
            }
            _ => free += 1,
        }
    }
    assert_eq!((accepted, refused, free), (95, 188, 35));
}

/// Where the standard leaves freedom: numbers of any size are kept as written (whoever wants a number decides), broken
/// UTF-8, half surrogates and a byte order mark are refused.
#[test]
fn freedom_is_used_for_strictness() {
    for (name, input) in suite().into_iter().filter(|(name, _)| name.starts_with("i_")) {
        let is_number = name.starts_with("i_number");
        let is_depth = name == "i_structure_500_nested_arrays";
        let outcome = parse(&input);
        assert_eq!(outcome.is_ok(), is_number, "{name}");
        assert_eq!(is_depth, outcome.is_err_and(|problem| problem.code == "json-too-deep"), "{name}");
    }
}

#[test]
fn faults_say_what_and_where() {
    for (input, code, key, at) in [
        (&b"{\"a\":1,}"[..], "json-syntax", "message-json-name-expected", 7),
        (b"{\"a\" 1}", "json-syntax", "message-json-colon-expected", 5),
        (b"{\"a\":1 \"b\":2}", "json-syntax", "message-json-comma-expected", 7),
        (b"{\"a\":}", "json-syntax", "message-json-value-expected", 5),
        (b"{\"a\":01}", "json-syntax", "message-json-leading-zero", 6),
        (b"{\"a\":-}", "json-syntax", "message-json-digit-expected", 6),
        (b"{\"a\":\"x\ny\"}", "json-syntax", "message-json-control-in-text", 7),
        (b"{\"a\":\"x\\q\"}", "json-syntax", "message-json-escape", 7),
        (b"{\"a\":\"\\u00g0\"}", "json-syntax", "message-json-escape", 6),
        (b"{\"a\":\"\\ud800\"}", "json-lone-surrogate", "message-json-lone-surrogate", 6),
        (b"{} {}", "json-syntax", "message-json-after-end", 3),
        (b"{\"a\":\"x", "json-syntax", "message-json-ends-early", 7),
        (b"", "json-syntax", "message-json-ends-early", 0),
        (b"\xef\xbb\xbf{}", "json-byte-order-mark", "message-json-byte-order-mark", 0),
        (b"{\"a\":\"\xff\"}", "json-not-utf8", "message-json-not-utf8", 6),
    ] {
        let problem = parse(input).unwrap_err();
        let shown = String::from_utf8_lossy(input);
        assert_eq!((problem.code, problem.rule.key(), problem.at), (code, key, Some(at)), "{shown}");
    }
}

#[test]
fn limits_hold_exactly() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    let problem = parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
    assert_eq!((problem.code, problem.at), ("json-too-deep", Some(MAX_DEPTH)));

    let object =
        |members: usize| format!("{{{}}}", (0..members).map(|at| format!("\"{at}\":0")).collect::<Vec<_>>().join(","));
    assert!(parse(object(MAX_MEMBERS).as_bytes()).is_ok());
    assert_eq!(parse(object(MAX_MEMBERS + 1).as_bytes()).unwrap_err().code, "json-too-many-members");

    let long = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    assert!(parse(long(MAX_BYTES).as_bytes()).is_ok());
    let problem = parse(long(MAX_BYTES + 1).as_bytes()).unwrap_err();
    assert_eq!((problem.code, problem.at), ("json-too-large", Some(MAX_BYTES)));
}

#[test]
fn names_written_differently_are_still_the_same_name() {
    let root = parse(br#"{"ab":1,"c":2,"\u0061b":3,"c":4}"#).unwrap();
    let Json::Object(members) = root.value else { panic!("an object") };
    assert_eq!(repeated(&members).collect::<Vec<_>>(), [14, 26]);
}

#[test]
fn text_is_borrowed_unless_it_was_escaped() {
    let text = |input: &'static str| {
        let Json::Text(text) = parse(input.as_bytes()).unwrap().value else { panic!("a text") };
        text
    };
    assert!(matches!(text("\"张三\""), Cow::Borrowed("张三")));
    assert_eq!(text(r#""a\u5f20\ud842\udfb7\/\n""#), "a张𠮷/\n");
    assert_eq!(text(r#""\u0000""#), "\0");
}

/// The same value as another parser sees it, numbers by their digits.
fn agrees(node: &Node<'_>, other: &serde_json::Value) -> bool {
    match (&node.value, other) {
        (Json::Null, serde_json::Value::Null) => true,
        (Json::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Json::Number(ours), serde_json::Value::Number(theirs)) => *ours == theirs.to_string(),
        (Json::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Json::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agrees(ours, theirs))
        }
        (Json::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(member, (name, theirs))| member.name == *name && agrees(&member.value, theirs))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn another_parser_sees_the_same(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let node = parse(text.as_bytes()).unwrap();
        prop_assert!(agrees(&node, &value), "{}", text);
    }

    #[test]
    fn what_is_accepted_another_parser_accepts(input in "[\\[\\]{}\":,0-9eE.+\\-\\\\ua-f \n]{0,30}") {
        if parse(input.as_bytes()).is_ok() {
            // Its one limit of its own: a number too large for it.
            let theirs = serde_json::from_str::<serde_json::Value>(&input);
            prop_assert!(theirs.as_ref().is_ok_and(|_| true) || theirs.is_err_and(|error| error.to_string().contains("out of range")), "{}", input);
        } else if let Ok(value) = serde_json::from_str::<serde_json::Value>(&input) {
            prop_assert!(false, "refused {} that another parser reads as {}", input, value);
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(input in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(problem) = parse(&input) {
            prop_assert!(problem.at.is_some_and(|at| at <= input.len()));
        }
    }
}
