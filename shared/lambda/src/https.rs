//! The HTTP client of the SDK clients: HTTP/1.1 over TLS, with one connection pool for all of them. The SDK's default
//! client includes HTTP/2, which these services do not use and which would make every function larger.

use std::{fmt, io, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use bytes::Bytes;
use futures::future::BoxFuture;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{self, CaptureConnection, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Answers HTTP requests to hosts outside AWS, in place of connections to them.
pub type OutboundHttp =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, io::Result<http::Response<Bytes>>> + Send + Sync>;

/// The root certificates. Loading the system's trust store costs 21 million instructions at a cold start; this one
/// costs 2 million. It contains all Amazon Trust Services roots, as published on
/// <https://www.amazontrust.com/repository/>, which sign the certificate chains of all AWS endpoints.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The HTTPS client of a deployed function. Plain HTTP works as well, for an endpoint on this machine.
pub(crate) fn client() -> SharedHttpClient {
    SharedHttpClient::new(Https::new())
}

/// The HTTPS client for the APIs of other services, which have certificates of the same roots.
pub(crate) fn to_services() -> OutboundHttp {
    let https = Https::new();
    Arc::new(move |request| {
        let answer = https.0.request(request.map(SdkBody::from));
        Box::pin(async move {
            let (head, body) = answer.await.map_err(io::Error::other)?.into_parts();
            let body = ByteStream::new(SdkBody::from_body_1_x(body)).collect().await.map_err(io::Error::other)?;
            Ok(http::Response::from_parts(head, body.into_bytes()))
        })
    })
}

#[derive(Clone)]
struct Https(Client<HttpsConnector<connect::HttpConnector>, SdkBody>);

impl Https {
    fn new() -> Self {
        let mut http = connect::HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls()).https_or_http().enable_http1().wrap_connector(http);
        Self(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(https))
    }
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(AMAZON_ROOTS).flatten());
    roots
}

fn tls() -> ClientConfig {
    ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for these versions")
        .with_root_certificates(roots())
        .with_no_client_auth()
}

impl HttpClient for Https {
    /// This client sets no timeout. The SDK drops the call when the time of the attempt is over.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Https {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || Some(metadata(connection.clone())));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            // Any failure of a connection can be retried on another connection.
            let answer = answer.await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK stop using a connection whose other end has failed.
fn metadata(connection: CaptureConnection) -> ConnectionMetadata {
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    ConnectionMetadata::builder().proxied(false).poison_fn(poison).build()
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Https")
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    /// Answers each request on a connection with its number.
    async fn numbered(connection: TcpStream, number: usize) -> std::io::Result<()> {
        let mut stream = BufStream::new(connection);
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            if line == "\r\n" {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
                stream.write_all(answer.as_bytes()).await?;
                stream.flush().await?;
            }
            line.clear();
        }
        Ok(())
    }

    async fn server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for number in 1.. {
                tokio::spawn(numbered(listener.accept().await.unwrap().0, number));
            }
        });
        format!("http://{address}/")
    }

    /// The number of the connection that a request went over, and that connection.
    async fn get(https: &Https, url: &str) -> Result<(String, ConnectionMetadata), ConnectorError> {
        let capture = CaptureSmithyConnection::new();
        let mut request = HttpRequest::get(url).unwrap();
        request.add_extension(capture.clone());
        let body = ByteStream::new(https.call(request).await?.into_body()).collect().await.unwrap();
        Ok((String::from_utf8(body.to_vec()).unwrap(), capture.get().unwrap()))
    }

    #[tokio::test]
    async fn a_connection_is_used_again_unless_its_other_end_has_failed() {
        let (https, url) = (Https::new(), server().await);
        assert_eq!(get(&https, &url).await.unwrap().0, "1");
        let (number, connection) = get(&https, &url).await.unwrap();
        assert_eq!(number, "1");
        connection.poison();
        assert_eq!(get(&https, &url).await.unwrap().0, "2");
    }

    #[tokio::test]
    async fn an_endpoint_that_is_not_there_can_be_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert!(get(&Https::new(), &url).await.unwrap_err().is_io());
    }

    #[test]
    fn every_pinned_root_is_read() {
        let written = String::from_utf8_lossy(AMAZON_ROOTS).matches("BEGIN CERTIFICATE").count();
        assert_eq!(roots().len(), written);
    }
}
