//! The north interface as OpenAPI 3.1: paths, headers, answers of every case of the idempotency contract, problems.

use serde_json::{Map, Value, json};

use super::fields;
use crate::county::Severity;
use crate::front::{Code, OFFERED};
use crate::life::State;
use crate::message::dictionary::Operation;
use crate::message::{json as strict, problem};

/// The form of an idempotency key: 20 to 64 characters, checked before any look-up.
const KEY_PATTERN: &str = "^[A-Za-z0-9._:-]{20,64}$";

/// The same as the header spells it, with quotes or without.
const HEADER_PATTERN: &str = "^(\"[A-Za-z0-9._:-]{20,64}\"|[A-Za-z0-9._:-]{20,64})$";

/// The OpenAPI 3.1 document of version 1.
pub fn openapi() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "kuimen north API",
            "version": "1.0.0",
            "summary": "奉节县社会保险待遇发放网关，北向接口",
            "description": concat!(
                "Benefit payments, cards and accounts, from the social insurance system to its banks. Additions to version 1 are ",
                "compatible: ignore members you do not know in answers. Requests are strict: unknown members are refused. ",
                "202 is not success: read `state`. Never use a new key because an answer did not arrive.",
            ),
        },
        "servers": [{ "url": "https://localhost:8443", "description": "the address of the installation" }],
        "security": [{ "certificate": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": {
                "certificate": {
                    "type": "mutualTLS",
                    "description": "The client certificate names the party; the party decides which banks it may ask.",
                },
            },
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses(),
            "schemas": schemas(),
        },
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn parameter(name: &str) -> Value {
    reference("parameters", name)
}

fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for (path, operation) in OFFERED {
        paths.insert(path.into(), json!({ "post": take(operation) }));
    }
    if let Some(payments) = paths.get_mut("/v1/payments").and_then(Value::as_object_mut) {
        payments.insert("get".into(), list());
    }
    let id = || [parameter("Id")];
    for (path, item) in [
        ("/v1/payments/{id}", json!({ "parameters": id(), "get": read() })),
        ("/v1/payments/{id}/query", json!({ "parameters": id(), "post": query() })),
        ("/v1/messages", json!({ "get": list_all() })),
        ("/v1/messages/{id}", json!({ "parameters": id(), "get": read_any() })),
        ("/v1/events", json!({ "get": events() })),
        ("/v1/health", json!({ "get": health() })),
    ] {
        paths.insert(path.into(), item);
    }
    paths
}

/// The named answers, each a status and a name under `components/responses`.
fn answers(named: &[(&str, &str)]) -> Value {
    let common =
        [("400", "Malformed"), ("403", "Forbidden"), ("429", "TooMany"), ("500", "Internal"), ("503", "Unavailable")];
    let mut answers = named.to_vec();
    answers.extend(common.iter().filter(|(status, _)| !named.iter().any(|(known, _)| known == status)));
    answers.sort_by_key(|(status, _)| *status);
    Value::Object(answers.into_iter().map(|(status, name)| (status.to_owned(), reference("responses", name))).collect())
}

/// The id of an operation in a program: `pay`, `cardReportLoss`.
fn operation_id(operation: Operation) -> String {
    if operation == Operation::PaymentPay {
        return "pay".to_owned();
    }
    let mut begins = false;
    let mut id = String::new();
    for letter in operation.name().chars() {
        match letter {
            '.' | '-' => begins = true,
            _ => id.push(if std::mem::take(&mut begins) { letter.to_ascii_uppercase() } else { letter }),
        }
    }
    id
}

