//! Who may call what: every operation as anonymous, stranger, wrong role, owner and right role.

use std::collections::BTreeMap;

use futures::future::{join, join_all};
use local::{
    Client, Options, Stack,
    shopper::{address, made, text},
};
use serde_json::{Value, json};

use crate::{
    shop::eventually,
    world::{Names, ROLES, Sample, World, quoted, routes},
};

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
enum Access {
    /// Everybody.
    Public,
    /// Whoever has a token, for what is their own by nature: it is found by who they are.
    Known,
    /// These roles and administrators, each for what is their own; what is another's does not exist.
    Own(&'static [&'static str]),
    /// The owner of what is named, and these roles if any, then with administrators; for anybody else it does not
    /// exist.
    Owner(&'static [&'static str]),
    /// These roles and administrators, and no other.
    Roles(&'static [&'static str]),
    /// Whoever has the signature: the payment provider.
    Signed,
}

use Access::{Known, Own, Owner, Public, Roles, Signed};

/// Everybody with an account of their own.
const ACCOUNTS: &[&str] = &["customer", "merchant", "courier", "support"];

/// In an order in which all of it can be done: nothing goes before it was looked at and changed.
const MATRIX: &[(&str, Access)] = &[
    // users
    ("register-user", Public),
    ("create-guest", Public),
    ("sign-in", Public),
    ("refresh-session", Public),
    ("get-jwks", Public),
    ("get-profile", Known),
    ("update-profile", Roles(ACCOUNTS)),
    ("list-addresses", Roles(ACCOUNTS)),
    ("add-address", Roles(ACCOUNTS)),
    ("update-address", Own(ACCOUNTS)),
    ("remove-address", Own(ACCOUNTS)),
    ("list-payment-methods", Roles(ACCOUNTS)),
    ("add-payment-method", Roles(ACCOUNTS)),
    ("remove-payment-method", Own(ACCOUNTS)),
    ("list-users", Roles(&["support"])),
    ("set-roles", Roles(&[])),
    // catalog
    ("get-product", Public),
    ("list-products", Public),
    ("list-categories", Public),
    ("create-product", Roles(&["merchant"])),
    ("update-product", Roles(&["merchant"])),
    ("set-price", Roles(&["merchant"])),
    ("archive-product", Roles(&["merchant"])),
    ("create-category", Roles(&["merchant"])),
    ("import-products", Roles(&["merchant"])),
    ("get-import", Roles(&["merchant", "support"])),
    // inventory
    ("get-stock", Known),
    ("list-stock", Known),
    ("adjust-stock", Roles(&["merchant"])),
    ("set-reorder-policy", Roles(&["merchant"])),
    ("list-replenishments", Roles(&["merchant", "support"])),
    ("receive-replenishment", Roles(&["merchant"])),
    // checkout
    ("get-quote-keys", Public),
    ("create-cart", Known),
    ("get-cart", Owner(&[])),
    ("put-item", Owner(&[])),
    ("merge-cart", Owner(&[])),
    ("list-shipping-options", Owner(&[])),
    ("set-shipping", Owner(&[])),
    ("apply-promotion", Owner(&[])),
    ("create-quote", Owner(&[])),
    ("remove-promotion", Owner(&[])),
    ("remove-item", Owner(&[])),
    ("create-promotion", Roles(&["merchant"])),
    ("list-promotions", Roles(&["merchant", "support"])),
    ("end-promotion", Roles(&["merchant"])),
    ("set-tax-rates", Roles(&["merchant"])),
    ("set-shipping-rates", Roles(&["merchant"])),
    // orders
    ("place-order", Known),
    ("list-orders", Known),
    ("get-order", Owner(&["support"])),
    ("get-order-history", Owner(&["support"])),
    ("cancel-order", Owner(&["support"])),
    // payments
    ("receive-webhook", Signed),
    ("list-payments", Known),
    ("get-payment", Owner(&["support"])),
    ("refund-payment", Roles(&["support"])),
    // delivery
    ("list-shipments", Known),
    ("get-shipment", Owner(&["courier", "support"])),
    ("assign-courier", Roles(&["courier"])),
    ("dispatch-shipment", Roles(&["courier"])),
    ("fail-delivery", Roles(&["courier"])),
    ("deliver-shipment", Roles(&["courier"])),
    // It ends the session that all before was done with.
    ("sign-out", Known),
];

fn access(function: &str) -> Access {
    let row = MATRIX.iter().find(|(name, _)| *name == function);
    row.unwrap_or_else(|| panic!("{function} has a route, but no row in the matrix")).1
}

