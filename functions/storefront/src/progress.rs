//! How far an order is: its steps, what it waits for, and what happened to the money.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    order::{Awaited, Known, Payment, Reason, Status},
    shell::Shell,
    when,
};

/// A step of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OrderStep")]
pub(crate) struct StepView {
    pub(crate) state: State,
    pub(crate) name: String,
    /// When it happened, as it is shown.
    pub(crate) time: Option<String>,
    pub(crate) text: Option<String>,
}

/// Whether a step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "OrderStepState")]
pub(crate) enum State {
    Done,
    Now,
    /// The order ended here.
    Stopped,
    ToCome,
}

/// What a visitor must know, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OrderNotice")]
pub(crate) struct Notice {
    /// `good`, `warn`, `bad`, or nothing.
    pub(crate) tone: &'static str,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) link: Option<Link>,
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OrderLink")]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) path: String,
}

/// The heading of an order's page, and a sentence below it.
pub(crate) fn heading(known: &Known, shell: &Shell) -> (String, Option<String>) {
    let order = &known.order;
    let (title, lead) = match (order.status, order.reason) {
        (Status::Placed, _) => ("order-placed", Some("order-placed-text")),
        (Status::Reserved, _) if awaits(known, Awaited::Customer) => ("order-approve", None),
        (Status::Reserved, _) => ("order-asking", Some("order-asking-text")),
        (Status::Confirmed, _) => ("order-confirmed", Some("order-confirmed-text")),
        (Status::Shipped, _) => ("order-shipped", None),
        (Status::Delivered, _) => ("order-delivered", None),
        (Status::Cancelled, Some(Reason::OutOfStock)) => ("order-out-of-stock", None),
        (Status::Cancelled, Some(Reason::PaymentDeclined)) => ("order-declined", None),
        (Status::Cancelled, Some(Reason::PaymentVoided)) => ("order-voided", None),
        (Status::Cancelled, Some(Reason::Requested)) => ("order-requested", None),
        (Status::Cancelled, Some(Reason::DeliveryFailed)) => ("order-undeliverable", None),
        (Status::Cancelled, Some(Reason::TimedOut)) => ("order-timed-out", None),
        (Status::Cancelled, None) => ("order-cancelled", None),
    };
    let delivered = known.time_of("OrderDelivered").filter(|_| order.status == Status::Delivered);
    let at = delivered.map(|at| format!("{}, {}.", when::date(at), when::time(at)));
    (shell.t(title), lead.map(|lead| shell.t(lead)).or(at))
}

fn awaits(known: &Known, what: Awaited) -> bool {
    known.order.waiting_for.is_some_and(|waiting| waiting.what == what)
}

/// The steps of an order.
pub(crate) fn steps(known: &Known, shell: &Shell, now: Timestamp) -> Vec<StepView> {
    let order = &known.order;
    let time = |at: Option<Timestamp>| at.map(|at| when::time_or_date(at, now));
    let step = |state, name: &str, at, text| StepView { state, name: shell.t(name), time: time(at), text };
    let done = |name: &str, event: &str, text: Option<&str>| {
        step(State::Done, name, known.time_of(event), text.map(|text| shell.t(text)))
    };
    let to_come = |name: &str| step(State::ToCome, name, None, None);
    let until =
        |key: &str| order.waiting_for.map(|waiting| shell.w(key, "until", when::time_or_date(waiting.until, now)));
    let placed = step(State::Done, "step-placed", Some(order.placed_at), None);
    let reserved = || done("step-reserved", "OrderReserved", Some("step-reserved-text"));
    let paid = |text| done("step-paid", "OrderConfirmed", text);
    let sent = || done("step-sent", "OrderShipped", None);
    match order.status {
        Status::Placed => vec![
            placed,
            step(State::Now, "step-reserving", None, until("until-reserved")),
            to_come("step-payment"),
            to_come("step-sent"),
            to_come("step-delivered"),
        ],
        Status::Reserved => {
            let is_approval = awaits(known, Awaited::Customer);
            let (name, text) =
                if is_approval { ("step-approval", "until-approved") } else { ("step-payment", "until-paid") };
            vec![
                placed,
                reserved(),
                step(State::Now, name, None, until(text)),
                to_come("step-sent"),
                to_come("step-delivered"),
            ]
        }
        Status::Confirmed => vec![
            placed,
            reserved(),
            paid(None),
            step(State::Now, "step-packing", None, until("until-sent")),
            to_come("step-delivered"),
        ],
        Status::Shipped => {
            let left = known.time_of("OrderShipped").map(|at| shell.w("step-courier-text", "date", when::date(at)));
            vec![
                placed,
                reserved(),
                paid(Some("step-paid-text")),
                step(State::Now, "step-courier", known.time_of("OrderShipped"), left),
                to_come("step-delivered"),
            ]
        }
        Status::Delivered => {
            let text = shell.t("step-delivered-text");
            let delivered = step(State::Done, "step-delivered", known.time_of("OrderDelivered"), Some(text));
            vec![placed, reserved(), paid(None), sent(), delivered]
        }
        Status::Cancelled => {
            let happened = [("OrderReserved", reserved()), ("OrderConfirmed", paid(None)), ("OrderShipped", sent())];
            let happened = happened.into_iter().filter(|(event, _)| known.time_of(event).is_some());
            let (name, text) = stopped(known, shell);
            let end = step(State::Stopped, name, known.time_of("OrderCancelled"), text);
            [placed].into_iter().chain(happened.map(|(_, step)| step)).chain([end]).collect()
        }
    }
}

