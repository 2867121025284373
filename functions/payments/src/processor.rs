//! The payment processor: saves what was decided, asks the provider what follows from it, and saves its answers.

use contracts::sealed_for;
use dynamo::{Cause, Table};
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    payment::{Answer, Command, Decision, Payment, Save},
    store::Store,
    stripe::Stripe,
};

/// How often a question is asked before it is left for later: an answer that was lost is given to the next attempt.
const ATTEMPTS: u32 = 2;

/// The handle of operations that talk to the provider.
#[derive(Debug, Clone)]
pub struct PaymentProcessor {
    pub(crate) store: Store,
    pub(crate) stripe: Stripe,
    sealer: Sealer,
}

impl Service for PaymentProcessor {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), stripe: Stripe::start(env)?, sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl PaymentProcessor {
    /// Saves a decision, and runs the commands that follow from it.
    pub(crate) async fn commit_decision(&self, decision: Decision, cause: &Cause) -> Result<(), Problem> {
        match decision.save {
            Save::Now => self.store.commit(&decision, cause).run().await?,
            Save::BeforeAsking => self.store.commit(&decision, cause).unconsumed().run().await?,
            Save::WithAnswer => {}
        }
        self.run_pending_commands(decision, cause).await
    }

    /// Asks the provider for one thing after the other, and saves each answer before the next question. No answer is saved
    /// as well: the provider is asked again when the payment is overdue, so the message that led here is consumed.
    pub(crate) async fn run_pending_commands(&self, mut decision: Decision, cause: &Cause) -> Result<(), Problem> {
        let mut consumed = decision.save == Save::Now;
        while let Some(command) = decision.command.take() {
            let answers = self.ask(&decision.payment, &command).await;
            let unanswered = answers == [Answer::Unknown];
            decision = decision.payment.answered(&command, answers, cause.ids.next(), cause.now)?;
            let commit = self.store.commit(&decision, cause);
            if consumed { commit.unconsumed() } else { commit }.run().await?;
            consumed = true;
            let payment = &decision.payment;
            if unanswered {
                tracing::warn!(payment = %payment.id(), due = ?payment.next_attempt_at, "the provider gave no answer");
            } else if payment.next(cause.now).as_ref() == Some(&command) {
                tracing::error!(payment = %payment.id(), due = ?payment.next_attempt_at, ?command, "the provider did not do what it was asked");
            }
        }
        Ok(())
    }

    /// Asks the provider for one thing. When it refuses a refund, what it has given back in all comes first: it refuses a
    /// refund that it made before, and one that goes beyond what is left.
    async fn ask(&self, payment: &Payment, command: &Command) -> Vec<Answer> {
        let answer = self.attempt(payment, command).await;
        let refunded = match (command, &answer) {
            (Command::Refund { intent, .. }, Answer::RefundFailed { .. }) => self.stripe.intent(intent).await,
            _ => None,
        };
        let refunded = refunded.and_then(|intent| intent.refunded()).map(|amount| Answer::RefundedInAll { amount });
        refunded.into_iter().chain([answer]).collect()
    }

    async fn attempt(&self, payment: &Payment, command: &Command) -> Answer {
        if payment.amount.amount == 0 {
            return free(payment, command);
        }
        let method = match command {
            Command::Authorize { method, .. } => self.sealer.open(sealed_for::PAYMENT_METHOD, method),
            _ => Ok(String::new()),
        };
        let Ok(method) = method else {
            // A secret of ours is wrong, and may be corrected before the order's deadline.
            tracing::error!(payment = %payment.id(), "the reference of the payment method does not open");
            return Answer::Unknown;
        };
        for _ in 0..ATTEMPTS {
            match self.stripe.ask(command, &method).await {
                Answer::Unknown => {}
                answer => return answer,
            }
        }
        Answer::Unknown
    }
}

/// The answer of a payment of nothing: the provider is not asked.
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
