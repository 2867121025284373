//! The status of a payment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The request was not sent yet, or it was not answered.
    Pending,
    /// The customer must approve the payment.
    ActionRequired,
    /// The amount is held.
    Authorized,
    /// The provider refused the payment, or did not answer in time.
    Declined,
    /// The money was captured.
    Captured,
    /// The hold was released.
    Voided,
    /// The tombstone: the order was cancelled before the payment was requested.
    Refused,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::ActionRequired => "action-required",
            Self::Authorized => "authorized",
            Self::Declined => "declined",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