fn take(operation: Operation) -> Value {
    let (done, open) = if operation.is_payment() { ("Final", "Open") } else { ("ErrandFinal", "ErrandOpen") };
    json!({
        "operationId": operation_id(operation),
        "summary": format!("{} · {}", operation.def().zh, operation.def().en),
        "parameters": [parameter("IdempotencyKey"), parameter("Prefer"), parameter("AcceptLanguage")],
        "requestBody": {
            "required": true,
            "description": format!("At most {} bytes of UTF-8.", strict::MAX_BYTES),
            "content": { "application/json": { "schema": reference("schemas", operation.name()) } },
        },
        "responses": answers(&[
            ("200", done),
            ("202", open),
            ("408", "TooSlow"),
            ("409", "InProgress"),
            ("411", "NoLength"),
            ("413", "TooLarge"),
            ("415", "MediaType"),
            ("422", "Refused"),
        ]),
    })
}

fn list() -> Value {
    let names = ["Key", "Order", "State", "Bank", "After", "Limit", "AcceptLanguage"];
    json!({
        "operationId": "list",
        "summary": "查询列表，最早的在前 · List, oldest first",
        "parameters": names.map(parameter),
        "responses": answers(&[("200", "Page")]),
    })
}

fn read() -> Value {
    json!({
        "operationId": "read",
        "summary": "查看一笔 · One payment as it stands",
        "parameters": [parameter("AcceptLanguage")],
        "responses": answers(&[("200", "Payment"), ("404", "NotFound")]),
    })
}

fn list_all() -> Value {
    let names = ["Operation", "Key", "Order", "State", "Bank", "After", "Limit", "AcceptLanguage"];
    json!({
        "operationId": "listMessages",
        "summary": "全部业务列表，最早的在前 · Payments, errands and entries, oldest first",
        "parameters": names.map(parameter),
        "responses": answers(&[("200", "MessagePage")]),
    })
}

fn read_any() -> Value {
    json!({
        "operationId": "readMessage",
        "summary": "查看一笔业务 · One payment, errand or entry as it stands; what is final with what was answered",
        "parameters": [parameter("AcceptLanguage")],
        "responses": answers(&[("200", "Message"), ("404", "NotFound")]),
    })
}

fn query() -> Value {
    json!({
        "operationId": "query",
        "summary": "向银行查询结果 · Ask the bank for the outcome",
        "description": "No body. Asks at most; nothing is ever sent again because of it.",
        "parameters": [parameter("AcceptLanguage")],
        "responses": answers(&[
            ("200", "Payment"),
            ("202", "Open"),
            ("404", "NotFound"),
            ("408", "TooSlow"),
            ("409", "NotAsked"),
            ("411", "NoLength"),
            ("413", "TooLarge"),
        ]),
    })
}

fn events() -> Value {
    let names = ["Since", "Limit", "Wait", "LastEventId", "AcceptLanguage"];
    json!({
        "operationId": "events",
        "summary": "事件流，按发生顺序 · What happened, in order",
        "description": "Positions rise and are never used twice: remember `next` and ask again from there. Nothing is told \
                        twice, nothing is left out. With `Accept: text/event-stream` the same comes as server-sent events, \
                        whose `id` is the position: come again with `Last-Event-ID` when the stream ends.",
        "parameters": names.map(parameter),
        "responses": answers(&[("200", "Events")]),
    })
}

fn health() -> Value {
    json!({
        "operationId": "health",
        "summary": "运行状况 · Whether new payments are taken",
        "responses": answers(&[("200", "Healthy"), ("503", "Stopped")]),
    })
}