/// Everybody in a world who may call an operation, and who they are.
fn allowed<'a>(operation: &str, world: &'a World) -> Vec<(&'static str, &'a Client)> {
    let World { anyone, owner, callers, .. } = world;
    let of = |roles: &[&'static str]| roles.iter().map(|role| (*role, &callers[role])).collect::<Vec<_>>();
    match access(operation) {
        Roles(roles) | Own(roles) => [of(roles), of(&["admin"])].concat(),
        Owner([]) => vec![("owner", &owner.client)],
        Owner(roles) => [of(roles), of(&["admin"]), vec![("owner", &owner.client)]].concat(),
        // A quote is for whoever asked for it.
        Known if operation == "place-order" => vec![("owner", &owner.client)],
        Known => [vec![("owner", &owner.client)], of(&ROLES)].concat(),
        Public | Signed => vec![("anyone", anyone)],
    }
}

/// Somebody in a world who may call an operation; the owner, where it is theirs.
pub(crate) fn caller<'a>(operation: &str, world: &'a World) -> &'a Client {
    match access(operation) {
        Owner(_) => &world.owner.client,
        _ => allowed(operation, world)[0].1,
    }
}

/// How an operation answers somebody in a role who is a stranger to what is named, if it refuses them.
fn refusal(access: Access, role: &str) -> Option<u16> {
    let among = |roles: &[&str]| role == "admin" || roles.contains(&role);
    match access {
        Roles(roles) => (!among(roles)).then_some(403),
        Own(roles) => Some(if among(roles) { 404 } else { 403 }),
        Owner([]) => Some(404),
        Owner(roles) => (!among(roles)).then_some(404),
        Public | Known | Signed => None,
    }
}

/// Things for some who may the same: what one of them has done to a thing, the next can no longer do to it.
async fn things(world: &World) -> BTreeMap<&'static str, Names> {
    let things = async |role| {
        let mut names = world.things_for(&world.callers[role]).await;
        // The order is there to be cancelled, so what is delivered and what is refunded are others.
        let (delivered, refunded) = join(world.order(&names["sku"]), paid(world, &names["sku"])).await;
        names.insert("shipmentId", delivered.replacen("ord_", "shp_", 1));
        names.insert("paymentId", refunded.replacen("ord_", "pay_", 1));
        (role, names)
    };
    join_all(["merchant", "courier", "support", "admin"].map(things)).await.into_iter().collect()
}

