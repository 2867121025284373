//! Refund a payment, in part or in full.

use contracts::{Money, PaymentId, RefundId, Role};
use garde::Validate;
use lambda::{Call, Committed, Created, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    PaymentProcessor,
    payment::{Refund, Status},
};

/// The amount to refund, and why.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundPayment {
    #[garde(skip)]
    payment_id: PaymentId,
    /// At most the amount captured and not yet refunded.
    #[garde(custom(positive))]
    amount: Money,
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "garde calls it so")]
fn positive(amount: &Money, (): &()) -> garde::Result {
    if amount.amount > 0 { Ok(()) } else { Err(garde::Error::new("must have an amount of at least 1 in minor units")) }
}

/// A refund in progress. When it is done, the payment lists it as a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundView {
    id: RefundId,
    payment_id: PaymentId,
    amount: Money,
    reason: String,
}

pub fn function() -> Function {
    Function::http("refund-payment", handle)
        .about(
            "Only money that was captured and not yet refunded can be refunded. The refund is stored, and then \
             requested from the payment provider. When the provider has made it, the payment lists it as a \
             transaction. A payment has at most 50 refunds.",
        )
        .roles(&[Role::Support])
        .versioned()
        .problems(&[NOT_FOUND, (409, "not-captured"), (409, "refund-too-large"), (409, "too-many-refunds")])
}

async fn handle(
    processor: PaymentProcessor,
    call: Call<RefundPayment>,
) -> Result<Committed<Created<RefundView>>, Problem> {
    let RefundPayment { payment_id, amount, reason } = &call.input;
    let payment = processor.store.payment(*payment_id).await?.filter(|payment| payment.status != Status::Refused);
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    let (mut decision, Refund { id, amount, reason, .. }) =
        payment.refund(call.new_id(), *amount, reason, call.now())?;
    let view = RefundView { id, payment_id: *payment_id, amount, reason };
    let commit = processor.store.commit(&decision, &call.context);
    let version = commit.version();
    let reply = Created::at(format!("/v1/payments/{payment_id}"), view).version(&version);
    let reply = commit.answer(reply).run().await?;
    decision.payment.version = version;
    // The refund is saved: if this fails, the provider is asked when the payment is overdue.
    if let Err(problem) = processor.run_pending_commands(decision, &call.context).await {
        tracing::warn!(%id, error = &problem as &dyn std::error::Error, "the refund is left for later");
    }
    Ok(reply)
}
