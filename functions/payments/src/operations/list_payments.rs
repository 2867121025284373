//! List the payments of an order.

use contracts::OrderId;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Payments,
    payment::Payment,
    view::{PaymentView, visible},
};

/// The order whose payments to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListPayments {
    #[garde(skip)]
    order_id: OrderId,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-payments", handle).about(
        "An order has one payment. It is created shortly after the order is placed; until then, the list is \
         empty. For callers other than the customer of the order and support, it is always empty.",
    )
}

async fn handle(payments: Payments, call: Call<ListPayments>) -> Result<Page<PaymentView>, Problem> {
    let ListPayments { order_id, limit, cursor } = call.input;
    let payment = payments.store.payment_of(order_id).await?;
    let seen: Vec<_> = payment.into_iter().filter(|payment| visible(payment, &call.caller)).collect();
    let (list, key) = (format!("payments {order_id}"), |payment: &Payment| payment.id().to_string());
    let page = payments.store.table().slice(&list, seen, key, &Paging { limit, cursor })?;
    let views =
        page.items.iter().map(|payment| PaymentView::of(payment, &call.caller, &payments.sealer, call.context.now));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next: page.next })
}