/// An order of the owner's whose money was taken, since it has left; its id.
async fn paid(world: &World, sku: &str) -> String {
    let order = world.order(sku).await;
    let dispatch = format!("/v1/shipments/{}/dispatch", order.replacen("ord_", "shp_", 1));
    made(world.callers["courier"].post(&dispatch, &json!({})).await.unwrap()).unwrap();
    let payment = format!("/v1/payments/{}", order.replacen("ord_", "pay_", 1));
    let look = async || world.owner.client.get(&payment).await.unwrap();
    eventually(look, |answer| answer.json()["status"] == "captured").await;
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_for_those_whom_it_is_for() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let world = World::of(&stack).await;
    let things = things(&world).await;
    let routes: BTreeMap<_, _> = routes(&stack).into_iter().map(|route| (route.operation.clone(), route)).collect();
    assert!(
        routes.len() == MATRIX.len() && routes.keys().all(|operation| MATRIX.iter().any(|(name, _)| name == operation)),
        "each row is an operation with a route, and the other way round"
    );

    // First all who may not, so that nothing has been changed by those who may.
    for (operation, access) in MATRIX.iter().filter(|(_, access)| !matches!(access, Public)) {
        let sample = Sample::of(&routes[*operation], &world.names);
        let anonymous = sample.send(&world.anyone).await.status;
        let refused = if matches!(access, Signed) { 400 } else { 401 };
        assert_eq!(anonymous, refused, "{operation} as anonymous, without a signature");
        for role in ROLES {
            let Some(refusal) = refusal(*access, role) else { continue };
            // The customer among the callers has things of their own, which are not the neighbour's.
            let stranger = if role == "customer" { &world.neighbour } else { &world.callers[role] };
            let answer = sample.send(stranger).await;
            assert_eq!(answer.status, refusal, "{operation} as {role}, a stranger: {}", answer.text());
        }
    }
    // Nobody here can sign for the payment provider: what its webhooks do is told with them.
    for (operation, _) in MATRIX.iter().filter(|(_, access)| !matches!(access, Signed)) {
        for (who, caller) in allowed(operation, &world) {
            let names = things.get(who).unwrap_or(&world.names);
            let answer = Sample::of(&routes[*operation], names).send(caller).await;
            let status = answer.status;
            assert!((200..300).contains(&status), "{operation} as {who}, who may: {status} {}", answer.text());
        }
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_in_body_and_query_open_nothing_of_anothers() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let World { owner, callers, names, .. } = World::of(&stack).await;
    let (mine, quote) = quoted(&owner, &names["sku"]).await;
    let mine = mine.rsplit('/').next().unwrap();
    let customer = &callers["customer"];
    let (home, method) = (&names["addressId"], &names["paymentMethodId"]);
    let parcel = format!("/v1/shipments/{}", names["shipmentId"]);
    made(callers["admin"].post(&format!("{parcel}/assignment"), &json!({})).await.unwrap()).unwrap();
    let of_owner = text(&made(owner.client.get("/v1/me").await.unwrap()).unwrap(), "id").unwrap();
    // The stranger has a cart of their own, with a claim that is for that cart only.
    let stranger = &callers["guest"];
    let theirs = made(stranger.post("/v1/carts", &json!({"currency": "EUR"})).await.unwrap()).unwrap();
    let merge = format!("/v1/carts/{}/merge", theirs["id"].as_str().unwrap());
    let order = &names["orderId"];
    let paid = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    let replaced = json!({"address": address(), "default": true});
    let (courier, none, why) = (&callers["courier"], json!({}), json!({"reason": "nobody home"}));
    let cases = [
        ("another's parcel", courier, "POST", format!("{parcel}/assignment"), none.clone(), 403),
        ("another's parcel", courier, "POST", format!("{parcel}/dispatch"), none.clone(), 403),
        ("another's parcel", courier, "POST", format!("{parcel}/delivery"), none, 403),
        ("another's parcel", courier, "POST", format!("{parcel}/failure"), why, 403),
        ("another's cart", stranger, "POST", merge.clone(), json!({"from": mine}), 404),
        ("the claim of one's own", stranger, "POST", merge, json!({"from": mine, "claim": theirs["claim"]}), 404),
        ("another's quote", stranger, "POST", "/v1/orders".to_owned(), paid, 422),
        ("another's orders", stranger, "GET", format!("/v1/orders?customer={of_owner}"), Value::Null, 403),
        ("another's orders", &callers["merchant"], "GET", format!("/v1/orders?customer={of_owner}"), Value::Null, 403),
        ("another's parcels", customer, "GET", format!("/v1/shipments?courier={of_owner}"), Value::Null, 422),
        (
            "a past of another's",
            stranger,
            "GET",
            format!("/v1/orders/{order}?asOf=2030-01-01T00:00:00Z"),
            Value::Null,
            404,
        ),
        ("another's address", &callers["merchant"], "PUT", format!("/v1/me/addresses/{home}"), replaced, 404),
        ("another's address", &callers["admin"], "DELETE", format!("/v1/me/addresses/{home}"), Value::Null, 404),
        ("another's card", &callers["admin"], "DELETE", format!("/v1/me/payment-methods/{method}"), Value::Null, 404),
    ];
    for (what, caller, http, path, body, expected) in cases {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let sample = Sample { method: http.to_owned(), path, content_type: "application/json".to_owned(), body };
        let answer = sample.send(caller).await;
        assert_eq!(answer.status, expected, "{what} by {http} {}: {}", sample.path, answer.text());
    }
    for (path, id) in [("/v1/me/addresses", home), ("/v1/me/payment-methods", method)] {
        let kept = made(customer.get(path).await.unwrap()).unwrap();
        assert!(kept["items"].as_array().unwrap().iter().any(|item| item["id"] == *id), "{path} is as it was");
    }
    // A key of another's is one's own: it replays nothing.
    let body = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    assert_eq!(owner.client.post_once("/v1/orders", &body, "a key").await.unwrap().status, 201);
    let other = stranger.post_once("/v1/orders", &body, "a key").await.unwrap();
    assert_eq!((other.status, other.header("idempotency-replayed")), (422, None));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_only_what_is_the_callers() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let World { owner, callers, names, .. } = World::of(&stack).await;
    let order = &names["orderId"];
    let items = async |client: &Client, path: &str| made(client.get(path).await.unwrap()).unwrap()["items"].clone();
    for path in
        ["/v1/orders".to_owned(), format!("/v1/payments?orderId={order}"), format!("/v1/shipments?orderId={order}")]
    {
        assert_eq!(items(&owner.client, &path).await.as_array().unwrap().len(), 1, "{path} as the owner");
        assert_eq!(items(&callers["customer"], &path).await, json!([]), "{path} as a stranger");
    }
    stack.stop().await;
}
