//! TLS for every socket kuimen owns: configurations for the north listener and for the links to banks, the mapping from a
//! client certificate to the party that holds it, reload without a restart, and certificates for development.
//!
//! One cryptographic provider (aws-lc-rs) serves the whole process. Not here: sockets (`front`, `inbound`, `link`), what a party may
//! ask for in a message (`gateway`), and national algorithms (a front terminator carries them).

pub mod dev;
mod error;
mod identity;
mod peer;
mod pem;
mod reload;
mod side;

pub use error::TlsError;
pub use identity::{Parties, Party, PeerIdentity, San};
pub use peer::Peer;
pub use reload::{Live, POLL};
pub use side::{ClientFiles, ClientTls, ServerFiles, ServerTls, Versions};

/// Installs aws-lc-rs as the provider of the process. Call it first thing in `main`; later calls change nothing.
pub fn install_provider() {
    // The error only says that a provider is installed already, which is what the caller wants.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

#[cfg(test)]
mod tests;
