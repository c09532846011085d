//! One connection from its first byte to its last: handshake, party, requests, end.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Version};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::count::Seat;
use super::routes::Replied;
use super::stall::Stall;
use super::strict::Refused;
use super::{Code, Front};
use crate::tls::Peer;

/// Whether requests are under way, and since when not.
#[derive(Clone)]
struct Pulse(Arc<Mutex<(usize, Instant)>>);

struct Beat(Pulse);

impl Pulse {
    fn begin(&self) -> Beat {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.saturating_add(1);
        Beat(self.clone())
    }

    /// How long no request has been under way.
    fn idle(&self) -> Duration {
        let (active, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if active == 0 { since.elapsed() } else { Duration::ZERO }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (state.0.saturating_sub(1), Instant::now());
    }
}

pub(super) async fn serve(
    front: Arc<Front>,
    socket: TcpStream,
    (address, shaking): (SocketAddr, Seat<IpAddr>),
    stop: CancellationToken,
) {
    let tls = front.tls.get();
    // Failing to say so costs only delay.
    drop(socket.set_nodelay(true));
    let handshake = timeout(front.limits.handshake, TlsAcceptor::from(tls.config.clone()).accept(socket));
    let stream = match stop.run_until_cancelled(handshake).await {
        None => return,
        Some(Err(_)) => return tracing::info!(%address, "handshake too slow"),
        Some(Ok(Err(error))) => return tracing::warn!(%address, %error, "handshake refused"),
        Some(Ok(Ok(stream))) => stream,
    };
    drop(shaking);
    let session = stream.get_ref().1;
    let h2 = session.alpn_protocol() == Some(b"h2");
    let chain = session.peer_certificates().unwrap_or_default();
    let Some((peer, identity)) = Peer::of(Arc::clone(&tls), chain) else {
        return tracing::warn!(%address, "client certificate is not directly under our authority");
    };
    let party = front.parties.identify(&identity);
    if party.is_none() {
        let fingerprint = data_encoding::HEXLOWER.encode(&identity.fingerprint);
        tracing::warn!(%address, fingerprint, "client certificate stands for no party");
    }
    let name = party.as_ref().map_or("", |party| party.id.as_str());
    let Some(_seat) = front.open.enter(name.to_owned(), front.limits.connections_per_party, usize::MAX) else {
        return tracing::warn!(%address, party = name, "too many connections of one party");
    };
    let peer = Arc::new((peer, party));
    let pulse = Pulse(Arc::new(Mutex::new((0, Instant::now()))));
    let limits = front.limits;
    let io = TokioIo::new(Stall::new(stream, limits.stall));
    let service = {
        let (pulse, stop) = (pulse.clone(), stop.clone());
        service_fn(move |request: Request<Incoming>| {
            let (front, peer, beat, stop) = (front.clone(), peer.clone(), pulse.begin(), stop.clone());
            async move {
                let http1 = request.version() < Version::HTTP_2;
                let party = peer.1.clone();
                let replied = if peer.0.still_good(&front.tls) {
                    front.routes.answer(request, party).await
                } else {
                    let refused = Refused::closing(Code::Certificate);
                    Replied::Whole(front.routes.turn_away(&request.into_parts().0, party, refused).await)
                };
                Ok::<_, Infallible>(match replied {
                    Replied::Whole(answer) => {
                        drop(beat);
                        answer.into_response(http1).map(Either::Left)
                    }
                    Replied::Feed(feed) => {
                        let good = move || peer.0.still_good(&front.tls);
                        feed.into_response(good, stop, beat).map(Either::Right)
                    }
                })
            }
        })
    };
    if h2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(limits.streams)
            .keep_alive_interval(limits.header)
            .keep_alive_timeout(limits.header);
        let connection = pin!(builder.serve_connection(io, service));
        run(connection, http2::Connection::graceful_shutdown, &pulse, limits.header, &stop).await;
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_header_size(limits.header_bytes)
            .max_headers(64);
        let connection = pin!(builder.serve_connection(io, service));
        run(connection, http1::Connection::graceful_shutdown, &pulse, limits.header, &stop).await;
    }
}

/// Drives a connection until it ends, is idle too long, or has finished its requests after the order to stop.
async fn run<C>(
    mut connection: Pin<&mut C>,
    graceful: impl Fn(Pin<&mut C>),
    pulse: &Pulse,
    idle: Duration,
    stop: &CancellationToken,
) where
    C: Future<Output = hyper::Result<()>>,
{
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                graceful(connection.as_mut());
            }
            // Covers what no timer of hyper does: an HTTP/2 client that never sends its first request, or a header that
            // never ends.
            () = sleep(idle.saturating_sub(pulse.idle()).max(Duration::from_millis(10))) => {
                if pulse.idle() >= idle {
                    return;
                }
            }
        }
    }
}
