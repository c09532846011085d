//! Every status that the published interface names is one that a client can get.

use std::collections::BTreeSet;
use std::time::Duration;

use kuimen::front::Limits;
use kuimen::schema;
use kuimen::simulator::Misbehaviour;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::place::{ANSWER, Place, Setup, script};

const PAYMENTS: &str = "/v1/payments";
const PAY: &str = "pay";
const LIST: &str = "list";
const READ: &str = "read";
const QUERY: &str = "query";
const EVENTS: &str = "events";
const HEALTH: &str = "health";
const LIST_ALL: &str = "listMessages";
const READ_ANY: &str = "readMessage";
/// Stands for every errand: what is published of them is the same (`tests/schemas.rs`).
const ERRAND: &str = "cardReportLoss";
const LOSS: &str = "/v1/cards/report-loss";

/// What was seen: operation and status.
type Seen = BTreeSet<(String, u16)>;

/// Sends bytes on a connection of their own and takes the status of the answer.
async fn see(seen: &mut Seen, place: &Place, operation: &str, request: &str) {
    let mut stream = place.raw().await;
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut head = [0; 12];
    tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut head))
        .await
        .expect("in time")
        .expect("a head");
    let status = std::str::from_utf8(&head[9..]).expect("text").parse().expect("a status");
    seen.insert((operation.to_owned(), status));
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: gateway\r\n\r\n")
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: gateway\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn offer(path: &str, key: &str, media: &str, body: &str) -> String {
    let headers = format!("idempotency-key: {key}\r\ncontent-type: {media}\r\nprefer: wait=0\r\n");
    post(path, &headers, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_published_status_is_given_by_somebody() {
    const JSON: &str = "application/json";
    let mut seen = Seen::new();
    let limits = Limits { body: Duration::from_millis(200), ..Setup::of("abc").limits };
    let mut place = Setup { factor: 1, answer: ANSWER * 5, limits, ..Setup::of("abc") }.start().await;
    let payments = place.payments(3);
    let (paid, open, fresh) = (&payments[0], &payments[1], &payments[2]);

    let (done, pending, fresh_errand) = (place.errand(LOSS, 19), place.errand(LOSS, 27), place.errand(LOSS, 35));
    place.offer(&done, 5).await;
    let paid_id = place.offer(paid, 5).await.id();
    // What comes now is not answered, and queries say nothing.
    place.close_bank().await;
    place.setup.faults = script([Some(Misbehaviour::Silence)], vec![Some(Misbehaviour::UnlistedCode); 100]);
    place.open_bank().await;
    let open_id = place.offer(open, 0).await.id();
    let (paid_path, open_path) = (format!("/v1/payments/{paid_id}"), format!("/v1/payments/{open_id}"));
    let (ask_paid, ask_open) = (format!("{paid_path}/query"), format!("{open_path}/query"));
    let chunked =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: gateway\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    let declared = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: gateway\r\nidempotency-key: {}\r\ncontent-type: {JSON}\r\ncontent-length: {length}\r\n\r\n{{}}",
            fresh.key
        )
    };
    let long = 70_000;

    for (operation, request) in [
        (QUERY, post(&ask_open, "", "")),
        (ERRAND, offer(LOSS, &pending.key, JSON, &pending.body)),
        (ERRAND, offer(LOSS, &pending.key, JSON, &pending.body)),
        (ERRAND, offer(LOSS, &done.key, JSON, &done.body)),
        (ERRAND, offer(LOSS, "short", JSON, &fresh_errand.body)),
        (ERRAND, offer(LOSS, &fresh_errand.key, JSON, &fresh_errand.with("/bank", "nobank".into()).body)),
        (ERRAND, declared(LOSS, 9)),
        (ERRAND, chunked(LOSS)),
        (ERRAND, declared(LOSS, long)),
        (ERRAND, offer(LOSS, &fresh_errand.key, "text/json", &fresh_errand.body)),
        (ERRAND, offer(LOSS, &fresh_errand.key, JSON, "{}")),
        (LIST_ALL, get("/v1/messages")),
        (LIST_ALL, get("/v1/messages?page=1")),
        (READ_ANY, get(&format!("/v1/messages/{paid_id}"))),
        (READ_ANY, get(&format!("/v1/messages/{paid_id}?x=1"))),
        (READ_ANY, get("/v1/messages/nothing")),
        (PAY, offer(PAYMENTS, &paid.key, JSON, &paid.body)),
        (PAY, offer(PAYMENTS, &open.key, JSON, &open.body)),
        (PAY, offer(PAYMENTS, "short", JSON, &fresh.body)),
        (PAY, offer(PAYMENTS, &fresh.key, JSON, &fresh.with("/bank", "nobank".into()).body)),
        (PAY, declared(PAYMENTS, 9)),
        (PAY, chunked("/v1/payments")),
        (PAY, declared(PAYMENTS, long)),
        (PAY, offer(PAYMENTS, &fresh.key, "text/json", &fresh.body)),
        (PAY, offer(PAYMENTS, &fresh.key, JSON, &fresh.with("/amount", 0.into()).body)),
        (QUERY, post(&ask_paid, "", "")),
        (QUERY, post(&ask_paid, "", "{}")),
        (QUERY, post("/v1/payments/nothing/query", "", "")),
        (QUERY, declared(&ask_paid, 9)),
        (QUERY, chunked(&ask_paid)),
        (QUERY, declared(&ask_paid, long)),
        (LIST, get("/v1/payments")),
        (LIST, get("/v1/payments?page=1")),
        (EVENTS, get("/v1/events")),
        (EVENTS, get("/v1/events?page=1")),
        (READ, get(&paid_path)),
        (READ, get(&format!("{paid_path}?x=1"))),
        (READ, get("/v1/payments/nothing")),
        (HEALTH, get("/v1/health")),
        (HEALTH, get("/v1/health?x=1")),
    ] {
        see(&mut seen, &place, operation, &request).await;
    }
    // When nobody has it in hand, it is open to everybody.
    place.until(&open_id, kuimen::life::State::Unknown).await;
    for (operation, request) in [
        (PAY, offer(PAYMENTS, &open.key, JSON, &open.body)),
        (QUERY, post(&ask_open, "", "")),
        (QUERY, post(&ask_open, "", "")),
    ] {
        see(&mut seen, &place, operation, &request).await;
    }
    let forbidden = ("nothing", "*");
    let slow = Limits { requests_per_second: 1, ..limits };
    let everything = [
        (PAY, offer(PAYMENTS, &fresh.key, JSON, &fresh.body)),
        (QUERY, post(&ask_paid, "", "")),
        (LIST, get("/v1/payments")),
        (EVENTS, get("/v1/events")),
        (READ, get(&paid_path)),
        (ERRAND, offer(LOSS, &fresh_errand.key, JSON, &fresh_errand.body)),
        (LIST_ALL, get("/v1/messages")),
        (READ_ANY, get(&format!("/v1/messages/{paid_id}"))),
        (HEALTH, get("/v1/health")),
    ];
    for (agency, limits) in [(forbidden, limits), (("*", "*"), slow)] {
        assert!(place.close_gateway().await);
        (place.setup.agency, place.setup.limits) = (agency, limits);
        place.open_gateway().await;
        for (operation, request) in &everything {
            // Twice: at one a second, one of them is too many.
            see(&mut seen, &place, operation, request).await;
            see(&mut seen, &place, operation, request).await;
        }
    }
    assert!(place.close_gateway().await);
    (place.setup.agency, place.setup.limits) = (("*", "*"), limits);
    place.open_gateway().await;
    place.gateway().gateway.journal().close().await.expect("a closed journal");
    for (operation, request) in everything.iter().filter(|(operation, _)| *operation != HEALTH) {
        see(&mut seen, &place, operation, request).await;
    }

    let document = schema::openapi();
    let errands: BTreeSet<String> = kuimen::front::OFFERED
        .into_iter()
        .filter(|(path, _)| *path != PAYMENTS)
        .map(|(path, _)| document["paths"][path]["post"]["operationId"].as_str().expect("a name").to_owned())
        .collect();
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|path| path.as_object().expect("operations").iter());
    let mut published = Seen::new();
    for (_, operation) in operations.filter(|(method, _)| ["get", "post"].contains(&method.as_str())) {
        let name = operation["operationId"].as_str().expect("a name");
        let statuses = operation["responses"].as_object().expect("answers").keys();
        published.extend(statuses.map(|status| (name.to_owned(), status.parse().expect("a status"))));
    }
    // Faults of ours, and a health that is bad, cannot be ordered here: the listener's own tests and those of the gateway do.
    // A stranger to every operation may still ask for the health.
    let elsewhere =
        |(operation, status): &(String, u16)| *status == 500 || (operation == HEALTH && [403, 503].contains(status));
    published.retain(|(name, _)| name == ERRAND || !errands.contains(name));
    published.retain(|pair| !elsewhere(pair));
    seen.retain(|pair| !elsewhere(pair));
    assert_eq!(seen, published);
}
