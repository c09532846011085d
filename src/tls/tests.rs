//! Real handshakes over loopback sockets.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::dev::{Authority, Issued, Leaf, Use};
use super::*;

struct Bench {
    dir: tempfile::TempDir,
    ca: Authority,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap(), ca: Authority::new("test CA").unwrap() };
        bench.put("ca.pem", &bench.ca.certificate());
        let server = bench.ca.issue(&Leaf::now("server", Use::Server, &["localhost"])).unwrap();
        bench.put("server.pem", &server.certificate);
        bench.put("server.key", &server.key);
        bench
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn server(&self, crl: Option<&str>) -> ServerFiles {
        ServerFiles {
            certificate: self.path("server.pem"),
            key: self.path("server.key"),
            client_ca: self.path("ca.pem"),
            client_crl: crl.map(|name| self.path(name)),
            versions: Versions::Tls13,
            alpn: &[],
        }
    }

    fn client(&self, issued: Option<&Issued>, ca: &str, versions: Versions) -> ClientTls {
        let identity = issued.map(|issued| {
            self.put("client.pem", &issued.certificate);
            self.put("client.key", &issued.key);
            (self.path("client.pem"), self.path("client.key"))
        });
        ClientFiles { server_ca: self.path(ca), server_crl: None, identity, versions }.load().unwrap()
    }

    fn leaf(&self) -> Issued {
        let mut leaf = Leaf::now("agency", Use::Client, &["agency.test"]);
        leaf.uri = Some("urn:test:agency");
        self.ca.issue(&leaf).unwrap()
    }
}

/// What the server made of the client: its identity, or `None` if the handshake broke on either side.
async fn shake(server: &ServerTls, client: &ClientTls, name: &str) -> Option<PeerIdentity> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(server.config.clone());
    let connector = TlsConnector::from(client.config.clone());
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let there = async {
        let (socket, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(socket).await.ok()?;
        let peer = server.peer(stream.get_ref().1.peer_certificates().unwrap_or_default());
        stream.write_all(b"k").await.ok()?;
        peer
    };
    let here = async {
        let socket = TcpStream::connect(address).await.unwrap();
        let mut stream = connector.connect(name, socket).await.ok()?;
        let mut byte = [0];
        // In TLS 1.3 the client hears of a refused certificate only when it reads.
        stream.read_exact(&mut byte).await.ok()?;
        Some(())
    };
    let (peer, heard) = tokio::join!(there, here);
    heard.and(peer)
}

#[tokio::test]
async fn a_certificate_names_its_party() {
    let bench = Bench::new();
    let server = bench.server(None).load().unwrap();
    let client = bench.client(Some(&bench.leaf()), "ca.pem", Versions::Tls13);
    let peer = shake(&server, &client, "localhost").await.unwrap();
    assert!(peer.names.contains(&San::Uri("urn:test:agency".into())));

    let party = |id: &str, san: &str, issuer| Party {
        id: id.into(),
        san: San::parse(san).unwrap(),
        issuer,
        banks: ["abc".to_owned()].into(),
        operations: ["*".to_owned()].into(),
    };
    let found = |list: Vec<Party>| Parties::new(list).identify(&peer).map(|party| party.id.clone());
    assert_eq!(found(vec![party("a", "uri:urn:test:agency", None)]), Some("a".into()));
    assert_eq!(found(vec![party("a", "dns:AGENCY.test", Some(peer.issuer))]), Some("a".into()));
    assert_eq!(found(vec![party("a", "dns:other.test", None)]), None);
    assert_eq!(found(vec![party("a", "uri:urn:test:agency", Some([7; 32]))]), None, "another authority");
    // The common name is `agency` too, and decides nothing.
    assert_eq!(found(vec![party("agency", "dns:agency", None)]), None);
    let two = vec![party("a", "uri:urn:test:agency", None), party("b", "dns:agency.test", None)];
    assert_eq!(found(two), None, "a certificate with two parties' names is nobody's");
    let one = party("a", "dns:agency.test", None);
    assert!(one.may_reach("abc") && !one.may_reach("icbc") && one.may_ask("payment.pay"));
}

