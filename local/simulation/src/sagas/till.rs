//! What payments does: it remembers what is wanted, asks the provider, and keeps what came of it.

use contracts::{Currency, Money, RefundId, events::orders::OrderReserved};
use payments::payment::{Answer, Command, Payment, RefundStatus, Rejection, Stated, Status};
use uuid::Uuid;

use super::{
    Planted, checks, pairs,
    provider::{self, Notice},
    world::{Checked, Fate, Heard, Message, World, holds},
};

impl World<'_> {
    pub(super) fn authorize(&mut self, about: usize, event: &OrderReserved) -> Checked<Heard> {
        self.mark_payment(about, "authorize-payment");
        let payment = if let Some(known) = self.purchases[about].payment.clone() {
            let Ok(payment) = known.resume() else { return Ok(Heard::Passed) };
            payment
        } else {
            let payment = Payment::request(event, self.now);
            holds(payment.version == 1, || format!("a new payment has version {}", payment.version))?;
            self.purchases[about].payment = Some(payment.clone());
            payment
        };
        self.carry_out(about, payment)
    }

    pub(super) fn capture(&mut self, about: usize) -> Checked<Heard> {
        self.mark_payment(about, "capture-payment");
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(Heard::Refused) };
        match payment.capture() {
            Ok(payment) => {
                let heard = self.carry_out(about, payment)?;
                self.is_wanted_once(about, heard, |payment| payment.capture().err())
            }
            Err(Rejection::AlreadyDone) => Ok(Heard::Passed),
            Err(_) => Ok(Heard::Refused),
        }
    }

    pub(super) fn void_or_refund(&mut self, about: usize) -> Checked<Heard> {
        self.mark_payment(about, "void-or-refund");
        if self.planted == Some(Planted::NoRefund) {
            return Ok(Heard::Passed);
        }
        let now = self.now;
        let purchase = &mut self.purchases[about];
        let Some(payment) = purchase.payment.clone() else {
            if self.planted != Some(Planted::NoTombstone) {
                let customer = Uuid::from_u128(7).into();
                purchase.payment = Some(Payment::tombstone(purchase.id, customer, self.now));
            }
            return Ok(Heard::Taken);
        };
        let version = payment.version;
        match payment.cancel(self.now) {
            Ok(payment) if payment.version > version => {
                let after = payment.version;
                holds(after == version + 1, || format!("cancelled: version {after} after {version}"))?;
                self.keep_payment(about, payment.clone(), Vec::new());
                self.carry_out(about, payment)?;
                self.is_wanted_once(about, Heard::Taken, |payment| payment.cancel(now).err())
            }
            Ok(payment) => {
                let heard = self.carry_out(about, payment)?;
                self.is_wanted_once(about, heard, |payment| payment.cancel(now).err())
            }
            Err(_) => Ok(Heard::Passed),
        }
    }

    /// Support gives some of the money back.
    pub(super) fn refund(&mut self, about: usize, amount: i64, id: u128) -> Checked {
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(()) };
        self.mark_payment(about, "refund");
        let version = payment.version;
        let amount = Money::new(amount, Currency::Eur);
        let refund = RefundId::from(Uuid::from_u128(id));
        let Ok((payment, _)) = payment.refund(refund, amount, "goodwill", self.now) else { return Ok(()) };
        holds(payment.version == version + 1, || format!("a refund: version {} after {version}", payment.version))?;
        self.purchases[about].payment = Some(payment.clone());
        self.tell(|_| format!("order {}: support gives {amount} back", about + 1));
        self.carry_out(about, payment).map(drop)
    }

    pub(super) fn apply(&mut self, about: usize, notice: &Notice) -> Checked<Heard> {
        let answers = match notice {
            Notice::Intent(answer) => vec![answer.clone()],
            Notice::About { .. } if self.now < self.silent_until => return Ok(Heard::Refused),
            Notice::About { intent, answer } => {
                let known = self.purchases[about].intents.iter().find(|known| known.id == *intent);
                let answer = known.map_or(answer.clone(), |known| known.as_of_now(answer));
                known.map(provider::Intent::answer).into_iter().chain([answer]).collect()
            }
        };
        let Some(payment) = self.purchases[about].payment.clone() else { return Ok(Heard::Passed) };
        match self.learn(about, payment, &answers, false)? {
            Ok(payment) => {
                self.carry_out(about, payment)?;
                Ok(Heard::Taken)
            }
            Err(Rejection::AlreadyDone) => Ok(Heard::Passed),
            Err(_) => Ok(Heard::Refused),
        }
    }

    /// Somebody else asks about what the provider has not decided.
    pub(super) fn resolve(&mut self, about: usize) -> Checked<Heard> {
        match self.purchases[about].payment.clone() {
            Some(payment) => self.carry_out(about, payment),
            None => Ok(Heard::Passed),
        }
    }

    /// Asks for one thing after the other, and keeps what came of each before the next.
    fn carry_out(&mut self, about: usize, mut payment: Payment) -> Checked<Heard> {
        let mut heard = Heard::Passed;
        while let Some(command) = payment.next(self.now) {
            let fate = std::mem::replace(&mut self.next_fate, Fate::Answered);
            let answer = self.ask(about, &command, fate)?;
            if fate == Fate::Crashed {
                self.tell(|_| format!("order {}: whoever asked for {command:?} ends before it is kept", about + 1));
                // What was kept before is not done again: its message was consumed.
                let acknowledged = heard == Heard::Taken || self.planted == Some(Planted::AcknowledgedFirst);
                return Ok(if acknowledged { Heard::Taken } else { Heard::Refused });
            }
            let refused = matches!(answer, Answer::RefundFailed { .. });
            let given = refused.then(|| self.purchases[about].intents.iter().find_map(provider::Intent::given_back));
            let answers: Vec<_> = given.flatten().into_iter().chain([answer]).collect();
            payment = match self.learn(about, payment, &answers, true)? {
                Ok(payment) => payment,
                Err(Rejection::AlreadyDone) => return Ok(Heard::Passed),
                Err(_) => return Ok(Heard::Refused),
            };
            heard = Heard::Taken;
            if refused || payment.next(self.now) == Some(command) {
                break;
            }
        }
        Ok(heard)
    }

    /// Asks the provider, if it hears anything.
    fn ask(&mut self, about: usize, command: &Command, fate: Fate) -> Checked<Answer> {
        checks::may_ask(&self.purchases[about], command)?;
        if *command != Command::GiveUp && self.now < self.silent_until {
            self.tell(|_| format!("order {}: the provider does not hear {command:?}", about + 1));
            return Ok(Answer::Unknown);
        }
        let asked = match (command.clone(), self.planted) {
            (Command::Authorize { key, order, amount, method }, Some(Planted::NewKey)) => {
                Command::Authorize { key: format!("{key}-{}", self.now), order, amount, method }
            }
            (Command::Refund { intent, amount, .. }, Some(Planted::NewKey)) => {
                let refund = RefundId::from(Uuid::from_u128(self.now.as_nanosecond().unsigned_abs()));
                Command::Refund { intent, refund, amount }
            }
            (command, _) => command,
        };
        let intents = &mut self.purchases[about].intents;
        let (answer, notice) = provider::ask(intents, &asked, fate == Fate::Declined, self.now);
        let answer = match (answer, command) {
            (Answer::Refunded { .. }, Command::Refund { refund, .. }) => Answer::Refunded { refund: *refund },
            (answer, _) => answer,
        };
        if let Some(notice) = notice {
            self.send(about, Message::ApplyWebhook(notice));
        }
        self.tell(|_| format!("order {}: the provider is asked: {command:?}: {answer:?} ({fate:?})", about + 1));
        let lost = fate == Fate::Lost && *command != Command::GiveUp;
        Ok(if lost { Answer::Unknown } else { answer })
    }

    /// Takes answers, to what was asked or of a webhook, and keeps and publishes what came of them.
    fn learn(
        &mut self,
        about: usize,
        payment: Payment,
        answers: &[Answer],
        asked: bool,
    ) -> Checked<Result<Payment, Rejection>> {
        for answer in answers {
            self.mark_payment(about, pairs::answer_name(answer));
        }
        let spare = RefundId::from(Uuid::from_u128(self.now.as_nanosecond().unsigned_abs()));
        let (from, version) = (payment.status, payment.version);
        let learned = if asked && self.planted != Some(Planted::LeftUndoneIsDone) {
            payment.hear(answers.iter().cloned(), spare, self.now)
        } else {
            payment.learn(answers.iter().cloned(), spare, self.now)
        };
        let (mut after, stated) = match learned {
            Ok(learned) => learned,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if self.planted == Some(Planted::RefusalIsFinal) && matches!(answers, [.., Answer::RefundFailed { .. }]) {
            after.refunds.retain(|refund| refund.status != RefundStatus::Pending);
            after.due = None;
        }
        checks::payment_step(from, after.status)?;
        holds(after.version == version + (stated.len() as u64).max(1), || {
            format!("a payment goes from version {version} to {} with {} events", after.version, stated.len())
        })?;
        if answers != [Answer::Unknown] {
            let again = after.clone().learn(answers.iter().cloned(), spare, self.now);
            holds(again == Err(Rejection::AlreadyDone), || format!("a payment learns {answers:?} twice: {again:?}"))?;
        }
        self.keep_payment(about, after.clone(), stated);
        Ok(Ok(after))
    }

    fn keep_payment(&mut self, about: usize, payment: Payment, stated: Vec<Stated>) {
        self.purchases[about].payment = Some(payment);
        self.publish_stated(about, stated);
    }

    /// A wish that was kept is one that nobody has to have again.
    fn is_wanted_once(
        &self,
        about: usize,
        heard: Heard,
        again: impl Fn(Payment) -> Option<Rejection>,
    ) -> Checked<Heard> {
        let kept = self.purchases[about].payment.clone().filter(|_| heard == Heard::Taken);
        if let Some(payment) = kept.filter(|_| self.planted != Some(Planted::AcknowledgedFirst)) {
            let status = payment.status;
            holds(again(payment).is_some(), || format!("a payment that is {status:?} is asked for the same twice"))?;
        }
        Ok(heard)
    }

    fn mark_payment(&mut self, about: usize, message: &'static str) {
        let state = self.purchases[about].payment.as_ref().map(|payment| pairs::payment_state(payment.status));
        self.pairs.mark(pairs::PAYMENT, state.unwrap_or(pairs::NOTHING), message);
    }
}

/// Whether nothing more will become of a payment.
pub(super) fn is_over(payment: &Payment) -> bool {
    payment.due.is_none() && payment.status != Status::Pending
}
