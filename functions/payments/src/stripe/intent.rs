//! A payment intent of the provider.

use contracts::OrderId;
use serde::{Deserialize, Serialize};

use crate::payment::{Answer, NextAction};

/// The fields of a payment intent that payments reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub(crate) id: String,
    pub(super) status: String,
    #[serde(default)]
    amount_received: i64,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    last_payment_error: Option<PaymentError>,
    #[serde(default, skip_serializing)]
    latest_charge: Option<Shown>,
    #[serde(default, skip_serializing)]
    client_secret: Option<String>,
    #[serde(default, skip_serializing)]
    next_action: Option<Action>,
}

/// The action that the customer must take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Action {
    r#type: String,
    #[serde(default)]
    redirect_to_url: Option<Redirect>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Redirect {
    url: String,
}

/// A related object: its id, or the object itself if the request asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Shown {
    Charge { amount_refunded: i64 },
    Id(String),
}

/// The metadata that this service sets on an intent. Intents of other applications do not have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Metadata {
    #[serde(default)]
    order: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PaymentError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
}

impl Intent {
    /// An intent with a status, and with the captured and refunded amounts in minor units.
    pub fn new(id: String, status: &str, amount_received: i64, amount_refunded: i64) -> Self {
        Self {
            id,
            status: status.to_owned(),
            amount_received,
            metadata: Metadata::default(),
            last_payment_error: None,
            latest_charge: Some(Shown::Charge { amount_refunded }),
            client_secret: None,
            next_action: None,
        }
    }

    /// The same intent, of which a payment failed with a code.
    #[must_use]
    pub fn failed(self, code: &str) -> Self {
        let last_payment_error = Some(PaymentError { code: Some(code.to_owned()), decline_code: None });
        Self { last_payment_error, ..self }
    }

    /// The order of the intent, if this service made it.
    pub(crate) fn order(&self) -> Option<OrderId> {
        self.metadata.order.as_deref()?.parse().ok()
    }

    /// The total that was refunded, if the reply contains the charge.
    pub(crate) fn refunded(&self) -> Option<i64> {
        match self.latest_charge {
            Some(Shown::Charge { amount_refunded }) => Some(amount_refunded),
            Some(Shown::Id(_)) | None => None,
        }
    }

    /// How the customer approves the payment, if that is what the provider waits for.
    pub(crate) fn next_action(&self) -> Option<NextAction> {
        let action = self.next_action.clone().filter(|_| self.status == "requires_action")?;
        Some(NextAction {
            kind: action.r#type,
            client_secret: self.client_secret.clone()?,
            url: action.redirect_to_url.map(|redirect| redirect.url),
        })
    }

    /// The answer that the status gives. That the customer must approve the payment is no answer: only a call tells how,
    /// with `Intent::next_action`.
    pub fn answer(&self) -> Answer {
        let intent = self.id.clone();
        match self.status.as_str() {
            "requires_capture" => Answer::Held { intent },
            "succeeded" => Answer::Taken { intent, amount: self.amount_received },
            "canceled" => Answer::Cancelled { intent },
            "requires_payment_method" => {
                let error = self.last_payment_error.clone();
                let code = error.and_then(|error| error.decline_code.or(error.code));
                Answer::Declined { intent: Some(intent), code: code.unwrap_or_else(|| "declined".to_owned()) }
            }
            _ => Answer::Unknown,
        }
    }
}
