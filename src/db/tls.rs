//! TLS to the database: what libpq's `sslmode` and `sslrootcert` mean, with rustls.
//!
//! | `sslmode` | connects | checks |
//! |---|---|---|
//! | `disable` | without TLS | nothing |
//! | `allow` | without TLS, with it when that is refused | nothing |
//! | `prefer` (default) | with TLS if the server offers it, without when that is refused | nothing |
//! | `require` | with TLS only | nothing; with `sslrootcert` the same as `verify-ca` |
//! | `verify-ca` | with TLS only | that a trusted authority signed the certificate |
//! | `verify-full` | with TLS only | that, and that the certificate names the host |
//!
//! Trusted are the authorities in the PEM file `sslrootcert`, or the system's without one (or with
//! `sslrootcert=system`).

use std::sync::Arc;

use anyhow::{Context, bail};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// When a connection uses TLS, and how it checks the server.
#[derive(Clone)]
pub enum TlsMode {
    /// Never.
    Disable,
    /// Only when the server refuses a connection without.
    Allow(MakeRustlsConnect),
    /// When the server offers it.
    Prefer(MakeRustlsConnect),
    /// Always.
    Require(MakeRustlsConnect),
}

impl TlsMode {
    /// What tokio-postgres shall do at the first try.
    pub fn ssl_mode(&self) -> SslMode {
        match self {
            Self::Disable | Self::Allow(_) => SslMode::Disable,
            Self::Prefer(_) => SslMode::Prefer,
            Self::Require(_) => SslMode::Require,
        }
    }
}

/// Takes `sslmode` and `sslrootcert`, which tokio-postgres does not know in full, out of a
/// connection URL or keyword string.
pub fn split(url: &str) -> anyhow::Result<(String, TlsMode)> {
    let (mut mode, mut root) = (None, None);
    let mut keep = |parameter: &&str| match parameter.split_once('=') {
        Some(("sslmode", value)) => {
            mode = Some(value.to_owned());
            false
        }
        Some(("sslrootcert", value)) => {
            root = Some(value.to_owned());
            false
        }
        _ => true,
    };
    let rest = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let query = query
            .split('&')
            .filter(&mut keep)
            .collect::<Vec<_>>()
            .join("&");
        root = root
            .map(|path| {
                percent_encoding::percent_decode_str(&path)
                    .decode_utf8()
                    .map(String::from)
            })
            .transpose()
            .context("sslrootcert is not UTF-8")?;
        if query.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{query}")
        }
    } else {
        url.split_whitespace()
            .filter(&mut keep)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mode = mode.as_deref().unwrap_or("prefer");
    let connect = |check| connector(check, root.as_deref());
    let tls = match (mode, &root) {
        ("disable", _) => TlsMode::Disable,
        ("allow", _) => TlsMode::Allow(connect(Check::Nothing)?),
        ("prefer", _) => TlsMode::Prefer(connect(Check::Nothing)?),
        ("require", None) => TlsMode::Require(connect(Check::Nothing)?),
        ("require" | "verify-ca", _) => TlsMode::Require(connect(Check::Authority)?),
        ("verify-full", _) => TlsMode::Require(connect(Check::AuthorityAndName)?),
        (other, _) => bail!(
            "sslmode `{other}` is not one of disable, allow, prefer, require, verify-ca, verify-full"
        ),
    };
    Ok((rest, tls))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndName,
}

fn connector(check: Check, root: Option<&str>) -> anyhow::Result<MakeRustlsConnect> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let inner = match check {
        Check::Nothing => None,
        Check::Authority | Check::AuthorityAndName => {
            let roots = Arc::new(trusted(root)?);
            Some(
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
                    .build()?,
            )
        }
    };
    let verifier = Arc::new(Verifier {
        check,
        inner,
        provider: Arc::clone(&provider),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn trusted(root: Option<&str>) -> anyhow::Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match root {
        None | Some("system") => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(path) => {
            let unreadable = || format!("sslrootcert {path} cannot be read");
            for certificate in CertificateDer::pem_file_iter(path).with_context(unreadable)? {
                store.add(certificate.with_context(unreadable)?)?;
            }
        }
    }
    if store.is_empty() {
        bail!("there is no trusted certificate authority; name a PEM file with sslrootcert");
    }
    Ok(store)
}

/// Checks what the mode asks for, and the handshake's signatures always.
#[derive(Debug)]
struct Verifier {
    check: Check,
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Authority => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tls_parameters_are_taken_out_of_the_url() {
        let split = |url: &str| split(url).map(|(rest, tls)| (rest, tls.ssl_mode()));
        assert_eq!(
            split("postgres://u:p@h/d?sslmode=require&connect_timeout=3").unwrap(),
            (
                "postgres://u:p@h/d?connect_timeout=3".to_owned(),
                SslMode::Require
            )
        );
        assert_eq!(
            split("postgresql://h/d").unwrap(),
            ("postgresql://h/d".to_owned(), SslMode::Prefer)
        );
        assert_eq!(
            split("host=h sslmode=disable dbname=d").unwrap(),
            ("host=h dbname=d".to_owned(), SslMode::Disable)
        );
        assert!(split("postgres://h/d?sslmode=verify-everything").is_err());
        assert!(split("postgres://h/d?sslmode=verify-full&sslrootcert=/nowhere.pem").is_err());
    }
}
