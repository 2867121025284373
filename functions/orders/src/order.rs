//! The order and its saga: a pure function from the events of other services to the next events of the order.
//!
//! Each method takes the state, an event of another service and the time, and returns the next events. Only
//! `Order::apply` changes the state for an event, so replaying the events gives the order.

use contracts::{
    Address, CartId, Envelope, OrderId, OrderLine, PaymentId, Quote, Sealed, ShipmentId, Totals, UserId,
    events::orders::{
        CancelReason, OrderActionRequired, OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReserved,
        OrderShipped,
    },
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp, fmt::serde::timestamp};
use serde::{Deserialize, Serialize};

use crate::event::{OrderEvent, RecordedEvent, Status};

/// The deadline for stock. A reservation takes seconds; redeliveries of a message take minutes.
const STOCK_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The deadline for the payment. It includes the time for an unknown outcome at the provider.
const PAYMENT_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// The deadline for dispatch. The hold on the customer's money expires after seven days.
const DISPATCH_WITHIN: SignedDuration = SignedDuration::from_hours(6 * 24);
/// The deadline for delivery. After it, the parcel counts as lost.
const DELIVERY_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An order: the state that its events give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: OrderId,
    pub customer: UserId,
    /// The cart that it was placed from. `None` for an order that was placed before carts had generations.
    #[serde(default)]
    pub(crate) cart: Option<CartId>,
    /// The generation of the cart. Most carts are ordered once, and each stored byte is billed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) generation: u64,
    /// The lines.
    pub lines: Vec<OrderLine>,
    /// The totals.
    pub totals: Totals,
    pub(crate) shipping_option: String,
    pub(crate) ship_to: Sealed<Address>,
    /// The payment method. It is kept until the payment is requested.
    pub(crate) payment_method: Option<Sealed<String>>,
    /// The page that the customer returns to after authentication. It is kept until the payment is requested.
    #[serde(default)]
    pub(crate) return_url: Option<Sealed<String>>,
    /// The payment that the customer must approve.
    #[serde(default)]
    pub(crate) to_approve: Option<PaymentId>,
    /// The status.
    pub status: Status,
    /// The reason for the cancellation.
    pub reason: Option<CancelReason>,
    /// The payment provider's code, if the payment was declined.
    #[serde(default)]
    pub(crate) decline_code: Option<String>,
    pub(crate) note: Option<Sealed<String>>,
    pub(crate) shipment: Option<ShipmentId>,
    /// Until when it waits for what comes next; none when it has ended.
    #[serde(default, with = "timestamp::millisecond::optional")]
    pub deadline: Option<Timestamp>,
    #[serde(with = "timestamp::millisecond::required")]
    pub(crate) placed_at: Timestamp,
    #[serde(with = "timestamp::millisecond::required")]
    pub(crate) updated_at: Timestamp,
    pub version: Version,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The reason why an order cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing would change, or the order is already cancelled. The other service undoes its step on
    /// `OrderCancelled`.
    AlreadyDone,
    /// The event does not fit the status of the order.
    Unexpected {
        /// The status of the order.
        status: Status,
    },
    /// An order that was shipped or delivered cannot be cancelled.
    AlreadyShipped {
        /// The status of the order.
        status: Status,
    },
    /// The order is already cancelled.
    AlreadyCancelled,
}

/// The order after the decision, with its new events.
pub type Decision = Result<(Order, Vec<OrderEvent>), Rejection>;

impl Order {
    /// Places an order from a quote with a valid signature.
    pub fn place(
        id: OrderId,
        quote: Quote,
        ship_to: Sealed<Address>,
        payment_method: Sealed<String>,
        return_url: Option<Sealed<String>>,
        now: Timestamp,
    ) -> (Self, OrderPlaced) {
        let deadline = now + STOCK_WITHIN;
        let placed = OrderPlaced { return_url, ..OrderPlaced::of(id, quote, ship_to, payment_method, deadline) };
        (Self::placed(&placed, now), placed)
    }

