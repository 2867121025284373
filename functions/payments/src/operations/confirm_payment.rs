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
            "Call it when the customer returns from approving the payment with the bank (3-D Secure). The payment \
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
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    let payment = match payment.confirm() {
        // Another command, such as to withdraw a refused payment, would not fit into the time of the request. It is sent
        // when the payment is overdue.
        Some(command) => match processor.run_command(payment.clone(), &command, &call.context).await {
            // The customer has not decided, or the provider does not answer.
            Err(Problem::AlreadyDone) => payment,
            decided => decided?.payment,
        },
        None => payment,
    };
    let view = PaymentView::of(&payment, &call.caller, &processor.sealer, call.now())?;
    Ok(Found::new(view).version(&payment.version))
}
