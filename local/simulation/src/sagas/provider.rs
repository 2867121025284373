//! The model of the payment provider. It has its own records, with which the ledgers of payments are compared.

use contracts::{RefundId, Sealed};
use jiff::{SignedDuration, Timestamp};
use payments::{
    payment::{Answer, Command},
    webhook::About,
};

/// The time for which it keeps an idempotency key.
const KEY_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The time after which a hold expires.
pub(super) const HOLD_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The code of a payment that its customer refused.
const NOT_AUTHENTICATED: &str = "payment_intent_authentication_failure";

/// The status of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The customer must approve it.
    Action,
    Held,
    Taken,
    Cancelled,
    Declined,
}

/// A payment of the provider.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) id: String,
    /// Whether the customer has refused it. It can be approved afterwards.
    was_refused: bool,
    key: String,
    made: Timestamp,
    /// The first answer, which is repeated for the same key.
    first: Answer,
    pub(super) state: State,
    pub(super) amount: i64,
    pub(super) received: i64,
    pub(super) refunded: i64,
    refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
}

/// A requested refund, and the answer.
#[derive(Debug, Clone)]
struct Refund {
    id: RefundId,
    at: Timestamp,
    amount: i64,
    given: bool,
    /// The refund failed after it was made.
    failed: bool,
}

/// A dispute, and its result.
#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) open: bool,
    pub(super) won: bool,
}

impl Intent {
    /// The intent, as the provider returns it.
    pub(super) fn shown(&self) -> payments::Intent {
        let status = match self.state {
            State::Action => "requires_action",
            State::Held => "requires_capture",
            State::Taken => "succeeded",
            State::Cancelled => "canceled",
            State::Declined => "requires_payment_method",
        };
        let shown = payments::Intent::new(self.id.clone(), status, self.received, self.refunded);
        if self.was_refused { shown.failed(NOT_AUTHENTICATED) } else { shown }
    }

    /// The answer to a call: also how the customer approves it.
    fn answer(&self) -> Answer {
        match self.state {
            State::Action => {
                let action = Sealed::from_ciphertext(String::new());
                Answer::ActionRequired { intent: self.id.clone(), action }
            }
            _ => self.shown().answer(),
        }
    }

    /// The customer approves or refuses it. After a refusal, they can still approve it.
    pub(super) fn decided(&mut self, approved: bool) -> Option<About> {
        let open = self.state == State::Action || (self.was_refused && approved && self.state == State::Declined);
        if !open {
            return None;
        }
        self.state = if approved { State::Held } else { State::Declined };
        self.was_refused |= !approved;
        Some(About::Intent(self.shown()))
    }

    /// Whether the customer was asked to approve it, and it can still be paid.
    pub(super) fn is_payable(&self) -> bool {
        self.state == State::Action || (self.was_refused && self.state == State::Declined)
    }

    /// The time at which the hold expires.
    pub(super) fn lapses(&self) -> Option<Timestamp> {
        (self.state == State::Held).then(|| self.made + HOLD_LASTS)
    }

    /// The hold is released.
    pub(super) fn cancel(&mut self) -> About {
        self.state = State::Cancelled;
        About::Intent(self.shown())
    }

    /// The amount that the shop has.
    pub(super) fn cash(&self) -> i64 {
        let gone = self.disputes.iter().filter(|dispute| dispute.open || !dispute.won);
        self.received - self.refunded - gone.map(|dispute| dispute.amount).sum::<i64>()
    }

    /// The amount in open disputes.
    pub(super) fn disputed(&self) -> i64 {
        self.disputes.iter().filter(|dispute| dispute.open).map(|dispute| dispute.amount).sum()
    }

    /// Whether it refunds an amount. It refuses if a dispute is open or lost, and if the amount is too large.
    pub(super) fn gives_back(&self, amount: i64) -> bool {
        let disputed = self.disputes.iter().any(|dispute| dispute.open || !dispute.won);
        self.state == State::Taken && !disputed && amount <= self.received - self.refunded
    }

    /// Makes a refund, unless it refuses.
    pub(super) fn give_back(&mut self, amount: i64) -> Option<About> {
        if !self.gives_back(amount) {
            return None;
        }
        self.refunded += amount;
        Some(About::Refunds { intent: self.id.clone() })
    }

    /// A refund fails after it was made.
    pub(super) fn fail_refund(&mut self) -> Option<About> {
        let given = self.refunds.iter_mut().rev().find(|refund| refund.given && !refund.failed)?;
        given.failed = true;
        self.refunded -= given.amount;
        let (refund, code) = (Some(given.id), "lost_or_stolen_card".to_owned());
        Some(About::RefundFailed { intent: self.id.clone(), refund, code })
    }

