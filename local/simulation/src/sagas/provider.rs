//! The payment provider of the model: it keeps its own books, which the ledgers of payments are held against.

use contracts::RefundId;
use jiff::{SignedDuration, Timestamp};
use payments::payment::{Answer, Command};

/// How long it remembers an idempotency key.
const KEY_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long it holds money that nobody takes.
pub(super) const HOLD_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Held,
    Taken,
    Cancelled,
    Declined,
}

/// A payment as the provider knows it.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) id: String,
    key: String,
    made: Timestamp,
    /// What it answered first, and answers again to the same key.
    first: Answer,
    pub(super) state: State,
    pub(super) amount: i64,
    pub(super) received: i64,
    pub(super) refunded: i64,
    refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
}

/// A refund that was asked for, and what was answered.
#[derive(Debug, Clone)]
struct Refund {
    id: RefundId,
    at: Timestamp,
    amount: i64,
    given: bool,
    /// It was given, and did not get through.
    failed: bool,
}

impl Refund {
    fn answer(&self) -> Answer {
        let (refund, code) = (self.id, "refused".to_owned());
        if self.given { Answer::Refunded { refund } } else { Answer::RefundFailed { refund, code } }
    }
}

/// A chargeback, and how it will end.
#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) open: bool,
    pub(super) won: bool,
}

/// What a webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// How the intent stood.
    Intent(Answer),
    /// Something else, for which the intent itself is looked at.
    About { intent: String, answer: Answer },
}

impl Intent {
    /// How it stands, as an answer.
    pub(super) fn answer(&self) -> Answer {
        let intent = self.id.clone();
        match self.state {
            State::Held => Answer::Held { intent },
            State::Taken => Answer::Taken { intent, amount: self.received },
            State::Cancelled => Answer::Cancelled { intent },
            State::Declined => Answer::Declined { intent: Some(intent), code: "generic_decline".to_owned() },
        }
    }

    /// When its hold lapses.
    pub(super) fn lapses(&self) -> Option<Timestamp> {
        (self.state == State::Held).then(|| self.made + HOLD_LASTS)
    }

    /// The hold is given up.
    pub(super) fn cancel(&mut self) -> Notice {
        self.state = State::Cancelled;
        Notice::Intent(self.answer())
    }

    /// What the shop has of it.
    pub(super) fn cash(&self) -> i64 {
        let gone = self.disputes.iter().filter(|dispute| dispute.open || !dispute.won);
        self.received - self.refunded - gone.map(|dispute| dispute.amount).sum::<i64>()
    }

    /// What banks have taken back and not decided about.
    pub(super) fn disputed(&self) -> i64 {
        self.disputes.iter().filter(|dispute| dispute.open).map(|dispute| dispute.amount).sum()
    }

    /// Whether it would give so much back: what is disputed, or more than there is, it does not.
    pub(super) fn gives_back(&self, amount: i64) -> bool {
        let disputed = self.disputes.iter().any(|dispute| dispute.open || !dispute.won);
        self.state == State::Taken && !disputed && amount <= self.received - self.refunded
    }

    /// Gives money back, if it does.
    pub(super) fn give_back(&mut self, amount: i64) -> Option<Notice> {
        if !self.gives_back(amount) {
            return None;
        }
        self.refunded += amount;
        Some(self.about(Answer::RefundedInAll { amount: self.refunded }))
    }

    /// Money that was given back does not get through.
    pub(super) fn fail_refund(&mut self) -> Option<Notice> {
        let given = self.refunds.iter_mut().rev().find(|refund| refund.given && !refund.failed)?;
        given.failed = true;
        self.refunded -= given.amount;
        let (refund, code) = (Some(given.id), "lost_or_stolen_card".to_owned());
        Some(self.about(Answer::RefundReversed { refund, code, left: self.refunded }))
    }

    /// What is given back in all, of what was taken.
    pub(super) fn given_back(&self) -> Option<Answer> {
        (self.state == State::Taken).then_some(Answer::RefundedInAll { amount: self.refunded })
    }

