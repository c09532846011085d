//! The listeners at which banks call: one for each bank that does, in its own framing, over mutual TLS.
//!
//! A bank is known by its certificate and speaks for itself alone. What it says is read, written down and answered by
//! [`Gateway::told`]; here are sockets, time limits and the end. Deliberately not here: dialects (`adapter`) and whatever
//! is done about a message (`gateway`).

mod http;
mod tcp;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::adapter::runtime::Wire;
use crate::gateway::{Bank, Gateway, Told};
use crate::tls::{Live, Parties, Peer, ServerTls};

/// Connections of one bank.
const CONNECTIONS: usize = 64;
/// Until the handshake is done.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a connection may be without a whole message.
const IDLE: Duration = Duration::from_secs(300);
/// How long a bank may leave an answer unread.
const UNREAD: Duration = Duration::from_secs(30);

/// The door of one bank.
pub struct Inbound {
    gateway: Arc<Gateway>,
    bank: Arc<Bank>,
    tls: Arc<Live<ServerTls>>,
    caller: Parties,
}

/// One connection of the bank.
struct Call {
    door: Arc<Inbound>,
    peer: Peer,
}

impl Inbound {
    /// A door that is not open yet. `caller` is the one party whose certificate may come in.
    pub fn new(gateway: Arc<Gateway>, bank: Arc<Bank>, tls: Arc<Live<ServerTls>>, caller: Parties) -> Arc<Inbound> {
        Arc::new(Inbound { gateway, bank, tls, caller })
    }

    /// Lets the bank in until told to stop; what is being answered then is answered.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        while let Some(Ok(place)) = stop.run_until_cancelled(Arc::clone(&room).acquire_owned()).await {
            let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
            match accepted {
                Ok((socket, _)) => {
                    let (door, stop) = (Arc::clone(&self), stop.clone());
                    connections.spawn(async move {
                        door.receive(socket, &stop).await;
                        drop(place);
                    });
                }
                // Out of descriptors, or a peer that was gone at once: neither is a reason to spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        connections.close();
        connections.wait().await;
    }

    async fn receive(self: Arc<Self>, socket: TcpStream, stop: &CancellationToken) {
        let tls = self.tls.get();
        // Failing to say so costs only delay.
        drop(socket.set_nodelay(true));
        let acceptor = TlsAcceptor::from(Arc::clone(&tls.config));
        let shaken = stop.run_until_cancelled(tokio::time::timeout(HANDSHAKE, acceptor.accept(socket))).await;
        let Some(Ok(Ok(stream))) = shaken else { return };
        let Some(peer) = self.recognise(tls, &stream) else {
            return tracing::warn!(bank = %self.bank.id, "somebody else called at a bank's door");
        };
        let call = Call { door: self, peer };
        match call.door.bank.current.adapter.wire.frames {
            Some(_) => tcp::serve(&call, stream, stop).await,
            None => http::serve(Arc::new(call), stream, stop).await,
        }
    }

    fn recognise(&self, tls: Arc<ServerTls>, stream: &TlsStream<TcpStream>) -> Option<Peer> {
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let (peer, identity) = Peer::of(tls, chain)?;
        self.caller.identify(&identity).map(|_| peer)
    }
}

impl Call {
    /// What the bank is told; nothing to one whose certificate has been revoked since it came in.
    async fn told(&self, wire: Wire) -> Told {
        if !self.peer.still_good(&self.door.tls) {
            tracing::warn!(bank = %self.door.bank.id, "a bank's certificate is no longer good");
            return Told::Nothing;
        }
        self.door.gateway.told(&self.door.bank, wire).await
    }
}
