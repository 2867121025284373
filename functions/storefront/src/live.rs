//! The part of an order's page that updates itself.

use askama::Template;
use contracts::OrderId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    order::{Awaited, Known, Status},
    poll::Poll,
    progress::{self, StepView},
    shell::Shell,
};

/// How far an order is. The fragment and the page are made from the same macro.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "order_live.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderProgress")]
pub(crate) struct Live {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    id: OrderId,
    pub(crate) steps: Vec<StepView>,
    /// Whether nothing more happens.
    is_final: bool,
    /// How it gets itself anew, with the state that the page shows. `None` if the page does not update itself.
    #[serde(skip)]
    pub(crate) poll: Option<Poll>,
    /// What the rest of the page depends on.
    #[serde(skip)]
    state: &'static str,
    /// Whether the rest of the page shows another state, so that all of it must be fetched.
    #[serde(skip)]
    is_changed: bool,
}

impl Live {
    pub(crate) fn of(known: &Known, shell: &Shell, now: Timestamp, is_paused: bool) -> Self {
        let (is_final, state) = (known.order.is_final(), state(known));
        let is_updating = !is_final && !is_paused;
        Self {
            shell: shell.clone(),
            id: known.order.id,
            steps: progress::steps(known, shell, now),
            is_final,
            poll: is_updating.then(|| Poll::after(None, &fragment(known.order.id, state))),
            state,
            is_changed: false,
        }
    }

    /// For a page that shows this state, and waited for some seconds.
    pub(crate) fn since(self, shown: Option<&str>, waited: Option<u32>) -> Self {
        let poll = self.poll.map(|_| Poll::after(waited, &fragment(self.id, self.state)));
        Self { is_changed: shown.is_some_and(|shown| shown != self.state), poll, ..self }
    }
}

fn fragment(order: OrderId, state: &str) -> String {
    format!("/fragments/orders/{order}/live?state={state}")
}

fn state(known: &Known) -> &'static str {
    let is_approval = known.order.waiting_for.is_some_and(|waiting| waiting.what == Awaited::Customer);
    match known.order.status {
        Status::Placed => "placed",
        Status::Reserved if is_approval => "approval",
        Status::Reserved => "reserved",
        Status::Confirmed => "confirmed",
        Status::Shipped => "shipped",
        Status::Delivered => "delivered",
        Status::Cancelled => "cancelled",
    }
}
