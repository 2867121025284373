//! Webhooks: signed as Stripe signs them, delivered until they are taken.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use ring::hmac;
use tokio::{
    sync::{Semaphore, mpsc::UnboundedReceiver},
    task::JoinSet,
};

use crate::{Webhooks, objects::hex, provider::Provider, state::Outgoing};

/// Most deliveries at once.
const AT_ONCE: usize = 16;
const TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Delivers what comes, in no particular order, until the task is dropped.
pub(crate) async fn deliver(provider: Arc<Provider>, to: Webhooks, mut queue: UnboundedReceiver<Outgoing>) {
    let sender = Arc::new(Sender {
        client: Client::builder(TokioExecutor::new()).build_http(),
        at_once: Semaphore::new(AT_ONCE),
        to,
    });
    let mut deliveries = JoinSet::new();
    loop {
        tokio::select! {
            webhook = queue.recv() => {
                let Some(webhook) = webhook else { break };
                deliveries.spawn(until_taken(sender.clone(), provider.clone(), webhook));
            }
            Some(_) = deliveries.join_next() => {}
        }
    }
}

struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    at_once: Semaphore,
    to: Webhooks,
}

async fn until_taken(sender: Arc<Sender>, provider: Arc<Provider>, webhook: Outgoing) {
    let mut pause = FIRST_PAUSE;
    while let Err(reason) = sender.send(&webhook).await {
        tracing::debug!(webhook = webhook.id, reason, "a webhook was not taken; it is sent again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    provider.delivered(webhook.id);
}

impl Sender {
    async fn send(&self, webhook: &Outgoing) -> Result<(), String> {
        let _turn = self.at_once.acquire().await.map_err(|error| error.to_string())?;
        let request = Request::post(&self.to.url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("stripe-signature", signature(&self.to.secret, unix_time(), &webhook.body))
            .body(Full::from(webhook.body.clone()))
            .map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(TIMEOUT, self.client.request(request)).await;
        let answer = answer.map_err(|_| "no answer".to_owned())?.map_err(|error| error.to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(answer.status().to_string()) }
    }
}

/// The header `Stripe-Signature`, `t=…,v1=…`: HMAC-SHA-256 over time and body.
pub fn signature(secret: &str, time: u64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    format!("t={time},v1={}", hex(tag.as_ref()))
}

/// Seconds since 1970.
pub(crate) fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
