//! Webhooks: verifies their signature and reads the fields that are needed.

use std::{fmt, sync::Arc};

use contracts::RefundId;
use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{
    payment::{self, Answer, Payment},
    stripe::Intent,
};

/// The event types that the provider's endpoint subscribes to: the outcomes that no call answers. These are disputes, refunds
/// that were made at the provider or fail later, holds that lapse, and payments that customers approve or refuse. Every
/// other outcome is the answer to a call, and `resolve_unknown` asks for an answer that was lost.
pub const SUBSCRIBED: &[&str] = &[
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "refund.failed",
    "refund.updated",
];

/// The maximum difference between the time in a signature and the current time, in seconds.
const TOLERANCE: i64 = 300;
/// The maximum number of signatures that are checked. During a rotation, there is one for each secret.
const MOST_SIGNATURES: usize = 4;

/// The reason why a webhook is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidWebhook {
    /// It is not signed with one of our secrets.
    Forged,
    /// The time of its signature is too far in the past or in the future.
    Stale,
    /// It is signed, but it is not an event.
    Malformed,
}

/// The secrets that webhooks are signed with: the current one and, during a rotation, the previous one.
#[derive(Clone)]
pub(crate) struct Secrets(Arc<[hmac::Key]>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let key = |secret: &str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self(secrets.into_iter().map(key).collect())
    }

    /// Verifies a `Stripe-Signature` (`t=…,v1=…`) of a body, in constant time.
    pub(crate) fn verify(&self, header: &str, body: &[u8], now: Timestamp) -> Result<(), InvalidWebhook> {
        let field = |name: &str| {
            let fields = header.split(',').filter_map(|field| field.trim().split_once('='));
            fields.filter(move |(key, _)| *key == name).map(|(_, value)| value).collect::<Vec<_>>()
        };
        let time = field("t").first().copied().ok_or(InvalidWebhook::Forged)?.to_owned();
        let signed = [time.as_bytes(), b".", body].concat();
        let tags: Vec<_> = field("v1").into_iter().take(MOST_SIGNATURES).filter_map(unhex).collect();
        let holds = |tag: &Vec<u8>| self.0.iter().any(|key| hmac::verify(key, &signed, tag).is_ok());
        if !tags.iter().any(holds) {
            return Err(InvalidWebhook::Forged);
        }
        let at: i64 = time.parse().map_err(|_| InvalidWebhook::Forged)?;
        if now.as_second().abs_diff(at) > TOLERANCE.unsigned_abs() { Err(InvalidWebhook::Stale) } else { Ok(()) }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    (text.len() == 64).then(|| text.as_bytes().chunks(2).map(digits).collect())?
}

/// A webhook, without anything about the customer or the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Webhook {
    pub(crate) about: About,
}

/// The content of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum About {
    /// The status of an intent.
    Intent(Intent),
    /// Money of an intent was refunded.
    Refunds {
        /// The provider's id of the intent.
        intent: String,
    },
    /// A refund failed after it was made.
    RefundFailed {
        /// The provider's id of the intent.
        intent: String,
        /// Our id of the refund, if this service made it.
        refund: Option<RefundId>,
        /// The provider's code or reason.
        code: String,
    },
    /// The customer's bank took money back and opened a dispute.
    DisputeOpened {
        /// The provider's id of the intent.
        intent: String,
        /// The provider's id of the dispute.
        dispute: String,
        /// The amount in minor units.
        amount: i64,
        /// The provider's code or reason.
        reason: String,
    },
    /// A dispute was closed.
    DisputeClosed {
        /// The provider's id of the intent.
        intent: String,
        /// The provider's id of the dispute.
        dispute: String,
        /// The amount in minor units.
        amount: i64,
        /// The provider's code or reason.
        reason: String,
        /// Whether the shop won the dispute and gets the money back.
        won: bool,
    },
}

impl About {
    /// The provider's id of the intent.
    pub fn intent_id(&self) -> &str {
        match self {
            Self::Intent(intent) => &intent.id,
            Self::Refunds { intent }
            | Self::RefundFailed { intent, .. }
            | Self::DisputeOpened { intent, .. }
            | Self::DisputeClosed { intent, .. } => intent,
        }
    }