/// Where a cancelled order ended, and why.
fn stopped(known: &Known, shell: &Shell) -> (&'static str, Option<String>) {
    match known.order.reason {
        Some(Reason::OutOfStock) => ("step-no-stock", Some(shell.t("step-no-stock-text"))),
        Some(Reason::PaymentDeclined) => ("step-declined", Some(shell.t("step-declined-text"))),
        Some(Reason::DeliveryFailed) => {
            let last = known.shipment().and_then(|shipment| {
                let reason = shipment.history.iter().rev().find_map(|event| event.reason.clone())?;
                let attempts = shell.n("step-attempts", shipment.attempts);
                Some(format!("{attempts} {}", shell.w("step-courier-wrote", "text", reason)))
            });
            ("step-undelivered", last)
        }
        _ => {
            let wrote = known.order.note.as_ref().filter(|note| **note != shell.t("order-cancel-default"));
            ("step-cancelled", wrote.map(|note| shell.w("step-you-wrote", "text", note)))
        }
    }
}

/// What the visitor must know of an order, and what to do.
pub(crate) fn notice(known: &Known, shell: &Shell, now: Timestamp) -> Option<Notice> {
    let order = &known.order;
    let link = |name: &str, path: String| Some(Link { name: shell.t(name), path });
    let says = |tone, title: &str, text: String, link| Notice { tone, title: shell.t(title), text, link };
    match (order.status, order.reason) {
        (Status::Reserved, _) if awaits(known, Awaited::Customer) => {
            let url = known.payment().and_then(Payment::approval);
            let title = shell.w("approve-title", "amount", shell.money(order.totals.total));
            let text = shell.t(if url.is_some() { "approve-text" } else { "approve-none" });
            let link = url.and_then(|url| link("approve-go", url.to_owned()));
            Some(Notice { tone: "warn", title, text, link })
        }
        (Status::Cancelled, Some(Reason::OutOfStock)) => {
            Some(says("warn", "back-title", shell.t("back-text"), link("back-go", "/basket".to_owned())))
        }
        (Status::Cancelled, Some(Reason::PaymentDeclined)) => {
            let why = order.decline_reason.clone().unwrap_or_default();
            let path = format!("/checkout/payment?declinedOrderId={}", order.id);
            let text = format!("{why} {}", shell.t("declined-text"));
            Some(says("bad", "money-nothing", text.trim().to_owned(), link("declined-go", path)))
        }
        (Status::Cancelled, _) => Some(money(known, shell, now)),
        _ => None,
    }
}

/// What happened to the money of a cancelled order.
fn money(known: &Known, shell: &Shell, now: Timestamp) -> Notice {
    let tell = |tone, title: String, text: String| Notice { tone, title, text, link: None };
    if known.payment.is_none() {
        return tell("", shell.t("money-unknown"), shell.t("money-unknown-text"));
    }
    let Some(payment) = known.payment() else { return tell("", shell.t("money-nothing"), String::new()) };
    if payment.refunded.amount > 0 {
        let title = shell.w("money-refunded", "amount", shell.money(payment.refunded));
        let on = payment.last("refund").map(|refund| shell.w("money-refunded-text", "date", when::date(refund.at)));
        return tell("good", title, on.unwrap_or_default());
    }
    if payment.captured.amount > 0 {
        let title = shell.w("money-refunding", "amount", shell.money(payment.captured));
        return tell("", title, shell.t("money-refunding-text"));
    }
    let Some(void) = payment.last("void") else { return tell("", shell.t("money-nothing"), String::new()) };
    let (amount, at) = (shell.money(void.amount), when::time_or_date(void.at, now));
    let text = shell.texts.filled("money-released", &[("amount", &amount), ("time", &at)]);
    tell("", shell.t("money-nothing"), text)
}
