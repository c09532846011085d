//! The strict layer before the routes: what hyper lets pass and a payment gateway must not.
//!
//! hyper merges a request that has both `Content-Length` and `Transfer-Encoding` before anybody can see it. So no request
//! may use `Transfer-Encoding` at all: a client says the length of its body, which is short.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Method, Version};

use super::{BadKey, Code, Key, Listing, Shelf, Since};
use crate::lang::{Lang, Phrase};
use crate::message::Operation;

const KEY: &str = "idempotency-key";

/// The longest wait that `Prefer: wait` can ask for; nobody else sets one.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Why a request goes no further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: Code,
    pub(super) detail: Option<Phrase>,
    /// The framing itself is in doubt: the connection must not be read on.
    pub(super) close: bool,
    /// The body, if it was read all the same.
    pub(super) body: Option<Bytes>,
}

impl Refused {
    pub(super) fn plain(code: Code) -> Refused {
        Refused { code, detail: None, close: false, body: None }
    }

    /// Also ends the connection.
    pub(super) fn closing(code: Code) -> Refused {
        Refused { close: true, ..Refused::plain(code) }
    }
}

fn refuse<T>(code: Code, detail: Phrase) -> Result<T, Refused> {
    Err(Refused { detail: Some(detail), ..Refused::plain(code) })
}

fn refuse_and_close<T>(code: Code, detail: Phrase) -> Result<T, Refused> {
    Err(Refused { detail: Some(detail), ..Refused::closing(code) })
}

/// Checks that need no route. Gives the decoded path.
pub(super) fn check(parts: &Parts) -> Result<String, Refused> {
    if parts.method != Method::GET && parts.method != Method::POST {
        return Err(Refused::closing(Code::Method));
    }
    if parts.headers.contains_key(header::TRANSFER_ENCODING) {
        return refuse_and_close(Code::Length, Phrase::new("front-strict-transfer-encoding"));
    }
    if parts.headers.contains_key(header::UPGRADE) {
        return refuse_and_close(Code::Request, Phrase::new("front-strict-upgrade"));
    }
    host(parts)?;
    if parts.method == Method::GET && length(&parts.headers).is_some_and(|length| length > 0) {
        return refuse_and_close(Code::Request, Phrase::new("front-strict-get-body"));
    }
    match path(parts.uri.path()) {
        Some(path) => Ok(path),
        None => refuse(Code::Request, Phrase::new("front-strict-path")),
    }
}

/// Exactly one host, and one that is a host.
fn host(parts: &Parts) -> Result<(), Refused> {
    let mut values = parts.headers.get_all(header::HOST).iter();
    let named = match (values.next(), values.next()) {
        (_, Some(_)) => return refuse_and_close(Code::Request, Phrase::new("front-strict-two-hosts")),
        (Some(value), None) => Some(value.as_bytes()),
        (None, None) => None,
    };
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = match (parts.version, named, authority) {
        // The request target of HTTP/1.1 is a path; naming the host there too would be a second host.
        (Version::HTTP_11, Some(host), None) => host,
        (Version::HTTP_2, None, Some(host)) => host,
        (Version::HTTP_2, Some(host), Some(authority)) if host.eq_ignore_ascii_case(authority) => host,
        _ => return refuse_and_close(Code::Request, Phrase::new("front-strict-host")),
    };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(byte);
    if host.is_empty() || !host.iter().all(fits) {
        return refuse_and_close(Code::Request, Phrase::new("front-strict-host"));
    }
    Ok(())
}

/// Decodes a path. Escapes must be whole; what they stand for must be printable ASCII and neither a separator nor a
/// percent sign, so that no second reader can see another path; no empty, `.` or `..` segments.
pub(super) fn path(raw: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?.to_ascii_uppercase(), bytes.next()?.to_ascii_uppercase()];
            match data_encoding::HEXUPPER.decode(&digits).ok()?.as_slice() {
                [escaped] if escaped.is_ascii_graphic() && !b"/\\%".contains(escaped) => decoded.push(*escaped),
                _ => return None,
            }
        } else if byte.is_ascii_graphic() && byte != b'\\' {
            decoded.push(byte);
        } else {
            return None;
        }
    }
    let path = String::from_utf8(decoded).ok()?;
    let sound = path.strip_prefix('/')?.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    sound.then_some(path)
}

pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The key of a request that must have one.
pub(super) fn key(headers: &HeaderMap) -> Result<Key, Refused> {
    let mut values = headers.get_all(KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => refuse(Code::KeyMissing, Phrase::new("front-strict-key-format")),
        (Some(value), None) => match Key::from_header(value.as_bytes()) {
            Ok(key) => Ok(key),
            Err(BadKey) => refuse(Code::KeyMalformed, Phrase::new("front-strict-key-format")),
        },
        (Some(_), Some(_)) => refuse(Code::KeyMalformed, Phrase::new("front-strict-two-keys")),
    }
}

/// Every key that a request shows, whether or not it may.
pub(super) fn keys(headers: &HeaderMap) -> Vec<Key> {
    headers.get_all(KEY).iter().filter_map(|value| Key::from_header(value.as_bytes()).ok()).collect()
}

/// The body must be JSON in UTF-8, not compressed.
pub(super) fn json(headers: &HeaderMap) -> Result<(), Refused> {
    let one = |name| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
    };
    let media = one(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let (kind, parameter) = media.split_once(';').map_or((media.as_str(), None), |(kind, rest)| (kind, Some(rest)));
    let utf8 = parameter.is_none_or(|text| matches!(text.trim(), "charset=utf-8" | "charset=\"utf-8\""));
    if kind.trim() != "application/json" || !utf8 || headers.contains_key(header::CONTENT_ENCODING) {
        return refuse(Code::MediaType, Phrase::new("front-strict-media-type"));
    }
    Ok(())
}

/// `Prefer: wait=n` (RFC 7240), at most five seconds; anything else in the header is a preference we do not know.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = values.flat_map(|value| value.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let digits = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("wait").then(|| digits.parse::<u32>().ok()).flatten()
    })?;
    Some(Duration::from_secs(seconds.into()).min(MAX_WAIT))
}

/// The language of the answer.
pub(super) fn lang(headers: &HeaderMap) -> Lang {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::from_accept_language(header.unwrap_or_default())
}

/// The query string of a list: each known name at most once. Payments are all of one operation.
pub(super) fn listing(shelf: Shelf, query: Option<&str>) -> Result<Listing, Refused> {
    let mut listing = Listing { shelf, ..Listing::default() };
    let wrong = || refuse(Code::Request, Phrase::new("front-strict-query"));
    for pair in query.into_iter().filter(|query| !query.is_empty()).flat_map(|query| query.split('&')) {
        let Some((name, value)) = pair.split_once('=') else { return wrong() };
        let Some(value) = text(value) else { return wrong() };
        let slot = match name {
            "key" => &mut listing.key,
            "order" => &mut listing.order,
            "bank" => &mut listing.bank,
            "state" => &mut listing.state,
            "after" => &mut listing.after,
            "operation" if shelf == Shelf::All && listing.operation.is_none() => {
                let Some(operation) = Operation::from_name(&value) else { return wrong() };
                listing.operation = Some(operation);
                continue;
            }
            "limit" if listing.limit.is_none() => {
                let Some(limit) = value.parse().ok().filter(|limit| *limit > 0) else { return wrong() };
                listing.limit = Some(limit);
                continue;
            }
            _ => return wrong(),
        };
        if slot.replace(value).is_some() {
            return wrong();
        }
    }
    Ok(listing)
}

/// The longest wait for news.
const NEWS_WAIT: u64 = 30;

