//! Update a payment from a webhook of the provider.

use lambda::{Function, Message, Problem};

use crate::{
    PaymentProcessor,
    payment::Payment,
    stripe::Intent,
    webhook::{About, Webhook},
};

pub fn function() -> Function {
    Function::messages("apply-webhook", handle).idempotent()
}

async fn handle(processor: PaymentProcessor, message: Message<Webhook>) -> Result<(), Problem> {
    let (Webhook { about }, context) = (message.body, message.context);
    let mut intent = intent_of(&processor, &about).await?;
    // Ignore intents that another application of the provider's account made.
    let order = intent.order().ok_or(Problem::AlreadyDone)?;
    let stored = processor.store.payment_of(order).await?;
    if stored.as_ref().is_some_and(|payment| about.needs_intent_after(payment)) {
        intent = intent_of(&processor, &about).await?;
    }
    let decision = Payment::apply_webhook(stored, about.answers(&intent), context.ids.next(), context.now)?;
    processor.commit_decision(decision, &context).await
}

async fn intent_of(processor: &PaymentProcessor, about: &About) -> Result<Intent, Problem> {
    if let About::Intent(intent) = about {
        return Ok(intent.clone());
    }
    let intent = processor.stripe.intent(about.intent_id()).await.filter(|intent| intent.refunded().is_some());
    intent.ok_or_else(|| Problem::internal("the provider does not show the intent"))
}
