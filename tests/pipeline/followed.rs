//! The event feed as a stream: told when it happens, resumed where it broke off, ended with the gateway.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::place::{Place, Setup};

const SOON: Duration = Duration::from_secs(10);
/// How long a connection may be without a request.
const IDLE: Duration = Duration::from_millis(500);

/// A stream of events, read as bytes.
struct Following {
    stream: TlsStream<TcpStream>,
    read: String,
}

impl Following {
    async fn of(place: &Place, path: &str, headers: &str) -> Following {
        let mut stream = place.raw().await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: gateway\r\naccept: text/event-stream\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        Following { stream, read: String::new() }
    }

    /// Reads until this has been said.
    async fn until(&mut self, said: &str) {
        let mut buffer = [0; 4_096];
        while !self.read.contains(said) {
            let read = timeout(SOON, self.stream.read(&mut buffer)).await.expect("it comes soon").expect("bytes");
            assert!(read > 0, "the stream ended without {said:?}: {}", self.read);
            self.read.push_str(std::str::from_utf8(&buffer[..read]).expect("UTF-8"));
        }
    }

    /// The events so far: position, kind and the message's id.
    fn events(&self) -> Vec<(i64, String, String)> {
        let records = self.read.split("\n\n").filter_map(|record| record.get(record.find("id: ")?..));
        let member = |record: &str, name: &str| {
            record.lines().find_map(|line| line.strip_prefix(name)).expect("a member").trim().to_owned()
        };
        let event = |record: &str| {
            let data: Value = serde_json::from_str(&member(record, "data:")).expect("JSON");
            let id = member(record, "id:").parse().expect("a position");
            assert_eq!(data["seq"], id);
            (id, member(record, "event:"), data["message"]["id"].as_str().expect("an id").to_owned())
        };
        records.map(event).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_is_told_at_once_and_goes_on_where_it_broke_off() {
    let mut setup = Setup::of("abc");
    setup.limits.header = IDLE;
    let mut place = setup.start().await;
    let payments = place.payments(3);
    let first = place.offer(&payments[0], 5).await;
    let mut following = Following::of(&place, "/v1/events", "").await;
    following.until(&first.id()).await;
    assert!(following.read.contains("content-type: text/event-stream"), "{}", following.read);
    // Nothing happens for longer than a connection may be idle.
    tokio::time::sleep(IDLE * 2).await;
    let second = place.offer(&payments[1], 5).await;
    following.until(&second.id()).await;
    following.until("}\n\n").await;
    let events = following.events();
    let ids: Vec<&str> = events.iter().map(|(_, _, id)| id.as_str()).collect();
    assert_eq!(ids, [first.id(), second.id()]);
    assert!(events.iter().all(|(_, kind, _)| kind == "settled"), "{events:?}");
    drop(following);

    // Somebody goes on behind the first: hears of the second, and of the third when it comes.
    let last = format!("last-event-id: {}\r\n", events[0].0);
    let mut again = Following::of(&place, "/v1/events?after=0", &last).await;
    again.until(&second.id()).await;
    let third = place.offer(&payments[2], 5).await;
    again.until(&third.id()).await;
    assert!(!again.read.contains(&first.id()), "not told again");

    // A gateway that stops does not wait for those who follow: the stream ends as a body ends.
    assert!(place.close_gateway().await, "everything was finished");
    again.until("\r\n0\r\n\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_refused_like_any_request() {
    let place = Setup::of("abc").start().await;
    for (path, headers) in [("/v1/events", "last-event-id: x\r\n"), ("/v1/events?after=x", "")] {
        let mut refused = Following::of(&place, path, headers).await;
        refused.until("request-malformed").await;
        assert!(refused.read.starts_with("HTTP/1.1 400 "), "{}", refused.read);
    }
    // As many as a party may have, and one more.
    let mut open = Vec::new();
    for _ in 0..place.setup.limits.feeds_per_party {
        let mut following = Following::of(&place, "/v1/events", "").await;
        following.until("retry: ").await;
        open.push(following);
    }
    let mut refused = Following::of(&place, "/v1/events", "").await;
    refused.until("HTTP/1.1 429 ").await;
    drop(open);
    for attempt in 0.. {
        let mut following = Following::of(&place, "/v1/events", "").await;
        following.until("\r\n\r\n").await;
        if following.read.starts_with("HTTP/1.1 200 ") {
            break;
        }
        assert!(attempt < 100, "a place that was left is free again");
        tokio::time::sleep(super::place::LOOK * 5).await;
    }
}
