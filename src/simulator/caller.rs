//! The bank begins: a simulated bank's own client at the gateway's door.
//!
//! It says one thing on a connection of its own and takes what it hears. What it says again after silence is for whoever
//! drives it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::civil::Date;
use rustls_pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::bank::tcp::framing;
use crate::adapter::Direction;
use crate::adapter::plan::{Adapter, FramePlan};
use crate::adapter::runtime::{Answered, Expected, Outgoing, Settings, Wire};
use crate::link::{Framing, read_frame};
use crate::message::{Operation, Record};
use crate::tls::ClientTls;

/// How long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bank's client.
#[derive(Clone)]
pub struct Caller {
    /// Its dialect.
    pub adapter: Arc<Adapter>,
    /// What it knows of us.
    pub settings: Settings,
    /// The gateway's door for it.
    pub door: SocketAddr,
    /// The name in the gateway's certificate.
    pub server_name: String,
    /// Its own certificate, and whom it trusts.
    pub tls: Arc<ClientTls>,
}

/// What a bank tells.
#[derive(Clone, Copy)]
pub struct Notice<'a> {
    /// Which of the operations that banks begin.
    pub operation: Operation,
    /// What it says.
    pub record: &'a Record<'a>,
    /// The bank's own serial.
    pub serial: &'a str,
    /// When it says it.
    pub at: Timestamp,
    /// Its business date.
    pub date: Date,
}

impl Caller {
    /// The bytes of a notice; `None` where the dialect has no such operation, or cannot carry a value.
    pub fn wire(&self, notice: Notice<'_>) -> Option<Wire> {
        let plan = self.adapter.operations.get(&notice.operation).filter(|plan| plan.bank_initiates)?;
        let outgoing = Outgoing {
            serial: notice.serial,
            sent_at: notice.at,
            business_date: notice.date,
            settings: &self.settings,
            items: std::slice::from_ref(notice.record),
            original: None,
        };
        self.adapter.encode_request(plan, &outgoing).ok()
    }

    /// Tells it once, and reads what it hears; `None` for silence and for what cannot be read.
    pub async fn tell(&self, notice: Notice<'_>) -> Option<Answered> {
        let plan = self.adapter.operations.get(&notice.operation)?;
        let bytes = self.send(&self.wire(notice)?).await?;
        let expected = Expected {
            serial: notice.serial,
            item: notice.record,
            item_number: 1,
            sent_at: notice.at,
            business_date: notice.date,
            original: None,
            settings: &self.settings,
        };
        self.adapter.decode_reply(plan, &bytes, &expected).ok()
    }

    /// Sends bytes and takes the bytes that come back.
    pub async fn send(&self, wire: &Wire) -> Option<Vec<u8>> {
        timeout(PATIENCE, self.exchange(wire)).await.ok()?
    }

    async fn exchange(&self, wire: &Wire) -> Option<Vec<u8>> {
        let socket = TcpStream::connect(self.door).await.ok()?;
        let name = ServerName::try_from(self.server_name.clone()).ok()?;
        let stream = TlsConnector::from(Arc::clone(&self.tls.config)).connect(name, socket).await.ok()?;
        match &self.adapter.wire.frames {
            Some((request, _)) => self.on_a_stream(stream, wire, matches!(request, FramePlan::ToEnd)).await,
            None => self.over_http(stream, wire).await,
        }
    }

    async fn on_a_stream(&self, mut stream: TlsStream<TcpStream>, wire: &Wire, ends: bool) -> Option<Vec<u8>> {
        stream.write_all(&wire.body).await.ok()?;
        stream.flush().await.ok()?;
        if ends {
            stream.shutdown().await.ok()?;
        }
        let framing: Framing = framing(&self.adapter, Direction::Reply);
        read_frame(&mut stream, &framing, self.adapter.wire.max).await.ok().map(|(bytes, _)| bytes)
    }

    async fn over_http(&self, stream: TlsStream<TcpStream>, wire: &Wire) -> Option<Vec<u8>> {
        let http = self.adapter.http()?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        let target = std::str::from_utf8(wire.target.as_deref()?).ok()?;
        let request = Request::builder()
            .method(http.method.as_str())
            .uri(target)
            .header("host", &self.server_name)
            .header("content-type", &http.content_type)
            .body(Full::new(Bytes::copy_from_slice(&wire.body)))
            .ok()?;
        let answer = sender.send_request(request).await.ok()?;
        let good = answer.status().is_success();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        good.then(|| body.into())
    }
}
