//! List the payments of an order.

use contracts::OrderId;
use garde::Validate;
use lambda::{Call, Function, Page, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Payments,
    view::{PaymentView, visible},
};

/// The order whose payments to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListPayments {
    #[garde(skip)]
    order_id: OrderId,
}

pub fn function() -> Function {
    Function::http("list-payments", handle)
}

async fn handle(payments: Payments, call: Call<ListPayments>) -> Result<Page<PaymentView>, Problem> {
    let payment = payments.store.payment_of(call.input.order_id).await?;
    let payment = payment.filter(|payment| visible(payment, &call.caller));
    let views = payment.iter().map(|payment| PaymentView::of(payment, &call.caller, &payments.sealer, call.now()));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next: None })
}
