//! Counts the pairs of message and state that occurred.

use std::collections::BTreeMap;

use contracts::{
    Event,
    events::{
        delivery::{DeliveryFailed, ShipmentDelivered, ShipmentDispatched},
        inventory::{StockRejected, StockReserved},
        payments::{PaymentActionRequired, PaymentAuthorized, PaymentDeclined, PaymentVoided},
    },
};
use inventory::reservation;
use payments::payment;

/// The state before anything is stored.
pub(super) const NOTHING: &str = "nothing";
/// The tombstone of an aggregate whose order was cancelled first.
pub(super) const TOMBSTONE: &str = "tombstone";

/// An aggregate with its states, and the messages that it can receive in each.
struct Aggregate {
    name: &'static str,
    states: &'static [&'static str],
    messages: &'static [&'static str],
}

pub(super) const ORDER: &str = "order";
pub(super) const RESERVATION: &str = "reservation";
pub(super) const PAYMENT: &str = "payment";
pub(super) const SHIPMENT: &str = "shipment";

const AGGREGATES: [Aggregate; 4] = [
    Aggregate {
        name: ORDER,
        states: &["placed", "reserved", "confirmed", "shipped", "delivered", "cancelled"],
        messages: &[
            StockReserved::NAME,
            StockRejected::NAME,
            PaymentActionRequired::NAME,
            PaymentAuthorized::NAME,
            PaymentDeclined::NAME,
            PaymentVoided::NAME,
            ShipmentDispatched::NAME,
            ShipmentDelivered::NAME,
            DeliveryFailed::NAME,
            "cancel",
            "time-out",
        ],
    },
    Aggregate {
        name: RESERVATION,
        states: &[NOTHING, "held", "rejected", "released", "committed"],
        messages: &["reserve-stock", "release-stock", "commit-stock", "expire"],
    },
    Aggregate {
        name: PAYMENT,
        states: &[NOTHING, "pending", "action-required", "authorized", "declined", "captured", "voided", "refused"],
        messages: &[
            "authorize-payment",
            "capture-payment",
            "void-or-refund",
            "refund",
            "confirm",
            "unknown",
            "action-required",
            "held",
            "taken",
            "cancelled",
            "declined",
            "refunded",
            "refund-failed",
            "refunded-in-all",
            "refund-reversed",
            "dispute-opened",
            "dispute-closed",
        ],
    },
    Aggregate {
        name: SHIPMENT,
        states: &[NOTHING, TOMBSTONE, "scheduled", "assigned", "dispatched", "delivered", "returning", "cancelled"],
        messages: &["schedule-shipment", "cancel-shipment", "assign", "dispatch", "deliver", "fail"],
    },
];

/// The number of messages of each kind in each state, by aggregate.
#[derive(Debug, Default)]
pub(super) struct Pairs(BTreeMap<(&'static str, &'static str, &'static str), u64>);

impl Pairs {
    pub(super) fn mark(&mut self, aggregate: &'static str, state: &'static str, message: &'static str) {
        *self.0.entry((aggregate, state, message)).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: Self) {
        for (pair, times) in other.0 {
            *self.0.entry(pair).or_default() += times;
        }
    }

    /// The number of messages in a state.
    pub(super) fn met(&self) -> u64 {
        self.0.values().sum()
    }

    /// The number of pairs that occurred and of all pairs, and for each aggregate and message the states in which it
    /// did not occur.
    pub(super) fn coverage(&self) -> (usize, usize, Vec<String>) {
        let (mut seen, mut all, mut never) = (0, 0, Vec::new());
        for Aggregate { name, states, messages } in AGGREGATES {
            for message in messages {
                let missing: Vec<_> =
                    states.iter().copied().filter(|state| !self.0.contains_key(&(name, *state, *message))).collect();
                seen += states.len() - missing.len();
                all += states.len();
                if !missing.is_empty() {
                    never.push(format!("{name} × {message}: {}", missing.join(", ")));
                }
            }
        }
        (seen, all, never)
    }

    /// Whether all pairs that occurred are listed here.
    #[cfg(test)]
    pub(super) fn are_known(&self) -> bool {
        self.0.keys().all(|(name, state, message)| {
            AGGREGATES
                .iter()
                .any(|known| known.name == *name && known.states.contains(state) && known.messages.contains(message))
        })
    }
}

pub(super) fn reservation_state(status: reservation::Status) -> &'static str {
    match status {
        reservation::Status::Held => "held",
        reservation::Status::Rejected => "rejected",
        reservation::Status::Released => "released",
        reservation::Status::Committed => "committed",
    }
}

pub(super) fn payment_state(status: payment::Status) -> &'static str {
    match status {
        payment::Status::Pending => "pending",
        payment::Status::ActionRequired => "action-required",
        payment::Status::Authorized => "authorized",
        payment::Status::Declined => "declined",
        payment::Status::Captured => "captured",
        payment::Status::Voided => "voided",
        payment::Status::Refused => "refused",
    }
}

/// The name of an answer of the provider.
pub(super) fn answer_name(answer: &payment::Answer) -> &'static str {
    match answer {
        payment::Answer::Unknown => "unknown",
        payment::Answer::ActionRequired { .. } => "action-required",
        payment::Answer::Held { .. } => "held",
        payment::Answer::Taken { .. } => "taken",
        payment::Answer::Cancelled { .. } => "cancelled",
        payment::Answer::Declined { .. } => "declined",
        payment::Answer::Refunded { .. } => "refunded",
        payment::Answer::RefundFailed { .. } => "refund-failed",
        payment::Answer::RefundedInAll { .. } => "refunded-in-all",
        payment::Answer::RefundReversed { .. } => "refund-reversed",
        payment::Answer::DisputeOpened { .. } => "dispute-opened",
        payment::Answer::DisputeClosed { .. } => "dispute-closed",
    }
}
