//! Receive a signed webhook from the payment provider.

use aws_sdk_sqs::Client;
use dynamo::Table;
use lambda::{Call, Env, Found, Function, Problem, RawBody, Service, StartError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    payment::{Payment, Rejection},
    store::Store,
    webhook::{About, InvalidWebhook, Secrets, Webhook},
};

/// The minimum length of a secret. The placeholder that is configured before the provider issues a secret is shorter,
/// and it is public.
const SHORTEST_SECRET: usize = 32;

/// The dependencies of this function: the secrets, the payments and a queue. It does not call the provider's API.
#[derive(Debug, Clone)]
pub struct Receiver {
    store: Store,
    secrets: Secrets,
    queue: Client,
    queue_url: String,
}

impl Service for Receiver {
    fn start(env: &Env) -> Result<Self, StartError> {
        let current = env.variable("STRIPE_WEBHOOK_SECRET")?;
        if current.len() < SHORTEST_SECRET {
            let reason = format!("shorter than {SHORTEST_SECRET} characters");
            return Err(StartError::Invalid { name: "STRIPE_WEBHOOK_SECRET".to_owned(), reason });
        }
        // During a rotation of the secret, the provider signs with both secrets.
        let previous = env.find("STRIPE_WEBHOOK_SECRET_PREVIOUS").filter(|secret| secret.len() >= SHORTEST_SECRET);
        let queue_url = env.variable("WEBHOOK_QUEUE_URL")?.to_owned();
        Ok(Self {
            store: Store::new(env.table()?),
            secrets: Secrets::new([current].into_iter().chain(previous)),
            queue: env.sqs(),
            queue_url,
        })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// The event was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    received: bool,
}

pub fn function() -> Function {
    Function::http("receive-webhook", handle)
        .about(
            "Only the payment provider calls it. The header `Stripe-Signature` must have a valid signature of the \
             body that is at most five minutes old. Events that are not needed are also answered with 200.",
        )
        .public()
        .takes(&["application/json"])
        .problems(&[(400, "invalid-signature"), (400, "malformed-webhook"), (400, "stale-signature")])
}

async fn handle(receiver: Receiver, call: Call<RawBody>) -> Result<Found<Received>, Problem> {
    let signature = call.input.headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    receiver.secrets.verify(signature.ok_or(InvalidWebhook::Forged)?, &call.input.bytes, call.now())?;
    if let Some(webhook) = Webhook::read(&call.input.bytes)?
        && receiver.is_news(&webhook.about, &call).await?
    {
        let body = serde_json::to_string(&webhook).map_err(Problem::internal)?;
        let send = receiver.queue.send_message().queue_url(&receiver.queue_url).message_body(body);
        send.send().await.map_err(Problem::internal)?;
    }
    Ok(Found::new(Received { received: true }))
}

impl Receiver {
    /// Whether a webhook can change its payment. The provider reports the status of every intent, and most are known
    /// already from the answer to a call. They need no message.
    async fn is_news(&self, about: &About, call: &Call<RawBody>) -> Result<bool, Problem> {
        let About::Intent(intent) = about else { return Ok(true) };
        // Another application of the provider's account made the intent.
        let Some(order) = intent.order() else { return Ok(false) };
        let stored = self.store.payment_of(order).await?;
        let decision = Payment::apply_webhook(stored, [intent.answer()], call.new_id(), call.now());
        Ok(decision != Err(Rejection::AlreadyDone))
    }
}
