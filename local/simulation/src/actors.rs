//! The actors of a purchase beside buyers: a courier, support, the merchant, an operator and an attacker. The choice
//! sequence decides what each actor does, and when.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    caller::{Caller, Operation},
    pollers::redrive,
    prices::{self, BRITAIN, Country, GERMANY, SHELF, SHIPPING},
    promotions,
    world::World,
};

/// An operation on the resource that a path names.
pub(crate) fn operation<'a>(
    function: &'a str,
    method: &'a str,
    path: &'a str,
    parameters: &'a [(&'a str, &'a str)],
    body: Option<Value>,
) -> Operation<'a> {
    Operation { function, method, path, parameters, query: &[], content_type: "application/json", body }
}

/// Creates all products and their stock, before faults begin.
pub(crate) async fn open_shop(world: &Arc<World>) {
    let merchant = Caller::new(world, 1, "merchant");
    let make = async |operation: Operation<'_>| {
        let answer = merchant.call(&operation).await;
        assert!(answer.as_ref().is_some_and(crate::caller::Answer::is_good), "{}: {answer:?}", operation.function);
    };
    for class in ["standard", "reduced"] {
        let variants: Vec<_> = SHELF
            .iter()
            .filter(|(.., own)| *own == class)
            .map(|(sku, cents, ..)| json!({"sku": sku, "options": {"kind": sku}, "prices": [{"currency": "EUR", "amount": cents}]}))
            .collect();
        let product = json!({"title": class, "description": "All of it.", "taxClass": class, "variants": variants});
        make(operation("create-product", "POST", "/v1/products", &[], Some(product))).await;
    }
    let shipping = json!([{"currency": "EUR", "amount": SHIPPING}]);
    let options = json!({"options": [{"id": "standard", "name": "Parcel", "days": 3, "prices": shipping}]});
    for Country { code, standard, reduced, included } in [BRITAIN, GERMANY] {
        let country = [("country", code)];
        let rates = json!({"rates": {"standard": standard, "reduced": reduced}, "included": included});
        make(operation("set-tax-rates", "PUT", "/v1/tax-rates/{country}", &country, Some(rates))).await;
        let path = "/v1/shipping-rates/{country}";
        make(operation("set-shipping-rates", "PUT", path, &country, Some(options.clone()))).await;
    }
    let few = promotions::few();
    make(operation("create-promotion", "POST", "/v1/promotions", &[], Some(few))).await;
    promotions::add_single_use_code(&merchant).await;
    for (sku, _, stock, _) in SHELF {
        let received = json!({"delta": stock, "reason": "received"});
        let path = "/v1/stock/{sku}/adjustments";
        let answer = merchant.call(&operation("adjust-stock", "POST", path, &[("sku", sku)], Some(received))).await;
        assert!(answer.is_some_and(|answer| answer.is_good()), "the stock is counted");
    }
    open_shelf_of_posters(&merchant).await;
    // Without a key, no quote can be made. If a tick fails, the next one makes the key.
    while world.invoke("rotate-quote-key", "a tick", &json!({})).await.is_err() {}
}

/// Creates three products that are never bought, two of them in a category. One is archived, and the category is renamed.
async fn open_shelf_of_posters(merchant: &Caller) {
    let category = json!({"name": "Posters"});
    let made = merchant.call(&operation("create-category", "POST", "/v1/categories", &[], Some(category))).await;
    let category = made.expect("a category").text("id");
    let mut ids = Vec::new();
    for categories in [vec![], vec![&category], vec![&category]] {
        let product = json!({"title": "Poster", "categoryIds": categories, "variants": []});
        let made = merchant.call(&operation("create-product", "POST", "/v1/products", &[], Some(product))).await;
        ids.push(made.expect("a poster").text("id"));
    }
    // So that the search knows them before.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let (path, id) = ("/v1/categories/{categoryId}", [("categoryId", &*category)]);
    let name = json!({"name": "Prints"});
    let renamed = merchant.call(&operation("update-category", "PATCH", path, &id, Some(name))).await;
    assert!(renamed.is_some_and(|answer| answer.is_good()), "the category is renamed");
    let (path, id) = ("/v1/products/{productId}", [("productId", &*ids[1])]);
    let gone = merchant.call(&operation("archive-product", "DELETE", path, &id, None)).await;
    assert!(gone.is_some_and(|answer| answer.is_good()), "the poster is archived");
}

/// Calls an operation on a resource that the caller has created. It must be found.
pub(crate) async fn find(me: &Caller, operation: &Operation<'_>) -> Option<()> {
    let answer = me.call(operation).await?;
    if answer.status == 404 {
        me.breaks("what is created is the caller's", format!("{} answered 404", operation.function));
    }
    Some(())
}

pub(crate) fn cancellation<'a>(order: &'a [(&'a str, &'a str)]) -> Operation<'a> {
    let why = json!({"reason": "changed my mind"});
    operation("cancel-order", "POST", "/v1/orders/{orderId}/cancellation", order, Some(why))
}

