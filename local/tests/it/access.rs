//! Who may call what: every operation as anonymous, stranger, wrong role, owner and right role.

use local::{
    Answer, Client, Options, Stack,
    shopper::{address, made, text},
};
use serde_json::{Value, json};

use crate::world::{ROLES, Route, Sample, World, quoted, routes};

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
enum Access {
    /// Everybody.
    Public,
    /// Whoever has a token, for what is their own by nature: it is found by who they are.
    Known,
    /// The owner of what is named, and these roles; for anybody else it does not exist.
    Owner(&'static [&'static str]),
    /// These roles, and no other.
    Roles(&'static [&'static str]),
    /// Whoever has the signature: the payment provider.
    Signed,
}

use Access::{Known, Owner, Public, Roles, Signed};

/// Everybody with an account of their own.
const ACCOUNTS: &[&str] = &["customer", "merchant", "courier", "support"];

const MATRIX: &[(&str, Access)] = &[
    // users
    ("register-user", Public),
    ("create-guest", Public),
    ("sign-in", Public),
    ("refresh-session", Public),
    ("get-jwks", Public),
    ("sign-out", Known),
    ("get-profile", Known),
    ("update-profile", Roles(ACCOUNTS)),
    ("list-addresses", Roles(ACCOUNTS)),
    ("add-address", Roles(ACCOUNTS)),
    ("update-address", Roles(ACCOUNTS)),
    ("remove-address", Roles(ACCOUNTS)),
    ("list-payment-methods", Roles(ACCOUNTS)),
    ("add-payment-method", Roles(ACCOUNTS)),
    ("remove-payment-method", Roles(ACCOUNTS)),
    ("list-users", Roles(&["admin", "support"])),
    ("set-roles", Roles(&["admin"])),
    // catalog
    ("get-product", Public),
    ("list-products", Public),
    ("list-categories", Public),
    ("create-product", Roles(&["merchant"])),
    ("update-product", Roles(&["merchant"])),
    ("archive-product", Roles(&["merchant"])),
    ("set-price", Roles(&["merchant"])),
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
    ("remove-item", Owner(&[])),
    ("merge-cart", Owner(&[])),
    ("list-shipping-options", Owner(&[])),
    ("set-shipping", Owner(&[])),
    ("apply-promotion", Owner(&[])),
    ("remove-promotion", Owner(&[])),
    ("create-quote", Owner(&[])),
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
    ("deliver-shipment", Roles(&["courier"])),
    ("fail-delivery", Roles(&["courier"])),
];

/// Whether a caller was refused for who they are: by API Gateway, which says nothing but `message`, or by
/// the function. A wrong password is another matter.
fn refused(answer: &Answer) -> bool {
    let body = answer.json();
    answer.status == 403 || body["message"].is_string() || body["detail"] == "Sign in, or ask for a guest's token."
}

fn access(function: &str) -> Access {
    let row = MATRIX.iter().find(|(name, _)| *name == function);
    row.unwrap_or_else(|| panic!("{function} has a route, but no row in the matrix")).1
}

/// Everybody in a world who may call an operation.
fn allowed<'a>(operation: &str, world: &'a World) -> Vec<&'a Client> {
    let World { anyone, owner, callers, .. } = world;
    match access(operation) {
        Roles(roles) => roles.iter().chain(&["admin"]).map(|role| &callers[role]).collect(),
        Owner(roles) => roles.iter().map(|role| &callers[role]).chain([&owner.client]).collect(),
        Known => vec![&owner.client],
        Public | Signed => vec![anyone],
    }
}

/// Somebody in a world who may call an operation; the owner, where it is theirs.
pub(crate) fn caller<'a>(operation: &str, world: &'a World) -> &'a Client {
    match access(operation) {
        Owner(_) => &world.owner.client,
        _ => allowed(operation, world)[0],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_for_those_whom_it_is_for() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let world = World::of(&stack).await;
    let routes = routes(&stack);
    assert_eq!(routes.len(), MATRIX.len(), "each row is an operation with a route, and the other way round");
    let sample = |route: &Route| Sample::of(route, &world.names);

    // First all who may not, so that nothing has been changed by those who may.
    for route in &routes {
        let (sample, access, operation) = (sample(route), access(&route.operation), &route.operation);
        let anonymous = sample.send(&world.anyone).await;
        match access {
            Public => assert!(!refused(&anonymous), "{operation} is public: {}", anonymous.text()),
            Signed => assert_eq!(anonymous.status, 400, "{operation} without a signature"),
            _ => assert_eq!(anonymous.status, 401, "{operation} as anonymous"),
        }
        for role in ROLES {
            let status = async || sample.send(&world.callers[role]).await.status;
            match access {
                Roles(allowed) if role != "admin" && !allowed.contains(&role) => {
                    assert_eq!(status().await, 403, "{operation} as {role}");
                }
                Owner(allowed) if role != "admin" && !allowed.contains(&role) => {
                    assert_eq!(status().await, 404, "{operation} as {role}, a stranger");
                }
                _ => {}
            }
        }
    }
    // Signing out would end the session that the rest is done with.
    for route in routes.iter().filter(|route| route.operation != "sign-out") {
        if let Public | Signed = access(&route.operation) {
            continue;
        }
        for caller in allowed(&route.operation, &world) {
            let status = sample(route).send(caller).await.status;
            assert!(![401, 403].contains(&status) && status < 500, "{} as somebody who may: {status}", route.operation);
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
    let made_id = async |client: &Client, path: &str, body: Value| {
        text(&made(client.post(path, &body).await.unwrap()).unwrap(), "id").unwrap()
    };
    let home = made_id(customer, "/v1/me/addresses", json!({"address": address()})).await;
    let method = made_id(customer, "/v1/me/payment-methods", json!({"reference": "pm_card_visa"})).await;
    let of_owner = text(&made(owner.client.get("/v1/me").await.unwrap()).unwrap(), "id").unwrap();
    // The stranger has a cart of their own, with a claim that is for that cart only.
    let stranger = &callers["guest"];
    let theirs = made(stranger.post("/v1/carts", &json!({"currency": "EUR"})).await.unwrap()).unwrap();
    let merge = format!("/v1/carts/{}/merge", theirs["id"].as_str().unwrap());
    let order = &names["orderId"];
    let paid = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    let replaced = json!({"address": address(), "default": true});
    let cases = [
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
    for (path, id) in [("/v1/me/addresses", &home), ("/v1/me/payment-methods", &method)] {
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
