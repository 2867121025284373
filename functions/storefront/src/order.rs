//! An order and what belongs to it, as their owners answer it.

use contracts::{Address, Money, OrderId, PaymentId, ShipmentId, UserId};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest, Problem, missing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Storefront, cart::Totals, goods::Sold, signed::Signed};

/// An order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    pub(crate) decline_reason: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) waiting_for: Option<Waiting>,
    /// The payment, while the customer must approve it.
    pub(crate) payment_id: Option<PaymentId>,
    pub(crate) lines: Vec<Sold>,
    pub(crate) totals: Totals,
    pub(crate) ship_to: Address,
    pub(crate) shipment_id: Option<ShipmentId>,
    pub(crate) customer_id: Option<UserId>,
    pub(crate) placed_at: Timestamp,
}

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShownOrderStatus")]
pub(crate) enum Status {
    Placed,
    Reserved,
    Confirmed,
    Shipped,
    Delivered,
    Cancelled,
}

impl Status {
    /// Every status, in the order in which an order has them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Placed, Self::Reserved, Self::Confirmed, Self::Shipped, Self::Delivered, Self::Cancelled];

    /// Its name in an address.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }

    /// The key of its text in a list, and the class of its tag.
    pub(crate) const fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Placed | Self::Reserved => ("status-placed", "warn"),
            Self::Confirmed => ("status-confirmed", "good"),
            Self::Shipped => ("status-shipped", "good"),
            Self::Delivered => ("status-delivered", ""),
            Self::Cancelled => ("status-cancelled", "bad"),
        }
    }
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShownCancelReason")]
pub(crate) enum Reason {
    OutOfStock,
    PaymentDeclined,
    PaymentVoided,
    Requested,
    DeliveryFailed,
    TimedOut,
}

impl Reason {
    /// The key of its text.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::OutOfStock => "why-out-of-stock",
            Self::PaymentDeclined => "why-payment-declined",
            Self::PaymentVoided => "why-payment-voided",
            Self::Requested => "why-requested",
            Self::DeliveryFailed => "why-delivery-failed",
            Self::TimedOut => "why-timed-out",
        }
    }
}

/// What an order waits for, and until when.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) what: Awaited,
    pub(crate) until: Timestamp,
}

/// The next step of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Awaited {
    Stock,
    Payment,
    Customer,
    Dispatch,
    Delivery,
}

/// An event of an order or of its shipment.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Happened {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) time: Timestamp,
    /// Why a courier did not deliver, in their words, or the kind of reason for which the order was cancelled.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// The payment of an order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    pub(crate) id: PaymentId,
    pub(crate) captured: Money,
    pub(crate) refunded: Money,
    pub(crate) next_action: Option<NextAction>,
    pub(crate) transactions: Vec<Transaction>,
}

/// How the customer approves a payment.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NextAction {
    /// The page of the bank.
    pub(crate) url: Option<String>,
}

/// A movement of money.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Transaction {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) amount: Money,
    pub(crate) at: Timestamp,
}

/// The shipment of an order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shipment {
    /// What the courier is told when the parcel is handed over.
    pub(crate) pin: Option<String>,
    #[serde(default)]
    pub(crate) courier_id: Option<UserId>,
    #[serde(default)]
    pub(crate) attempts: u32,
    #[serde(default)]
    pub(crate) history: Vec<Happened>,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// An order with what is known of it. What its owner did not answer is `None`.
#[derive(Debug, Clone)]
#[expect(clippy::option_option, reason = "an owner that does not answer is not one that has nothing")]
pub(crate) struct Known {
    pub(crate) order: Order,
    pub(crate) history: Option<Vec<Happened>>,
    /// `Some(None)` if there is no payment yet.
    pub(crate) payment: Option<Option<Payment>>,
    /// `Some(None)` if there is no shipment yet.
    pub(crate) shipment: Option<Option<Shipment>>,
}