/// Fills a cart with chosen items, and requests a quote.
pub(crate) async fn quoted(world: &World, me: &Caller) -> Option<(String, String)> {
    let sku = SHELF[world.choices.mostly_first(SHELF.len())].0;
    let quantity = 1 + u32::try_from(world.choices.mostly_first(3)).unwrap_or_default();
    let other = world.choices.happens(300).then(|| SHELF[world.choices.mostly_first(SHELF.len())].0);
    let items: Vec<_> = [(sku, quantity)].into_iter().chain(other.map(|other| (other, 1))).collect();
    let cart = fill(me, &items).await?;
    let quote = promotions::quote_with_code(me, &cart).await?;
    Some((cart, quote))
}

/// Fills a cart with quantities of SKUs, and sets its shipping.
async fn fill(me: &Caller, items: &[(&str, u32)]) -> Option<String> {
    let cart = me.call(&operation("create-cart", "POST", "/v1/carts", &[], Some(json!({"currency": "EUR"})))).await?;
    let cart = cart.text("id");
    for (sku, quantity) in items {
        let at = [("cartId", cart.as_str()), ("sku", *sku)];
        let put =
            operation("put-item", "PUT", "/v1/carts/{cartId}/items/{sku}", &at, Some(json!({"quantity": quantity})));
        find(me, &put).await?;
    }
    let filled = items.iter().map(|(sku, quantity)| ((*sku).to_owned(), i64::from(*quantity))).collect();
    me.world().observed.with(|seen| seen.filled.insert(cart.clone(), filled));
    let at = [("cartId", cart.as_str())];
    let country = if me.world().choices.happens(300) { GERMANY } else { BRITAIN };
    let address = json!({"name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postcode": "SW1Y 4JH", "country": country.code});
    let shipping = json!({"address": address, "option": "standard"});
    me.call(&operation("set-shipping", "PUT", "/v1/carts/{cartId}/shipping", &at, Some(shipping))).await?;
    Some(cart)
}

/// Requests a quote of a cart, and checks its prices. `None` if it is refused.
pub(crate) async fn quote_again(me: &Caller, cart: &str) -> Option<String> {
    let at = [("cartId", cart)];
    let quote = me.call(&operation("create-quote", "POST", "/v1/carts/{cartId}/quote", &at, Some(json!({})))).await?;
    if !quote.is_good() {
        return None;
    }
    let taxed = quote.body["trace"].as_array().and_then(|trace| trace.last()?["rule"].as_str());
    let country = if taxed == Some("tax:DE") { GERMANY } else { BRITAIN };
    if let Err(wrong) = prices::check(&quote.body, country) {
        me.breaks(prices::INVARIANT, wrong);
    }
    Some(quote.text("quote"))
}

/// Dispatches parcels, and delivers them or reports failed attempts.
pub(crate) async fn courier(world: Arc<World>) {
    let me = Caller::new(&world, 2, "courier");
    for _ in 0..6 {
        pause(&world, 2 * 3600).await;
        for status in ["scheduled", "dispatched"] {
            for shipment in shipments(&me, status).await {
                let id = shipment["id"].as_str().unwrap_or_default();
                let at = [("shipmentId", id)];
                let next = match (status, world.choices.mostly_first(4)) {
                    (_, 3) => continue,
                    ("scheduled", 2) => operation(
                        "assign-courier",
                        "POST",
                        "/v1/shipments/{shipmentId}/assignment",
                        &at,
                        Some(json!({})),
                    ),
                    ("scheduled", _) => operation(
                        "dispatch-shipment",
                        "POST",
                        "/v1/shipments/{shipmentId}/dispatch",
                        &at,
                        Some(json!({})),
                    ),
                    (_, 1 | 2) => operation(
                        "fail-delivery",
                        "POST",
                        "/v1/shipments/{shipmentId}/failure",
                        &at,
                        Some(json!({"reason": "nobody home"})),
                    ),
                    _ => operation(
                        "deliver-shipment",
                        "POST",
                        "/v1/shipments/{shipmentId}/delivery",
                        &at,
                        Some(json!({})),
                    ),
                };
                drop(me.call(&next).await);
            }
            shipments(&me, status).await;
        }
    }
}

/// The shipments with a status, as they are listed.
async fn shipments(me: &Caller, status: &str) -> Vec<Value> {
    let list =
        Operation { query: &[("status", status)], ..operation("list-shipments", "GET", "/v1/shipments", &[], None) };
    let listed = me.call(&list).await.map(|listed| listed.body["items"].clone());
    let Some(Value::Array(listed)) = listed else { return Vec::new() };
    if let Some(other) = listed.iter().find(|shipment| shipment["status"] != status) {
        let what = format!("a shipment that is {} is listed as {status}", other["status"]);
        me.breaks("a list holds what belongs to it", what);
    }
    listed
}

