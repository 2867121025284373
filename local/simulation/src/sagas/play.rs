//! A run: choices, time, and the way to quiescence.

use contracts::Sealed;
use delivery::shipment::Stored;
use jiff::SignedDuration;
use orders::order::Order;
use payments::webhook::About;

use super::{
    Planted, checks,
    dispatch::Task,
    provider::{Intent, State},
    purchase::Purchase,
    world::{Checked, Courier, Fault, HELD, Message, World, require},
};

/// The number of chosen steps before the run goes to quiescence.
const STEPS: u32 = 120;
/// The maximum number of steps until quiescence.
const MOST_STEPS: u32 = 5_000;
/// The maximum time of a message until it is redriven. Queues keep messages longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(3 * 24);

const TICK: SignedDuration = SignedDuration::from_millis(10);
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl World<'_> {
    /// Runs the chosen steps, then all remaining ones.
    pub(super) fn play(&mut self) -> Checked {
        let wildness = self.choices.below(400);
        for _ in 0..STEPS {
            self.now += TICK;
            if self.choices.happens(wildness) {
                self.trouble()?;
            } else if !self.go_on()? {
                // No step is left before the next deadline.
                self.wait()?;
            }
            self.check()?;
            if self.is_at_rest() {
                break;
            }
        }
        self.finish()
    }

    /// Runs the next regular step. Returns whether there was one.
    fn go_on(&mut self) -> Checked<bool> {
        if let Some(at) = self.receivable() {
            self.deliver(at)?;
        } else if let Some(about) = self.purchases.iter().position(|purchase| purchase.order.is_none()) {
            self.place(about)?;
        } else if self.customer_decides() {
            // The webhook of the decision is delivered next.
        } else if let Some((about, what)) = self.courier_next() {
            self.carry(about, what, false)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// A customer who was asked decides, and may change their mind before anyone knows of the decision.
    fn customer_decides(&mut self) -> bool {
        let next = |purchase: &Purchase| purchase.decisions.and_then(<[bool]>::split_first);
        let asked = |purchase: &Purchase| !purchase.intents.is_empty() && next(purchase).is_some();
        let Some(about) = self.purchases.iter().position(asked) else { return false };
        while let Some((approved, rest)) = next(&self.purchases[about]) {
            self.purchases[about].decisions = Some(rest);
            self.decide(about, *approved);
            if !self.choices.happens(500) {
                break;
            }
        }
        true
    }

    /// A parcel that is not delivered or returned yet.
    fn courier_next(&self) -> Option<(usize, Task)> {
        use delivery::shipment::Status::{Assigned, Dispatched, Scheduled};
        let last = if self.courier == Courier::FindsNobody { Task::Fail } else { Task::Deliver };
        let next = |stored: &Stored| match stored {
            Stored::Shipment(shipment) if matches!(shipment.status, Scheduled | Assigned) => Some(Task::Dispatch),
            Stored::Shipment(shipment) if shipment.status == Dispatched => Some(last),
            _ => None,
        };
        let mut open = self.purchases.iter().enumerate().filter(|_| self.courier != Courier::StaysAway);
        open.find_map(|(about, purchase)| Some((about, next(purchase.shipment.as_ref()?)?)))
    }

    /// A fault, or an action of a customer, courier, bank or support.
    fn trouble(&mut self) -> Checked {
        let about = self.choices.below(u32::try_from(self.purchases.len()).unwrap_or(1)) as usize;
        let in_bag = self.choices.below(u32::try_from(self.bag.len()).unwrap_or(1)) as usize;
        match self.choices.below(21) {
            0 if in_bag < self.bag.len() => self.deliver(in_bag)?,
            1 if in_bag < self.bag.len() => {
                let twice = self.bag[in_bag].clone();
                self.log(|_| format!("order {}: {} comes twice", twice.about + 1, twice.message.name()));
                self.bag.push(twice);
            }
            2 | 3 if in_bag < self.bag.len() => self.lose(in_bag),
            4 => self.cancel(about)?,
            5 => {
                let what = [Task::Dispatch, Task::Assign, Task::Deliver, Task::Fail];
                let what = what[self.choices.below(4) as usize];
                self.carry(about, what, self.choices.happens(500))?;
            }
            6 => {
                let by = [MINUTE, 20 * MINUTE, 2 * HOUR, DAY, 7 * DAY][self.choices.below(5) as usize];
                self.pass(SignedDuration::from_secs(by))?;
            }
            7 => {
                let by = [MINUTE, 20 * MINUTE, 2 * HOUR][self.choices.below(3) as usize];
                self.now += SignedDuration::from_secs(by);
                self.log(|_| format!("no overdue scan runs for {by} s"));
            }
            8 => {
                if let Some(about) = self.purchases.iter().position(|purchase| purchase.order.is_none()) {
                    self.place(about)?;
                }
            }
            9 | 10 => {
                let by = [10 * MINUTE, 2 * HOUR, 30 * HOUR][self.choices.below(3) as usize];
                self.silent_until = self.now + SignedDuration::from_secs(by);
                self.log(|_| format!("the provider is silent for {by} s"));
            }
            11 => self.next_fault = Fault::AnswerLost,
            12 => self.next_fault = Fault::Crash,
            13 => self.next_fault = Fault::Declined,
            14 => self.bank(about),
            15 => {
                let (amount, id) = (i64::from(1 + self.choices.below(100)), u128::from(self.choices.draw()) + 1000);
                self.refund(about, amount, id)?;
            }
            16 => self.provider_acts(about),
            17 => self.refund_fails(about),
            18 => {
                let approved = self.choices.happens(500);
                self.decide(about, approved);
            }
            19 => self.confirm(about)?,
            _ => self.sweep()?,
        }
        Ok(())
    }

    /// A message is late: minutes, hours, or so long that it has to be redriven. One that releases stock may be lost.
    fn lose(&mut self, at: usize) {
        let by = [20 * MINUTE, 2 * HOUR, DAY, 3 * DAY, -1][self.choices.below(5) as usize];
        let envelope = &mut self.bag[at];
        let about = envelope.about;
        if by < 0 && matches!(envelope.message, Message::ReleaseStock(_)) {
            self.bag.remove(at);
            self.purchases[about].forgotten = true;
            self.log(|_| format!("order {}: the message that releases its stock is lost for good", about + 1));
        } else {
            let until = self.now + SignedDuration::from_secs(by.max(MINUTE));
            envelope.visible = until.min(envelope.sent + LONGEST);
            let name = envelope.message.name();
            self.log(|_| format!("order {}: {name} is lost for {by} s", about + 1));
        }
    }

    fn cancel(&mut self, about: usize) -> Checked {
        if self.purchases[about].order.is_none() {
            return Ok(());
        }
        self.log(|_| format!("order {}: the customer cancels", about + 1));
        let note = || Sealed::from_ciphertext(String::new());
        self.order(about, "cancel", |order, now| order.cancel(note(), now)).map(drop)
    }

    /// A customer's bank opens or closes a dispute.
    fn bank(&mut self, about: usize) {
        let (opens, rest, won) = (self.choices.below(2) == 0, self.choices.below(2) == 0, self.choices.below(2) == 0);
        let Some(intent) = self.purchases[about].intents.iter_mut().find(|intent| intent.state == State::Taken) else {
            return;
        };
        let left = if rest { intent.received - intent.refunded } else { intent.received };
        let webhook = if opens && intent.disputes.is_empty() && left > 0 {
            Some(intent.dispute(left, won))
        } else {
            intent.decide()
        };
        if let Some(webhook) = webhook {
            self.log(|_| format!("order {}: the bank: {webhook:?}", about + 1));
            self.send(about, Message::ApplyWebhook(webhook));
        }
    }

    /// The provider releases a hold, or a refund is made in its console.
    fn provider_acts(&mut self, about: usize) {
        let amount = i64::from(1 + self.choices.below(50));
        let purchase = &mut self.purchases[about];
        let webhook = purchase.intents.iter_mut().find_map(|intent| match intent.state {
            State::Held => Some(intent.cancel()),
            State::Taken => intent.give_back(amount),
            State::Action | State::Cancelled | State::Declined => None,
        });
        if let Some(webhook) = webhook {
            purchase.lapsed |= matches!(webhook, About::Intent(_));
            self.log(|_| format!("order {}: the provider, unasked: {webhook:?}", about + 1));
            self.send(about, Message::ApplyWebhook(webhook));
        }
    }

    /// A refund fails after it was made.
    fn refund_fails(&mut self, about: usize) {
        let webhook = self.purchases[about].intents.iter_mut().find_map(Intent::fail_refund);
        if let Some(webhook) = webhook {
            self.log(|_| format!("order {}: a refund does not get through: {webhook:?}", about + 1));
            self.send(about, Message::ApplyWebhook(webhook));
        }
    }

    /// Waits until an entity is overdue or a message can be received.
    fn wait(&mut self) -> Checked {
        match self.next_instant() {
            Some(instant) => {
                self.now = self.now.max(instant);
                self.sweep()
            }
            None => Ok(()),
        }
    }

    /// Lets time pass, and runs the overdue scans in between. Messages are delivered within the maximum time.
    fn pass(&mut self, by: SignedDuration) -> Checked {
        let until = self.now + by;
        let in_time = |world: &Self| {
            let oldest = world.bag.iter().map(|envelope| envelope.sent + LONGEST).min();
            oldest.map_or(until, |oldest| oldest.min(until))
        };
        self.log(|_| format!("time passes: {} s", by.as_secs()));
        while let Some(due) = self.due().filter(|due| (*due).max(self.now) <= in_time(self)) {
            self.now = self.now.max(due);
            self.sweep()?;
            // The scan ended before it was complete, so it runs again.
            if self.due() == Some(due) {
                self.now += SignedDuration::from_hours(1);
            }
        }
        self.now = self.now.max(in_time(self));
        Ok(())
    }

    /// The overdue scans: deadlines, unknown payments, forgotten reservations, old holds.
    fn sweep(&mut self) -> Checked {
        let now = self.now;
        for about in 0..self.purchases.len() {
            let purchase = &self.purchases[about];
            let overdue = purchase.order.as_ref().and_then(|order| order.deadline).is_some_and(|due| due <= now);
            let unknown =
                purchase.payment.as_ref().and_then(|payment| payment.next_attempt_at).is_some_and(|due| due <= now);
            let lapsed = purchase.reservation.as_ref();
            let lapsed = lapsed.is_some_and(|kept| kept.status == HELD && kept.held_until <= now);
            let old = purchase.intents.iter().position(|intent| intent.lapses().is_some_and(|until| until <= now));
            if overdue && self.planted != Some(Planted::NoDeadline) {
                self.log(|_| format!("order {}: its time is over", about + 1));
                self.order(about, "time-out", Order::time_out)?;
            }
            if unknown {
                self.log(|_| format!("order {}: its payment is overdue", about + 1));
                self.resolve(about)?;
            }
            if lapsed {
                self.log(|_| format!("order {}: its reservation lapses", about + 1));
                let forgotten = self.purchases[about].forgotten || self.planted.is_some();
                require(forgotten, || format!("order {}: its reservation lapses, and was not forgotten", about + 1))?;
                self.expire(about)?;
            }
            if let Some(at) = old {
                let webhook = self.purchases[about].intents[at].cancel();
                self.purchases[about].lapsed = true;
                self.log(|_| format!("order {}: its hold lapses at the provider", about + 1));
                self.send(about, Message::ApplyWebhook(webhook));
            }
        }
        Ok(())
    }

    fn is_at_rest(&self) -> bool {
        let over = self.purchases.iter().all(|purchase| {
            purchase.order.as_ref().is_some_and(|order| order.deadline.is_none())
                && purchase.payment.as_ref().is_none_or(checks::is_over)
        });
        over && self.bag.is_empty() && self.dead.is_empty() && self.next_instant().is_none()
    }

    /// Goes to quiescence: without faults every message arrives and every overdue scan runs, until nothing is left.
    fn finish(&mut self) -> Checked {
        self.silent_until = self.now;
        self.next_fault = Fault::None;
        self.log(|_| "from here on nothing goes wrong".to_owned());
        let mut redriven = 0;
        for _ in 0..MOST_STEPS {
            self.now += TICK;
            let went_on = self.go_on()?;
            self.check()?;
            if went_on {
                continue;
            }
            let due = self.next_instant();
            if self.bag.is_empty() {
                if !self.dead.is_empty() && redriven < 3 {
                    redriven += 1;
                    self.log(|_| "the dead letters are redriven".to_owned());
                    self.redrive();
                    continue;
                }
                if self.banks_decide() {
                    continue;
                }
                self.check_drained()?;
            }
            if due.is_none() {
                return self.check_rest();
            }
            self.wait()?;
        }
        require(false, || format!("quiescence is not reached; under way: {}", self.bag.len()))
    }

    /// Closes every open dispute. Returns whether there was one.
    fn banks_decide(&mut self) -> bool {
        for about in 0..self.purchases.len() {
            if let Some(webhook) = self.purchases[about].intents.iter_mut().find_map(Intent::decide) {
                self.log(|_| format!("order {}: the bank: {webhook:?}", about + 1));
                self.send(about, Message::ApplyWebhook(webhook));
                return true;
            }
        }
        false
    }
}
