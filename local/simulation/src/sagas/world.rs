//! Some orders, the stored items of the services, and the messages between them.

use contracts::{
    Address, Currency, EventSet, Metadata, Money, OrderId, OrderLine, Quote, Sealed, Sku, TaxClass, Totals, UserId,
    events::orders::{OrderCancelled, OrderConfirmed, OrderPlaced, OrderReserved},
};
use delivery::shipment::Stored;
use dynamo::Version;
use inventory::{
    level::Level,
    reservation::{Reservation, ReservationEvent},
};
use jiff::{SignedDuration, Timestamp};
use orders::{
    event::{OrderEvent, RecordedEvent},
    order::Order,
    saga::SagaEvent,
};
use payments::{
    payment::{Payment, PaymentEvent},
    webhook::About,
};
use uuid::Uuid;

use super::{Planted, pairs::Pairs, provider::Intent};
use crate::choices::Choices;

/// The stock: one unit of one SKU, and some units of another.
const RECEIVED: [u32; 2] = [1, 4];
/// The number of failures after which a message goes to the dead-letter queue.
const MOST_TRIES: u32 = 5;
/// The delay until a failed message is delivered again.
const VISIBLE_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// The violation of an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation(pub(super) String);

pub(super) type Checked<T = ()> = Result<T, Violation>;

/// Returns a violation unless a condition is met.
pub(super) fn require(condition: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if condition { Ok(()) } else { Err(Violation(otherwise())) }
}

/// A message to the function that it is named after, with what that function reads of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    AdvanceOrder(SagaEvent),
    ReserveStock(Box<OrderPlaced>),
    ReleaseStock(OrderCancelled),
    CommitStock,
    AuthorizePayment(OrderReserved),
    CapturePayment,
    VoidOrRefund(OrderCancelled),
    ApplyWebhook(About),
    ScheduleShipment(Box<OrderConfirmed>),
    CancelShipment(OrderCancelled),
}

/// The result of the function that received a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It changed something, and consumed the message.
    Consumed,
    /// There was nothing to change.
    AlreadyDone,
    /// It failed: the message is delivered again.
    Refused,
}

/// A message that is under way.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub(super) message: Message,
    /// The purchase of the message.
    pub(super) about: usize,
    pub(super) sent: Timestamp,
    /// The time from which it can be received.
    pub(super) visible: Timestamp,
    tries: u32,
}

/// An order, and the items that each service stores for it.
#[derive(Debug)]
pub(super) struct Purchase {
    pub(super) id: OrderId,
    pub(super) wanted: Vec<(Sku, u32)>,
    pub(super) order: Option<Order>,
    pub(super) events: Vec<RecordedEvent>,
    pub(super) reservation: Option<Reservation>,
    /// The message that releases its stock was lost permanently.
    pub(super) forgotten: bool,
    pub(super) payment: Option<Payment>,
    pub(super) shipment: Option<Stored>,
    /// Whether the customer approves the payment as soon as they can. `None` if they need not approve it.
    pub(super) approves: Option<bool>,
    /// The provider's records.
    pub(super) intents: Vec<Intent>,
    /// The provider released the hold without a request.
    pub(super) lapsed: bool,
}

/// The state of a run.
pub(super) struct World<'t> {
    pub(super) choices: &'t Choices,
    pub(super) pairs: &'t mut Pairs,
    pub(super) planted: Option<Planted>,
    /// The trace, line by line, if it is enabled.
    pub(super) trace: Option<Vec<String>>,
    pub(super) now: Timestamp,
    pub(super) purchases: Vec<Purchase>,
    pub(super) levels: Vec<Level>,
    /// The levels before their last change.
    pub(super) levels_before: Vec<Level>,
    pub(super) bag: Vec<Envelope>,
    pub(super) dead: Vec<Envelope>,
    /// The time until which the provider does not answer.
    pub(super) silent_until: Timestamp,
    /// The fault of the next command to the provider.
    pub(super) next_fault: Fault,
    pub(super) courier: Courier,
}

/// The next action of a courier without further choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Courier {
    Comes,
    StaysAway,
    FindsNobody,
}

/// The fault of a command to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The provider executes it, and the reply is lost.
    AnswerLost,
    /// The provider executes it, and the process ends before it saves the answer.
    Crash,
    /// The provider refuses.
    Declined,
}

impl<'t> World<'t> {
    pub(super) fn new(choices: &'t Choices, pairs: &'t mut Pairs, planted: Option<Planted>, traced: bool) -> Self {
        let now = START;
        let level = |at: usize| {
            let level = Level::new(sku(at)).adjust(i64::from(RECEIVED[at]), "received", None);
            level.expect("what is received is counted").0
        };
        let levels: Vec<_> = (0..RECEIVED.len()).map(level).collect();
        let purchases = (0..2 + choices.below(3)).map(|number| purchase(number, choices)).collect();
        Self {
            choices,
            pairs,
            planted,
            trace: traced.then(Vec::new),
            now,
            purchases,
            levels_before: levels.clone(),
            levels,
            bag: Vec::new(),
            dead: Vec::new(),
            silent_until: now,
            next_fault: Fault::None,
            courier: [Courier::Comes, Courier::Comes, Courier::Comes, Courier::StaysAway, Courier::FindsNobody]
                [choices.below(5) as usize],
        }
    }

