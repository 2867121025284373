//! Maps each message to the decision of its service. The deployed function calls the same one.

use contracts::{Currency, EventSet, Money, RefundId, Sealed, UserId};
use delivery::shipment::{Actor, Cancellation, Shipment, Stored};
use inventory::reservation::{self, Reservation};
use orders::saga::SagaEvent;
use payments::{payment::Payment, webhook::About};
use uuid::Uuid;

use super::{
    pairs,
    world::{Checked, Message, Outcome, Violation, World},
};

impl World<'_> {
    /// Passes a message to its service's decision.
    pub(super) fn handle(&mut self, about: usize, message: &Message) -> Checked<Outcome> {
        let now = self.now;
        match message {
            Message::AdvanceOrder(event) => self.order(about, event.name(), |order, now| order.advance(event, now)),
            Message::ReserveStock(placed) => self.reservation(about, "reserve-stock", |stored, levels| {
                Reservation::reserve(stored.as_ref(), placed, levels, now)
            }),
            Message::ReleaseStock(cancelled) => self.reservation(about, "release-stock", |stored, levels| {
                Reservation::release(stored, cancelled, levels, now)
            }),
            Message::CommitStock => self.reservation(about, "commit-stock", Reservation::commit),
            Message::AuthorizePayment(reserved) => {
                self.payment(about, &["authorize-payment"], |stored| Payment::authorize(stored, reserved, now))
            }
            Message::CapturePayment => {
                self.payment(about, &["capture-payment"], |stored| Payment::capture(stored, now))
            }
            Message::VoidOrRefund(cancelled) => {
                self.payment(about, &["void-or-refund"], |stored| Payment::cancel(stored, cancelled, now))
            }
            Message::ApplyWebhook(webhook) => self.webhook(about, webhook),
            Message::ScheduleShipment(confirmed) => self.shipment(about, "schedule-shipment", |stored| {
                let (shipment, _) = Shipment::schedule(stored.as_ref(), confirmed, now)?;
                Ok(Stored::Shipment(Box::new(shipment)))
            }),
            Message::CancelShipment(cancelled) => self.shipment(about, "cancel-shipment", |stored| {
                Ok(match Shipment::cancel(stored, cancelled.order)? {
                    Cancellation::NotScheduled(tombstone) => Stored::Tombstone(tombstone),
                    Cancellation::Cancelled(shipment, _) | Cancellation::Recalled(shipment, _) => {
                        Stored::Shipment(Box::new(shipment))
                    }
                })
            }),
        }
    }

    /// A courier, or an administrator, who may change every shipment, handles a parcel.
    pub(super) fn carry(&mut self, about: usize, task: Task, courier: bool) -> Checked {
        let Some(Stored::Shipment(shipment)) = self.purchases[about].shipment.clone() else { return Ok(()) };
        let actor = if courier { Actor::Courier(user(1)) } else { Actor::Admin(user(2)) };
        self.mark_shipment(about, task.name());
        let handled = match task {
            Task::Assign => shipment.assign(actor, actor.id()).map(|(after, _)| (after, Vec::new())),
            Task::Dispatch => shipment.dispatch(actor).map(|(after, event)| {
                let advance = Message::AdvanceOrder(SagaEvent::ShipmentDispatched(event));
                (after, vec![advance, Message::CommitStock, Message::CapturePayment])
            }),
            Task::Deliver => shipment
                .deliver(actor, self.now)
                .map(|(after, event)| (after, vec![Message::AdvanceOrder(SagaEvent::ShipmentDelivered(event))])),
            Task::Fail => shipment
                .fail(actor, Sealed::from_ciphertext(String::new()))
                .map(|(after, event)| (after, vec![Message::AdvanceOrder(SagaEvent::DeliveryFailed(event))])),
        };
        let Ok((after, messages)) = handled else { return Ok(()) };
        self.save_shipment(about, Stored::Shipment(Box::new(after)))?;
        self.log(|_| format!("order {}: a courier: {}", about + 1, task.name()));
        for message in messages {
            self.send(about, message);
        }
        Ok(())
    }

    /// A webhook. The intent is read from the provider unless the webhook contains it.
    fn webhook(&mut self, about: usize, webhook: &About) -> Checked<Outcome> {
        let intent = match webhook {
            About::Intent(intent) => intent.clone(),
            _ if self.now < self.silent_until => return Ok(Outcome::Refused),
            _ => {
                let mut intents = self.purchases[about].intents.iter();
                let known = intents.find(|intent| intent.id == webhook.intent_id());
                known.ok_or_else(|| Violation(format!("{webhook:?} is about no intent")))?.shown()
            }
        };
        let answers: Vec<_> = webhook.clone().answers(&intent).collect();
        let names: Vec<_> = answers.iter().map(pairs::answer_name).collect();
        let (id, now) = (self.new_refund_id(), self.now);
        self.payment(about, &names, |stored| Payment::apply_webhook(stored, answers.iter().cloned(), id, now))
    }

    /// Support makes a refund.
    pub(super) fn refund(&mut self, about: usize, amount: i64, id: u128) -> Checked {
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(()) };
        self.mark_payment(about, "refund");
        let (id, amount) = (RefundId::from(Uuid::from_u128(id)), Money::new(amount, Currency::Eur));
        let Ok((decision, _)) = payment.refund(id, amount, "goodwill", self.now) else { return Ok(()) };
        self.log(|_| format!("order {}: support gives {amount} back", about + 1));
        self.commit_decision(about, decision).map(drop)
    }

    /// The customer approves or refuses the payment on the bank's page.
    pub(super) fn decide(&mut self, about: usize, approved: bool) -> bool {
        let webhook = self.purchases[about].intents.iter_mut().find_map(|intent| intent.decided(approved));
        let Some(webhook) = webhook else { return false };
        self.log(|_| format!("order {}: the customer {}", about + 1, if approved { "approves" } else { "refuses" }));
        self.send(about, Message::ApplyWebhook(webhook));
        true
    }

    /// The customer's browser confirms that they have decided.
    pub(super) fn confirm(&mut self, about: usize) -> Checked {
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(()) };
        self.mark_payment(about, "confirm");
        let Some(command) = payment.confirm() else { return Ok(()) };
        self.log(|_| format!("order {}: the customer confirms", about + 1));
        self.run_command(about, payment, &command).map(drop)
    }

    /// An expired reservation is released.
    pub(super) fn expire(&mut self, about: usize) -> Checked<Outcome> {
        self.reservation(about, "expire", |stored, levels| {
            stored.ok_or(reservation::Rejection::AlreadyDone)?.expire(levels)
        })
    }

    /// The overdue scan asks the provider about undecided payments.
    pub(super) fn resolve(&mut self, about: usize) -> Checked {
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(()) };
        self.commit_decision(about, payment.ask(self.now)).map(drop)
    }
}

/// The change of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Assign,
    Dispatch,
    Deliver,
    Fail,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Dispatch => "dispatch",
            Self::Deliver => "deliver",
            Self::Fail => "fail",
        }
    }
}

fn user(number: u128) -> UserId {
    Uuid::from_u128(number).into()
}
