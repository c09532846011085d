//! The bare proxy: mutual TLS in, mutual TLS out over pooled connections, bytes in between.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{client, payments, place, process};

type Failed = Box<dyn std::error::Error + Send + Sync>;

struct Proxy {
    bank: SocketAddr,
    tls: Arc<ClientConfig>,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

pub(crate) fn run(dir: &Path, bank: SocketAddr) -> ExitCode {
    let server = place::server_tls(dir, "gateway");
    let tls = place::client_tls(dir, "gateway-client");
    let proxy = Arc::new(Proxy { bank, tls, idle: Mutex::default() });
    // The same scheduler as the gateway's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        process::say_listening(listener.local_addr().expect("its address"));
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (acceptor, proxy) = (TlsAcceptor::from(Arc::clone(&server)), Arc::clone(&proxy));
            tokio::spawn(async move {
                let _ = socket.set_nodelay(true);
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let service = service_fn(|request| proxy.relay(request));
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

impl Proxy {
    async fn relay(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failed> {
        let (head, body) = request.into_parts();
        let body = Full::new(body.collect().await?.to_bytes());
        let mut sender = match self.take() {
            Some(sender) => sender,
            None => client::connect(self.bank, payments::BANK, &self.tls).await.ok_or("no connection to the bank")?,
        };
        sender.ready().await?;
        let answer = sender.send_request(Request::from_parts(head, body)).await?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        self.idle.lock().expect("nobody has failed").push(sender);
        Ok(Response::from_parts(head, Full::new(body)))
    }

    fn take(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().expect("nobody has failed");
        std::iter::from_fn(|| idle.pop()).find(|sender| !sender.is_closed())
    }
}
