//! One connection to a bank: made, checked before it is used again, closed.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::stray::Behind;
use super::{Security, Target, Unsent};
use crate::tls::ClientTls;

pub(super) struct Connection {
    stream: Stream,
    /// The material it was made with: after a reload the connection is not used again.
    tls: Option<Arc<ClientTls>>,
    since: Instant,
    /// The last delivery that it carried.
    behind: Option<Behind>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What a look at an unused connection shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// Open, nothing to read: fit for the next request.
    Silent,
    /// Bytes stand there although no answer is due. This is the first of them.
    Surplus(u8),
    /// The bank has closed it.
    Closed,
}

impl Connection {
    pub(super) fn check(&mut self) -> Checked {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        match Pin::new(self).poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer) {
            Poll::Pending => Checked::Silent,
            Poll::Ready(Ok(())) => buffer.filled().first().map_or(Checked::Closed, |byte| Checked::Surplus(*byte)),
            Poll::Ready(Err(_)) => Checked::Closed,
        }
    }

    /// Says goodbye without waiting: the bank sees a proper TLS close rather than a torn connection.
    pub(super) fn farewell(&mut self) {
        // Whether it goes out at once does not matter: the answer is complete.
        drop(Pin::new(self).poll_shutdown(&mut Context::from_waker(Waker::noop())));
    }

    /// A delivery begins on it.
    pub(super) fn carries(&mut self, delivery: Behind) {
        self.behind = Some(delivery);
    }

    /// The last delivery that it carried.
    pub(super) fn behind(&self) -> Option<&Behind> {
        self.behind.as_ref()
    }

    pub(super) fn rest(&mut self) {
        self.since = Instant::now();
    }

    pub(super) fn idle_since(&self) -> Instant {
        self.since
    }

    pub(super) fn made_with(&self, security: &Security) -> bool {
        match (security, &self.tls) {
            (Security::Mutual(live) | Security::Server(live), Some(tls)) => Arc::ptr_eq(&live.get(), tls),
            (Security::FrontEnd, None) => true,
            (Security::Mutual(_) | Security::Server(_), None) | (Security::FrontEnd, Some(_)) => false,
        }
    }
}

/// Look-up, connect and handshake, all within the connect deadline.
pub(super) async fn connect(target: &Target) -> Result<Connection, Unsent> {
    let limit: Duration = target.deadlines.connect;
    timeout(limit, establish(target)).await.unwrap_or(Err(Unsent::ConnectTimeout))
}

async fn establish(target: &Target) -> Result<Connection, Unsent> {
    let addresses: Vec<SocketAddr> =
        tokio::net::lookup_host(&target.address).await.map_err(|_| Unsent::Resolve)?.collect();
    let live = match &target.security {
        Security::Mutual(live) | Security::Server(live) => Some(live),
        Security::FrontEnd if addresses.iter().all(|address| address.ip().is_loopback()) => None,
        Security::FrontEnd => return Err(Unsent::NotLoopback),
    };
    let socket = TcpStream::connect(addresses.as_slice()).await.map_err(|_| Unsent::Connect)?;
    // A request is one write; waiting to fill a segment would only add to its delay. Failing to say so is harmless.
    drop(socket.set_nodelay(true));
    let Some(live) = live else {
        return Ok(Connection { stream: Stream::Plain(socket), tls: None, since: Instant::now(), behind: None });
    };
    let tls = live.get();
    let name = ServerName::try_from(target.server_name.clone()).map_err(|_| Unsent::Handshake)?;
    let stream = TlsConnector::from(tls.config.clone()).connect(name, socket).await.map_err(|error| {
        tracing::warn!(address = target.address, %error, "TLS handshake with a bank failed");
        Unsent::Handshake
    })?;
    Ok(Connection { stream: Stream::Tls(Box::new(stream)), tls: Some(tls), since: Instant::now(), behind: None })
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
