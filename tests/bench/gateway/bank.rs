//! The bank: reads every request with the adapter and answers "paid" at once, in the adapter's own words.
//!
//! `kuimen simulate` would not do: it syncs its own books before every answer, on the same disk as the gateway's journal,
//! and that would be measured instead. This bank keeps nothing.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Expected, Settings, Wire};
use kuimen::message::{Occurrence, Operation, Record, Reply};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{payments, place, process};

pub(crate) fn run(dir: &Path) -> ExitCode {
    let tls = place::server_tls(dir, payments::BANK);
    let adapter = payments::adapter();
    let settings = adapter.demo_settings();
    let bank = Arc::new((adapter, settings));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        process::say_listening(listener.local_addr().expect("its address"));
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (acceptor, bank) = (TlsAcceptor::from(Arc::clone(&tls)), Arc::clone(&bank));
            tokio::spawn(async move {
                let _ = socket.set_nodelay(true);
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let service = service_fn(|request| serve(&bank, request));
                // A client that goes away has got what it wanted.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

async fn serve(
    bank: &(Arc<Adapter>, Settings),
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.uri().path_and_query().map(|target| target.as_str().as_bytes().to_vec());
    let Ok(body) = request.into_body().collect().await else { return Ok(refused()) };
    let wire = Wire { target, body: body.to_bytes().into() };
    let answer = paid(&bank.0, &bank.1, &wire);
    Ok(answer.map_or_else(refused, |bytes| Response::new(Full::new(Bytes::from(bytes)))))
}

fn refused() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// The answer to a payment: executed.
pub(crate) fn paid(adapter: &Adapter, settings: &Settings, wire: &Wire) -> Option<Vec<u8>> {
    let plan = adapter.operation(Operation::PaymentPay)?;
    let incoming = adapter.decode_request(plan, wire, settings).ok()?;
    let now = Timestamp::now();
    let item: &Record<'_> = incoming.items.first()?;
    let expected = Expected {
        serial: incoming.serial.as_deref()?,
        item,
        item_number: 1,
        sent_at: incoming.sent_at.unwrap_or(now),
        business_date: kuimen::clock::business_date(now, jiff::civil::Time::midnight()),
        original: None,
        settings,
    };
    let mut reply = Reply::new(Occurrence::Yes);
    reply.bank_code = Some("7".to_owned());
    reply.bank_text = Some("处理成功".to_owned());
    reply.bank_serial = Some("00000001".to_owned());
    adapter.encode_reply(plan, &reply, &expected).ok()
}
