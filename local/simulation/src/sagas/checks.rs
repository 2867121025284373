//! What must hold: at every step, when nothing is under way, and at rest.

use delivery::shipment::{self, Shipment};
use inventory::reservation::{self, Reservation};
use orders::{fact::Status, order::Order};
use payments::{
    ledger::{Account, Kind},
    payment::{self, Command},
};

use super::{
    provider::{Intent, State},
    till,
    world::{Broken, Checked, HELD, Message, Parcel, Purchase, World, holds, received},
};

/// Whether an order may go from one status to another.
pub(super) fn order_step(from: Status, to: Status, message: &str) -> Checked {
    use Status::{Cancelled, Confirmed, Delivered, Placed, Reserved, Shipped};
    let allowed = matches!(
        (from, to),
        (Placed, Reserved | Cancelled)
            | (Reserved, Confirmed | Cancelled)
            | (Confirmed, Shipped | Delivered | Cancelled)
            | (Shipped, Delivered | Cancelled)
    );
    holds(allowed, || format!("{message} takes an order from {from:?} to {to:?}"))
}

/// Whether a payment may go from one status to another.
pub(super) fn payment_step(from: payment::Status, to: payment::Status) -> Checked {
    use payment::Status::{Authorized, Captured, Declined, Pending, Refused, Voided};
    let allowed = match from {
        Pending => to != Refused,
        Authorized => matches!(to, Authorized | Captured | Voided),
        // The provider was given up, and its hold comes to light after all.
        Declined => matches!(to, Authorized | Captured),
        Captured => to == Captured,
        Voided | Refused => false,
    };
    holds(allowed, || format!("a payment goes from {from:?} to {to:?}"))
}

/// Whether a reservation may become another.
pub(super) fn reservation_step(before: Option<&Reservation>, after: &Reservation) -> Checked {
    use reservation::Status::{Committed, Held, Rejected, Released};
    let allowed = match before.map(|before| before.status) {
        None => matches!(after.status, Held | Rejected),
        Some(Held) => matches!(after.status, Released | Committed),
        Some(Committed) => after.status == Released,
        Some(Rejected | Released) => false,
    };
    let version = before.map_or(0, |before| before.version);
    holds(allowed && after.version == version + 1, || format!("a reservation goes from {before:?} to {after:?}"))
}

/// Whether a shipment may become another.
pub(super) fn shipment_step(before: &Shipment, after: &Shipment) -> Checked {
    use shipment::Status::{Assigned, Cancelled, Delivered, Dispatched, Returning, Scheduled};
    let allowed = match before.status {
        Scheduled | Assigned => matches!(after.status, Assigned | Dispatched | Cancelled),
        Dispatched => matches!(after.status, Dispatched | Delivered | Returning),
        Delivered | Returning | Cancelled => false,
    };
    holds(allowed && after.version == before.version + 1, || {
        format!("a shipment goes from {} v{} to {} v{}", before.status, before.version, after.status, after.version)
    })
}

/// Whether the provider may be asked for something, as far as the order has come.
pub(super) fn may_ask(purchase: &Purchase, command: &Command) -> Checked {
    let left = matches!(&purchase.parcel, Parcel::Scheduled(shipment) if !matches!(
        shipment.status,
        shipment::Status::Scheduled | shipment::Status::Assigned | shipment::Status::Cancelled
    ));
    let was = |status| purchase.facts.iter().any(|dated| dated.fact.name() == status);
    match command {
        Command::Authorize { .. } => holds(was("OrderReserved"), || "money is held before stock is".to_owned()),
        Command::Capture { .. } => holds(left, || "money is taken before the parcel has left".to_owned()),
        Command::Void { .. } => holds(was("OrderCancelled") || was_given_up(purchase), || {
            "a hold is given up that an order waits for".to_owned()
        }),
        Command::Refund { .. } | Command::GiveUp => Ok(()),
    }
}

/// The payment was declined because the provider was silent for too long.
fn was_given_up(purchase: &Purchase) -> bool {
    purchase.payment.as_ref().is_some_and(|payment| payment.ledger.total(Kind::Authorization).amount > 0)
        && purchase.order.as_ref().is_some_and(|order| order.deadline.is_none())
}

