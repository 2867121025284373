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
    Function::http("confirm-payment", handle)
        .about(
            "Send it when the customer returns from approving the payment with the bank (3-D Secure). The payment \
             provider is then asked for the customer's decision. If there is no decision yet, the payment is \
             returned unchanged. The request can be repeated. Only the payment's customer and support can confirm \
             it.",
        )
        .versioned()
        .problems(&[NOT_FOUND])
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
