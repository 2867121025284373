//! The payment processor: saves decisions, sends their commands to the provider, and saves the answers.

use contracts::sealed_for;
use dynamo::{RequestContext, Table};
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    payment::{Answer, Command, Decision, Payment, Save},
    store::Store,
    stripe::Stripe,
};

/// The number of attempts of a command. If a reply was lost, the next attempt gets it.
const ATTEMPTS: u32 = 2;

/// The handle of operations that call the provider.
#[derive(Debug, Clone)]
pub struct PaymentProcessor {
    pub(crate) store: Store,
    pub(crate) stripe: Stripe,
    pub(crate) sealer: Sealer,
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
    pub(crate) async fn commit_decision(
        &self,
        mut decision: Decision,
        context: &RequestContext,
    ) -> Result<(), Problem> {
        if decision.save == Save::Now {
            self.save(&mut decision, context).await?;
        }
        self.run_pending_commands(decision, context).await
    }

    /// Sends the commands one after the other, and saves each answer before the next command.
    pub(crate) async fn run_pending_commands(
        &self,
        mut decision: Decision,
        context: &RequestContext,
    ) -> Result<(), Problem> {
        while let Some(command) = decision.command.take() {
            decision = self.run_command(decision.payment, &command, context).await?;
        }
        Ok(())
    }

    /// Sends a command, and saves the answer. A missing answer is saved too; the provider is then asked again when the
    /// payment is overdue. Returns the payment as saved, with the next command.
    pub(crate) async fn run_command(
        &self,
        payment: Payment,
        command: &Command,
        context: &RequestContext,
    ) -> Result<Decision, Problem> {
        let answers = self.ask(&payment, command).await;
        let unanswered = answers == [Answer::Unknown];
        let mut decision = payment.answered(command, answers, context.ids.next(), context.now)?;
        self.save(&mut decision, context).await?;
        let payment = &decision.payment;
        if unanswered {
            tracing::warn!(payment = %payment.id(), due = ?payment.next_attempt_at, "the provider gave no answer");
        } else if payment.next(context.now).as_ref() == Some(command) {
            tracing::error!(payment = %payment.id(), due = ?payment.next_attempt_at, ?command, "the provider did not do what it was asked");
        }
        Ok(decision)
    }

    async fn save(&self, decision: &mut Decision, context: &RequestContext) -> Result<(), Problem> {
        let commit = self.store.commit(decision, context);
        let version = commit.version();
        commit.run().await?;
        decision.payment.version = version;
        Ok(())
    }

    /// Sends a command to the provider. If it refuses a refund, the first answer is the total that was refunded,
    /// because the provider also refuses a refund that it has already made, and one that is too large.
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
            // One of our secrets is wrong. It may be corrected before the order's deadline.
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

/// The answer to a payment of 0. The provider is not called.
fn free(payment: &Payment, command: &Command) -> Answer {
    let intent = payment.id().to_string();
    match command {
        Command::Authorize { .. } => Answer::Held { intent },
        Command::Retrieve { .. } => Answer::Unknown,
        Command::Capture { .. } => Answer::Taken { intent, amount: 0 },
        Command::Void { .. } => Answer::Cancelled { intent },
        Command::Refund { refund, .. } => Answer::Refunded { refund: *refund },
        Command::Find { .. } => Answer::not_found(),
    }
}
