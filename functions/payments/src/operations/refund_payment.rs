//! Give some of the money back, or all of it.

use contracts::{Money, PaymentId, RefundId, Role};
use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Till,
    payment::{Refund, Status},
    store::save_payment,
};

/// What to give back, and why.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundPayment {
    #[garde(skip)]
    payment_id: PaymentId,
    /// At most what was taken and not given back yet.
    #[garde(custom(positive))]
    amount: Money,
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "garde calls it so")]
fn positive(amount: &Money, (): &()) -> garde::Result {
    if amount.amount > 0 { Ok(()) } else { Err(garde::Error::new("must be more than 0")) }
}

/// A refund under way: the payment shows when the money has gone back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundView {
    id: RefundId,
    payment_id: PaymentId,
    amount: Money,
    reason: String,
}

/// This function.
pub fn function() -> Function {
    Function::http("refund-payment", handle)
}

async fn handle(till: Till, call: Call<RefundPayment>) -> Result<Created<RefundView>, Problem> {
    call.caller.require(&[Role::Support])?;
    let RefundPayment { payment_id, amount, reason } = &call.input;
    let payment = till.store.payment(*payment_id).await?.filter(|payment| payment.status != Status::Refused);
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    let (payment, Refund { id, amount, reason, .. }) = payment.refund(call.new_id(), *amount, reason, call.now())?;
    let view = RefundView { id, payment_id: *payment_id, amount, reason };
    let reply = Created::at(format!("/v1/payments/{payment_id}"), view).version(payment.version);
    save_payment(till.store.table().commit(&call.cause), &payment, &[]).answer(&reply).run().await?;
    // From here on it is kept: if this does not get through, somebody asks again when it is due.
    if let Err(problem) = till.carry_out(payment, call.cause).await {
        tracing::warn!(%id, error = &problem as &dyn std::error::Error, "the refund is left to others");
    }
    Ok(reply)
}