impl Order {
    /// Whether nothing more happens.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.status, Status::Delivered | Status::Cancelled)
    }

    /// Whether the customer can still cancel it.
    pub(crate) fn can_be_cancelled(&self) -> bool {
        matches!(self.status, Status::Placed | Status::Reserved | Status::Confirmed)
    }
}

impl Known {
    /// The parts of it that are missing.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        missing([
            ("history", self.history.is_none()),
            ("payment", self.payment.is_none()),
            ("shipment", self.shipment.is_none()),
        ])
    }

    pub(crate) fn payment(&self) -> Option<&Payment> {
        self.payment.as_ref()?.as_ref()
    }

    pub(crate) fn shipment(&self) -> Option<&Shipment> {
        self.shipment.as_ref()?.as_ref()
    }

    /// The time of the last event of a kind.
    pub(crate) fn time_of(&self, kind: &str) -> Option<Timestamp> {
        self.history.iter().flatten().rev().find(|event| event.kind == kind).map(|event| event.time)
    }
}

impl Payment {
    /// The last transaction of a kind.
    pub(crate) fn last(&self, kind: &str) -> Option<&Transaction> {
        self.transactions.iter().rev().find(|transaction| transaction.kind == kind)
    }

    /// The page of the bank on which the customer approves it.
    pub(crate) fn approval(&self) -> Option<&str> {
        let url = self.next_action.as_ref()?.url.as_deref();
        // Only the address of a web page becomes a link.
        url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }
}

impl Storefront {
    /// An order with its history, payment and shipment, which are asked for at the same time. Only the order must answer.
    pub(crate) async fn known_order(&self, signed: &Signed, id: OrderId) -> Result<Known, ApiError> {
        let order = async {
            let order: Order = self.orders.send(get(signed, format!("/v1/orders/{id}"))).await?;
            let shipment = match order.shipment_id {
                None => Some(None),
                Some(id) => self.delivery.send(get(signed, format!("/v1/shipments/{id}"))).await.ok().map(Some),
            };
            Ok::<_, ApiError>((order, shipment))
        };
        let history = self.orders.send::<Listed<Happened>>(get(signed, format!("/v1/orders/{id}/history?limit=100")));
        let (order, history, payment) = futures::join!(order, history, self.payment_of(signed, id));
        let (order, shipment) = order?;
        let history = history.ok().map(|history| history.items);
        Ok(Known { order, history, payment: payment.ok(), shipment })
    }

    /// The payment of an order. There is none shortly after it is placed.
    pub(crate) async fn payment_of(&self, signed: &Signed, order: OrderId) -> Result<Option<Payment>, ApiError> {
        let payments: Listed<Payment> =
            self.payments.send(get(signed, format!("/v1/payments?orderId={order}"))).await?;
        Ok(payments.items.into_iter().next())
    }

    /// Says that the customer is back from the bank. The provider is asked what they decided.
    pub(crate) async fn confirm_payment(&self, signed: &Signed, payment: PaymentId) -> Result<(), ApiError> {
        let request = ApiRequest::new(http::Method::POST, format!("/v1/payments/{payment}/confirmation"));
        self.payments.send::<serde_json::Value>(signed.with_token(request)).await.map(|_| ())
    }

    /// A page of the visitor's own orders, the newest first. Without their id, a merchant would get those of the shop.
    pub(crate) async fn list_orders<T: DeserializeOwned>(
        &self,
        signed: &Signed,
        query: &str,
    ) -> Result<Listed<T>, ApiError> {
        let customer = signed.session.person.id;
        self.orders.send(get(signed, format!("/v1/orders?customerId={customer}&{query}"))).await
    }
}

/// Says that only the customer sees an order.
pub(crate) fn not_signed() -> Problem {
    Problem::unauthenticated(
        "Sign in to see this order. The browser in which a guest ordered remembers it for 30 days.",
    )
}

fn get(signed: &Signed, path: String) -> ApiRequest {
    signed.with_token(ApiRequest::get(path))
}
