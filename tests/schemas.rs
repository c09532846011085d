//! The published schemas: fresh, valid, and of one mind with the code that reads requests.
//!
//! To write them anew after a change of the dictionary: `cargo run -- schema export`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use kuimen::message::problem::CODES;
use kuimen::message::{Operation, north};
use kuimen::schema;
use serde_json::{Value, json};

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_committed_files_are_fresh_and_all_there() {
    let documents = schema::documents();
    for (name, document) in &documents {
        assert_eq!(
            committed(name),
            schema::text(document),
            "schemas/{name} is stale: run `cargo run -- schema export`"
        );
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").file_name());
    let mut files = files.filter_map(|name| name.into_string().ok()).collect::<Vec<_>>();
    let mut names = documents.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    files.sort();
    names.sort();
    assert_eq!(files, names, "a published file that is no longer made");
}

#[test]
fn export_writes_what_is_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = schema::write_all(&folder.path().join("new")).expect("written");
    assert_eq!(written.len(), schema::documents().len());
    for path in written {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), committed(name));
    }
}

/// A compiled schema of an operation, as an independent implementation reads it. Compiling checks it against the
/// dialect's own schema.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn of(document: Value, part: &str) -> Judge {
        let mut compiler = Compiler::new();
        compiler.add_resource("urn:judged", document).expect("a resource");
        let mut schemas = Schemas::new();
        let index = compiler.compile(&format!("urn:judged{part}"), &mut schemas).expect("a valid schema");
        Judge { schemas, index }
    }

    fn accepts(&self, body: &Value) -> bool {
        self.schemas.validate(body, self.index).is_ok()
    }
}

fn operation_schema(operation: Operation) -> Value {
    let mut document = schema::json_schema(operation);
    // The judge addresses a resource by where it was put.
    document.as_object_mut().expect("an object").remove("$id");
    document
}

fn sample(operation: Operation) -> Value {
    let person = json!({ "name": "张三", "id_type": "resident", "id": "11010519491231002X" });
    if operation == Operation::CardIssued {
        return json!({
            "holder": person,
            "card": {
                "number": "B00000019", "region": "500236", "code": "500236D156000005AB0123456789ABCD",
                "account": "6217001234567890122", "kind": "first-exchange", "generation": "3",
                "issued_on": "2022-03-15", "social_expiry": "2032-03-15", "outlet": "永安支行", "fee": 0,
            },
            "bank": "rural",
        });
    }
    if operation == Operation::AccountChange {
        return json!({
            "payee": {
                "name": "张三", "id_type": "resident", "id": "11010519491231002X",
                "account": "6217001234567890122", "account_kind": "card",
            },
            "change": { "kind": "change", "channel": "counter", "effective": "202204", "choice": "self" },
            "former": { "account": "31-450001040012345", "account_kind": "account" },
            "bank": "rural",
        });
    }
    payment()
}

fn payment() -> Value {
    json!({
        "payee": {
            "name": "张三", "id_type": "resident", "id": "11010519491231002X",
            "account": "6217001234567890122", "account_kind": "card", "bank": "314653000011",
        },
        "amount": 123450, "fund": "110", "kind": "regular", "period": "202203",
        "order": "FJ202203000001", "bank": "rural", "purpose": "养老金",
    })
}

