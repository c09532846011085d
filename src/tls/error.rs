//! Why TLS could not be set up. Handshake failures are not here: the peer of a broken handshake is told by TLS itself.

use std::path::{Path, PathBuf};

use crate::lang::Phrase;

/// A certificate, key or revocation list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file holds no usable PEM section of the kind that is needed.
    #[error("{}: no usable PEM section ({what})", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// `certificate`, `private key` or `revocation list`.
        what: &'static str,
    },
    /// Two trust anchors have one subject name, so an issuer could not be told from the other.
    #[error("{}: two certificate authorities have the same subject name", path.display())]
    TwinAnchors {
        /// The file that names them.
        path: PathBuf,
    },
    /// rustls refuses the material: a key that does not fit its certificate, a bad authority certificate, a bad list.
    #[error("{}: {reason}", path.display())]
    Material {
        /// The file at fault, as far as it is known.
        path: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// A certificate could not be made.
    #[error("certificate generation: {0}")]
    Generate(#[from] rcgen::Error),
}

impl TlsError {
    /// In words.
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::File { path, source } => {
                Phrase::new("front-tls-file").with("file", path.display()).with("reason", source.kind())
            }
            Self::Pem { path, what } => Phrase::new("front-tls-pem").with("file", path.display()).with("what", what),
            Self::TwinAnchors { path } => Phrase::new("front-tls-twins").with("file", path.display()),
            Self::Material { path, reason } => {
                Phrase::new("front-tls-material").with("file", path.display()).with("reason", reason)
            }
            Self::Generate(error) => Phrase::new("front-tls-generate").with("reason", error),
        }
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(super) fn pem(path: &Path, what: &'static str) -> Self {
        Self::Pem { path: path.to_owned(), what }
    }

    pub(super) fn material(path: &Path, reason: &impl ToString) -> Self {
        Self::Material { path: path.to_owned(), reason: reason.to_string() }
    }
}
