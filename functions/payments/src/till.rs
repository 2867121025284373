//! The till: asks the provider for what a payment needs, and keeps what came of it.

use contracts::sealed_for;
use dynamo::{Cause, Table};
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    payment::{Answer, Command, Payment},
    store::{Store, save_payment},
    stripe::Stripe,
};

/// How often a question is asked before it is left to others: an answer that was lost is given to the next try.
const TRIES: u32 = 2;

/// The handle of operations that talk to the provider.
#[derive(Debug, Clone)]
pub struct Till {
    pub(crate) store: Store,
    pub(crate) stripe: Stripe,
    sealer: Sealer,
}

impl Service for Till {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), stripe: Stripe::start(env)?, sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Till {
    /// Asks for one thing after the other, and commits what came of each before the next. What the provider does not
    /// answer is committed as well: somebody asks again when it is due, so the message that led here is done.
    pub(crate) async fn carry_out(&self, payment: Payment, mut cause: Cause) -> Result<(), Problem> {
        let mut left = self.step(payment, &cause).await?;
        // The message was consumed with the first commit.
        cause.inbox = None;
        while let Some(payment) = left {
            left = self.step(payment, &cause).await?;
        }
        Ok(())
    }

    /// Asks for one thing, and commits what came of it. None if nothing is to be asked, or not at once: the provider is
    /// silent, or refused.
    pub(crate) async fn step(&self, payment: Payment, cause: &Cause) -> Result<Option<Payment>, Problem> {
        let Some(command) = payment.next(cause.now) else { return Ok(None) };
        let answer = self.ask(&payment, &command).await;
        let (silent, refused) = (answer == Answer::Unknown, matches!(answer, Answer::RefundFailed { .. }));
        let given = if refused { self.given_back(&command).await } else { None };
        let (payment, stated) = payment.hear(given.into_iter().chain([answer]), cause.ids.next(), cause.now)?;
        save_payment(self.store.table().commit(cause), &payment, &stated).run().await?;
        let open = payment.next(cause.now).as_ref() == Some(&command);
        if silent {
            tracing::warn!(payment = %payment.id(), due = ?payment.due, "the provider's word is still out");
        } else if open {
            tracing::error!(payment = %payment.id(), due = ?payment.due, ?command, "the provider did not do what it was asked");
        }
        Ok((!open && !refused).then_some(payment))
    }

    /// What the provider has given back in all: it refuses what was given before, and what goes beyond what is left.
    async fn given_back(&self, command: &Command) -> Option<Answer> {
        let Command::Refund { intent, .. } = command else { return None };
        let amount = self.stripe.intent(intent).await?.refunded()?;
        Some(Answer::RefundedInAll { amount })
    }

    async fn ask(&self, payment: &Payment, command: &Command) -> Answer {
        if payment.amount.amount == 0 {
            return free(payment, command);
        }
        let method = match command {
            Command::Authorize { method, .. } => self.sealer.open(sealed_for::PAYMENT_METHOD, method),
            _ => Ok(String::new()),
        };
        let Ok(method) = method else {
            // A secret of ours is wrong, and may be put right before the order's time is over.
            tracing::error!(payment = %payment.id(), "the reference of the payment method does not open");
            return Answer::Unknown;
        };
        for _ in 0..TRIES {
            match self.stripe.ask(command, &method).await {
                Answer::Unknown => {}
                answer => return answer,
            }
        }
        Answer::Unknown
    }
}

/// Nothing is to be paid, so nobody needs to be asked.
fn free(payment: &Payment, command: &Command) -> Answer {
    let intent = payment.id().to_string();
    match command {
        Command::Authorize { .. } => Answer::Held { intent },
        Command::Capture { .. } => Answer::Taken { intent, amount: 0 },
        Command::Void { .. } => Answer::Cancelled { intent },
        Command::Refund { refund, .. } => Answer::Refunded { refund: *refund },
        Command::GiveUp => Answer::Declined { intent: None, code: "provider-unreachable".to_owned() },
    }
}