/// Values to try in the place of any member, of every type and at every edge of every form.
fn values() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "x",
        "张三",
        " 张三",
        "张三\u{3000}",
        "张 三",
        "张\n三",
        "张\u{0}",
        "张\u{85}三",
        "张\u{200b}三",
        "张\u{202e}三",
        "\u{feff}张",
        "\u{fffd}",
        "\u{fffe}",
        "\u{e863}",
        "𠮷",
        "a\u{2029}b",
        "\u{a0}a",
        "resident",
        "resident-15",
        "hmt",
        "permanent-residence",
        "Resident",
        "card",
        "account",
        "regular",
        "arrears",
        "one-off",
        "11010519491231002X",
        "11010519491231002x",
        "110105194912310021",
        "11010519491331002X",
        "1101051949123100２X",
        "110105491231002",
        "110105491331002",
        "810000199408230021",
        "810001199408230021",
        "840000199408230021",
        "USA110078010112",
        "usa110078010112",
        "911124198108030024",
        "911124198113030024",
        "6217001234567890122",
        "6217001234567890123",
        "621700123456",
        "6217001234567",
        "62170012345678901222",
        "31-450001040012345",
        "31 450001040012345",
        "314653000011",
        "314653000012",
        "31465300001",
        "3146530000111",
        "110",
        "１１０",
        "A1",
        "123456789",
        "202203",
        "202213",
        "202200",
        "189912",
        "190001",
        "210001",
        "2022-03",
        "2022-03-15",
        "2022-02-29",
        "2022-2-28",
        "1899-12-31",
        "2022-04-31",
        "500236",
        "B00000019",
        "b00000019",
        "500236D156000005AB0123456789ABCD",
        "500236d156000005ab0123456789abcd",
        "first",
        "3",
        "counter",
        "ab",
        "a",
        "rural-2",
        "0123456789abcdef",
        "0123456789abcdefg",
        "a_b",
    ];
    let long = [32, 33, 60, 61].map(|length| Value::from("民".repeat(length)));
    let digits = [19, 20, 32, 33].map(|length| Value::from("4".repeat(length)));
    let others = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(9_007_199_254_740_991_i64),
        json!(9_007_199_254_740_992_i64),
        json!(i64::MAX),
        json!([]),
        json!({}),
        json!(["张三"]),
    ];
    texts.into_iter().map(Value::from).chain(long).chain(digits).chain(others).collect()
}

/// Every body that differs from the sample in one member, and by the kinds that decide a form, in two.
fn bodies(sample: &Value) -> Vec<Value> {
    let mut bodies = vec![sample.clone(), json!({}), json!([]), json!(null), json!("x")];
    let mut places = vec!["/nickname".to_owned(), "/payee.name".into()];
    let mut kinds = Vec::new();
    for (name, value) in sample.as_object().expect("an object") {
        places.push(format!("/{name}"));
        let Some(inner) = value.as_object() else { continue };
        places.push(format!("/{name}/nickname"));
        places.extend(inner.keys().map(|member| format!("/{name}/{member}")));
        for (kind, codes) in [
            ("id_type", &["resident-15", "hmt", "permanent-residence"][..]),
            ("account_kind", &["account", "card"][..]),
        ] {
            if inner.contains_key(kind) {
                kinds.extend(codes.iter().map(|code| (format!("/{name}/{kind}"), *code)));
            }
        }
    }
    for place in places {
        let (parent, name) = place.rsplit_once('/').expect("a path");
        let changed = |base: &Value, value: Option<Value>| {
            let mut body = base.clone();
            let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
            match value {
                Some(value) => parent.insert(name.to_owned(), value),
                None => parent.remove(name),
            };
            body
        };
        bodies.push(changed(sample, None));
        for value in values() {
            bodies.push(changed(sample, Some(value.clone())));
            for (kind, code) in &kinds {
                let mut base = sample.clone();
                *base.pointer_mut(kind).expect("a member") = json!(code);
                bodies.push(changed(&base, Some(value.clone())));
            }
        }
    }
    bodies
}

#[test]
fn schema_and_reader_are_of_one_mind() {
    assert!(schema::SEMANTIC_CODES.iter().all(|code| CODES.contains(code)));
    let in_openapi = "#/components/schemas/payment.pay";
    for (operation, judge) in [
        (Operation::PaymentPay, Judge::of(operation_schema(Operation::PaymentPay), "")),
        (Operation::PaymentQuery, Judge::of(operation_schema(Operation::PaymentQuery), "")),
        (Operation::PaymentPay, Judge::of(schema::openapi(), in_openapi)),
        (Operation::CardIssued, Judge::of(operation_schema(Operation::CardIssued), "")),
        (Operation::AccountChange, Judge::of(operation_schema(Operation::AccountChange), "")),
    ] {
        let (mut both_accept, mut both_refuse, mut semantic) = (0, 0, 0);
        for body in bodies(&sample(operation)) {
            let text = body.to_string();
            let codes = match north::decode(operation, text.as_bytes()) {
                Ok(_) => Vec::new(),
                Err(problems) => problems.into_iter().map(|problem| problem.code).collect(),
            };
            let satisfies = judge.accepts(&body);
            let beyond = codes.iter().all(|code| schema::SEMANTIC_CODES.contains(code));
            match (satisfies, codes.is_empty()) {
                (true, true) => both_accept += 1,
                (true, false) if beyond => semantic += 1,
                (false, false) => both_refuse += 1,
                _ => panic!("{operation:?}: the schema says {satisfies}, the reader {codes:?}: {text}"),
            }
        }
        // The bodies must try all three, or this test says little.
        assert!(both_accept > 100 && both_refuse > 1000 && semantic > 10, "{both_accept} {both_refuse} {semantic}");
    }
}

