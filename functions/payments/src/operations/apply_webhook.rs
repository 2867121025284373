//! Learn from a webhook what became of a payment.

use lambda::{Function, Message, Problem};

use crate::{
    Till,
    payment::{Answer, Refund},
    store::save_payment,
    stripe::Intent,
    webhook::{About, Notice},
};

/// This function.
pub fn function() -> Function {
    Function::messages("apply-webhook", handle)
}

async fn handle(till: Till, mut message: Message<Notice>) -> Result<(), Problem> {
    let Notice { id, about } = message.body;
    let mut intent = intent_of(&till, &about).await?;
    // What the provider does for others is not ours.
    let order = intent.metadata.order().ok_or(Problem::AlreadyDone)?;
    let payment = till.store.payment_of(order).await?.ok_or(Problem::AlreadyDone)?;
    // What was given back in all was read before the payment was: it may count a refund of which we know that it failed.
    if matches!(about, About::RefundFailed { .. }) || payment.refunds.iter().any(Refund::has_failed) {
        intent = intent_of(&till, &about).await?;
    }
    // A webhook that comes twice, or after an answer, says nothing new the second time.
    let answers = [Some(intent.answer()), about.answer(intent.refunded())].into_iter().flatten();
    let answers = answers.filter(|answer| *answer != Answer::Unknown);
    let cause = &mut message.cause;
    let (payment, stated) = payment.learn(answers, cause.ids.next(), cause.now)?;
    save_payment(till.store.table().commit(cause), &payment, &stated).run().await?;
    tracing::info!(webhook = id, payment = %payment.id(), "learned of a payment");
    // The message is consumed. What is left to ask, such as to void a hold that was too late, is asked at once.
    message.cause.inbox = None;
    till.carry_out(payment, message.cause).await
}

async fn intent_of(till: &Till, about: &About) -> Result<Intent, Problem> {
    let id = match about {
        About::Intent(intent) => return Ok(intent.clone()),
        About::Refunds { intent }
        | About::RefundFailed { intent, .. }
        | About::DisputeOpened { intent, .. }
        | About::DisputeClosed { intent, .. } => intent,
    };
    let intent = till.stripe.intent(id).await.filter(|intent| intent.refunded().is_some());
    intent.ok_or_else(|| Problem::internal("the provider does not show the intent"))
}
