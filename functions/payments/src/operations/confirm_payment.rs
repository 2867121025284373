//! Confirm that the customer has approved or refused a payment.

use contracts::PaymentId;
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    PaymentProcessor,
    view::{PaymentView, visible},
};

/// The payment to confirm.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmPayment {
    #[garde(skip)]
    payment_id: PaymentId,
}

/// The provider is asked for the outcome, so the request can be repeated.
pub fn function() -> Function {
    Function::http("confirm-payment", handle).versioned().problems(&[NOT_FOUND])
}

async fn handle(processor: PaymentProcessor, call: Call<ConfirmPayment>) -> Result<Found<PaymentView>, Problem> {
    let id = call.input.payment_id;
    let payment = processor.store.payment(id).await?.filter(|payment| visible(payment, &call.caller));
    let mut payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    if let Some(decision) = payment.clone().confirm(call.now()) {
        match processor.commit_decision(decision, &call.context).await {
            // The customer has not decided, or the provider does not answer.
            Err(Problem::AlreadyDone) => {}
            done => {
                done?;
                payment = processor.store.payment(id).await?.ok_or_else(|| Problem::not_found("payment"))?;
            }
        }
    }
    let view = PaymentView::of(&payment, &call.caller, &processor.sealer)?;
    Ok(Found::new(view).version(&payment.version))
}
