//! Approvals by customers (3-D Secure).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The time in which the customer must approve a payment. The order waits for it that long.
pub const APPROVED_WITHIN: SignedDuration = SignedDuration::from_mins(15);

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
