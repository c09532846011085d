//! The event feed as server-sent events (WHATWG HTML, 9.2): the same happenings as the feed's pages, told when they come.
//!
//! A stream is no promise: it ends after [`STAY`], when the gateway stops, when its certificate is no longer good, or
//! when the journal cannot be read. Whoever follows comes again with the last `id`, and misses nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::count::Seat;
use super::strict::Refused;
use super::{Caller, Code, Service, Since, Told};

/// How often something is said while nothing happens, so that both sides know of each other.
const PULSE: Duration = Duration::from_secs(15);
/// How long one stream lasts.
const STAY: Duration = Duration::from_secs(600);
/// The type of a stream.
const EVENT_STREAM: &str = "text/event-stream";

/// A stream that was asked for.
pub(super) struct Feed {
    pub(super) service: Arc<dyn Service>,
    pub(super) caller: Caller,
    pub(super) since: Since,
    /// Its place among the party's streams.
    pub(super) seat: Seat<String>,
}

/// Whether a stream is asked for.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(http::header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = values.flat_map(|value| value.split(',')).filter_map(|kind| kind.split(';').next());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case(EVENT_STREAM))
}

/// Where to go on: behind `Last-Event-ID`, which a browser sends by itself, else behind `after`.
///
/// # Errors
/// The header is no position.
pub(super) fn resumed(headers: &HeaderMap, since: Since) -> Result<Since, Refused> {
    let Some(last) = headers.get("last-event-id") else { return Ok(since) };
    let last = last.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let after = last.and_then(|digits| digits.parse().ok()).ok_or_else(|| Refused::plain(Code::Request))?;
    Ok(Since { after, ..since })
}

impl Feed {
    /// The stream, until `stop`, or until `good` says no. `held` is kept as long as it lasts.
    pub(super) fn into_response(
        self,
        good: impl Fn() -> bool + Send + 'static,
        stop: CancellationToken,
        held: impl Send + 'static,
    ) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
        let Feed { service, caller, since, seat } = self;
        let ends = Instant::now().checked_add(STAY).unwrap_or_else(Instant::now);
        let begun = (since.after, "retry: 1000\n\n".to_owned(), (seat, held));
        let chunks = stream::unfold(begun, move |(after, prelude, held)| {
            let (service, caller, stop) = (Arc::clone(&service), caller.clone(), stop.clone());
            let goes_on = good() && Instant::now() < ends;
            async move {
                if !prelude.is_empty() {
                    // Before anything is waited for: the client sees that it is connected.
                    return Some((prelude, (after, String::new(), held)));
                }
                if !goes_on {
                    return None;
                }
                let page = service.events(caller, Since { after, wait: PULSE, ..since });
                let told = stop.run_until_cancelled(page).await?.ok()?;
                Some((text(&told), (told.next, String::new(), held)))
            }
        });
        let frames = futures_util::StreamExt::map(chunks, |text| Ok(Frame::data(Bytes::from(text))));
        let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A page as lines; a comment where there is nothing. JSON of one line has no line breaks of its own.
fn text(told: &Told) -> String {
    if told.events.is_empty() {
        return ":\n\n".to_owned();
    }
    let mut text = String::new();
    for event in &told.events {
        let name = event.get("event").and_then(Value::as_str).unwrap_or_default();
        let id = event.get("seq").and_then(Value::as_i64).unwrap_or_default();
        text.push_str(&format!("id: {id}\nevent: {name}\ndata: {event}\n\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_stream_is_given_to_whoever_asks_for_one() {
        for wanted in ["text/event-stream", "Text/Event-Stream", "application/json;q=0.5, text/event-stream;q=1"] {
            assert!(is_wanted(&asked("accept", wanted)), "{wanted}");
        }
        for other in ["*/*", "application/json", "text/event-streams", ""] {
            assert!(!is_wanted(&asked("accept", other)), "{other}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn it_goes_on_behind_the_last_event() {
        let since = Since { after: 7, ..Since::default() };
        let after = |headers: &HeaderMap| resumed(headers, since).ok().map(|since| since.after);
        assert_eq!(after(&HeaderMap::new()), Some(7));
        assert_eq!(after(&asked("last-event-id", "42")), Some(42));
        for wrong in ["", "-1", "x", "99999999999999999999"] {
            assert_eq!(after(&asked("last-event-id", wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn an_event_is_three_lines() {
        let event = json!({ "seq": 5, "event": "settled", "said": "一\n二" });
        let page = text(&Told { events: vec![event.clone()], next: 9 });
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[1], lines[3]), (4, "id: 5", "event: settled", ""));
        let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!(data, event);
        assert_eq!(text(&Told { events: Vec::new(), next: 9 }), ":\n\n");
    }
}
