//! What happened to an order and to its money, line by line, for support.

use contracts::Money;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    order::{Happened, Known, Payment, Transaction},
    shell::Shell,
    when,
};

/// An event of an order or of its shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OrderEventRow")]
pub(crate) struct EventRow {
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    /// Why it happened.
    pub(crate) text: Option<String>,
    #[serde(skip)]
    pub(crate) time: String,
}

/// A movement of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "TransactionRow")]
pub(crate) struct TransactionRow {
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    pub(crate) amount: Money,
    #[serde(skip)]
    pub(crate) time: String,
}

/// The events of an order and of its shipment, the oldest first.
pub(crate) fn events(known: &Known, shell: &Shell, now: Timestamp) -> Vec<EventRow> {
    let of_shipment = known.shipment().into_iter().flat_map(|shipment| &shipment.history);
    let row = |event: &Happened| EventRow {
        name: named(shell, "event", &event.kind),
        at: event.time,
        text: why(event, known, shell),
        time: when::time_or_date(event.time, now),
    };
    let mut rows: Vec<_> = known.history.iter().flatten().chain(of_shipment).map(row).collect();
    rows.sort_by_key(|row| row.at);
    rows
}

/// Why an order was cancelled, with the note on it, or what a courier wrote.
fn why(event: &Happened, known: &Known, shell: &Shell) -> Option<String> {
    let reason = event.reason.as_deref()?;
    if event.kind != "OrderCancelled" {
        return Some(reason.to_owned());
    }
    let reason = named(shell, "why", reason);
    Some(match &known.order.note {
        Some(note) => format!("{reason}: {note}"),
        None => reason,
    })
}

/// The movements of the money of a payment, the oldest first.
pub(crate) fn transactions(payment: &Payment, shell: &Shell, now: Timestamp) -> Vec<TransactionRow> {
    let row = |transaction: &Transaction| TransactionRow {
        name: named(shell, "ledger", &transaction.kind),
        at: transaction.at,
        amount: transaction.amount,
        time: when::time_or_date(transaction.at, now),
    };
    payment.transactions.iter().map(row).collect()
}

/// The name of a kind, or the kind itself if it is new.
fn named(shell: &Shell, start: &str, kind: &str) -> String {
    shell.texts.find(&format!("{start}-{}", kind.to_ascii_lowercase())).unwrap_or_else(|| kind.to_owned())
}
