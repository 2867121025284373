//! The HTTP client under the SDK clients: it has no sockets, requests go straight to the emulators.

use std::{fmt, future::Future, sync::Arc};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::wire::Answer;

/// An HTTP client for SDK clients whose requests `answer` answers: it is given the `X-Amz-Target` header and the body.
/// Between it and [`Cloud::dispatch`](crate::Cloud::dispatch) is the place to count calls, to check permissions or to
/// inject faults; an error is what the caller sees of a connection that failed.
pub fn http_client<F>(answer: impl Fn(String, Bytes) -> F + Send + Sync + 'static) -> SharedHttpClient
where
    F: Future<Output = Result<Answer, ConnectorError>> + Send + 'static,
{
    let answer = move |target, body| HttpConnectorFuture::new(respond(answer(target, body)));
    SharedHttpClient::new(Connector(Arc::new(answer)))
}

/// Answers a request given its target and body.
type Respond = dyn Fn(String, Bytes) -> HttpConnectorFuture + Send + Sync;

#[derive(Clone)]
struct Connector(Arc<Respond>);

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        // The JSON protocols never stream: their bodies are in memory already.
        let body = request.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default();
        (self.0)(target, body)
    }
}

async fn respond(answer: impl Future<Output = Result<Answer, ConnectorError>>) -> Result<HttpResponse, ConnectorError> {
    let answer = answer.await?;
    let status = StatusCode::try_from(answer.status).map_err(|e| ConnectorError::other(e.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