    /// Handles that stock is reserved. The payment can be authorised.
    pub fn reserved(self, now: Timestamp) -> Decision {
        match self.status {
            Status::Placed => {
                let payment_method = self.payment_method.clone().ok_or(Rejection::AlreadyDone)?;
                let reserved = OrderEvent::Reserved(OrderReserved {
                    order: self.id,
                    customer: self.customer,
                    total: self.totals.total,
                    payment_method,
                    return_url: self.return_url.clone(),
                    deadline: now + PAYMENT_WITHIN,
                });
                Ok(self.then([reserved], now))
            }
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// Handles that the customer must approve the payment. The order waits until `expires_at` at most.
    pub fn action_required(self, payment: PaymentId, expires_at: Timestamp, now: Timestamp) -> Decision {
        match self.status {
            Status::Reserved if self.to_approve.is_none() => {
                let required = OrderEvent::ActionRequired(OrderActionRequired {
                    order: self.id,
                    customer: self.customer,
                    payment,
                    deadline: self.deadline.map_or(expires_at, |deadline| deadline.min(expires_at)),
                });
                Ok(self.then([required], now))
            }
            Status::Placed => Err(Rejection::Unexpected { status: self.status }),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// Handles that the payment is authorised. The order can be shipped.
    pub fn paid(self, now: Timestamp) -> Decision {
        match self.status {
            Status::Reserved => {
                let confirmed = OrderEvent::Confirmed(OrderConfirmed {
                    order: self.id,
                    customer: self.customer,
                    lines: self.lines.clone(),
                    shipping_option: self.shipping_option.clone(),
                    ship_to: self.ship_to.clone(),
                    deadline: now + DISPATCH_WITHIN,
                });
                Ok(self.then([confirmed], now))
            }
            Status::Placed => Err(Rejection::Unexpected { status: self.status }),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    /// Handles that the parcel was dispatched.
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

    /// Handles that the parcel was delivered. If the dispatch event has not arrived yet, the order is marked as
    /// shipped first.
    pub fn delivered(self, shipment: ShipmentId, now: Timestamp) -> Decision {
        let delivered = OrderEvent::Delivered(OrderDelivered {
            order: self.id,
            customer: self.customer,
            lines: self.lines.clone(),
        });
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

    /// Cancels the order because a step failed permanently. A delivered or cancelled order
    /// does not change.
    pub fn fail(self, reason: CancelReason, now: Timestamp) -> Decision {
        let cancelled = self.cancelled(reason);
        self.cancel_with(cancelled, now)
    }

    /// Cancels the order because the payment was declined, with the provider's code.
    pub fn declined(self, code: &str, now: Timestamp) -> Decision {
        let cancelled = self.cancelled(CancelReason::PaymentDeclined);
        self.cancel_with(OrderCancelled { decline_code: Some(code.to_owned()), ..cancelled }, now)
    }

    fn cancel_with(self, cancelled: OrderCancelled, now: Timestamp) -> Decision {
        match self.status {
            Status::Delivered | Status::Cancelled => Err(Rejection::AlreadyDone),
            _ => Ok(self.then([OrderEvent::Cancelled(cancelled)], now)),
        }
    }

    /// Cancels the order at the request of the customer or support.
    pub fn cancel(self, note: Sealed<String>, now: Timestamp) -> Decision {
        match self.status {
            Status::Placed | Status::Reserved | Status::Confirmed => {
                let cancelled = self.cancelled(CancelReason::Requested);
                self.cancel_with(OrderCancelled { note: Some(note), ..cancelled }, now)
            }
            Status::Shipped | Status::Delivered => Err(Rejection::AlreadyShipped { status: self.status }),
            Status::Cancelled => Err(Rejection::AlreadyCancelled),
        }
    }

    /// Cancels the order because its deadline has passed.
    pub fn time_out(self, now: Timestamp) -> Decision {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Err(Rejection::AlreadyDone);
        }
        self.fail(CancelReason::TimedOut, now)
    }

    /// The order as it was placed.
    pub(crate) fn placed(placed: &OrderPlaced, now: Timestamp) -> Self {
        let OrderPlaced { lines, totals, shipping_option, ship_to, payment_method, return_url, .. } = placed.clone();
        Self {
            id: placed.order,
            customer: placed.customer,
            cart: Some(placed.cart),
            generation: placed.generation,
            lines,
            totals,
            shipping_option,
            ship_to,
            payment_method: Some(payment_method),
            return_url,
            to_approve: None,
            status: Status::Placed,
            reason: None,
            decline_code: None,
            note: None,
            shipment: None,
            deadline: Some(placed.deadline),
            placed_at: now,
            updated_at: now,
            version: Version::default(),
        }
    }

    /// Returns the order after an event. An order that was placed cannot be placed again.
    fn apply(self, event: &OrderEvent, time: Timestamp) -> Self {
        let order = Self { updated_at: time, to_approve: None, ..self };
        match event {
            OrderEvent::Placed(_) => order,
            OrderEvent::Reserved(event) => Self {
                status: Status::Reserved,
                deadline: Some(event.deadline),
                payment_method: None,
                return_url: None,
                ..order
            },
            OrderEvent::ActionRequired(event) => {
                Self { deadline: Some(event.deadline), to_approve: Some(event.payment), ..order }
            }
            OrderEvent::Confirmed(event) => Self { status: Status::Confirmed, deadline: Some(event.deadline), ..order },
            OrderEvent::Shipped(event) => Self {
                status: Status::Shipped,
                deadline: Some(event.deadline),
                shipment: Some(event.shipment),
                ..order
            },
            OrderEvent::Delivered(_) => Self { status: Status::Delivered, deadline: None, ..order },
            OrderEvent::Cancelled(event) => Self {
                status: Status::Cancelled,
                deadline: None,
                reason: Some(event.reason),
                decline_code: event.decline_code.clone(),
                note: event.note.clone(),
                ..order
            },
        }
    }

    /// Returns the order that the events give. `None` unless the first event is `OrderPlaced`.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>) -> Option<Self> {
        events.into_iter().fold(None, |order: Option<Self>, Envelope { metadata, data }| {
            let order = match (order, data) {
                (None, OrderEvent::Placed(placed)) => Self::placed(placed, metadata.time),
                (order, event) => order?.apply(event, metadata.time),
            };
            Some(Self { version: Version::of(metadata.version), ..order })
        })
    }

    fn then<const N: usize>(self, events: [OrderEvent; N], now: Timestamp) -> (Self, Vec<OrderEvent>) {
        let order = events.iter().fold(self, |order, event| order.apply(event, now));
        (order, events.into())
    }

    fn shipped(&self, shipment: ShipmentId, now: Timestamp) -> OrderEvent {
        OrderEvent::Shipped(OrderShipped {
            order: self.id,
            customer: self.customer,
            shipment,
            deadline: now + DELIVERY_WITHIN,
        })
    }

    fn cancelled(&self, reason: CancelReason) -> OrderCancelled {
        OrderCancelled {
            cart: self.cart,
            generation: self.generation,
            // The event that the parcel was dispatched can arrive after the one that its delivery failed.
            dispatched: self.shipment.is_some() || reason == CancelReason::DeliveryFailed,
            ..OrderCancelled::of(self.id, self.customer, reason)
        }
    }
}