fn parameters() -> Value {
    let filter = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let header = |name: &str, required: bool, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema });
    json!({
        "Id": {
            "name": "id", "in": "path", "required": true, "description": "UUID version 7.",
            "schema": { "type": "string", "format": "uuid" },
        },
        "IdempotencyKey": header(
            "Idempotency-Key",
            true,
            concat!(
                "One structured-field string: 20 to 64 characters of A-Z a-z 0-9 . _ : - in double quotes; the same ",
                "characters without quotes are the same key. One key is one message of an operation, for ever.",
            ),
            json!({ "type": "string", "pattern": HEADER_PATTERN }),
        ),
        "LastEventId": header(
            "Last-Event-ID",
            false,
            "Server-sent events: the position of the last one that was seen; goes before `after`.",
            json!({ "type": "integer", "minimum": 0 }),
        ),
        "Prefer": header(
            "Prefer",
            false,
            "`wait=n`: wait up to n seconds (0 to 5, usually 2) for a final state.",
            json!({ "type": "string", "examples": ["wait=5"] }),
        ),
        "AcceptLanguage": header(
            "Accept-Language",
            false,
            "The language of problems: zh (also when absent) or en.",
            json!({ "type": "string", "examples": ["zh", "en"] }),
        ),
        "Key": filter("key", "The idempotency key.", json!({ "type": "string", "pattern": KEY_PATTERN })),
        "Operation": filter(
            "operation",
            "What was asked for.",
            json!({ "type": "string", "enum": Operation::ALL.map(Operation::name) }),
        ),
        "Order": filter("order", "支付单号 · Payment order.", json!({ "type": "string", "maxLength": 32 })),
        "State": filter("state", "State.", reference("schemas", "State")),
        "Bank": filter("bank", "Paying bank.", json!({ "type": "string" })),
        "Since": filter(
            "after",
            "`next` of the answer before; nothing or 0 for everything.",
            json!({ "type": "integer", "minimum": 0 }),
        ),
        "Wait": filter(
            "wait",
            "How many seconds to wait for news while there is none.",
            json!({ "type": "integer", "minimum": 0, "maximum": 30, "default": 0 }),
        ),
        "After": filter("after", "`next` of the page before.", json!({ "type": "string" })),
        "Limit": filter(
            "limit",
            "Most in one answer.",
            json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 }),
        ),
    })
}

fn headers() -> Value {
    let header = |description: &str, schema: Value| json!({ "description": description, "schema": schema });
    json!({
        "Location": header("Where the message is read.", json!({ "type": "string", "format": "uri-reference" })),
        "RetryAfter": header("Seconds to wait before asking again, with the same key.", json!({ "type": "integer" })),
        "IdempotentReplayed": header("The key was seen before; nothing was sent.", json!({ "const": "true" })),
        "Accepted": header(
            "What is under the request's key. `no`: certainly nothing, it is free. `yes`: a message, whatever is wrong with \
             this request. Absent: nobody can say; repeat with the same key.",
            json!({ "enum": ["yes", "no"] }),
        ),
        "Body": header("The stored body is no longer kept; this is a summary.", json!({ "const": "pruned" })),
    })
}

/// An answer with a body and the named headers.
fn answer(description: &str, media_type: &str, schema: &str, headers: &[(&str, &str)]) -> Value {
    let headers = headers.iter().map(|(name, component)| ((*name).to_owned(), reference("headers", component)));
    let mut content = Map::new();
    content.insert(media_type.into(), json!({ "schema": reference("schemas", schema) }));
    json!({ "description": description, "headers": Value::Object(headers.collect()), "content": content })
}

