//! The order and its saga: a pure function from what happened elsewhere to what happens next.
//!
//! Each method decides on the state, the news and the time; it answers the facts that follow, and
//! [`Order::apply`] alone says what a fact does to the state. So replaying the facts gives the order.

use contracts::{
    Address, OrderId, OrderLine, Quote, Sealed, ShipmentId, Totals, UserId,
    events::orders::{
        CancelReason, OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReserved, OrderShipped,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fact::{Dated, Fact, Status};

/// How long an order waits for stock: reserving takes seconds, redeliveries of a message minutes.
const STOCK_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// How long it waits for the payment, an unknown outcome at the provider included.
const PAYMENT_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How long it waits to be dispatched: the hold on the customer's money lapses after seven days.
const DISPATCH_WITHIN: SignedDuration = SignedDuration::from_hours(6 * 24);
/// How long a parcel may be under way before it counts as lost.
const DELIVERY_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An order: what its facts add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: OrderId,
    pub customer: UserId,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// The sums.
    pub totals: Totals,
    pub(crate) shipping_option: String,
    pub(crate) ship_to: Sealed<Address>,
    /// How it will be paid: kept until the payment was asked for.
    pub(crate) payment_method: Option<Sealed<String>>,
    /// Where it stands.
    pub status: Status,
    /// Why it was cancelled.
    pub reason: Option<CancelReason>,
    pub(crate) note: Option<Sealed<String>>,
    pub(crate) shipment: Option<ShipmentId>,
    /// Until when it waits for what comes next; none when it has ended.
    pub deadline: Option<Timestamp>,
    pub(crate) placed_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// One more with each fact.
    pub version: u64,
}

/// Why an order cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing has to change: it is already as wanted, or was cancelled before, and who acted compensates on that event.
    AlreadyDone,
    /// What happened elsewhere cannot have happened to an order that stands so.
    Unexpected {
        /// How it stands.
        status: Status,
    },
    /// A parcel that is under way, or was delivered, is not called back by cancelling.
    AlreadyShipped {
        /// How it stands.
        status: Status,
    },
    /// It was cancelled before.
    AlreadyCancelled,
}

/// The order after the news, with the facts that follow from it.
pub type Decision = Result<(Order, Vec<Fact>), Rejection>;

impl Order {
    /// Places an order from a quote whose signature holds.
    ///
    /// # Panics
    /// Never: an order begins with its placing.
    pub fn place(
        id: OrderId,
        quote: Quote,
        ship_to: Sealed<Address>,
        payment_method: Sealed<String>,
        now: Timestamp,
    ) -> (Self, Fact) {
        let fact = Fact::Placed(OrderPlaced {
            order: id,
            customer: quote.sub,
            quote: quote.jti,
            cart: quote.cart,
            lines: quote.lines,
            totals: quote.totals,
            shipping_option: quote.shipping_option,
            ship_to,
            payment_method,
            deadline: now + STOCK_WITHIN,
        });
        (
            Self::apply(None, &Dated { fact: fact.clone(), version: 1, time: now })
                .expect("an order begins with its placing"),
            fact,
        )
    }

