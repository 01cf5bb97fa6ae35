//! TLS of the server's own: a certificate and its key from files, which may be replaced while it runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What both files together were like when they were read.
type Print = [u8; 32];

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that vouch for it, as PEM.
    pub cert: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// Why a certificate is not used. None of them quotes a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{}: {expected}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// They do not belong together, or are of a kind that cannot be used.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(rustls::Error),
}

/// A certificate that may be replaced.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
    /// The files that were tried last, whether they were good or not.
    tried: Mutex<Print>,
    config: Arc<ServerConfig>,
}

/// What new connections are answered with.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let content = Content::read(&files)?;
        let key = content.certified(&files, &provider)?;
        let current = Arc::new(Current(ArcSwap::from_pointee(key)));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unusable)?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Current>::clone(&current);
        let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tried = Mutex::new(content.print());
        Ok(Arc::new(Self { files, provider, current, tried, config: Arc::new(config) }))
    }

    /// Reads the files again, if they are others than those that were tried last: true if they are used from now on.
    /// While new ones are not good, the old ones are used on.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn reload(&self) -> Result<bool, TlsError> {
        let content = Content::read(&self.files)?;
        let print = content.print();
        if std::mem::replace(&mut *self.tried.lock(), print) == print {
            return Ok(false);
        }
        let key = content.certified(&self.files, &self.provider)?;
        self.current.0.store(Arc::new(key));
        Ok(true)
    }

    /// Reads the files again, and says what came of it.
    pub fn refresh(&self) {
        match self.reload() {
            Ok(true) => tracing::info!("the new certificate is in use"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the new certificate is not used; the old one stays"),
        }
    }

    /// Looks at the files for as long as it is asked to.
    pub async fn watch(self: Arc<Self>) {
        let mut unreadable = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.reload() {
                // While files are being replaced, one may be away for a moment; of one that stays away it is said once.
                Err(error @ TlsError::Read { .. }) => {
                    if !std::mem::replace(&mut unreadable, true) {
                        tracing::error!(%error, "the certificate cannot be looked at; the old one stays");
                    }
                    continue;
                }
                Err(error) => tracing::error!(%error, "the new certificate is not used; the old one stays"),
                Ok(true) => tracing::info!("the new certificate is in use"),
                Ok(false) => {}
            }
            unreadable = false;
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

/// What the files hold.
struct Content {
    cert: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
}

impl Content {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |path: &Path| std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source });
        Ok(Self { cert: read(&files.cert)?, key: read(&files.key)?.into() })
    }

    fn print(&self) -> Print {
        let mut print = Sha256::new();
        print.update(Sha256::digest(&self.cert));
        print.update(Sha256::digest(&*self.key));
        print.finalize().into()
    }

    fn certified(&self, files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let not = |path: &Path, expected| TlsError::Content { path: path.to_owned(), expected };
        let no_cert = || not(&files.cert, "there is no certificate in it (PEM, CERTIFICATE)");
        let certs: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&self.cert).collect();
        let certs = certs.ok().filter(|certs| !certs.is_empty()).ok_or_else(no_cert)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| not(&files.key, "there is no private key in it (PEM, PRIVATE KEY)"))?;
        CertifiedKey::from_der(certs, key, provider).map_err(TlsError::Unusable)
    }
}
