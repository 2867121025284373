//! Get a payment with its transactions.

use contracts::PaymentId;
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Payments,
    view::{PaymentView, visible},
};

/// The payment to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPayment {
    #[garde(skip)]
    payment_id: PaymentId,
}

pub fn function() -> Function {
    Function::http("get-payment", handle)
        .about(
            "Returns the status of the payment and each movement of its money. If the customer must approve the \
             payment, `nextAction` says how, to the customer only. Only the payment's customer and support can \
             read it. Other callers get 404.",
        )
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(payments: Payments, call: Call<GetPayment>) -> Result<Found<PaymentView>, Problem> {
    let payment = payments.store.payment(call.input.payment_id).await?;
    let payment = payment.filter(|payment| visible(payment, &call.caller));
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    let view = PaymentView::of(&payment, &call.caller, &payments.sealer, call.now())?;
    Ok(Found::new(view).version(&payment.version))
}
