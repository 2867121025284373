//! The invariants: at every step, when no message is under way, and at quiescence.

use contracts::{
    Event, EventSet,
    events::orders::{OrderCancelled, OrderReserved},
};
use delivery::shipment::{self, Stored};
use inventory::reservation::{self, Reservation};
use orders::{event::Status, order::Order};
use payments::{
    ledger::{Account, Kind},
    payment::{self, Command, Decision, Payment},
};

use super::{
    provider::{Intent, State},
    purchase::Purchase,
    world::{Checked, HELD, Message, Violation, World, received, require},
};

/// Whether an order may go from one status to another.
pub(super) fn order_step(from: Status, to: Status, message: &str) -> Checked {
    use Status::{Cancelled, Confirmed, Delivered, Placed, Reserved, Shipped};
    let allowed = matches!(
        (from, to),
        (Placed, Reserved | Cancelled)
            // The customer is to approve the payment.
            | (Reserved, Reserved | Confirmed | Cancelled)
            | (Confirmed, Shipped | Delivered | Cancelled)
            | (Shipped, Delivered | Cancelled)
    );
    require(allowed, || format!("{message} takes an order from {from:?} to {to:?}"))
}

/// Whether a payment may be saved as decided.
pub(super) fn payment_step(before: Option<&Payment>, Decision { payment, events, .. }: &Decision) -> Checked {
    use payment::Status::{ActionRequired, Authorized, Captured, Declined, Pending, Refused, Voided};
    let to = payment.status;
    let is_due = before.is_some_and(|before| before.next_attempt_at.is_some());
    let allowed = match before.map(|before| before.status) {
        None => matches!(to, Pending | Refused),
        Some(Pending) => to != Refused,
        Some(ActionRequired) => !matches!(to, Pending | Refused),
        Some(Authorized) => matches!(to, Authorized | Captured | Voided),
        // The provider was no longer asked, or the customer approved what they had refused, and it reports a hold.
        // Or its intent is cancelled at the provider, once.
        Some(Declined) => matches!(to, Authorized | Captured) || (to == Declined && events.is_empty() && is_due),
        Some(Captured) => to == Captured,
        // The cancellation of the order is stored.
        Some(Voided) => to == Voided && events.is_empty(),
        Some(Refused) => false,
    };
    let version = before.map(|before| before.version.clone()).unwrap_or_default();
    require(allowed && payment.version == version, || {
        format!("a payment goes with {} events from {before:?} to {payment:?}", events.len())
    })
}

/// Whether a reservation may become another.
pub(super) fn reservation_step(before: Option<&Reservation>, after: &Reservation) -> Checked {
    use reservation::Status::{Committed, Held, Rejected, Released};
    let allowed = match before.map(|before| before.status) {
        // The tombstone of an order that was cancelled first is released, and holds nothing.
        None => matches!(after.status, Held | Rejected) || (after.status == Released && after.lines.is_empty()),
        Some(Held) => matches!(after.status, Released | Committed),
        Some(Committed) => after.status == Released,
        Some(Rejected | Released) => false,
    };
    let version = before.map(|before| before.version.clone()).unwrap_or_default();
    require(allowed && after.version == version, || format!("a reservation goes from {before:?} to {after:?}"))
}

/// Whether the stored item of a shipment may become another.
pub(super) fn shipment_step(before: Option<&Stored>, after: &Stored) -> Checked {
    use shipment::Status::{Assigned, Cancelled, Delivered, Dispatched, Returning, Scheduled};
    let allowed = match (before, after) {
        (None, Stored::Tombstone(_)) => true,
        (None, Stored::Shipment(after)) => after.status == Scheduled && after.version == 0,
        (Some(Stored::Shipment(before)), Stored::Shipment(after)) => {
            let allowed = match before.status {
                Scheduled | Assigned => matches!(after.status, Assigned | Dispatched | Cancelled),
                Dispatched => matches!(after.status, Dispatched | Delivered | Returning),
                Delivered | Returning | Cancelled => false,
            };
            allowed && after.version == before.version
        }
        (Some(_), _) => false,
    };
    require(allowed, || format!("a shipment goes from {before:?} to {after:?}"))
}

/// Whether a command to the provider is allowed in the state of the order.
pub(super) fn may_ask(purchase: &Purchase, command: &Command) -> Checked {
    let left = matches!(&purchase.shipment, Some(Stored::Shipment(shipment)) if !matches!(
        shipment.status,
        shipment::Status::Scheduled | shipment::Status::Assigned | shipment::Status::Cancelled
    ));
    let was = |name| purchase.events.iter().any(|recorded| recorded.data.name() == name);
    match command {
        Command::Authorize { .. } => require(was(OrderReserved::NAME), || "money is held before stock is".to_owned()),
        Command::Capture { .. } => require(left, || "money is taken before the parcel has left".to_owned()),
        // The order may not have handled the decline yet.
        Command::Void { .. } => require(was(OrderCancelled::NAME) || purchase.declined, || {
            "a hold is given up that an order waits for".to_owned()
        }),
        Command::Retrieve { .. } | Command::Refund { .. } | Command::Find { .. } => Ok(()),
    }
}

/// Whether there are no more commands to the provider.
pub(super) fn is_over(payment: &Payment) -> bool {
    payment.next_attempt_at.is_none() && payment.status != payment::Status::Pending
}