    /// The answers to a requested refund.
    fn answers(&self, &Refund { id: refund, given, .. }: &Refund) -> Vec<Answer> {
        if given {
            return vec![Answer::Refunded { refund }];
        }
        let failed = Answer::RefundFailed { refund, code: "refused".to_owned() };
        vec![Answer::RefundedInAll { amount: self.refunded }, failed]
    }

    /// A bank opens a dispute.
    pub(super) fn dispute(&mut self, amount: i64, won: bool) -> About {
        let dispute = format!("{}-dp-{}", self.id, self.disputes.len() + 1);
        self.disputes.push(Dispute { id: dispute.clone(), amount, open: true, won });
        About::DisputeOpened { intent: self.id.clone(), dispute, amount, reason: "fraudulent".to_owned() }
    }

    /// The bank closes the oldest open dispute.
    pub(super) fn decide(&mut self) -> Option<About> {
        let intent = self.id.clone();
        let open = self.disputes.iter_mut().find(|dispute| dispute.open)?;
        open.open = false;
        let (dispute, amount, reason) = (open.id.clone(), open.amount, "fraudulent".to_owned());
        Some(About::DisputeClosed { intent, dispute, amount, reason, won: open.won })
    }
}

/// Executes a command. Returns the answer, and sends a webhook. `asks` says whether the customer must approve a charge.
/// If the provider refuses a refund, the first answer is the refunded total.
pub(super) fn ask(
    intents: &mut Vec<Intent>,
    command: &Command,
    (refuses, asks): (bool, bool),
    now: Timestamp,
) -> (Vec<Answer>, Option<About>) {
    let known = |intents: &[Intent], id: &str| intents.iter().position(|intent| intent.id == id);
    match command {
        Command::Authorize { key, amount, .. } => {
            let kept = intents.iter().find(|intent| intent.key == *key && now < intent.made + KEY_KEPT);
            if let Some(kept) = kept {
                return (vec![kept.first.clone()], None);
            }
            let mut intent = Intent {
                id: format!("pi-{}", intents.len() + 1),
                was_refused: false,
                key: key.clone(),
                made: now,
                first: Answer::Unknown,
                state: match (refuses, asks) {
                    (true, _) => State::Declined,
                    (false, true) => State::Action,
                    (false, false) => State::Held,
                },
                amount: amount.amount,
                received: 0,
                refunded: 0,
                refunds: Vec::new(),
                disputes: Vec::new(),
            };
            let shown = intent.shown();
            intent.first = intent.answer();
            let answers = vec![intent.first.clone()];
            intents.push(intent);
            (answers, Some(About::Intent(shown)))
        }
        Command::Capture { intent } | Command::Void { intent } => {
            let Some(at) = known(intents, intent) else { return (vec![Answer::Unknown], None) };
            let intent = &mut intents[at];
            let captures = matches!(command, Command::Capture { .. });
            let open = match intent.state {
                State::Held => true,
                State::Action | State::Declined => !captures,
                State::Taken | State::Cancelled => false,
            };
            let done = open && !refuses;
            if done && captures {
                (intent.state, intent.received) = (State::Taken, intent.amount);
            } else if done {
                intent.state = State::Cancelled;
            }
            (vec![intent.answer()], done.then(|| About::Intent(intent.shown())))
        }
        Command::Retrieve { intent } => {
            let known = known(intents, intent).map(|at| intents[at].answer());
            (vec![known.unwrap_or(Answer::Unknown)], None)
        }
        Command::Refund { intent, refund, amount } => {
            let Some(at) = known(intents, intent) else { return (vec![Answer::Unknown], None) };
            let intent = &mut intents[at];
            let kept = intent.refunds.iter().find(|kept| kept.id == *refund && now < kept.at + KEY_KEPT);
            if let Some(kept) = kept.cloned() {
                return (intent.answers(&kept), None);
            }
            let webhook = if refuses { None } else { intent.give_back(amount.amount) };
            let (amount, given) = (amount.amount, webhook.is_some());
            let asked = Refund { id: *refund, at: now, amount, given, failed: false };
            intent.refunds.push(asked.clone());
            (intent.answers(&asked), webhook)
        }
        Command::Find { .. } => (vec![intents.first().map_or_else(Answer::not_found, Intent::answer)], None),
    }
}