fn responses() -> Value {
    let payment =
        |description: &str, headers: &[(&str, &str)]| answer(description, "application/json", "Payment", headers);
    let problem = |description: &str, headers: &[(&str, &str)]| {
        answer(description, "application/problem+json", "Problem", headers)
    };
    let health = |description: &str| answer(description, "application/json", "Health", &[]);
    let replayed = ("Idempotent-Replayed", "IdempotentReplayed");
    let pruned = ("Kuimen-Body", "Body");
    let location = ("Location", "Location");
    let retry = ("Retry-After", "RetryAfter");
    let accepted = ("Kuimen-Accepted", "Accepted");
    json!({
        "Payment": payment("The payment as it stands.", &[]),
        "Final": payment("Final: SUCCEEDED, FAILED or CANCELLED. A repeated key gets the same bytes.", &[replayed, pruned]),
        "Open": payment("Accepted and not final; ask again at Location.", &[location, replayed]),
        "ErrandFinal": answer(
            "Final: SUCCEEDED, FAILED or CANCELLED, with what was asked for. A repeated key gets the same bytes.",
            "application/json",
            "Errand",
            &[replayed, pruned],
        ),
        "ErrandOpen": answer(
            "Accepted and not final; ask again at Location.",
            "application/json",
            "Errand",
            &[location, replayed],
        ),
        "Message": answer("As it stands.", "application/json", "Message", &[pruned]),
        "MessagePage": answer("A page of messages, oldest first.", "application/json", "MessagePage", &[]),
        "Page": answer("A page of payments, oldest first.", "application/json", "PaymentPage", &[]),
        "Events": answer("What happened, oldest first.", "application/json", "Events", &[]),
        "Malformed": problem("Not strict JSON, not the schema, or a bad key or parameter. Nothing was taken.", &[accepted]),
        "Forbidden": problem("The party may not do this, or not with this bank.", &[accepted]),
        "Healthy": health("They are."),
        "Stopped": health("They are not: the journal has stopped, or there is no room for one more request."),
        "TooSlow": problem("The body did not arrive in time.", &[accepted]),
        "NoLength": problem("The request does not say the length of its body, or uses Transfer-Encoding.", &[accepted]),
        "NotAsked": problem(
            "It is being handled at this moment, or the bank cannot be asked about it.",
            &[location, retry],
        ),
        "NotFound": problem("No such message of this party.", &[]),
        "InProgress": problem("The same request is being handled at this moment.", &[location, retry]),
        "TooLarge": problem("The body is too large. Nothing was taken.", &[accepted]),
        "MediaType": problem("The body is not application/json. Nothing was taken.", &[accepted]),
        "Refused": problem(
            "A value breaks a rule, the bank cannot carry it or has no such operation (the key stays free), or the key belongs to \
             another request.",
            &[accepted],
        ),
        "TooMany": problem("Too many requests, or asked about a moment ago. The key was not looked at.", &[retry]),
        "Internal": problem("A fault of the gateway. What is known of the key is said in `Kuimen-Accepted`.", &[accepted]),
        "Unavailable": problem("Nothing can be accepted at the moment.", &[retry, accepted]),
    })
}

fn schemas() -> Value {
    let mut codes = problem::CODES.to_vec();
    // Its answer is that of a bank that is not yours; the problem says which of the two it is.
    codes.push("unknown-bank");
    codes.extend(Code::ALL.iter().map(|code| code.name()));
    codes.sort_unstable();
    codes.dedup();
    let mut schemas = Map::new();
    for (_, operation) in OFFERED {
        schemas.insert(operation.name().into(), Value::Object(fields::request(operation)));
    }
    schemas.insert("State".into(), json!({ "type": "string", "enum": State::ALL.map(State::as_str) }));
    schemas.insert("Payment".into(), payment());
    schemas.insert("Errand".into(), errand());
    schemas.insert(
        "Message".into(),
        json!({ "oneOf": [reference("schemas", "Payment"), reference("schemas", "Errand")] }),
    );
    schemas.insert("PaymentPage".into(), page("payments", "Payment"));
    schemas.insert("MessagePage".into(), page("messages", "Message"));
    schemas.insert("Events".into(), happenings());
    schemas.insert(
        "Health".into(),
        json!({
            "type": "object",
            "required": ["status"],
            "properties": { "status": { "type": "string", "enum": ["ok", "stopped"] } },
        }),
    );
    schemas.insert("ProblemCode".into(), json!({ "type": "string", "enum": codes }));
    schemas.insert("Problem".into(), problem_document());
    Value::Object(schemas)
}

fn page(name: &str, of: &str) -> Value {
    let mut properties = Map::new();
    properties.insert(name.into(), json!({ "type": "array", "items": reference("schemas", of) }));
    let next = json!({ "type": ["string", "null"], "description": "For `after`; null on the last page." });
    properties.insert("next".into(), next);
    json!({ "type": "object", "required": [name, "next"], "properties": properties })
}

