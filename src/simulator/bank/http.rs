//! HTTP/1.1: target and body are the message.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{Counter, Doing};
use crate::adapter::runtime::Wire;

type Body = BoxBody<Bytes, io::Error>;

/// Between the last byte of a cut answer and the end of the connection.
const BREAK: Duration = Duration::from_millis(20);

/// What hyper would not write: the second of two answers.
type Encore = Mutex<Option<Bytes>>;

/// Serves a connection to its end.
pub(super) async fn serve(stream: TlsStream<TcpStream>, counter: &Arc<Counter>) {
    let encore = Arc::new(Encore::default());
    let service = service_fn(|request| Box::pin(answer(request, counter.clone(), encore.clone())));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(!counter.teller.adapter.wire.one_request)
        .serve_connection(TokioIo::new(stream), service);
    let done = poll_fn(|cx| connection.poll_without_shutdown(cx));
    if counter.stop.run_until_cancelled(done).await.is_none() {
        Pin::new(&mut connection).graceful_shutdown();
        let _ = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    }
    let mut stream = connection.into_parts().io.into_inner();
    let encore = encore.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(bytes) = encore {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len());
        let _ = stream.write_all(&[head.as_bytes(), &bytes].concat()).await;
    }
    let _ = stream.shutdown().await;
}

async fn answer(request: Request<Incoming>, counter: Arc<Counter>, encore: Arc<Encore>) -> io::Result<Response<Body>> {
    let Some(wire) = wire(request, &counter).await else {
        return Ok(status(StatusCode::BAD_REQUEST));
    };
    let gone = || io::Error::from(io::ErrorKind::ConnectionAborted);
    let bytes = match counter.serve(wire).await {
        Doing::Answer(bytes) | Doing::Last(bytes) => bytes,
        Doing::Late(bytes) => {
            counter.wait(tokio::time::sleep(counter.late)).await.ok_or_else(gone)?;
            bytes
        }
        Doing::Twice(first, second) => {
            *encore.lock().unwrap_or_else(PoisonError::into_inner) = Some(Bytes::from(second));
            let mut response = whole(StatusCode::OK, first);
            // hyper gives the stream back only when it believes the conversation over.
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            return Ok(response);
        }
        Doing::Cut(bytes, length) => return Ok(cut(bytes, length)),
        Doing::Silence => {
            let _ = counter.wait(std::future::pending()).await;
            return Err(gone());
        }
        Doing::Failure => return Ok(status(StatusCode::INTERNAL_SERVER_ERROR)),
        Doing::Close => return Err(gone()),
        Doing::Unreadable => return Ok(status(StatusCode::BAD_REQUEST)),
    };
    Ok(whole(StatusCode::OK, bytes))
}

/// What was asked; `None` if it is not even a request of this dialect's kind.
async fn wire(request: Request<Incoming>, counter: &Counter) -> Option<Wire> {
    let adapter = &counter.teller.adapter;
    let http = adapter.http()?;
    if request.method().as_str() != http.method {
        return None;
    }
    let target = request.uri().path_and_query()?.as_str().as_bytes().to_vec();
    let body = Limited::new(request.into_body(), adapter.wire.max).collect().await.ok()?;
    Some(Wire { target: Some(target), body: body.to_bytes().into() })
}

fn whole(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    response
}

fn status(status: StatusCode) -> Response<Body> {
    whole(status, Vec::new())
}

/// A head that promises everything, a body that breaks off.
fn cut(mut bytes: Vec<u8>, length: usize) -> Response<Body> {
    let promised = bytes.len();
    bytes.truncate(length);
    let begun = stream::iter([Ok(Frame::data(Bytes::from(bytes)))]);
    let broken = stream::once(async {
        // What stands before the break leaves only if hyper gets the time to write it.
        tokio::time::sleep(BREAK).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(begun.chain(broken))));
    response.headers_mut().insert(header::CONTENT_LENGTH, promised.into());
    response
}