    /// Whether the intent must be read after the payment. An earlier refunded total can include a refund that the
    /// payment already knows has failed.
    pub(crate) fn needs_intent_after(&self, payment: &Payment) -> bool {
        matches!(self, Self::RefundFailed { .. }) || payment.refunds.iter().any(payment::Refund::has_failed)
    }

    /// The answers for the payment: the status of the intent, and the other content of the webhook. The refunded
    /// total is taken from the intent, because that of the webhook can be old and include a refund that failed since.
    pub fn answers(self, intent: &Intent) -> impl Iterator<Item = Answer> {
        let refunded = intent.refunded();
        let other = match self {
            Self::Intent(_) => None,
            Self::Refunds { .. } => refunded.map(|amount| Answer::RefundedInAll { amount }),
            Self::RefundFailed { refund, code, .. } => {
                refunded.map(|left| Answer::RefundReversed { refund, code, left })
            }
            Self::DisputeOpened { dispute, amount, reason, .. } => {
                Some(Answer::DisputeOpened { dispute, amount, reason })
            }
            Self::DisputeClosed { dispute, amount, reason, won, .. } => {
                Some(Answer::DisputeClosed { dispute, amount, reason, won })
            }
        };
        [Some(intent.answer()), other].into_iter().flatten()
    }
}

#[derive(Deserialize)]
struct Incoming {
    r#type: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: serde_json::Value,
}

#[derive(Deserialize)]
struct Charge {
    payment_intent: Option<String>,
}

#[derive(Deserialize)]
struct Refund {
    payment_intent: Option<String>,
    status: Option<String>,
    #[serde(default)]
    failure_reason: Option<String>,
    #[serde(default)]
    metadata: RefundMetadata,
}

/// The metadata that this service sets on a refund.
#[derive(Default, Deserialize)]
struct RefundMetadata {
    #[serde(default)]
    refund: Option<String>,
}

#[derive(Deserialize)]
struct Dispute {
    id: String,
    payment_intent: Option<String>,
    amount: i64,
    #[serde(default)]
    reason: String,
    status: String,
}

impl Webhook {
    /// Reads an event. `None` if the endpoint does not subscribe to it, or if it is not relevant here.
    pub(crate) fn read(body: &[u8]) -> Result<Option<Self>, InvalidWebhook> {
        let Incoming { r#type: kind, data } = parse(serde_json::from_slice(body))?;
        let about = match kind.as_str() {
            "payment_intent.amount_capturable_updated"
            | "payment_intent.canceled"
            | "payment_intent.payment_failed" => Some(About::Intent(parse(serde_json::from_value(data.object))?)),
            "charge.refunded" => {
                let Charge { payment_intent } = parse(serde_json::from_value(data.object))?;
                payment_intent.map(|intent| About::Refunds { intent })
            }
            "refund.failed" | "refund.updated" => {
                let Refund { payment_intent, status, failure_reason, metadata } =
                    parse(serde_json::from_value(data.object))?;
                let (refund, status) = (metadata.refund.and_then(|id| id.parse().ok()), status.unwrap_or_default());
                let intent = payment_intent.filter(|_| ["failed", "canceled"].contains(&status.as_str()));
                let code = failure_reason.unwrap_or(status);
                intent.map(|intent| About::RefundFailed { intent, refund, code })
            }
            "charge.dispute.created" | "charge.dispute.closed" => {
                let Dispute { id, payment_intent, amount, reason, status } =
                    parse(serde_json::from_value(data.object))?;
                // An early fraud warning does not move money.
                let intent = payment_intent.filter(|_| !status.starts_with("warning_"));
                intent.map(|intent| match kind.as_str() {
                    "charge.dispute.created" => About::DisputeOpened { intent, dispute: id, amount, reason },
                    _ => About::DisputeClosed { intent, dispute: id, amount, reason, won: status == "won" },
                })
            }
            _ => None,
        };
        Ok(about.map(|about| Self { about }))
    }
}

fn parse<T>(read: serde_json::Result<T>) -> Result<T, InvalidWebhook> {
    read.map_err(|_| InvalidWebhook::Malformed)
}
