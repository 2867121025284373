//! Executes a decision: checks the step, saves it, sends its events, and sends its commands to the provider.

use contracts::RefundId;
use delivery::shipment::{self, Stored};
use dynamo::Version;
use inventory::{
    level::Level,
    reservation::{self, Change, Reservation},
};
use jiff::Timestamp;
use orders::order::{self, Order};
use payments::payment::{self, Answer, Command, Decision, Payment, RefundStatus, Save};
use uuid::Uuid;

use super::{
    Planted, checks, pairs, provider,
    purchase::Purchase,
    world::{Checked, Fault, Message, Outcome, Violation, World, require},
};

/// The version after a commit of an item that was read at a version.
fn raised(version: &Version, events: usize) -> Version {
    Version::of(version.number() + events.max(1) as u64)
}

impl World<'_> {
    /// Runs a decision of an order. It must be an allowed step, and the second delivery must be refused.
    pub(super) fn order(
        &mut self,
        about: usize,
        message: &'static str,
        decide: impl Fn(Order, Timestamp) -> order::Decision,
    ) -> Checked<Outcome> {
        let Some(before) = self.purchases[about].order.clone() else { return Ok(Outcome::Refused) };
        let (from, version) = (before.status, before.version.clone());
        self.pairs.mark(pairs::ORDER, from.as_str(), message);
        match decide(before, self.now) {
            Ok((mut after, events)) => {
                checks::order_step(from, after.status, message)?;
                require(!events.is_empty() && after.version == version, || {
                    format!("{message}: version {} after {version} with {} events", after.version, events.len())
                })?;
                after.version = raised(&version, events.len());
                let again = decide(after.clone(), self.now);
                require(again.is_err(), || format!("an order takes {message} twice: {again:?}"))?;
                self.purchases[about].order = Some(after);
                self.publish(about, events);
                Ok(Outcome::Consumed)
            }
            Err(order::Rejection::Unexpected { .. }) => Ok(Outcome::Refused),
            Err(_) => Ok(Outcome::AlreadyDone),
        }
    }

    /// Runs a decision of a reservation. The second delivery of an accepted message must be refused.
    pub(super) fn reservation(
        &mut self,
        about: usize,
        message: &'static str,
        decide: impl Fn(Option<Reservation>, &[Level]) -> Result<Change, reservation::Rejection>,
    ) -> Checked<Outcome> {
        let stored = self.purchases[about].reservation.clone();
        let state = stored.as_ref().map_or(pairs::NOTHING, |stored| pairs::reservation_state(stored.status));
        self.pairs.mark(pairs::RESERVATION, state, message);
        if self.planted == Some(Planted::NoRelease) && message == "release-stock" {
            return Ok(Outcome::AlreadyDone);
        }
        let on_old_levels = self.planted == Some(Planted::StaleStock) && message == "reserve-stock";
        let levels = if on_old_levels { &self.levels_before } else { &self.levels };
        let Change { reservation, levels, event } = match decide(stored, levels) {
            Ok(Change { event: None, .. }) if self.planted == Some(Planted::NoTombstone) => {
                return Ok(Outcome::Consumed);
            }
            Ok(change) => change,
            Err(reservation::Rejection::AlreadyDone) => return Ok(Outcome::AlreadyDone),
            Err(_) => return Ok(Outcome::Refused),
        };
        checks::reservation_step(self.purchases[about].reservation.as_ref(), &reservation)?;
        self.save_levels(levels.into_iter().map(|(level, _)| level))?;
        let again = decide(Some(reservation.clone()), &self.levels);
        let refused = again == Err(reservation::Rejection::AlreadyDone);
        require(refused, || format!("a reservation takes {message} twice: {again:?}"))?;
        let version = raised(&reservation.version, 1);
        self.purchases[about].reservation = Some(Reservation { version, ..reservation });
        self.publish_reservation(about, event);
        Ok(Outcome::Consumed)
    }

    fn save_levels(&mut self, levels: impl Iterator<Item = Level>) -> Checked {
        self.levels_before.clone_from(&self.levels);
        for mut level in levels {
            let known = self.levels.iter_mut().find(|known| known.sku == level.sku);
            let known = known.ok_or_else(|| Violation(format!("{} was never on the shelf", level.sku)))?;
            let stale = self.planted == Some(Planted::StaleStock);
            require(stale || level.version == known.version, || {
                format!("{} is saved at version {} over {}", level.sku, level.version, known.version)
            })?;
            level.version = raised(&level.version, 1);
            *known = level;
        }
        Ok(())
    }

    /// Runs a decision of delivery on a message. The second delivery of an accepted message must be refused.
    pub(super) fn shipment(
        &mut self,
        about: usize,
        message: &'static str,
        decide: impl Fn(Option<Stored>) -> Result<Stored, shipment::Rejection>,
    ) -> Checked<Outcome> {
        self.mark_shipment(about, message);
        let after = match decide(self.purchases[about].shipment.clone()) {
            Ok(Stored::Tombstone(_)) if self.planted == Some(Planted::NoTombstone) => return Ok(Outcome::Consumed),
            Ok(after) => after,
            Err(_) => return Ok(Outcome::AlreadyDone),
        };
        let again = decide(Some(after.clone()));
        let refused = again == Err(shipment::Rejection::AlreadyDone);
        require(refused, || format!("a shipment takes {message} twice: {again:?}"))?;
        self.save_shipment(about, after)?;
        Ok(Outcome::Consumed)
    }

    pub(super) fn save_shipment(&mut self, about: usize, after: Stored) -> Checked {
        let stored = &mut self.purchases[about].shipment;
        checks::shipment_step(stored.as_ref(), &after)?;
        *stored = Some(match after {
            Stored::Shipment(mut shipment) => {
                shipment.version = raised(&shipment.version, 1);
                Stored::Shipment(shipment)
            }
            tombstone @ Stored::Tombstone(_) => tombstone,
        });
        Ok(())
    }

    pub(super) fn mark_shipment(&mut self, about: usize, message: &'static str) {
        let state = match &self.purchases[about].shipment {
            None => pairs::NOTHING,
            Some(Stored::Tombstone(_)) => pairs::TOMBSTONE,
            Some(Stored::Shipment(shipment)) => shipment.status.as_str(),
        };
        self.pairs.mark(pairs::SHIPMENT, state, message);
    }

    /// Runs a decision of a payment. The second delivery of a consumed message must be refused because of the saved
    /// state.
    pub(super) fn payment(
        &mut self,
        about: usize,
        messages: &[&'static str],
        decide: impl Fn(Option<Payment>) -> Result<Decision, payment::Rejection>,
    ) -> Checked<Outcome> {
        for message in messages {
            self.mark_payment(about, message);
        }
        if self.planted == Some(Planted::NoRefund) && messages == ["void-or-refund"] {
            return Ok(Outcome::AlreadyDone);
        }
        let decision = match decide(self.purchases[about].payment.clone()) {
            Ok(Decision { payment, .. })
                if payment.status == payment::Status::Refused && self.planted == Some(Planted::NoTombstone) =>
            {
                return Ok(Outcome::Consumed);
            }
            Ok(decision) => decision,
            Err(payment::Rejection::AlreadyDone) => return Ok(Outcome::AlreadyDone),
            Err(_) => return Ok(Outcome::Refused),
        };
        let refused = |payment: &Payment| {
            require(decide(Some(payment.clone())).is_err(), || {
                format!("a payment takes {messages:?} twice: {payment:?}")
            })
        };
        // A payment request is repeated until the provider has answered. Other decisions that are saved at once are
        // refused from then on.
        if decision.save == Save::Now && messages != ["authorize-payment"] {
            refused(&decision.payment)?;
            return self.commit_decision(about, decision);
        }
        let outcome = self.commit_decision(about, decision)?;
        if outcome == Outcome::Consumed && self.planted != Some(Planted::AcknowledgedFirst) {
            self.purchases[about].payment.as_ref().map_or(Ok(()), refused)?;
        }
        Ok(outcome)
    }

    /// Saves a decision, sends its commands to the provider, and saves each answer before the next command.
    pub(super) fn commit_decision(&mut self, about: usize, mut decision: Decision) -> Checked<Outcome> {
        let mut outcome = Outcome::AlreadyDone;
        if decision.save == Save::Now {
            self.save_payment(about, &mut decision)?;
            outcome = Outcome::Consumed;
        }
        while let Some(command) = decision.command.take() {
            match self.run_command(about, decision.payment, &command)? {
                Ok(next) => decision = next,
                Err(outcome) => return Ok(outcome),
            }
            outcome = Outcome::Consumed;
        }
        Ok(outcome)
    }

    /// Sends a command to the provider, and saves the answer. Returns the next command, or the result if nothing is saved.
    pub(super) fn run_command(
        &mut self,
        about: usize,
        payment: Payment,
        command: &Command,
    ) -> Checked<Result<Decision, Outcome>> {
        let fault = std::mem::replace(&mut self.next_fault, Fault::None);
        let answers = self.ask(about, command, fault)?;
        if fault == Fault::Crash {
            self.log(|_| format!("order {}: the process ends before {answers:?} is saved", about + 1));
            let acknowledged = self.planted == Some(Planted::AcknowledgedFirst);
            return Ok(Err(if acknowledged { Outcome::Consumed } else { Outcome::Refused }));
        }
        for answer in &answers {
            self.mark_payment(about, pairs::answer_name(answer));
        }
        let id = self.new_refund_id();
        let learn = |payment: &Payment| payment.clone().learn(answers.iter().cloned(), id, self.now);
        if self.planted == Some(Planted::LeftUndoneIsDone) && learn(&payment).is_err() {
            return Ok(Err(Outcome::AlreadyDone));
        }
        let mut decision = match payment.answered(command, answers.clone(), id, self.now) {
            Ok(decision) => decision,
            Err(payment::Rejection::AlreadyDone) => return Ok(Err(Outcome::AlreadyDone)),
            Err(_) => return Ok(Err(Outcome::Refused)),
        };
        if answers != [Answer::Unknown] {
            let again = learn(&decision.payment);
            let refused = again == Err(payment::Rejection::AlreadyDone);
            require(refused, || format!("a payment learns {answers:?} twice: {again:?}"))?;
        }
        if self.planted == Some(Planted::RefusalIsFinal) && matches!(answers[..], [.., Answer::RefundFailed { .. }]) {
            decision.payment.refunds.retain(|refund| refund.status != RefundStatus::Pending);
            decision.payment.next_attempt_at = None;
        }
        self.save_payment(about, &mut decision)?;
        Ok(Ok(decision))
    }

    fn save_payment(&mut self, about: usize, decision: &mut Decision) -> Checked {
        checks::payment_step(self.purchases[about].payment.as_ref(), decision)?;
        decision.payment.version = raised(&decision.payment.version, decision.events.len());
        self.purchases[about].payment = Some(decision.payment.clone());
        self.publish_payment(about, std::mem::take(&mut decision.events));
        Ok(())
    }

    /// Asks the provider, if it can be reached.
    fn ask(&mut self, about: usize, command: &Command, fault: Fault) -> Checked<Vec<Answer>> {
        checks::may_ask(&self.purchases[about], command)?;
        if self.now < self.silent_until {
            self.log(|_| format!("order {}: the provider cannot be asked for {command:?}", about + 1));
            return Ok(vec![Answer::Unknown]);
        }
        let asked = match (command.clone(), self.planted) {
            (Command::Authorize { key, order, amount, method, return_url }, Some(Planted::NewKey)) => {
                Command::Authorize { key: format!("{key}-{}", self.now), order, amount, method, return_url }
            }
            (Command::Refund { intent, amount, .. }, Some(Planted::NewKey)) => {
                Command::Refund { intent, refund: self.new_refund_id(), amount }
            }
            (Command::Void { intent }, Some(Planted::RefusedLeftOpen))
                if self.purchases[about].payment.as_ref().is_some_and(|it| it.status == payment::Status::Declined) =>
            {
                return Ok(vec![Answer::Cancelled { intent }]);
            }
            (command, _) => command,
        };
        let Purchase { intents, decisions, .. } = &mut self.purchases[about];
        let (mut answers, webhook) =
            provider::ask(intents, &asked, (fault == Fault::Declined, decisions.is_some()), self.now);
        if let (Command::Refund { refund: wanted, .. }, Some(Answer::Refunded { refund })) =
            (command, answers.last_mut())
        {
            *refund = *wanted;
        }
        if let Some(webhook) = webhook {
            self.send(about, Message::ApplyWebhook(webhook));
        }
        self.log(|_| format!("order {}: the provider is asked: {command:?}: {answers:?} ({fault:?})", about + 1));
        let lost = fault == Fault::AnswerLost;
        Ok(if lost { vec![Answer::Unknown] } else { answers })
    }

    /// An id that no other refund has.
    pub(super) fn new_refund_id(&self) -> RefundId {
        Uuid::from_u128(self.now.as_nanosecond().unsigned_abs()).into()
    }

    pub(super) fn mark_payment(&mut self, about: usize, message: &'static str) {
        let state = self.purchases[about].payment.as_ref().map(|payment| pairs::payment_state(payment.status));
        self.pairs.mark(pairs::PAYMENT, state.unwrap_or(pairs::NOTHING), message);
    }
}
