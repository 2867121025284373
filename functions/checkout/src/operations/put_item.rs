//! Set the quantity of a SKU in a cart.

use contracts::{CartId, Money, OrderLine, PriceListId, Sku};
use garde::Validate;
use lambda::{Call, Found, Function, INVALID_AMOUNT, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::{Cart, Line, MOST_UNITS},
    pricing::price_line,
    view::WarningView,
};

/// The new quantity of a SKU.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutItem {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(skip)]
    sku: Sku,
    /// The new quantity. It replaces the old quantity, so the request can be repeated and needs no `If-Match`.
    #[garde(range(min = 1, max = MOST_UNITS))]
    quantity: u32,
}

/// The line after the change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    sku: Sku,
    title: String,
    quantity: u32,
    unit_price: Money,
    /// The catalog's price of one unit, if `unitPrice` is another price, of a price list.
    list_price: Option<Money>,
    /// The price list that `unitPrice` is from. `null` if it is the catalog's price.
    price_list: Option<PriceListId>,
    problems: Vec<WarningView>,
}

pub fn function() -> Function {
    Function::http("put-item", handle)
        .about(
            "Adds the SKU if the cart does not contain it, or replaces its quantity. A cart has at most 40 SKUs, \
             and at most 999 units of each. A SKU can be added without enough stock: `problems` says so. Only the \
             cart's owner can change it, while its status is `open`.",
        )
        .problems(&[
            NOT_FOUND,
            INVALID_AMOUNT,
            (409, "cart-closed"),
            (409, "cart-full"),
            (422, "not-sold"),
            (422, "unknown-sku"),
        ])
}

async fn handle(checkout: Checkout, call: Call<PutItem>) -> Result<Found<ItemView>, Problem> {
    let (caller, now) = (call.caller.principal()?, call.now());
    let PutItem { cart_id, sku, quantity } = call.input;
    let (cart, pricing) = checkout.store.cart_and_sku(cart_id, &sku).await?;
    let (cart, pricing) = (Cart::of(caller, cart)?, pricing.for_caller(&call.caller));
    let wanted = Line { sku, title: String::new(), quantity, seen: None, returned_at: None };
    let priced = price_line(&cart, &wanted, &pricing, now)?;
    let sold = priced.sold?;
    let cart = cart.put(Line { title: sold.title.clone(), seen: Some(sold.unit_price), ..wanted }, now)?;
    checkout.store.table().commit(&call.context).save(&cart).run().await?;
    let problems = priced.warnings.iter().map(WarningView::of).collect();
    let OrderLine { sku, title, unit_price, list_price, price_list, .. } = sold;
    Ok(Found::new(ItemView { sku, title, quantity, unit_price, list_price, price_list, problems }))
}
