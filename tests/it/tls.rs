//! TLS to an outside PostgreSQL: every `sslmode`, right and wrong authorities and names.
//!
//! The embedded PostgreSQL is built without TLS, so a front ends it, as a proxy of a hosted one
//! does. The front saw how each session came, which proves whether there was TLS.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use agentdata::db::{Connector, DbError};
use diesel_async::SimpleAsyncConnection;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, UnixStream},
};
use tokio_postgres::config::Host;
use tokio_rustls::TlsAcceptor;

use crate::support::cluster;

/// The code of an `SSLRequest`, where another message has the protocol's version.
const SSL_REQUEST: u32 = 80_877_103;

/// Which sessions the server takes.
#[derive(Clone, Copy, Debug)]
enum Takes {
    /// It offers no TLS at all.
    NoTls,
    /// `host` in its `pg_hba.conf`.
    Either,
    /// `hostssl`.
    OnlyTls,
    /// `hostnossl`; it offers TLS all the same.
    OnlyPlain,
}

/// A way in to the tests' PostgreSQL over TCP.
struct Front {
    takes: Takes,
    acceptor: TlsAcceptor,
    socket: PathBuf,
    /// How each session that was let in came.
    sessions: Mutex<Vec<bool>>,
}

impl Front {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let this = Arc::clone(&self);
            tokio::spawn(async move {
                // A client that does not like the certificate goes away.
                let _gone = this.begin(stream).await;
            });
        }
    }

    async fn begin(&self, mut stream: tokio::net::TcpStream) -> std::io::Result<()> {
        let (length, code) = (stream.read_u32().await?, stream.read_u32().await?);
        if code != SSL_REQUEST {
            return self.session(stream, false, length, code).await;
        }
        if matches!(self.takes, Takes::NoTls) {
            stream.write_all(b"N").await?;
            let (length, code) = (stream.read_u32().await?, stream.read_u32().await?);
            return self.session(stream, false, length, code).await;
        }
        stream.write_all(b"S").await?;
        let mut stream = self.acceptor.accept(stream).await?;
        let (length, code) = (stream.read_u32().await?, stream.read_u32().await?);
        self.session(stream, true, length, code).await
    }

    async fn session(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        tls: bool,
        length: u32,
        code: u32,
    ) -> std::io::Result<()> {
        let refused = match self.takes {
            Takes::OnlyTls => !tls,
            Takes::OnlyPlain => tls,
            Takes::NoTls | Takes::Either => false,
        };
        if refused {
            let fields = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry\0\0";
            stream.write_u8(b'E').await?;
            stream.write_u32(fields.len() as u32 + 4).await?;
            stream.write_all(fields).await?;
            return stream.shutdown().await;
        }
        self.sessions.lock().unwrap().push(tls);
        let mut server = UnixStream::connect(&self.socket).await?;
        server.write_u32(length).await?;
        server.write_u32(code).await?;
        copy_bidirectional(&mut stream, &mut server).await?;
        Ok(())
    }
}

/// A PostgreSQL that is reached over TCP as the front has it.
struct Server {
    front: Arc<Front>,
    port: u16,
    credentials: String,
    database: String,
}

