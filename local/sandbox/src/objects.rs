//! What the provider keeps, and how it shows it: objects in Stripe's shapes, without what nobody here reads.

use std::collections::{BTreeMap, BTreeSet};

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How far a payment intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Declined, or never confirmed.
    RequiresPaymentMethod,
    /// The customer must approve it on the bank's page.
    RequiresAction,
    /// The amount is held.
    RequiresCapture,
    Succeeded,
    Canceled,
}

/// The code of a payment that the customer refused on the bank's page.
pub(crate) const NOT_AUTHENTICATED: &str = "payment_intent_authentication_failure";

/// A payment intent with its one charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) received: i64,
    pub(crate) refunded: i64,
    pub(crate) currency: String,
    pub(crate) method: String,
    pub(crate) status: Status,
    pub(crate) decline_code: Option<String>,
    /// The secret for the customer's browser.
    #[serde(default)]
    pub(crate) client_secret: String,
    /// The bank's page, where the customer approves the payment.
    #[serde(default)]
    pub(crate) page: String,
    /// Where the bank's page sends the customer back to.
    #[serde(default)]
    pub(crate) return_url: Option<String>,
    /// What was refused of it though nothing stood in the way.
    #[serde(default)]
    pub(crate) refused: BTreeSet<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) created: u64,
}

impl Intent {
    pub(crate) fn json(&self) -> Value {
        let held = if self.status == Status::RequiresCapture { self.amount } else { 0 };
        let error = self.decline_code.as_ref().map(|decline_code| match decline_code.as_str() {
            NOT_AUTHENTICATED => json!({
                "type": "invalid_request_error", "code": NOT_AUTHENTICATED,
                "message": "The payment was not authenticated.",
            }),
            decline_code => json!({
                "type": "card_error", "code": "card_declined", "decline_code": decline_code,
                "message": "Your card was declined.",
            }),
        });
        let action = (self.status == Status::RequiresAction).then(
            || json!({"type": "redirect_to_url", "redirect_to_url": {"url": self.page, "return_url": self.return_url}}),
        );
        json!({
            "id": self.id, "object": "payment_intent", "livemode": false, "created": self.created,
            "amount": self.amount, "amount_capturable": held, "amount_received": self.received, "currency": self.currency,
            "capture_method": "manual", "status": self.status, "last_payment_error": error, "latest_charge": self.charge,
            "payment_method": self.method, "payment_method_types": ["card"], "metadata": self.metadata,
            "client_secret": self.client_secret, "next_action": action, "return_url": self.return_url,
        })
    }

    /// The same with its charge in place of the charge's id.
    pub(crate) fn expanded(&self) -> Value {
        let mut json = self.json();
        json["latest_charge"] = self.charge_json();
        json
    }

    pub(crate) fn charge_json(&self) -> Value {
        json!({
            "id": self.charge, "object": "charge", "livemode": false, "created": self.created, "payment_intent": self.id,
            "amount": self.amount, "amount_captured": self.received, "amount_refunded": self.refunded,
            "currency": self.currency, "refunded": self.refunded == self.received, "status": "succeeded",
            "metadata": self.metadata,
        })
    }
}

/// Money given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) intent: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) created: u64,
}

impl Refund {
    pub(crate) fn json(&self) -> Value {
        self.in_status("succeeded")
    }

    pub(crate) fn in_status(&self, status: &str) -> Value {
        json!({
            "id": self.id, "object": "refund", "created": self.created, "payment_intent": self.intent,
            "charge": self.charge, "amount": self.amount, "currency": self.currency, "status": status,
            "failure_reason": (status == "failed").then_some("lost_or_stolen_card"), "metadata": self.metadata,
        })
    }
}

/// A case between the customer's bank and the shop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) intent: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// `needs_response`, `won` or `lost`.
    pub(crate) status: String,
    pub(crate) created: u64,
}

impl Dispute {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "object": "dispute", "livemode": false, "created": self.created,
            "payment_intent": self.intent, "charge": self.charge, "amount": self.amount, "currency": self.currency,
            "reason": "fraudulent", "status": self.status, "metadata": {},
        })
    }
}

/// An id as the provider makes them: a prefix and 24 hexadecimal digits.
pub(crate) fn new_id(prefix: &str) -> String {
    let mut bytes = [0; 12];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    format!("{prefix}_{}", hex(&bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // A String takes everything.
        text
    })
}
