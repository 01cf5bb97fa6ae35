//! Certificates that are made for a test, and a client that looks at what a server shows.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::http::{Request, Response};

/// An authority that exists for one test.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The certificate.
    pub cert: String,
    /// Its private key.
    pub key: String,
    /// The certificate as it goes over the wire.
    pub der: Vec<u8>,
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    ///
    /// When there is no randomness.
    #[must_use]
    pub fn make() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// A certificate for this machine.
    ///
    /// # Panics
    ///
    /// When there is no randomness.
    #[must_use]
    pub fn certify(&self) -> Pair {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).expect("parameters");
        let key = KeyPair::generate().expect("a key");
        let cert = params.signed_by(&key, &self.issuer).expect("a certificate");
        Pair { cert: cert.pem(), key: key.serialize_pem(), der: cert.der().to_vec() }
    }

    /// What a client says that trusts this authority alone.
    fn client(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.issuer.der().to_vec())).expect("an authority");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Arc::new(config.expect("versions").with_root_certificates(roots).with_no_client_auth())
    }

    /// Sends a request over TLS; the answer, and the certificate that the server has shown.
    ///
    /// # Errors
    ///
    /// When the server is not whom it should be, or does not answer.
    pub fn send(&self, to: SocketAddr, request: &Request) -> io::Result<(Response, Vec<u8>)> {
        let name = ServerName::IpAddress(to.ip().into());
        let mut connection = ClientConnection::new(self.client(), name).map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        connection.complete_io(&mut stream)?;
        let shown = connection.peer_certificates().and_then(|chain| chain.first()).map(|cert| cert.to_vec());
        let mut stream = StreamOwned::new(connection, stream);
        let body = request.body.clone().unwrap_or_default();
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n", request.method, request.target);
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
        stream.write_all(&body)?;
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw)?;
        let response = Response::parse(&raw, false).ok_or_else(|| io::Error::other("no whole answer"))?;
        Ok((response, shown.unwrap_or_default()))
    }
}

impl Pair {
    /// Writes both into a folder, as `cert.pem` and `key.pem`.
    ///
    /// # Panics
    ///
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) {
        std::fs::write(folder.join("key.pem"), &self.key).expect("a file");
        std::fs::write(folder.join("cert.pem"), &self.cert).expect("a file");
    }
}
