//! Learn from a webhook what became of a payment.

use lambda::{Function, Message, Problem};

use crate::{
    PaymentProcessor,
    payment::Payment,
    stripe::Intent,
    webhook::{About, Webhook},
};

pub fn function() -> Function {
    Function::messages("apply-webhook", handle)
}

async fn handle(processor: PaymentProcessor, message: Message<Webhook>) -> Result<(), Problem> {
    let (Webhook { about }, cause) = (message.body, message.cause);
    let mut intent = intent_of(&processor, &about).await?;
    // What the provider does for others is not ours.
    let order = intent.order().ok_or(Problem::AlreadyDone)?;
    let stored = processor.store.payment_of(order).await?;
    if stored.as_ref().is_some_and(|payment| about.needs_intent_after(payment)) {
        intent = intent_of(&processor, &about).await?;
    }
    let decision = Payment::apply_webhook(stored, about.answers(&intent), cause.ids.next(), cause.now)?;
    processor.commit_decision(decision, &cause).await
}

async fn intent_of(processor: &PaymentProcessor, about: &About) -> Result<Intent, Problem> {
    if let About::Intent(intent) = about {
        return Ok(intent.clone());
    }
    let intent = processor.stripe.intent(about.intent_id()).await.filter(|intent| intent.refunded().is_some());
    intent.ok_or_else(|| Problem::internal("the provider does not show the intent"))
}
