//! List a customer's orders, newest first.

use contracts::{Role, UserId};
use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Orders, event::Status, view::OrderView};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOrders {
    /// Filters by status. A page searches at most 5,000 orders, so it can be shorter than `limit` and still have a
    /// next page.
    #[garde(skip)]
    status: Option<Status>,
    /// Customer ID. Defaults to the caller. Support may query any customer.
    #[garde(skip)]
    customer_id: Option<UserId>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-orders", handle)
        .about(
            "Returns the caller's own orders. Support can list the orders of any customer with `customerId`. \
             Other callers get 403 for an id that is not their own.",
        )
        .problems(&[FORBIDDEN])
}

async fn handle(orders: Orders, call: Call<ListOrders>) -> Result<Page<OrderView>, Problem> {
    let caller = call.caller.principal()?;
    let ListOrders { status, customer_id, limit, cursor } = call.input;
    let customer = customer_id.unwrap_or(caller);
    if customer != caller {
        call.caller.require(&[Role::Support])?;
    }
    let page = orders.store.of_customer(customer, status, &Paging { limit, cursor }).await?;
    let views = page.items.iter().map(|order| OrderView::of(order, &call.caller, &orders.sealer));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next: page.next })
}
