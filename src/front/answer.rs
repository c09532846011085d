//! An answer on its way north.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;

/// Whether the message of a failed request was accepted: `yes` or `no`.
const ACCEPTED: HeaderName = HeaderName::from_static("kuimen-accepted");

/// The answer comes from the record of the first one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Status, headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body's type.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// The connection ends with this answer (HTTP/1.1).
    pub(super) close: bool,
}

impl Answer {
    /// An answer of any type.
    pub fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), content_type, body: body.into(), close: false }
    }

    /// A JSON answer.
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Adds a header. A value that no header can carry is left out: it could only come from a fault of ours, and the
    /// answer matters more.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.push((name, value));
        }
        self
    }

    /// Says whether the message was accepted, for answers whose status does not.
    #[must_use]
    pub fn accepted(self, accepted: bool) -> Self {
        self.header(ACCEPTED, if accepted { "yes" } else { "no" })
    }

    /// Marks the answer as a repetition of the first one.
    #[must_use]
    pub fn replayed(self) -> Self {
        self.header(REPLAYED, "true")
    }

    /// Ends the connection with this answer: what follows on it cannot be trusted.
    pub(super) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    pub(super) fn into_response(self, http1: bool) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        if self.close && http1 {
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
