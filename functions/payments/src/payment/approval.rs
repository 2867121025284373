//! Approvals by customers (3-D Secure).

use contracts::Sealed;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Payment;

/// The time in which the customer must approve a payment, unless the order waits for a shorter time.
pub const APPROVED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The provider's code of a payment that its customer refused, or that the bank did not let them approve.
pub(super) const NOT_AUTHENTICATED: &str = "payment_intent_authentication_failure";

/// How the customer approves a payment (3-D Secure). It is personal to the customer, and stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextAction {
    /// The provider's name of the action: `redirect_to_url` or `use_stripe_sdk`.
    pub(crate) kind: String,
    /// The secret with which the provider's script shows the action.
    pub(crate) client_secret: String,
    /// The bank's page, if the customer is to be sent there.
    pub(crate) url: Option<String>,
}

impl Payment {
    /// How the customer approves the payment, and until when. `None` if it is too late, or if the order is cancelled.
    pub(crate) fn open_action(&self, now: Timestamp) -> Option<(&Sealed<NextAction>, Timestamp)> {
        let action = self.next_action.as_ref().zip(self.action_expires_at);
        action.filter(|(_, expires_at)| now < *expires_at && !self.cancelling)
    }
}