    /// Stock is held: the payment may be authorised.
    pub fn reserved(self, now: Timestamp) -> Decision {
        match self.status {
            Status::Placed => {
                let payment_method = self.payment_method.clone().ok_or(Rejection::AlreadyDone)?;
                let fact = Fact::Reserved(OrderReserved {
                    order: self.id,
                    customer: self.customer,
                    total: self.totals.total,
                    payment_method,
                    deadline: now + PAYMENT_WITHIN,
                });
                Ok(self.then([fact], now))
            }
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// The payment is authorised: it may be shipped.
    pub fn paid(self, now: Timestamp) -> Decision {
        match self.status {
            Status::Reserved => {
                let fact = Fact::Confirmed(OrderConfirmed {
                    order: self.id,
                    customer: self.customer,
                    lines: self.lines.clone(),
                    shipping_option: self.shipping_option.clone(),
                    ship_to: self.ship_to.clone(),
                    deadline: now + DISPATCH_WITHIN,
                });
                Ok(self.then([fact], now))
            }
            Status::Placed => Err(Rejection::Unexpected { status: self.status }),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// The parcel has left.
    pub fn dispatched(self, shipment: ShipmentId, now: Timestamp) -> Decision {
        match self.status {
            Status::Confirmed => {
                let shipped = self.shipped(shipment, now);
                Ok(self.then([shipped], now))
            }
            Status::Placed | Status::Reserved => Err(Rejection::Unexpected { status: self.status }),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// The customer has the parcel. The news that it left may still be under way: then it is made up for.
    pub fn delivered(self, shipment: ShipmentId, now: Timestamp) -> Decision {
        let delivered =
            Fact::Delivered(OrderDelivered { order: self.id, customer: self.customer, lines: self.lines.clone() });
        match self.status {
            Status::Confirmed => {
                let shipped = self.shipped(shipment, now);
                Ok(self.then([shipped, delivered], now))
            }
            Status::Shipped => Ok(self.then([delivered], now)),
            Status::Placed | Status::Reserved => Err(Rejection::Unexpected { status: self.status }),
            Status::Delivered | Status::Cancelled => Err(Rejection::AlreadyDone),
        }
    }

    /// Something elsewhere went wrong for good: the order is off, wherever it stands.
    pub fn fail(self, reason: CancelReason, now: Timestamp) -> Decision {
        match self.status {
            Status::Delivered | Status::Cancelled => Err(Rejection::AlreadyDone),
            _ => {
                let cancelled = self.cancelled(reason, None);
                Ok(self.then([cancelled], now))
            }
        }
    }

    /// The customer, or support, wants it no more.
    pub fn cancel(self, note: Sealed<String>, now: Timestamp) -> Decision {
        match self.status {
            Status::Placed | Status::Reserved | Status::Confirmed => {
                let cancelled = self.cancelled(CancelReason::Requested, Some(note));
                Ok(self.then([cancelled], now))
            }
            Status::Shipped | Status::Delivered => Err(Rejection::AlreadyShipped { status: self.status }),
            Status::Cancelled => Err(Rejection::AlreadyCancelled),
        }
    }

    /// It waited past its deadline.
    pub fn time_out(self, now: Timestamp) -> Decision {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Err(Rejection::AlreadyDone);
        }
        self.fail(CancelReason::TimedOut, now)
    }

    /// What a fact does to an order; nothing comes of anything but a placing on nothing.
    pub fn apply(order: Option<Self>, Dated { fact, version, time }: &Dated) -> Option<Self> {
        let order = match (order, fact) {
            (None, Fact::Placed(placed)) => {
                let OrderPlaced {
                    order: id,
                    customer,
                    lines,
                    totals,
                    shipping_option,
                    ship_to,
                    payment_method,
                    deadline,
                    ..
                } = placed.clone();
                return Some(Self {
                    id,
                    customer,
                    lines,
                    totals,
                    shipping_option,
                    ship_to,
                    payment_method: Some(payment_method),
                    status: Status::Placed,
                    reason: None,
                    note: None,
                    shipment: None,
                    deadline: Some(deadline),
                    placed_at: *time,
                    updated_at: *time,
                    version: *version,
                });
            }
            (order, _) => Self { updated_at: *time, version: *version, ..order? },
        };
        Some(match fact {
            Fact::Placed(_) => order,
            Fact::Reserved(fact) => {
                Self { status: Status::Reserved, deadline: Some(fact.deadline), payment_method: None, ..order }
            }
            Fact::Confirmed(fact) => Self { status: Status::Confirmed, deadline: Some(fact.deadline), ..order },
            Fact::Shipped(fact) => {
                Self { status: Status::Shipped, deadline: Some(fact.deadline), shipment: Some(fact.shipment), ..order }
            }
            Fact::Delivered(_) => Self { status: Status::Delivered, deadline: None, ..order },
            Fact::Cancelled(fact) => Self {
                status: Status::Cancelled,
                deadline: None,
                reason: Some(fact.reason),
                note: fact.note.clone(),
                ..order
            },
        })
    }

    /// The order that facts add up to; none for no facts.
    pub fn replay<'a>(facts: impl IntoIterator<Item = &'a Dated>) -> Option<Self> {
        facts.into_iter().fold(None, Self::apply)
    }

    fn then<const N: usize>(self, facts: [Fact; N], now: Timestamp) -> (Self, Vec<Fact>) {
        let order = facts.iter().fold(self, |order, fact| {
            let dated = Dated { fact: fact.clone(), version: order.version + 1, time: now };
            Self::apply(Some(order), &dated).expect("an order stays one")
        });
        (order, facts.into())
    }

    fn shipped(&self, shipment: ShipmentId, now: Timestamp) -> Fact {
        Fact::Shipped(OrderShipped {
            order: self.id,
            customer: self.customer,
            shipment,
            deadline: now + DELIVERY_WITHIN,
        })
    }

    fn cancelled(&self, reason: CancelReason, note: Option<Sealed<String>>) -> Fact {
        Fact::Cancelled(OrderCancelled { order: self.id, customer: self.customer, reason, note })
    }
}
