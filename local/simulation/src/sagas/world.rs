//! Some orders, what the services keep of them, and the messages between them.

use contracts::{
    Address, Currency, Money, OrderId, OrderLine, Quote, Sealed, Sku, Totals, UserId,
    events::orders::{OrderCancelled, OrderConfirmed, OrderPlaced, OrderReserved},
};
use delivery::shipment::Stored;
use inventory::{
    level::Level,
    reservation::{Reservation, ReservationEvent},
};
use jiff::{SignedDuration, Timestamp};
use orders::{
    fact::{Dated, Fact},
    order::Order,
    saga::SagaEvent,
};
use payments::{
    payment::{Payment, PaymentEvent},
    webhook::About,
};
use uuid::Uuid;

use super::{Planted, pairs::Pairs, provider::Intent};
use crate::tape::Tape;

/// What is on the shelves: a unit, and some of another thing.
const RECEIVED: [u32; 2] = [1, 4];
/// How often a message is refused before it goes to the dead letters.
const MOST_TRIES: u32 = 5;
/// How long until a message that was refused comes again.
const VISIBLE_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// How an invariant is violated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation(pub(super) String);

pub(super) type Checked<T = ()> = Result<T, Violation>;

/// Fails unless a condition is met.
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

/// What the function that a message went to made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It changed something, and consumed the message.
    Consumed,
    /// There was nothing to change.
    AlreadyDone,
    /// It failed: the message is delivered again.
    Refused,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub(super) message: Message,
    /// Which purchase it is about.
    pub(super) about: usize,
    pub(super) sent: Timestamp,
    /// From when on it can be received.
    pub(super) visible: Timestamp,
    tries: u32,
}

/// One order, and what each service stores of it.
#[derive(Debug)]
pub(super) struct Purchase {
    pub(super) id: OrderId,
    pub(super) wanted: Vec<(Sku, u32)>,
    pub(super) order: Option<Order>,
    pub(super) facts: Vec<Dated>,
    pub(super) reservation: Option<Reservation>,
    /// The message that releases its stock was lost for good.
    pub(super) forgotten: bool,
    pub(super) payment: Option<Payment>,
    pub(super) shipment: Option<Stored>,
    /// The provider's books.
    pub(super) intents: Vec<Intent>,
    /// The provider gave the hold up without being asked.
    pub(super) lapsed: bool,
}

/// Everything.
pub(super) struct World<'t> {
    pub(super) tape: &'t Tape,
    pub(super) pairs: &'t mut Pairs,
    pub(super) planted: Option<Planted>,
    /// What happened, line by line, if that is wanted.
    pub(super) trace: Option<Vec<String>>,
    pub(super) now: Timestamp,
    pub(super) purchases: Vec<Purchase>,
    pub(super) levels: Vec<Level>,
    /// The levels before their last change.
    pub(super) levels_before: Vec<Level>,
    pub(super) bag: Vec<Envelope>,
    pub(super) dead: Vec<Envelope>,
    /// Until when the provider does not answer.
    pub(super) silent_until: Timestamp,
    /// What goes wrong with the next question to the provider.
    pub(super) next_fault: Fault,
    pub(super) courier: Courier,
}

/// What a courier does who is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Courier {
    Comes,
    StaysAway,
    FindsNobody,
}

/// What goes wrong with a question to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The provider does it, and the answer is lost.
    AnswerLost,
    /// The provider does it, and the process that asked ends before it saves the answer.
    Crash,
    /// The provider refuses.
    Declined,
}

impl<'t> World<'t> {
    pub(super) fn new(tape: &'t Tape, pairs: &'t mut Pairs, planted: Option<Planted>, traced: bool) -> Self {
        let now = START;
        let level = |at: usize| {
            let level = Level::new(sku(at)).adjust(i64::from(RECEIVED[at]), "received");
            level.expect("what is received is counted").0
        };
        let levels: Vec<_> = (0..RECEIVED.len()).map(level).collect();
        let purchases = (0..2 + tape.below(3)).map(|number| purchase(number, tape)).collect();
        Self {
            tape,
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
                [tape.below(5) as usize],
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
        let (order, placed) = Order::place(purchase.id, quote, sealed, method, self.now);
        require(order.version == 1, || format!("a new order has version {}", order.version))?;
        purchase.order = Some(order);
        self.log(|world| {
            let wanted = world.purchases[about].wanted.iter().map(|(sku, quantity)| format!("{quantity} × {sku}"));
            format!("order {} is placed: {}", about + 1, wanted.collect::<Vec<_>>().join(", "))
        });
        self.publish(about, vec![placed]);
        Ok(())
    }

    /// Keeps the events of an order, and sends them to their consumers.
    pub(super) fn publish(&mut self, about: usize, facts: Vec<Fact>) {
        for fact in facts {
            let version = self.purchases[about].facts.len() as u64 + 1;
            self.purchases[about].facts.push(Dated { fact: fact.clone(), version, time: self.now });
            match fact {
                Fact::Placed(event) => self.send(about, Message::ReserveStock(Box::new(event))),
                Fact::Reserved(event) => self.send(about, Message::AuthorizePayment(event)),
                Fact::Confirmed(event) => self.send(about, Message::ScheduleShipment(Box::new(event))),
                Fact::Cancelled(event) => {
                    self.send(about, Message::ReleaseStock(event.clone()));
                    self.send(about, Message::VoidOrRefund(event.clone()));
                    self.send(about, Message::CancelShipment(event));
                }
                Fact::Shipped(_) | Fact::Delivered(_) => {}
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

    /// Delivers a message of the bag; one that is refused comes again, until it is a dead letter.
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

    /// Puts dead letters back.
    pub(super) fn redrive(&mut self) {
        let now = self.now;
        self.bag.extend(self.dead.drain(..).map(|envelope| Envelope { tries: 0, visible: now, sent: now, ..envelope }));
    }

    /// The oldest message that can be received.
    pub(super) fn receivable(&self) -> Option<usize> {
        self.bag.iter().position(|envelope| envelope.visible <= self.now)
    }

    /// The next instant at which something is due.
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

    /// The next instant at which something is due, or can be received.
    pub(super) fn next_instant(&self) -> Option<Timestamp> {
        let messages = self.bag.iter().map(|envelope| envelope.visible).filter(|visible| *visible > self.now);
        messages.chain(self.due()).min()
    }
}

pub(super) const HELD: inventory::reservation::Status = inventory::reservation::Status::Held;

/// When every run begins.
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

fn purchase(number: u32, tape: &Tape) -> Purchase {
    let wanted = match tape.below(4) {
        0 => vec![(sku(1), 1)],
        1 => vec![(sku(0), 1)],
        2 => vec![(sku(0), 1), (sku(1), 2)],
        _ => vec![(sku(1), 3)],
    };
    Purchase {
        id: Uuid::from_u128(u128::from(number) + 1).into(),
        wanted,
        order: None,
        facts: Vec::new(),
        reservation: None,
        forgotten: false,
        payment: None,
        shipment: None,
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
        lines,
        totals: Totals { items: total, discount: eur(0), shipping: eur(0), tax: eur(0), total },
        shipping_option: String::new(),
        ship_to: Address {
            name: String::new(),
            line1: String::new(),
            line2: None,
            city: String::new(),
            region: None,
            postcode: String::new(),
            country: String::new(),
        },
    }
}