#[test]
fn every_shipped_adapter_is_described_in_the_published_shape() {
    let mut document = schema::description();
    document.as_object_mut().expect("an object").remove("$id");
    let judge = Judge::of(document, "");
    for (id, adapter) in kuimen::adapter::builtin::load_all().expect("sound adapters") {
        let described = serde_json::to_value(kuimen::adapter::describe::describe(&adapter)).expect("JSON");
        assert!(judge.accepts(&described), "{id}");
        let operations = described["operations"].as_array().expect("operations");
        assert_eq!(operations.len(), adapter.operations.len(), "{id}");
        let mut broken = described.clone();
        broken["operations"][0]["initiator"] = json!("nobody");
        assert!(!judge.accepts(&broken), "{id}: the shape holds nothing");
    }
}

#[test]
fn every_reference_of_the_interface_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = schema::openapi();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in &found {
        let pointer = reference.strip_prefix('#').expect("a reference inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for (kind, components) in document["components"].as_object().expect("components") {
        for name in components.as_object().expect("named").keys().filter(|_| kind != "securitySchemes") {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.contains(&reference), "{reference} is never used");
        }
    }
}

#[test]
fn the_interface_answers_with_the_statuses_of_the_contract() {
    let document = schema::openapi();
    let statuses = |path: &str, method: &str| {
        let answers = document["paths"][path][method]["responses"].as_object().expect("answers");
        answers.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(statuses("/v1/payments", "post"), "200 202 400 403 408 409 411 413 415 422 429 500 503");
    let errand = |path: &str| document["paths"][path]["post"]["responses"].clone();
    for (path, _) in kuimen::front::OFFERED.into_iter().filter(|(path, _)| *path != "/v1/payments") {
        assert_eq!(statuses(path, "post"), statuses("/v1/payments", "post"), "{path}");
        assert_eq!(errand(path), errand("/v1/cards/report-loss"), "{path}");
    }
    assert_eq!(statuses("/v1/messages/{id}", "get"), statuses("/v1/payments/{id}", "get"));
    assert_eq!(statuses("/v1/payments", "get"), "200 400 403 429 500 503");
    assert_eq!(statuses("/v1/payments/{id}", "get"), "200 400 403 404 429 500 503");
    assert_eq!(statuses("/v1/payments/{id}/query", "post"), "200 202 400 403 404 408 409 411 413 429 500 503");
}

#[test]
fn the_published_form_of_a_key_is_the_one_that_is_taken() {
    let judge = Judge::of(schema::openapi(), "#/components/parameters/IdempotencyKey/schema");
    let long = "a".repeat(64);
    for text in [
        "0190f3a0-7e5c-7000-8000-0123456789ab",
        "\"0190f3a0-7e5c-7000-8000-0123456789ab\"",
        "nineteen-characters",
        "\"nineteen-characters\"",
        "twenty-characters-ab",
        "\"half-quoted-0123456789",
        "half-quoted-0123456789\"",
        "with a space in its middle",
        "\"\"",
        "",
        &long,
        &format!("\"{long}\""),
        &format!("{long}a"),
    ] {
        let taken = kuimen::front::Key::from_header(text.as_bytes()).is_ok();
        assert_eq!(judge.accepts(&json!(text)), taken, "{text}");
    }
}
