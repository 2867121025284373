//! The provider over HTTP. A lost answer is a connection that is closed without one.

use std::{future::Future, io, pin::pin, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::mpsc::unbounded_channel, task::JoinSet};

use crate::{
    Options, PAGES, page,
    provider::{Asked, Provider, Said},
    webhooks::{self, unix_time},
};

/// The largest request.
const MAX_BODY: usize = 64 * 1024;

/// Serves the provider's API on `listener` until `shutdown` completes, and delivers its webhooks meanwhile.
///
/// # Errors
/// When the folder cannot be read or written.
pub async fn serve(listener: TcpListener, options: Options, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let (outbox, queue) = unbounded_channel();
    let provider = Arc::new(Provider::open(&options, outbox, unix_time())?);
    let mut tasks = JoinSet::new();
    if let Some(to) = options.webhooks {
        tasks.spawn(webhooks::deliver(provider.clone(), to, queue));
    }
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small answers must not wait for more to send.
                    let _ = stream.set_nodelay(true);
                    let provider = provider.clone();
                    tasks.spawn(async move {
                        let service = service_fn(move |request| answer(provider.clone(), request));
                        if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                            tracing::debug!(%error, "a connection ended");
                        }
                    });
                }
                Err(error) => tracing::warn!(%error, "a connection was not accepted"),
            },
        }
    }
}

async fn answer(provider: Arc<Provider>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(io::Error::other)?.to_bytes();
    if let Some(intent) = head.uri.path().strip_prefix(PAGES).and_then(|rest| rest.strip_prefix('/')) {
        return page::answer(&provider, &head, intent, &body);
    }
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let parameters = form_urlencoded::parse(query).chain(form_urlencoded::parse(&body));
    let parameters = parameters.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let text = |name: &str| text(&head.headers, name);
    let bearer =
        text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().trim_end_matches('/').to_owned(),
        parameters,
        api_key: bearer,
        idempotency_key: text("idempotency-key"),
    };
    let Said { status, body, replayed, lost } = provider.ask(&asked, unix_time())?;
    if lost {
        return Err(io::Error::other("the answer is lost"));
    }
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    if replayed {
        response = response.header("idempotent-replayed", "true");
    }
    response.body(Full::from(body.to_string())).map_err(io::Error::other)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
