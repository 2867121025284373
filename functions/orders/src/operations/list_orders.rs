//! List orders, newest first.

use contracts::{Role, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Caller, FORBIDDEN, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Orders, event::Status, store::Filter, view::ListedOrder};

/// The orders to list. All given filters apply.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOrders {
    /// Filters by status: one or several, separated by commas. A page searches at most 5,000 orders, so it can be shorter
    /// than `limit` and still have a next page.
    #[garde(length(min = 1, max = 6))]
    status: Option<Vec<Status>>,
    /// Filters by the time when the order was placed: at this time or later.
    #[garde(skip)]
    from: Option<Timestamp>,
    /// Filters by the time when the order was placed: before this time. It must be later than `from`.
    #[garde(skip)]
    to: Option<Timestamp>,
    /// Customer ID. Defaults to the caller, and for merchants and support to all customers. Support may query any customer;
    /// other callers only themselves.
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
            "Returns the caller's own orders. For merchants and support, it returns all orders of the shop, without \
             `shipTo` and other data that only the customer and support may see; they get their own orders with their own id in \
             `customerId`. Support can list the orders of any customer with `customerId`. Other callers get 403 for an id \
             that is not their own. A new order appears within a second.",
        )
        .problems(&[FORBIDDEN])
}

async fn handle(orders: Orders, call: Call<ListOrders>) -> Result<Page<ListedOrder>, Problem> {
    let ListOrders { status, from, to, customer_id, limit, cursor } = call.input;
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err(Problem::invalid("/to", "must be later than from"));
    }
    let customer = customer(customer_id, &call.caller)?;
    let filter = Filter { status, from, to };
    let page = orders.store.list(customer, &filter, &Paging { limit, cursor }).await?;
    // Not even support gets the addresses of all customers at once.
    if customer.is_none() {
        return Ok(page.map(|order| ListedOrder::of_shop(&order)));
    }
    let views = page.items.iter().map(|order| ListedOrder::of_customer(order, &call.caller, &orders.sealer));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next: page.next })
}

/// The customer whose orders the caller gets, or `None` for all customers.
fn customer(wanted: Option<UserId>, caller: &Caller) -> Result<Option<UserId>, Problem> {
    let own = caller.principal()?;
    match wanted {
        Some(customer) if customer != own => caller.require(&[Role::Support]).map(|_| wanted),
        Some(_) => Ok(wanted),
        None if caller.has(Role::Merchant) || caller.has(Role::Support) => Ok(None),
        None => Ok(Some(own)),
    }
}