#[tokio::test]
async fn strangers_are_refused() {
    let bench = Bench::new();
    let server = bench.server(None).load().unwrap();
    assert!(shake(&server, &bench.client(None, "ca.pem", Versions::Tls13), "localhost").await.is_none(), "none");

    let other = Authority::new("test CA").unwrap();
    let stranger = other.issue(&Leaf::now("agency", Use::Client, &["agency.test"])).unwrap();
    let client = bench.client(Some(&stranger), "ca.pem", Versions::Tls13);
    assert!(shake(&server, &client, "localhost").await.is_none(), "same name, another authority");

    let mut old = Leaf::now("agency", Use::Client, &["agency.test"]);
    old.not_before = SystemTime::now() - Duration::from_hours(72);
    old.days = 2;
    let client = bench.client(Some(&bench.ca.issue(&old).unwrap()), "ca.pem", Versions::Tls13);
    assert!(shake(&server, &client, "localhost").await.is_none(), "expired");

    let wrong_use = bench.ca.issue(&Leaf::now("agency", Use::Server, &["agency.test"])).unwrap();
    let client = bench.client(Some(&wrong_use), "ca.pem", Versions::Tls13);
    assert!(shake(&server, &client, "localhost").await.is_none(), "a server's certificate");

    let good = bench.leaf();
    let client = bench.client(Some(&good), "ca.pem", Versions::Tls13);
    assert!(shake(&server, &client, "elsewhere").await.is_none(), "the client refuses another server's name");
    bench.put("other.pem", &other.certificate());
    let client = bench.client(Some(&good), "other.pem", Versions::Tls13);
    assert!(shake(&server, &client, "localhost").await.is_none(), "the client refuses another authority");
}

#[tokio::test]
async fn a_listener_speaks_1_3_unless_told_otherwise() {
    let bench = Bench::new();
    let only_12 = |client: ClientTls| {
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_protocol_versions(&[&rustls::version::TLS12])
                .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        for certificate in pem::certificates(&bench.path("ca.pem")).unwrap() {
            roots.add(certificate).unwrap();
        }
        let chain = pem::certificates(&bench.path("client.pem")).unwrap();
        let key = pem::private_key(&bench.path("client.key")).unwrap();
        let config = config.with_root_certificates(roots).with_client_auth_cert(chain, key).unwrap();
        ClientTls { config: Arc::new(config), not_after: client.not_after }
    };
    let client = only_12(bench.client(Some(&bench.leaf()), "ca.pem", Versions::Tls13));
    let mut files = bench.server(None);
    assert!(shake(&files.load().unwrap(), &client, "localhost").await.is_none());
    files.versions = Versions::Tls12AndTls13;
    assert!(shake(&files.load().unwrap(), &client, "localhost").await.is_some());
}

#[tokio::test]
async fn revocation_holds_at_once_and_after_a_reload() {
    let bench = Bench::new();
    let (good, bad) = (bench.leaf(), bench.leaf());
    let later = SystemTime::now() + Duration::from_hours(24);
    bench.put("crl.pem", &bench.ca.revoke(&[], later).unwrap());
    let files = bench.server(Some("crl.pem"));
    let live = Live::open(files.paths(), move || files.load()).unwrap();
    let bad_client = bench.client(Some(&bad), "ca.pem", Versions::Tls13);
    let good_client = bench.client(Some(&good), "ca.pem", Versions::Tls13);
    assert!(shake(&live.get(), &bad_client, "localhost").await.is_some());
    let leaf = pem_leaf(&bad);
    assert!(live.get().still_valid(&leaf));
    assert!(!live.refresh().unwrap(), "nothing changed");

    // A list of another length, so that the change shows even on a file system with coarse times.
    bench.put("crl.pem", &bench.ca.revoke(std::slice::from_ref(&bad.serial), later).unwrap());
    assert!(live.refresh().unwrap());
    assert!(shake(&live.get(), &bad_client, "localhost").await.is_none());
    assert!(shake(&live.get(), &good_client, "localhost").await.is_some());
    assert!(!live.get().still_valid(&leaf), "an open connection is caught too");

    // An outdated list proves nothing: it refuses everyone.
    bench.put("crl.pem", &bench.ca.revoke(&[], SystemTime::now() - Duration::from_secs(30)).unwrap());
    assert!(live.refresh().unwrap());
    assert!(shake(&live.get(), &good_client, "localhost").await.is_none());
}

