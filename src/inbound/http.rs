//! HTTP/1.1: target and body are the message.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::{Call, IDLE, UNREAD};
use crate::adapter::runtime::Wire;
use crate::gateway::Told;

/// Longest header in bytes.
const HEADER: usize = 16 * 1024;

/// Serves a connection to its end; a request under way is answered before it ends.
pub(super) async fn serve(call: Arc<Call>, stream: TlsStream<TcpStream>, stop: &CancellationToken) {
    let one_request = call.door.bank.current.adapter.wire.one_request;
    let service = service_fn(move |request| {
        let call = Arc::clone(&call);
        async move { Ok::<_, Infallible>(answer(&call, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE).max_header_size(HEADER).keep_alive(!one_request);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

async fn answer(call: &Call, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Some(wire) = wire(call, request).await else { return status(StatusCode::BAD_REQUEST) };
    match call.told(wire).await {
        Told::Answer(bytes) => Response::new(Full::new(Bytes::from(bytes))),
        Told::Unreadable => status(StatusCode::BAD_REQUEST),
        Told::Nothing => status(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// What was said; `None` if it is not even a request of this dialect's kind.
async fn wire(call: &Call, request: Request<Incoming>) -> Option<Wire> {
    let adapter = &call.door.bank.current.adapter;
    if request.method().as_str() != adapter.http()?.method {
        return None;
    }
    let target = request.uri().path_and_query()?.as_str().as_bytes().to_vec();
    let body = timeout(UNREAD, Limited::new(request.into_body(), adapter.wire.max).collect()).await.ok()?.ok()?;
    Some(Wire { target: Some(target), body: body.to_bytes().into() })
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
