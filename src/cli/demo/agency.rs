//! The agency of the demonstration: a client that keeps its own list of what it was promised.
//!
//! It knows the gateway only by HTTP. What it counts as instructed is what it got a 2xx for, nothing else. A connection
//! that breaks and a 409, 429 or 503 are answered the only right way: the same request again, with the same key.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::tls::ClientTls;

/// How often one payment is offered before the agency gives up.
const OFFERS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// What the agency wants done.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Where it is offered.
    pub path: &'static str,
    /// Its idempotency key.
    pub key: String,
    /// Paying bank.
    pub bank: String,
    /// Fen; 0 for what moves no money.
    pub fen: i64,
    /// The request body.
    pub body: String,
}

/// What the gateway said in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// A 2xx: the message's id.
    Accepted {
        /// Its id.
        id: String,
    },
    /// Refused for good: the problem's type.
    Refused {
        /// `urn:kuimen:problem:…`
        problem: String,
    },
    /// No answer after many offers.
    None,
}

/// One connection's worth of agency.
pub(crate) struct Agency {
    address: SocketAddr,
    tls: Arc<ClientTls>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Agency {
    /// An agency that has not connected yet.
    pub(crate) fn new(address: SocketAddr, tls: Arc<ClientTls>) -> Agency {
        Agency { address, tls, connection: None }
    }

    /// Offers it until the gateway takes or refuses it.
    pub(crate) async fn ask(&mut self, wish: &Wish) -> Promise {
        for _ in 0..OFFERS {
            match self.offer(wish).await {
                Some((status, body)) if status.is_success() => {
                    return match member(&body, "id") {
                        Some(id) => Promise::Accepted { id },
                        None => Promise::None,
                    };
                }
                Some((StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _)) => {
                    tokio::time::sleep(PAUSE).await
                }
                Some((_, body)) => return Promise::Refused { problem: member(&body, "type").unwrap_or_default() },
                None => {
                    self.connection = None;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        Promise::None
    }

    async fn offer(&mut self, wish: &Wish) -> Option<(StatusCode, Bytes)> {
        let request = Request::post(wish.path)
            .header("host", "gateway")
            .header("content-type", "application/json")
            .header("idempotency-key", format!("\"{}\"", wish.key))
            .header("prefer", "wait=0")
            .body(Full::new(Bytes::from(wish.body.clone())))
            .ok()?;
        let sender = match &mut self.connection {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connection.insert(connect(self.address, &self.tls).await?),
        };
        sender.ready().await.ok()?;
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, body))
    }
}

async fn connect(address: SocketAddr, tls: &ClientTls) -> Option<SendRequest<Full<Bytes>>> {
    let socket = TcpStream::connect(address).await.ok()?;
    socket.set_nodelay(true).ok()?;
    let name = ServerName::try_from("gateway").ok()?;
    let stream = TlsConnector::from(Arc::clone(&tls.config)).connect(name, socket).await.ok()?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

fn member(body: &[u8], name: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    value.get(name)?.as_str().map(str::to_owned)
}
