//! Problem documents (RFC 9457) and the published table of their codes.
//!
//! `type` is `urn:kuimen:problem:<code>`; `title` is the same for every problem of a code, `detail` says more about this
//! one, `errors` points at fields. The offending value is never repeated: it may be somebody's account.
//!
//! Not here: `Kuimen-Accepted`. Only whoever has looked the key up may say what is under it.

use http::StatusCode;
use serde_json::{Map, Value};

use super::Answer;
use crate::lang::{Lang, Phrase};
use crate::message::Problem;

/// Defines the codes once: variant, stable name, status, title, meaning.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:ident, $title:literal;)*) => {
        /// A problem that a client can meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// The whole table, for the manual.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The stable name: the last part of `type`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Code::$variant => StatusCode::$status),* }
            }

            /// The title in words.
            pub fn title(self) -> Phrase {
                match self { $(Code::$variant => Phrase::new($title)),* }
            }
        }
    };
}

codes! {
    /// The HTTP request itself is wrong: host, path, query string, header.
    Request = "request-malformed", BAD_REQUEST, "front-problem-request";
    /// No such route, or no such payment of this party.
    NotFound = "not-found", NOT_FOUND, "front-problem-not-found";
    /// The route does not have this method.
    Method = "method-not-allowed", METHOD_NOT_ALLOWED, "front-problem-method";
    /// The request does not say the length of its body, or is framed by `Transfer-Encoding`.
    Length = "length-required", LENGTH_REQUIRED, "front-problem-length";
    /// The body is too long.
    BodySize = "body-too-large", PAYLOAD_TOO_LARGE, "front-problem-body-size";
    /// The body did not come in time.
    BodyTime = "body-timeout", REQUEST_TIMEOUT, "front-problem-body-time";
    /// The body is not `application/json`, or is compressed.
    MediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "front-problem-media-type";
    /// No `Idempotency-Key`.
    KeyMissing = "idempotency-key-missing", BAD_REQUEST, "front-problem-key-missing";
    /// Two keys, or one that is not in the published format.
    KeyMalformed = "idempotency-key-malformed", BAD_REQUEST, "front-problem-key-malformed";
    /// The key was used for another message.
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "front-problem-key-reused";
    /// The first request with this key is still being handled.
    InProgress = "in-progress", CONFLICT, "front-problem-in-progress";
    /// The certificate is good but stands for no party here.
    PartyUnknown = "party-unknown", FORBIDDEN, "front-problem-party-unknown";
    /// The certificate has expired or been revoked since the connection was made.
    Certificate = "certificate-refused", FORBIDDEN, "front-problem-certificate";
    /// The party may not ask for this operation.
    Operation = "operation-not-allowed", FORBIDDEN, "front-problem-operation";
    /// The party may not pay through this bank, or there is no such bank.
    Bank = "bank-not-allowed", FORBIDDEN, "front-problem-bank";
    /// The body is not a message: not JSON, or hostile.
    MessageMalformed = "message-malformed", BAD_REQUEST, "front-problem-message-malformed";
    /// The message breaks a rule of its fields.
    MessageInvalid = "message-invalid", UNPROCESSABLE_ENTITY, "front-problem-message-invalid";
    /// The bank's interface cannot carry a value.
    CannotEncode = "cannot-encode", UNPROCESSABLE_ENTITY, "front-problem-cannot-encode";
    /// A rule of the county refuses the message.
    CountyRule = "county-rule", UNPROCESSABLE_ENTITY, "front-problem-county-rule";
    /// The bank has no such operation.
    NotSupported = "not-supported", UNPROCESSABLE_ENTITY, "front-problem-not-supported";
    /// The bank has no query, or the payment is past asking.
    NoQuery = "query-not-possible", CONFLICT, "front-problem-no-query";
    /// Too many requests, or too often.
    TooMany = "too-many-requests", TOO_MANY_REQUESTS, "front-problem-too-many";
    /// Not now: storage, or an end that is near.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "front-problem-unavailable";
    /// A fault of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR, "front-problem-internal";
}

impl Code {
    /// Whether it says no to the request itself, so that evidence is kept; "not now" and our own faults do not.
    pub fn is_refusal(self) -> bool {
        self.status().is_client_error() && self != Code::TooMany
    }

    /// A document without details.
    pub fn answer(self, lang: Lang) -> Answer {
        self.document(lang, None, &[])
    }

    /// A document with a detail in words.
    pub fn because(self, lang: Lang, detail: &Phrase) -> Answer {
        self.document(lang, Some(detail), &[])
    }

    /// A document that points at fields.
    pub fn document(self, lang: Lang, detail: Option<&Phrase>, errors: &[Problem]) -> Answer {
        let mut body = Map::new();
        body.insert("type".into(), format!("urn:kuimen:problem:{}", self.name()).into());
        body.insert("title".into(), self.title().text(lang).into());
        body.insert("status".into(), self.status().as_u16().into());
        body.insert("code".into(), self.name().into());
        if let Some(detail) = detail {
            body.insert("detail".into(), detail.text(lang).into());
        }
        if !errors.is_empty() {
            let list: Vec<Value> = errors.iter().map(|error| pointer(error, lang)).collect();
            body.insert("errors".into(), list.into());
        }
        let answer = Answer::new(self.status(), "application/problem+json", Value::Object(body).to_string());
        let answer = answer.header(http::header::CONTENT_LANGUAGE, lang.tag());
        match self {
            Code::TooMany | Code::Unavailable => answer.header(http::header::RETRY_AFTER, "5"),
            Code::Method => answer.header(http::header::ALLOW, "GET, POST"),
            Code::InProgress => answer.header(http::header::RETRY_AFTER, "1"),
            Code::Request
            | Code::NotFound
            | Code::Length
            | Code::BodySize
            | Code::BodyTime
            | Code::MediaType
            | Code::KeyMissing
            | Code::KeyMalformed
            | Code::KeyReused
            | Code::PartyUnknown
            | Code::Certificate
            | Code::Operation
            | Code::Bank
            | Code::MessageMalformed
            | Code::MessageInvalid
            | Code::CannotEncode
            | Code::CountyRule
            | Code::NotSupported
            | Code::NoQuery
            | Code::Internal => answer,
        }
    }
}

/// One entry of `errors`; what is not known is left out.
fn pointer(error: &Problem, lang: Lang) -> Value {
    let mut entry = Map::new();
    entry.insert("code".into(), error.code.into());
    if let Some(field) = &error.field {
        entry.insert("field".into(), field.as_str().into());
    }
    if let Some(at) = error.at {
        entry.insert("at".into(), at.into());
    }
    entry.insert("detail".into(), error.text(lang).into());
    entry.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_points_without_repeating() {
        let error = Problem::new("too-long", Phrase::new("front-problem-length")).in_field("payee.name").at(17);
        let answer = Code::MessageInvalid.document(Lang::En, None, &[error]);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["type"], "urn:kuimen:problem:message-invalid");
        assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(422), Some("message-invalid")));
        assert_eq!(body["errors"][0]["field"], "payee.name");
        assert_eq!(body["errors"][0]["at"], 17);
        assert_eq!(body["errors"][0]["code"], "too-long");
    }

    #[test]
    fn codes_are_unique_and_have_titles_in_both_languages() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_ne!(code.title().text(Lang::Zh), code.title().text(Lang::En), "{}", code.name());
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }
}