#[tokio::test]
async fn a_broken_reload_leaves_the_old_material_in_force() {
    let bench = Bench::new();
    let files = bench.server(None);
    let live = Live::open(files.paths(), move || files.load()).unwrap();
    let before = live.get();
    let fresh = bench.ca.issue(&Leaf::now("server-two", Use::Server, &["localhost", "second.test"])).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    bench.put("server.key", &fresh.key);
    assert!(live.refresh().is_err(), "the key is new, its certificate is not there yet");
    assert!(Arc::ptr_eq(&before, &live.get()));
    bench.put("server.pem", &fresh.certificate);
    assert!(live.refresh().unwrap());
    let client = bench.client(Some(&bench.leaf()), "ca.pem", Versions::Tls13);
    assert!(shake(&live.get(), &client, "second.test").await.is_some());
    std::fs::remove_file(bench.path("server.pem")).unwrap();
    assert!(live.refresh().is_err());
    assert!(shake(&live.get(), &client, "second.test").await.is_some());
}

#[test]
fn twin_authorities_and_empty_files_are_refused() {
    let bench = Bench::new();
    let twin = Authority::new("test CA").unwrap().certificate();
    bench.put("ca.pem", &(bench.ca.certificate() + &twin));
    assert!(matches!(bench.server(None).load(), Err(TlsError::TwinAnchors { .. })));
    bench.put("ca.pem", "");
    assert!(matches!(bench.server(None).load(), Err(TlsError::Pem { what: "certificate", .. })));
}

#[tokio::test]
async fn a_borrowed_chain_is_nobody() {
    let bench = Bench::new();
    let server = bench.server(None).load().unwrap();
    let leaf = pem_leaf(&bench.leaf());
    let anchor = pem::certificates(&bench.path("ca.pem")).unwrap().remove(0);
    assert!(server.peer(&[leaf.clone(), anchor]).is_some(), "the authority itself may be sent along");
    let lookalike = Authority::new("test CA").unwrap().certificate();
    bench.put("lookalike.pem", &lookalike);
    let lookalike = pem::certificates(&bench.path("lookalike.pem")).unwrap().remove(0);
    assert!(server.peer(&[leaf, lookalike]).is_none());
    assert!(server.peer(&[]).is_none());
}

#[test]
fn alternative_names_are_read_strictly() {
    assert_eq!(San::parse("dns:A.test").unwrap().to_string(), "dns:a.test");
    assert_eq!(San::parse("uri:urn:A").unwrap().to_string(), "uri:urn:A");
    for bad in ["", "a.test", "dns:", "dns:*.test", "ip:127.0.0.1", "dns:a b", "uri:urn:\n"] {
        assert!(San::parse(bad).is_none(), "{bad:?}");
    }
}

#[test]
fn a_development_house_is_complete_and_keeps_its_keys_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let house = dev::write(&dir.path().join("certs"), &["first", "second"]).unwrap();
    for name in ["agency", "gateway", "gateway-client", "first", "second"] {
        let (certificate, key) = house.leaf(name);
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        let leaf = pem::certificates(&certificate).unwrap().remove(0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let left = identity::not_after(&leaf).unwrap() - i64::try_from(now).unwrap();
        assert!((89 * 86_400..=90 * 86_400).contains(&left), "{name}: {left}");
    }
    assert!(dev::write(&house.dir, &["first"]).is_err(), "nothing is overwritten");
}

fn pem_leaf(issued: &Issued) -> rustls_pki_types::CertificateDer<'static> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &issued.certificate).unwrap();
    pem::certificates(Path::new(file.path())).unwrap().remove(0)
}
