//! One HTTP/1.1 exchange on a connection of ours.
//!
//! hyper writes and reads; the connection stays ours. Each exchange has a hyper connection of its own over the same
//! stream and takes the stream back afterwards, so that a kept connection can be looked at before it is used again, and
//! no background task ever reads from it. Only status 200 is an answer.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use ::http::{Method, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::connection::Connection;
use super::tcp::{After, settle};
use super::{Outbound, Target, Transport, Unknown, Unsent};

/// Longest head of an answer in bytes.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 64;

/// The request of an HTTP delivery, made before anything is connected; `None` for a bare stream.
pub(super) fn prepare(target: &Target, outbound: &Outbound<'_>) -> Result<Option<Request<Full<Bytes>>>, Unsent> {
    let Transport::Http { method, content_type } = outbound.transport else {
        return Ok(None);
    };
    let path = outbound.target.filter(|path| path.starts_with(b"/")).ok_or(Unsent::Target)?;
    let port = target.address.rsplit_once(':').map_or("", |(_, port)| port);
    let mut request = Request::builder()
        .method(Method::clone(method))
        .uri(path)
        .header(header::HOST, format!("{}:{port}", target.server_name))
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(outbound.body.clone()))
        .map_err(|_| Unsent::Target)?;
    if !target.reuse {
        request.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    Ok(Some(request))
}

pub(super) async fn exchange(
    connection: Connection,
    request: Request<Full<Bytes>>,
    target: &Target,
) -> (Result<Vec<u8>, Unknown>, After) {
    let limit = target.deadlines.write.saturating_add(target.deadlines.answer);
    timeout(limit, talk(connection, request, target.max_answer)).await.unwrap_or((Err(Unknown::Silence), After::Drop))
}

async fn talk(connection: Connection, request: Request<Full<Bytes>>, max: usize) -> (Result<Vec<u8>, Unknown>, After) {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).max_headers(MAX_HEADERS);
    let Ok((mut sender, driver)) = builder.handshake(TokioIo::new(connection)).await else {
        return (Err(Unknown::Http), After::Drop);
    };
    let mut driver = pin!(driver.without_shutdown().fuse());
    let mut driven = None;
    // The sender moves in: it is dropped with the conversation, and that lets the driver end and give the stream back.
    let mut conversation = pin!(async move { answer(sender.send_request(request).await, max).await });
    let result = std::future::poll_fn(|cx| {
        if let Poll::Ready(parts) = driver.as_mut().poll(cx) {
            driven = Some(parts);
        }
        conversation.as_mut().poll(cx)
    })
    .await;
    let (bytes, keep) = match result {
        Ok(whole) => whole,
        Err(unknown) => return (Err(unknown), After::Drop),
    };
    let parts = match driven {
        Some(parts) => Some(parts),
        None => driver.now_or_never(),
    };
    let after = match parts {
        Some(Ok(parts)) if !parts.read_buf.is_empty() => After::Surplus,
        Some(Ok(parts)) if keep => settle(parts.io.into_inner()),
        // hyper read on and found bytes where silence was due; a broken connection would have an I/O error behind it.
        Some(Err(error)) if std::error::Error::source(&error).is_none() => After::Surplus,
        Some(Ok(_) | Err(_)) | None => After::Drop,
    };
    (Ok(bytes), after)
}

/// The body of an answer with status 200, and whether the bank keeps the connection.
async fn answer(response: hyper::Result<Response<Incoming>>, max: usize) -> Result<(Vec<u8>, bool), Unknown> {
    let response = response.map_err(|error| classify(&error))?;
    if response.status() != StatusCode::OK {
        return Err(Unknown::Status(response.status().as_u16()));
    }
    let close = response.version() == Version::HTTP_10
        || response
            .headers()
            .get_all(header::CONNECTION)
            .iter()
            .any(|value| value.as_bytes().to_ascii_lowercase().windows(5).any(|window| window == b"close"));
    let body = Limited::new(response.into_body(), max).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Unknown::TooLong
        } else {
            error.downcast_ref::<hyper::Error>().map_or(Unknown::Cut, classify)
        }
    })?;
    Ok((body.to_bytes().into(), !close))
}

fn classify(error: &hyper::Error) -> Unknown {
    if error.is_parse() || error.is_parse_too_large() { Unknown::Http } else { Unknown::Cut }
}
