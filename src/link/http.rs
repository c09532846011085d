//! One HTTP/1.1 exchange on a connection of ours.
//!
//! hyper writes and reads; the connection stays ours. Each exchange has a hyper connection of its own over the same
//! stream and takes the stream back afterwards, so that a kept connection can be looked at before it is used again, and
//! no background task ever reads from it. Only status 200 is an answer.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use ::http::{Method, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

use super::connection::Connection;
use super::frame::{BadFrame, FrameProgress, FrameReader, Framing};
use super::stray::Found;
use super::tcp::{After, settle};
use super::{Outbound, Target, Transport, Unknown, Unsent};

/// Longest head of an answer in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;
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
    let (seen, behind) = (Seen::default(), connection.behind().cloned());
    let tapped = Tapped { connection, seen: seen.clone(), limit: MAX_HEAD.saturating_add(max).saturating_mul(2) };
    let Ok((mut sender, driver)) = builder.handshake(TokioIo::new(tapped)).await else {
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
        Some(Ok(parts)) if !parts.read_buf.is_empty() => {
            After::Surplus(Found::on(parts.io.into_inner().connection, parts.read_buf.to_vec()))
        }
        Some(Ok(parts)) if keep => settle(parts.io.into_inner().connection),
        // hyper read on and found bytes where silence was due; a broken connection would have an I/O error behind it.
        // It keeps both the bytes and the connection to itself, so they are taken from what was seen to pass.
        Some(Err(error)) if std::error::Error::source(&error).is_none() => {
            After::Surplus(Found::alone(after_first(&seen), behind))
        }
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

/// What has passed a connection towards us.
type Seen = Arc<Mutex<Vec<u8>>>;

/// A connection that notes what is read from it, up to a limit.
struct Tapped {
    connection: Connection,
    seen: Seen,
    limit: usize,
}

impl AsyncRead for Tapped {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.connection).poll_read(cx, buf);
        let fresh = buf.filled().get(before..).unwrap_or_default();
        let mut seen = this.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let room = this.limit.saturating_sub(seen.len()).min(fresh.len());
        seen.extend_from_slice(fresh.get(..room).unwrap_or_default());
        polled
    }
}

impl AsyncWrite for Tapped {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(cx)
    }
}

/// What was seen after the first response; nothing where its end cannot be told.
fn after_first(seen: &Seen) -> Vec<u8> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    match Responses.need(&seen) {
        Ok(FrameProgress::Complete(length)) if length <= seen.len() => seen.split_off(length),
        Ok(FrameProgress::Complete(_) | FrameProgress::More(_)) | Err(BadFrame) => Vec::new(),
    }
}

/// Finds the end of a response that says its length. One that is chunked or ends with the connection is not a second
/// answer that could be told from rubbish.
struct Responses;

/// How responses that nobody waits for are told apart.
pub(super) fn responses() -> Framing {
    Framing::Frames(Arc::new(Responses))
}

impl FrameReader for Responses {
    fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame> {
        let Some(head) = memchr::memmem::find(so_far, b"\r\n\r\n").map(|end| end.saturating_add(4)) else {
            return if so_far.len() > MAX_HEAD { Err(BadFrame) } else { Ok(FrameProgress::More(1)) };
        };
        let text = so_far.get(..head).and_then(|head| std::str::from_utf8(head).ok()).ok_or(BadFrame)?;
        let lengths = text.lines().filter_map(|line| line.split_once(':'));
        let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let (Some((_, length)), None) = (lengths.next(), lengths.next()) else { return Err(BadFrame) };
        let length: usize = length.trim().parse().map_err(|_| BadFrame)?;
        let whole = head.checked_add(length).ok_or(BadFrame)?;
        match whole.checked_sub(so_far.len()) {
            Some(missing) if missing > 0 => Ok(FrameProgress::More(missing)),
            Some(_) | None => Ok(FrameProgress::Complete(whole)),
        }
    }
}

/// The body of a whole response with status 200.
pub(super) fn body_of(response: &[u8]) -> Option<Vec<u8>> {
    let ok = [b"HTTP/1.1 200".as_slice(), b"HTTP/1.0 200"].iter().any(|start| response.starts_with(start));
    let body = memchr::memmem::find(response, b"\r\n\r\n")?.checked_add(4)?;
    response.get(body..).filter(|_| ok).map(<[u8]>::to_vec)
}