    /// What a webhook says, with what is given back in all by now.
    pub(super) fn as_of_now(&self, said: &Answer) -> Answer {
        match said.clone() {
            Answer::RefundedInAll { .. } => Answer::RefundedInAll { amount: self.refunded },
            Answer::RefundReversed { refund, code, .. } => Answer::RefundReversed { refund, code, left: self.refunded },
            said => said,
        }
    }

    /// A bank takes money back.
    pub(super) fn dispute(&mut self, amount: i64, won: bool) -> Notice {
        let dispute = format!("{}-dp-{}", self.id, self.disputes.len() + 1);
        self.disputes.push(Dispute { id: dispute.clone(), amount, open: true, won });
        self.about(Answer::DisputeOpened { dispute, amount, reason: "fraudulent".to_owned() })
    }

    /// The bank decides the oldest open dispute.
    pub(super) fn decide(&mut self) -> Option<Notice> {
        let open = self.disputes.iter_mut().find(|dispute| dispute.open)?;
        open.open = false;
        let (dispute, amount, reason) = (open.id.clone(), open.amount, "fraudulent".to_owned());
        let answer = Answer::DisputeClosed { dispute, amount, reason, won: open.won };
        Some(self.about(answer))
    }

    fn about(&self, answer: Answer) -> Notice {
        Notice::About { intent: self.id.clone(), answer }
    }
}

/// Does what is asked of it; answers, and says in a webhook what it did.
pub(super) fn ask(
    intents: &mut Vec<Intent>,
    command: &Command,
    refuses: bool,
    now: Timestamp,
) -> (Answer, Option<Notice>) {
    let known = |intents: &[Intent], id: &str| intents.iter().position(|intent| intent.id == id);
    match command {
        Command::Authorize { key, amount, .. } => {
            let kept = intents.iter().find(|intent| intent.key == *key && now < intent.made + KEY_KEPT);
            if let Some(kept) = kept {
                return (kept.first.clone(), None);
            }
            let mut intent = Intent {
                id: format!("pi-{}", intents.len() + 1),
                key: key.clone(),
                made: now,
                first: Answer::Unknown,
                state: if refuses { State::Declined } else { State::Held },
                amount: amount.amount,
                received: 0,
                refunded: 0,
                refunds: Vec::new(),
                disputes: Vec::new(),
            };
            intent.first = intent.answer();
            let answer = intent.first.clone();
            intents.push(intent);
            (answer.clone(), Some(Notice::Intent(answer)))
        }
        Command::Capture { intent } | Command::Void { intent } => {
            let Some(at) = known(intents, intent) else { return (Answer::Unknown, None) };
            let intent = &mut intents[at];
            let held = intent.state == State::Held && !refuses;
            if held && matches!(command, Command::Capture { .. }) {
                (intent.state, intent.received) = (State::Taken, intent.amount);
            } else if held {
                intent.state = State::Cancelled;
            }
            let answer = intent.answer();
            (answer.clone(), held.then_some(Notice::Intent(answer)))
        }
        Command::Refund { intent, refund, amount } => {
            let failed = Answer::RefundFailed { refund: *refund, code: "refused".to_owned() };
            let Some(at) = known(intents, intent) else { return (failed, None) };
            let intent = &mut intents[at];
            if let Some(kept) = intent.refunds.iter().find(|kept| kept.id == *refund && now < kept.at + KEY_KEPT) {
                return (kept.answer(), None);
            }
            let notice = if refuses { None } else { intent.give_back(amount.amount) };
            let (amount, given) = (amount.amount, notice.is_some());
            let asked = Refund { id: *refund, at: now, amount, given, failed: false };
            let answer = asked.answer();
            intent.refunds.push(asked);
            (answer, notice)
        }
        Command::GiveUp => (Answer::Declined { intent: None, code: "provider-unreachable".to_owned() }, None),
    }
}