/// The query string of the feed: each known name at most once.
pub(super) fn since(query: Option<&str>) -> Result<Since, Refused> {
    let (mut after, mut limit, mut wait) = (None, None, None);
    for pair in query.into_iter().filter(|query| !query.is_empty()).flat_map(|query| query.split('&')) {
        let number = pair.split_once('=').filter(|(_, digits)| digits.bytes().all(|digit| digit.is_ascii_digit()));
        let slot = match number {
            Some(("after", _)) => &mut after,
            Some(("limit", _)) => &mut limit,
            Some(("wait", _)) => &mut wait,
            Some(_) | None => return refuse(Code::Request, Phrase::new("front-strict-query")),
        };
        let value = number.and_then(|(_, digits)| digits.parse::<u64>().ok());
        if value.is_none() || slot.replace(value.unwrap_or_default()).is_some() {
            return refuse(Code::Request, Phrase::new("front-strict-query"));
        }
    }
    let (Ok(after), Ok(limit)) = (i64::try_from(after.unwrap_or_default()), limit.map(usize::try_from).transpose())
    else {
        return refuse(Code::Request, Phrase::new("front-strict-query"));
    };
    Ok(Since { after, limit, wait: Duration::from_secs(wait.unwrap_or_default().min(NEWS_WAIT)) })
}

/// A value of a query string: whole escapes, UTF-8, 1 to 128 bytes, no control characters. A plus sign is a plus sign.
fn text(raw: &str) -> Option<String> {
    let escapes = raw.split('%').skip(1);
    let whole = |rest: &str| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if !escapes.into_iter().all(whole) {
        return None;
    }
    let text = percent_encoding::percent_decode_str(raw).decode_utf8().ok()?;
    ((1..=128).contains(&text.len()) && !text.contains(char::is_control)).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_reading() {
        assert_eq!(path("/v1/payments/a%2Db").as_deref(), Some("/v1/payments/a-b"));
        for bad in [
            "",
            "v1",
            "/",
            "/v1//x",
            "/v1/../x",
            "/v1/%2e%2e/x",
            "/v1/./x",
            "/v1/a%2fb",
            "/v1/a%5Cb",
            "/v1/a\\b",
            "/v1/%00",
            "/v1/%",
            "/v1/%4",
            "/v1/%zz",
            "/v1/%252e",
            "/v1/%e4%b8%ad",
            "/v1/\u{4e2d}",
            "/v1/%20",
            "/v1/",
        ] {
            assert_eq!(path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_string_says_each_thing_once() {
        let all =
            listing(Shelf::All, Some("operation=card.query&bank=b1&state=UNKNOWN&after=0190-x&limit=10")).unwrap();
        assert_eq!((all.operation, all.bank.as_deref()), (Some(Operation::CardQuery), Some("b1")));
        assert_eq!(
            (all.state.as_deref(), all.after.as_deref(), all.limit),
            (Some("UNKNOWN"), Some("0190-x"), Some(10))
        );
        let text = listing(Shelf::Payments, Some("order=%E5%8D%95+1&key=a:b")).unwrap();
        assert_eq!((text.order.as_deref(), text.key.as_deref()), (Some("单+1"), Some("a:b")));
        assert_eq!(listing(Shelf::Payments, None), Ok(Listing::default()));
        assert_eq!(listing(Shelf::Payments, Some("")), Ok(Listing::default()));
        for bad in [
            "bank",
            "bank=",
            "bank=a&bank=b",
            "operation=card.eat",
            "operation=card.query&operation=card.query",
            "limit=0",
            "limit=-1",
            "limit=1&limit=1",
            "x=1",
            "&",
            "order=%",
            "order=%4",
            "order=%zz",
            "order=%ff",
            "order=%0a",
        ] {
            assert!(listing(Shelf::All, Some(bad)).is_err(), "{bad}");
        }
        assert!(listing(Shelf::Payments, Some("operation=card.query")).is_err());
    }

    #[test]
    fn waiting_is_bounded() {
        let wait_of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", value.parse().unwrap());
            wait(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait_of("wait=3"), Some(3));
        assert_eq!(wait_of("respond-async, wait=0"), Some(0));
        assert_eq!(wait_of("wait=600"), Some(5));
        assert_eq!(wait_of("wait=soon"), None);
        assert_eq!(wait_of("respond-async"), None);
    }

    #[test]
    fn only_plain_json_is_taken() {
        let taken = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            json(&headers).is_ok()
        };
        assert!(taken("application/json") && taken("application/json; charset=UTF-8"));
        assert!(!taken("text/json") && !taken("application/json; charset=gbk") && !taken(""));
        assert!(json(&HeaderMap::new()).is_err());
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert!(json(&headers).is_err());
    }
}