impl World<'_> {
    /// What holds at every step.
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
            holds(adds_up, || format!("the books of {}: {level:?}, reserved {held}, left {sold}", level.sku))?;
        }
        for (at, purchase) in self.purchases.iter().enumerate() {
            money(purchase).map_err(|Broken(what)| Broken(format!("order {}: {what}", at + 1)))?;
        }
        Ok(())
    }

    /// What holds when no message is under way and nothing is due: whatever ended has let go of everything.
    pub(super) fn check_drained(&self) -> Checked {
        for (at, purchase) in self.purchases.iter().enumerate() {
            let ended = purchase.order.as_ref().is_none_or(|order| order.deadline.is_none());
            let keeps = purchase.reservation.as_ref().is_some_and(|kept| kept.status == HELD);
            holds(!ended || !keeps || purchase.forgotten, || format!("order {} has ended and keeps stock", at + 1))?;
            let over = purchase.payment.as_ref().is_none_or(till::is_over);
            let held = purchase.intents.iter().any(|intent| intent.state == State::Held);
            holds(!ended || !over || !held, || format!("order {} has ended and holds money", at + 1))?;
        }
        Ok(())
    }

    /// What holds at rest.
    pub(super) fn check_rest(&self) -> Checked {
        for envelope in &self.dead {
            // The goods left while the provider let the money go: that is for people to look at.
            let known = envelope.message == Message::CapturePayment && self.purchases[envelope.about].lapsed;
            holds(known, || format!("order {}: a dead letter: {}", envelope.about + 1, envelope.message.name()))?;
        }
        for (at, purchase) in self.purchases.iter().enumerate() {
            let named = |Broken(what)| Broken(format!("order {}: at rest: {what}", at + 1));
            if let Some(order) = &purchase.order {
                rest(purchase, order).map_err(named)?;
            }
        }
        Ok(())
    }
}

/// What holds of an order's money at every step.
fn money(purchase: &Purchase) -> Checked {
    let charges = purchase.intents.iter().filter(|intent| intent.state != State::Declined).count();
    holds(charges <= 1, || format!("{charges} charges"))?;
    let Some(payment) = &purchase.payment else { return Ok(()) };
    let ledger = &payment.ledger;
    let (held, disputed) = (ledger.balance(Account::Held), ledger.balance(Account::Disputed));
    let (captured, refunded) = (ledger.total(Kind::Capture).amount, ledger.refunded().amount);
    holds(ledger.closes() && held >= 0 && disputed >= 0, || format!("the ledger does not close: {ledger:?}"))?;
    holds(captured <= payment.amount.amount && (0..=captured).contains(&refunded), || {
        format!("{captured} of {} is taken, {refunded} given back", payment.amount)
    })
}

/// What holds of an order at rest.
fn rest(purchase: &Purchase, order: &Order) -> Checked {
    use shipment::Status::{Cancelled, Delivered, Returning};
    let delivered = order.status == Status::Delivered;
    holds(delivered || order.status == Status::Cancelled, || format!("it is {} for ever", order.status.as_str()))?;
    let replayed = Order::replay(&purchase.facts);
    holds(replayed.as_ref() == Some(order), || format!("its facts add up to {replayed:?}, not to {order:?}"))?;

    let stock = purchase.reservation.as_ref().map(|kept| kept.status);
    holds(stock != Some(HELD), || "its stock is held".to_owned())?;
    holds(!delivered || stock == Some(reservation::Status::Committed), || format!("its stock is {stock:?}"))?;
    let parcel = match &purchase.parcel {
        Parcel::Scheduled(shipment) => Some(shipment.status),
        Parcel::None | Parcel::Tombstone => None,
    };
    // A parcel that arrived before it could be called back stays with the customer.
    let settled = if delivered {
        parcel == Some(Delivered)
    } else {
        parcel.is_none_or(|it| [Cancelled, Returning, Delivered].contains(&it))
    };
    holds(settled, || format!("its parcel is {parcel:?}"))?;

    let Some(payment) = &purchase.payment else { return holds(false, || "nobody knows of its payment".to_owned()) };
    holds(till::is_over(payment), || format!("its payment is {:?}, due {:?}", payment.status, payment.due))?;
    let sum = |of: fn(&Intent) -> i64| purchase.intents.iter().map(of).sum::<i64>();
    let ours = [Account::Held, Account::Cash, Account::Disputed].map(|account| payment.ledger.balance(account));
    let held = |intent: &Intent| if intent.state == State::Held { intent.amount } else { 0 };
    let theirs = [sum(held), sum(Intent::cash), sum(Intent::disputed)];
    holds(ours == theirs, || format!("held, cash and disputed are {ours:?} here and {theirs:?} at the provider"))?;
    holds(ours[0] == 0, || "its money is held".to_owned())?;
    if delivered {
        let taken = payment.ledger.total(Kind::Capture);
        return holds(taken == order.totals.total || purchase.lapsed, || format!("{taken} was taken for it"));
    }
    // What the provider refused to give back, and still refuses, people look at.
    let refused = payment.refunds.iter().any(payment::Refund::has_failed);
    let still = purchase.intents.iter().all(|intent| !intent.gives_back(ours[1]));
    holds(ours[1] <= 0 || (refused && still), || {
        format!("the customer is owed {}; refused: {refused}, and still: {still}", ours[1])
    })
}