/// Makes refunds, and closes disputes like a bank does.
pub(crate) async fn support(world: Arc<World>) {
    let me = Caller::new(&world, 3, "support");
    for _ in 0..4 {
        pause(&world, 6 * 3600).await;
        for charge in world.provider.charges() {
            match charge.dispute {
                Some((dispute, status)) if status == "needs_response" => {
                    let decision = world.choices.mostly_first(3);
                    if decision > 0 {
                        world.provider.decide(&world, &dispute, decision == 1);
                    }
                }
                _ if charge.status == "succeeded" && world.choices.happens(250) => {
                    let payment = charge.order.replace("ord_", "pay_");
                    let at = [("paymentId", payment.as_str())];
                    let cents = 1 + world.choices.below(6000);
                    let refund = json!({"amount": {"amount": cents, "currency": "EUR"}, "reason": "scratched"});
                    drop(
                        me.call(&operation(
                            "refund-payment",
                            "POST",
                            "/v1/payments/{paymentId}/refunds",
                            &at,
                            Some(refund),
                        ))
                        .await,
                    );
                }
                _ => {}
            }
        }
    }
}

/// Adjusts stock while buyers order it.
pub(crate) async fn merchant(world: Arc<World>) {
    let me = Caller::new(&world, 1, "merchant");
    for _ in 0..world.choices.mostly_first(4) {
        pause(&world, 3600).await;
        let sku = SHELF[world.choices.mostly_first(SHELF.len())].0;
        let delta = i64::from(world.choices.below(5)) - 2;
        let counted = json!({"delta": delta, "reason": "counted"});
        drop(
            me.call(&operation("adjust-stock", "POST", "/v1/stock/{sku}/adjustments", &[("sku", sku)], Some(counted)))
                .await,
        );
    }
}

/// Redrives dead letters, and republishes events.
pub(crate) async fn operator(world: Arc<World>) {
    let functions = &world.stage.deployment.functions;
    let republish: Vec<_> = functions.iter().filter(|function| function.binary == "republish").collect();
    for _ in 0..world.choices.mostly_first(3) {
        pause(&world, 6 * 3600).await;
        let which = &republish[world.choices.mostly_first(republish.len())].name;
        let since = json!({"since": crate::world::START.to_string()});
        drop(world.invoke(which, "everything since the beginning", &since).await);
        redrive(&world).await;
    }
}

/// Tries to read resources of other customers. Each must be answered with 404.
pub(crate) async fn stranger(world: Arc<World>) {
    let me = outsider(&world);
    for _ in 0..world.choices.mostly_first(4) {
        pause(&world, 3 * 3600).await;
        let orders = world.observed.with(|seen| seen.accepted.keys().cloned().collect::<Vec<_>>());
        let Some(order) = orders.get(world.choices.mostly_first(orders.len().max(1))) else { continue };
        let payment = order.replace("ord_", "pay_");
        let shipment = order.replace("ord_", "shp_");
        let (order, payment, shipment) =
            ([("orderId", order.as_str())], [("paymentId", payment.as_str())], [("shipmentId", shipment.as_str())]);
        let tried = [
            operation("get-order", "GET", "/v1/orders/{orderId}", &order, None),
            cancellation(&order),
            operation("get-order-history", "GET", "/v1/orders/{orderId}/history", &order, None),
            operation("get-payment", "GET", "/v1/payments/{paymentId}", &payment, None),
            operation("get-shipment", "GET", "/v1/shipments/{shipmentId}", &shipment, None),
        ];
        for operation in &tried {
            expect_refusal(&world, &me, operation, 404).await;
        }
    }
}

/// Uses the cart and quote of another customer before that customer does.
pub(crate) async fn thief(world: &Arc<World>, cart: &str, order: &Value) {
    let (me, cart) = (outsider(world), [("cartId", cart)]);
    let quoted = operation("create-quote", "POST", "/v1/carts/{cartId}/quote", &cart, Some(json!({})));
    expect_refusal(world, &me, &operation("get-cart", "GET", "/v1/carts/{cartId}", &cart, None), 404).await;
    expect_refusal(world, &me, &quoted, 404).await;
    expect_refusal(world, &me, &operation("place-order", "POST", "/v1/orders", &[], Some(order.clone())), 422).await;
}

/// A customer without resources.
fn outsider(world: &Arc<World>) -> Caller {
    Caller::new(world, 4, "customer")
}

/// Calls an operation on a resource of another customer. It must be refused with this status.
async fn expect_refusal(world: &World, me: &Caller, operation: &Operation<'_>, status: u64) {
    if let Some(answer) = me.call(operation).await.filter(|answer| answer.status != status) {
        let what = format!("{} answered {} to a stranger", operation.function, answer.status);
        world.observed.breaks("what is another's is theirs alone", what);
    }
}

/// Waits for a chosen time of at most `most` seconds.
pub(crate) async fn pause(world: &World, most: u32) {
    tokio::time::sleep(Duration::from_secs(1 + u64::from(world.choices.below(most)))).await;
}