impl World<'_> {
    /// Invariants of every step.
    pub(super) fn check(&self) -> Checked {
        for (at, level) in self.levels.iter().enumerate() {
            let of = |status| {
                let kept = self.purchases.iter().filter_map(|purchase| purchase.reservation.as_ref());
                let lines = kept.filter(move |kept| kept.status == status).flat_map(|kept| &kept.lines);
                lines.filter(|line| line.sku == level.sku).map(|line| i64::from(line.quantity)).sum::<i64>()
            };
            let (held, sold) = (of(HELD), of(reservation::Status::Committed));
            let all = i64::from(level.available) + i64::from(level.held) + level.sold;
            let adds_up = level.closes() && all == received(at) && i64::from(level.held) == held && level.sold == sold;
            require(adds_up, || format!("the books of {}: {level:?}, reserved {held}, left {sold}", level.sku))?;
        }
        for (at, purchase) in self.purchases.iter().enumerate() {
            money(purchase).map_err(|Violation(what)| Violation(format!("order {}: {what}", at + 1)))?;
        }
        Ok(())
    }

    /// Invariants when no message is under way and nothing is overdue: an order that has ended holds neither stock
    /// nor money.
    pub(super) fn check_drained(&self) -> Checked {
        for (at, purchase) in self.purchases.iter().enumerate() {
            let ended = purchase.order.as_ref().is_none_or(|order| order.deadline.is_none());
            let keeps = purchase.reservation.as_ref().is_some_and(|kept| kept.status == HELD);
            require(!ended || !keeps || purchase.forgotten, || format!("order {} has ended and keeps stock", at + 1))?;
            let over = purchase.payment.as_ref().is_none_or(is_over);
            let held = purchase.intents.iter().any(|intent| intent.state == State::Held);
            require(!ended || !over || !held, || format!("order {} has ended and holds money", at + 1))?;
        }
        Ok(())
    }

    /// Invariants at quiescence.
    pub(super) fn check_rest(&self) -> Checked {
        for envelope in &self.dead {
            // The order was dispatched while the provider released the hold. An operator must handle this.
            let known = envelope.message == Message::CapturePayment && self.purchases[envelope.about].lapsed;
            require(known, || format!("order {}: a dead letter: {}", envelope.about + 1, envelope.message.name()))?;
        }
        for (at, purchase) in self.purchases.iter().enumerate() {
            let named = |Violation(what)| Violation(format!("order {}: at quiescence: {what}", at + 1));
            if let Some(order) = &purchase.order {
                rest(purchase, order).map_err(named)?;
            }
        }
        Ok(())
    }
}

/// Invariants of an order's money at every step.
fn money(purchase: &Purchase) -> Checked {
    let charges = purchase.intents.iter().filter(|intent| intent.state != State::Declined).count();
    require(charges <= 1, || format!("{charges} charges"))?;
    let Some(payment) = &purchase.payment else { return Ok(()) };
    let ledger = &payment.ledger;
    let (held, disputed) = (ledger.balance(Account::Held), ledger.balance(Account::Disputed));
    let (captured, refunded) = (ledger.total(Kind::Capture).amount, ledger.refunded().amount);
    require(ledger.closes() && held >= 0 && disputed >= 0, || format!("the ledger does not close: {ledger:?}"))?;
    require(captured <= payment.amount.amount && (0..=captured).contains(&refunded), || {
        format!("{captured} of {} is taken, {refunded} given back", payment.amount)
    })
}

/// Invariants of an order at quiescence.
fn rest(purchase: &Purchase, order: &Order) -> Checked {
    use shipment::Status::{Cancelled, Delivered, Returning};
    let delivered = order.status == Status::Delivered;
    require(delivered || order.status == Status::Cancelled, || format!("it is {} for ever", order.status.as_str()))?;
    let replayed = Order::replay(&purchase.events);
    require(replayed.as_ref() == Some(order), || format!("its events add up to {replayed:?}, not to {order:?}"))?;

    let stock = purchase.reservation.as_ref().map(|kept| kept.status);
    require(stock != Some(HELD), || "its stock is held".to_owned())?;
    require(!delivered || stock == Some(reservation::Status::Committed), || format!("its stock is {stock:?}"))?;
    let parcel = match &purchase.shipment {
        Some(Stored::Shipment(shipment)) => Some(shipment.status),
        Some(Stored::Tombstone(_)) | None => None,
    };
    // A parcel that was delivered before the recall stays with the customer.
    let settled = if delivered {
        parcel == Some(Delivered)
    } else {
        parcel.is_none_or(|it| [Cancelled, Returning, Delivered].contains(&it))
    };
    require(settled, || format!("its parcel is {parcel:?}"))?;

    let Some(payment) = &purchase.payment else { return require(false, || "it has no payment".to_owned()) };
    require(is_over(payment), || format!("its payment is {:?}, due {:?}", payment.status, payment.next_attempt_at))?;
    let payable = purchase.intents.iter().any(Intent::is_payable);
    require(!payable, || "its customer can still pay for it".to_owned())?;
    let sum = |of: fn(&Intent) -> i64| purchase.intents.iter().map(of).sum::<i64>();
    let ours = [Account::Held, Account::Cash, Account::Disputed].map(|account| payment.ledger.balance(account));
    let held = |intent: &Intent| if intent.state == State::Held { intent.amount } else { 0 };
    let theirs = [sum(held), sum(Intent::cash), sum(Intent::disputed)];
    require(ours == theirs, || format!("held, cash and disputed are {ours:?} here and {theirs:?} at the provider"))?;
    require(ours[0] == 0, || "its money is held".to_owned())?;
    if delivered {
        let taken = payment.ledger.total(Kind::Capture);
        return require(taken == order.totals.total || purchase.lapsed, || format!("{taken} was taken for it"));
    }
    // An operator must handle a refund that the provider keeps refusing.
    let refused = payment.refunds.iter().any(payment::Refund::has_failed);
    let still = purchase.intents.iter().all(|intent| !intent.gives_back(ours[1]));
    require(ours[1] <= 0 || (refused && still), || {
        format!("the customer is owed {}; refused: {refused}, and still: {still}", ours[1])
    })
}