fn payment() -> Value {
    let mut statuses = State::ALL.map(State::iso_status).to_vec();
    statuses.sort_unstable();
    statuses.dedup();
    let mut properties = shown(&[Operation::PaymentPay]);
    let status = json!({ "type": "string", "enum": statuses, "description": "ISO 20022 payment status." });
    properties.insert("iso_status".into(), status);
    properties.insert("amount".into(), json!({ "type": "integer", "description": "分 · Fen." }));
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn errand() -> Value {
    let moves_none = Operation::ALL.into_iter().filter(|operation| !operation.is_payment());
    let mut properties = shown(&moves_none.collect::<Vec<_>>());
    let required: Vec<String> = properties.keys().cloned().collect();
    let answers = json!({
        "type": "object",
        "description": "What the bank said of what was asked for; in final answers.",
        "properties": fields::answers(),
    });
    properties.insert("answers".into(), answers);
    json!({ "type": "object", "required": required, "properties": properties })
}

/// What messages of all operations have.
fn shown(operations: &[Operation]) -> Map<String, Value> {
    let text_or_null = |description: &str| json!({ "type": ["string", "null"], "description": description });
    let time_or_null =
        |description: &str| json!({ "type": ["string", "null"], "format": "date-time", "description": description });
    let names: Vec<&str> = operations.iter().map(|operation| operation.name()).collect();
    let properties = json!({
        "id": { "type": "string", "format": "uuid", "description": "UUID version 7." },
        "key": { "type": "string", "description": "The idempotency key." },
        "operation": { "type": "string", "enum": names },
        "bank": { "type": "string", "description": "银行 · The bank it is for." },
        "serial": text_or_null("我方交易流水号 · Our serial at the bank, once there is one."),
        "bank_serial": text_or_null("银行流水号 · The bank's own serial."),
        "state": reference("schemas", "State"),
        "reason": text_or_null("Why it stands where it stands; an ISO 20022 reason code where one is known."),
        "accepted_at": { "type": "string", "format": "date-time", "description": "Accepted, durably." },
        "sent_at": time_or_null("First sent."),
        "settled_at": time_or_null("Became final."),
    });
    properties.as_object().cloned().unwrap_or_default()
}

fn happenings() -> Value {
    json!({
        "type": "object",
        "required": ["events", "next"],
        "properties": {
            "events": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["seq", "at", "event", "operation", "message"],
                    "properties": {
                        "seq": { "type": "integer", "description": "Position; rises with time." },
                        "at": { "type": "string", "format": "date-time" },
                        "event": {
                            "description": "entered: a bank told it, and it is final; settled: it came to its outcome; waiting: \
                                            people have to look; fact: something was linked to it.",
                            "enum": ["entered", "settled", "waiting", "fact"],
                        },
                        "what": { "type": "string", "description": "The state it came to, or the kind of the fact." },
                        "operation": { "type": "string", "enum": Operation::ALL.map(Operation::name) },
                        "findings": {
                            "type": "array",
                            "description": "What the county's rules found.",
                            "items": {
                                "type": "object",
                                "required": ["rule", "severity"],
                                "properties": {
                                    "rule": { "type": "string", "examples": ["R06"] },
                                    "severity": { "type": "string", "enum": Severity::ALL.map(Severity::name) },
                                    "zh": { "type": "string" },
                                    "en": { "type": "string" },
                                },
                            },
                        },
                        "message": reference("schemas", "Message"),
                        "body": { "type": "object", "description": "What a bank told, as the operation's schema has it." },
                    },
                },
            },
            "next": { "type": "integer", "description": "For `after`." },
        },
    })
}

fn problem_document() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457, with every problem that was found. It never contains the offending value.",
        "required": ["type", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "`urn:kuimen:problem:` and the code." },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "In the asked language." },
            "instance": { "type": "string", "format": "uri-reference" },
            "code": reference("schemas", "ProblemCode"),
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "detail"],
                    "properties": {
                        "code": reference("schemas", "ProblemCode"),
                        "field": { "type": "string", "description": "Path of the field.", "examples": ["payee.id"] },
                        "at": { "type": "integer", "minimum": 0, "description": "Byte offset in the body." },
                        "detail": { "type": "string", "description": "The rule that was broken." },
                    },
                },
            },
        },
    })
}