    /// Adds a line to the trace, if there is one.
    pub(super) fn log(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let hours = self.now.duration_since(START).as_millis() / 3_600_000;
            let line = format!("{:>3} d {:>2} h  {}", hours / 24, hours % 24, what(self));
            self.trace.get_or_insert_default().push(line);
        }
    }

    pub(super) fn send(&mut self, about: usize, message: Message) {
        let (sent, visible) = (self.now, self.now);
        self.bag.push(Envelope { message, about, sent, visible, tries: 0 });
    }

    /// Customer `about` places their order.
    pub(super) fn place(&mut self, about: usize) -> Checked {
        let purchase = &mut self.purchases[about];
        let quote = quote(purchase, self.now);
        let sealed = Sealed::from_ciphertext(String::new());
        let method = Sealed::from_ciphertext(String::new());
        let (mut order, placed) = Order::place(purchase.id, quote, sealed, method, None, self.now);
        require(order.version == 0, || format!("a new order has version {}", order.version))?;
        order.version = Version::of(1);
        purchase.order = Some(order);
        self.log(|world| {
            let wanted = world.purchases[about].wanted.iter().map(|(sku, quantity)| format!("{quantity} × {sku}"));
            format!("order {} is placed: {}", about + 1, wanted.collect::<Vec<_>>().join(", "))
        });
        self.publish(about, vec![OrderEvent::Placed(placed)]);
        Ok(())
    }

    /// Stores the events of an order, and sends them to their consumers.
    pub(super) fn publish(&mut self, about: usize, events: Vec<OrderEvent>) {
        for event in events {
            let purchase = &mut self.purchases[about];
            let metadata = Metadata {
                id: Uuid::nil().into(),
                aggregate: purchase.id.to_string(),
                version: purchase.events.len() as u64 + 1,
                time: self.now,
                causation: String::new(),
                correlation: String::new(),
                principal: String::new(),
            };
            purchase.events.push(RecordedEvent { metadata, data: event.clone() });
            match event {
                OrderEvent::Placed(event) => self.send(about, Message::ReserveStock(Box::new(event))),
                OrderEvent::Reserved(event) => self.send(about, Message::AuthorizePayment(event)),
                OrderEvent::Confirmed(event) => self.send(about, Message::ScheduleShipment(Box::new(event))),
                OrderEvent::Cancelled(event) => {
                    self.send(about, Message::ReleaseStock(event.clone()));
                    self.send(about, Message::VoidOrRefund(event.clone()));
                    self.send(about, Message::CancelShipment(event));
                }
                OrderEvent::ActionRequired(_) | OrderEvent::Shipped(_) | OrderEvent::Delivered(_) => {}
            }
        }
    }

    /// Sends the event of a reservation to its consumers.
    pub(super) fn publish_reservation(&mut self, about: usize, event: Option<ReservationEvent>) {
        let event = match event {
            Some(ReservationEvent::Reserved(event)) => SagaEvent::StockReserved(event),
            Some(ReservationEvent::Rejected(event)) => SagaEvent::StockRejected(event),
            Some(ReservationEvent::Released(_) | ReservationEvent::Committed(_)) | None => return,
        };
        self.send(about, Message::AdvanceOrder(event));
    }

    /// Sends the events of a payment to their consumers.
    pub(super) fn publish_payment(&mut self, about: usize, events: Vec<PaymentEvent>) {
        for event in events {
            let event = match event {
                PaymentEvent::ActionRequired(event) => SagaEvent::PaymentActionRequired(event),
                PaymentEvent::Authorized(event) => SagaEvent::PaymentAuthorized(event),
                PaymentEvent::Declined(event) => SagaEvent::PaymentDeclined(event),
                PaymentEvent::Voided(event) => SagaEvent::PaymentVoided(event),
                PaymentEvent::Captured(_)
                | PaymentEvent::Refunded(_)
                | PaymentEvent::Disputed(_)
                | PaymentEvent::Decided(_) => continue,
            };
            self.send(about, Message::AdvanceOrder(event));
        }
    }

    /// Delivers a message of the bag. A message that fails is delivered again, until it becomes a dead letter.
    pub(super) fn deliver(&mut self, at: usize) -> Checked {
        let mut envelope = self.bag.remove(at);
        let outcome = self.handle(envelope.about, &envelope.message)?;
        self.log(|_| {
            let outcome = match outcome {
                Outcome::Consumed => "",
                Outcome::AlreadyDone => ": nothing new",
                Outcome::Refused => ": refused",
            };
            format!("order {}: {}{outcome}", envelope.about + 1, envelope.message.name())
        });
        if outcome == Outcome::Refused {
            envelope.tries += 1;
            envelope.visible = self.now + VISIBLE_AGAIN;
            if envelope.tries < MOST_TRIES { self.bag.push(envelope) } else { self.dead.push(envelope) }
        }
        Ok(())
    }

    /// Redrives dead letters.
    pub(super) fn redrive(&mut self) {
        let now = self.now;
        self.bag.extend(self.dead.drain(..).map(|envelope| Envelope { tries: 0, visible: now, sent: now, ..envelope }));
    }

    /// The oldest message that can be received.
    pub(super) fn receivable(&self) -> Option<usize> {
        self.bag.iter().position(|envelope| envelope.visible <= self.now)
    }

    /// The next deadline.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let due = self.purchases.iter().flat_map(|purchase| {
            let held = purchase.reservation.as_ref().filter(|kept| kept.status == HELD);
            let order = purchase.order.as_ref().and_then(|order| order.deadline);
            let payment = purchase.payment.as_ref().and_then(|payment| payment.next_attempt_at);
            let lapses = purchase.intents.iter().map(Intent::lapses);
            [order, payment, held.map(|kept| kept.held_until)].into_iter().chain(lapses).flatten()
        });
        due.min()
    }

    /// The next time at which an entity is overdue or a message can be received.
    pub(super) fn next_instant(&self) -> Option<Timestamp> {
        let messages = self.bag.iter().map(|envelope| envelope.visible).filter(|visible| *visible > self.now);
        messages.chain(self.due()).min()
    }
}