impl Server {
    /// A server that takes such sessions and shows this certificate.
    async fn start(takes: Takes, certificate: &str, key: &str) -> Self {
        let url = cluster::database().await;
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Host::Unix(directory) = &config.get_hosts()[0] else {
            panic!("{url}");
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let front = Arc::new(Front {
            takes,
            acceptor: TlsAcceptor::from(Arc::new(tls)),
            socket: directory.join(format!(".s.PGSQL.{port}")),
            sessions: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(Arc::clone(&front).serve(listener));
        Self {
            front,
            port,
            credentials: url.rsplit_once('@').unwrap().0.to_owned(),
            database: config.get_dbname().unwrap().to_owned(),
        }
    }

    /// Connects with these parameters; answers whether the session has TLS.
    async fn connect(&self, host: &str, parameters: &str) -> Result<bool, String> {
        self.front.sessions.lock().unwrap().clear();
        let Self {
            port,
            credentials,
            database,
            ..
        } = self;
        let url = format!("{credentials}@{host}:{port}/{database}?{parameters}");
        let connector = Connector::new(&url, &cluster::bounds());
        let connector = connector.map_err(|error| format!("{error:#}"))?;
        let mut connection = match connector.connect().await {
            Ok(connection) => connection,
            Err(DbError::Unavailable(reason) | DbError::Refused(reason)) => {
                let sessions = self.front.sessions.lock().unwrap().len();
                assert_eq!(sessions, 0, "{parameters}: {reason}");
                return Err(reason);
            }
            Err(other) => panic!("{other}"),
        };
        connection.batch_execute("SELECT 1").await.unwrap();
        let sessions = self.front.sessions.lock().unwrap().clone();
        let [tls] = sessions[..] else {
            panic!("{parameters}: {sessions:?}");
        };
        Ok(tls)
    }

    /// Connects; panics when the outcome is another than expected.
    async fn check(&self, host: &str, parameters: &str, expected: Option<bool>) {
        let found = self.connect(host, parameters).await;
        let takes = self.front.takes;
        assert_eq!(
            found.as_ref().ok(),
            expected.as_ref(),
            "{takes:?}, {host}, {parameters}: {found:?}"
        );
    }
}

/// An authority, as it signs and as PEM.
fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

/// A certificate for a name and its key.
fn certificate(issuer: &Issuer<'static, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (
        params.signed_by(&key, issuer).unwrap().pem(),
        key.serialize_pem(),
    )
}

fn write(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const TLS: Option<bool> = Some(true);
const PLAIN: Option<bool> = Some(false);
const REFUSED: Option<bool> = None;

#[tokio::test]
async fn an_sslmode_decides_whether_there_is_tls() {
    let (issuer, _) = authority("unknown to the client");
    let (certificate, key) = certificate(&issuer, "elsewhere.example");
    let modes = ["disable", "allow", "prefer", "require"];
    for (takes, outcomes) in [
        (Takes::NoTls, [PLAIN, PLAIN, PLAIN, REFUSED]),
        (Takes::Either, [PLAIN, PLAIN, TLS, TLS]),
        (Takes::OnlyTls, [REFUSED, TLS, TLS, TLS]),
        (Takes::OnlyPlain, [PLAIN, PLAIN, PLAIN, REFUSED]),
    ] {
        let server = Server::start(takes, &certificate, &key).await;
        for (mode, expected) in modes.iter().zip(outcomes) {
            let parameters = format!("sslmode={mode}");
            server.check("127.0.0.1", &parameters, expected).await;
        }
        // The default is `prefer`.
        server.check("127.0.0.1", "", outcomes[2]).await;
        // These want TLS, from a server that they know.
        for mode in ["verify-ca", "verify-full"] {
            let parameters = format!("sslmode={mode}&sslrootcert=system");
            server.check("127.0.0.1", &parameters, REFUSED).await;
        }
    }
}

#[tokio::test]
async fn an_sslmode_and_an_authority_decide_what_is_checked() {
    let (issuer, trusted) = authority("trusted");
    let (_, foreign) = authority("foreign");
    // The address 127.0.0.1 is not in it.
    let (certificate, key) = certificate(&issuer, "localhost");
    let directory = tempfile::tempdir().unwrap();
    // A file may hold several authorities.
    let several = write(
        directory.path(),
        "several.pem",
        &format!("{foreign}{trusted}"),
    );
    let trusted = write(directory.path(), "trusted.pem", &trusted);
    let foreign = write(directory.path(), "foreign.pem", &foreign);
    let server = Server::start(Takes::Either, &certificate, &key).await;
    for (mode, root, host, expected) in [
        ("prefer", &foreign, "127.0.0.1", TLS),
        ("require", &trusted, "localhost", TLS),
        ("require", &trusted, "127.0.0.1", TLS),
        ("require", &foreign, "localhost", REFUSED),
        ("verify-ca", &trusted, "localhost", TLS),
        ("verify-ca", &trusted, "127.0.0.1", TLS),
        ("verify-ca", &several, "127.0.0.1", TLS),
        ("verify-ca", &foreign, "localhost", REFUSED),
        ("verify-full", &trusted, "localhost", TLS),
        ("verify-full", &several, "localhost", TLS),
        ("verify-full", &trusted, "127.0.0.1", REFUSED),
        ("verify-full", &foreign, "localhost", REFUSED),
    ] {
        let parameters = format!("sslmode={mode}&sslrootcert={root}");
        server.check(host, &parameters, expected).await;
    }
    let wrong_name = format!("sslmode=verify-full&sslrootcert={trusted}");
    let wrong_name = server.connect("127.0.0.1", &wrong_name).await.unwrap_err();
    assert!(wrong_name.contains("not valid for name"), "{wrong_name}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_refused_when_it_is_checked() {
    let (issuer, trusted) = authority("trusted");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let expired = params.signed_by(&key, &issuer).unwrap().pem();
    let directory = tempfile::tempdir().unwrap();
    let trusted = write(directory.path(), "trusted.pem", &trusted);
    let server = Server::start(Takes::Either, &expired, &key.serialize_pem()).await;
    server.check("localhost", "sslmode=require", TLS).await;
    let parameters = format!("sslmode=verify-ca&sslrootcert={trusted}");
    let error = server.connect("localhost", &parameters).await.unwrap_err();
    assert!(error.contains("expired"), "{error}");
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let empty = write(directory.path(), "empty.pem", "");
    let missing = directory.path().join("missing.pem");
    for (path, words) in [
        (empty.as_str(), "no trusted"),
        (missing.to_str().unwrap(), "missing.pem"),
    ] {
        let url = format!("postgresql://u:secret@h/d?sslmode=verify-full&sslrootcert={path}");
        let error = Connector::new(&url, &cluster::bounds()).err().unwrap();
        let error = format!("{error:#}");
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