pub(super) const HELD: inventory::reservation::Status = inventory::reservation::Status::Held;

/// The start time of every run.
const START: Timestamp = Timestamp::constant(24 * 365 * 56 * 3600, 0);

impl Message {
    /// The function that it goes to, and what tells it from others to the same function.
    pub(super) fn name(&self) -> String {
        let name = match self {
            Self::AdvanceOrder(event) => return format!("advance-order ({})", event.name()),
            Self::ReserveStock(_) => "reserve-stock",
            Self::ReleaseStock(cancelled) => return format!("release-stock ({:?})", cancelled.reason),
            Self::CommitStock => "commit-stock",
            Self::AuthorizePayment(_) => "authorize-payment",
            Self::CapturePayment => "capture-payment",
            Self::VoidOrRefund(_) => "void-or-refund",
            Self::ApplyWebhook(webhook) => return format!("apply-webhook ({webhook:?})"),
            Self::ScheduleShipment(_) => "schedule-shipment",
            Self::CancelShipment(_) => "cancel-shipment",
        };
        name.to_owned()
    }
}

fn sku(at: usize) -> Sku {
    ["UNIT", "SOME"][at].parse().expect("a SKU")
}

pub(super) fn received(at: usize) -> i64 {
    i64::from(RECEIVED[at])
}

fn purchase(number: u32, choices: &Choices) -> Purchase {
    let wanted = match choices.below(4) {
        0 => vec![(sku(1), 1)],
        1 => vec![(sku(0), 1)],
        2 => vec![(sku(0), 1), (sku(1), 2)],
        _ => vec![(sku(1), 3)],
    };
    Purchase {
        id: Uuid::from_u128(u128::from(number) + 1).into(),
        wanted,
        order: None,
        events: Vec::new(),
        reservation: None,
        forgotten: false,
        payment: None,
        shipment: None,
        approves: choices.happens(300).then(|| !choices.happens(250)),
        intents: Vec::new(),
        lapsed: false,
    }
}

fn quote(purchase: &Purchase, now: Timestamp) -> Quote {
    let eur = |amount| Money::new(amount, Currency::Eur);
    let line = |(sku, quantity): &(Sku, u32)| OrderLine {
        sku: sku.clone(),
        product: Uuid::nil().into(),
        title: String::new(),
        quantity: *quantity,
        unit_price: eur(100),
        discount: eur(0),
        discounts: Vec::new(),
        tax_class: TaxClass::STANDARD,
        tax_included: false,
        tax: eur(0),
        total: eur(100 * i64::from(*quantity)),
    };
    let lines: Vec<_> = purchase.wanted.iter().map(line).collect();
    let total = eur(lines.iter().map(|line| line.total.amount).sum());
    Quote {
        jti: Uuid::nil().into(),
        sub: UserId::from(Uuid::from_u128(7)),
        exp: now.as_second() + 900,
        iat: now.as_second(),
        cart: Uuid::nil().into(),
        generation: 0,
        lines,
        totals: Totals { items: total, total, ..Totals::zero(Currency::Eur) },
        shipping_option: String::new(),
        ship_to: Address {
            name: String::new(),
            line1: String::new(),
            line2: None,
            city: None,
            region: None,
            postcode: None,
            country: String::new(),
        },
    }
}
