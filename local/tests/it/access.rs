//! Who may call what: every operation as anonymous, stranger, wrong role, owner and right role.

use std::{collections::BTreeMap, fs, path::Path};

use local::{
    Answer, Client, Options, Stack, demo,
    shopper::{Shopper, made, stocked, text},
};
use serde_json::{Value, json};

use crate::shop::eventually;

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

const ROLES: [&str; 6] = ["guest", "customer", "merchant", "courier", "support", "admin"];

/// A request as its sample in `events/` has it, to a path of this world.
struct Sample {
    method: String,
    path: String,
    content_type: String,
    body: Vec<u8>,
}

impl Sample {
    fn of(service: &str, function: &str, world: &BTreeMap<&str, String>) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{service}/{function}.json"));
        let event: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (method, route) = event["routeKey"].as_str().unwrap().split_once(' ').unwrap();
        let named =
            world.iter().fold(route.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(!named.contains('{'), "{function}: the world has no {named}");
        let query = event["rawQueryString"].as_str().filter(|query| !query.is_empty());
        Self {
            method: method.to_owned(),
            path: query.map_or_else(|| named.clone(), |query| format!("{named}?{query}")),
            content_type: event["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned(),
            body: event["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
        }
    }

    async fn status(&self, client: &Client) -> u16 {
        self.send(client).await.status
    }

    async fn send(&self, client: &Client) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        let headers = [("content-type", self.content_type.as_str()), ("idempotency-key", &key), ("if-match", "*")];
        client.send(&self.method, &self.path, &headers, self.body.clone()).await.unwrap()
    }
}

/// An owner with a cart, an order, a payment and a shipment; and somebody in every role.
async fn world(stack: &Stack) -> (Shopper, BTreeMap<&'static str, Client>, BTreeMap<&'static str, String>) {
    let anyone = stack.client();
    let mut callers = BTreeMap::from([("guest", Shopper::guest(&anyone).await.unwrap().client)]);
    for role in &ROLES[1..] {
        callers.insert(role, demo::sign_in(&anyone, role).await.unwrap());
    }
    let sku = stocked(&callers["merchant"], 4999, 10).await.unwrap();
    let owner = Shopper::guest(&anyone).await.unwrap();
    let cart = owner.cart().await.unwrap();
    eventually(async || owner.put(&cart, &sku, 1).await.unwrap(), |answer| answer.status == 200).await;
    owner.ship(&cart).await.unwrap();
    let quote = owner.quote(&cart).await.unwrap();
    let order = text(&made(owner.order(&quote, "pm_card_visa").await.unwrap()).unwrap(), "id").unwrap();
    let shipment = order.replacen("ord_", "shp_", 1);
    let look = async || owner.client.get(&format!("/v1/shipments/{shipment}")).await.unwrap();
    eventually(look, |answer| answer.status == 200).await;
    let id = |prefix: &str| format!("{prefix}_{}", uuid::Uuid::new_v4().simple());
    let products = made(anyone.get("/v1/products?limit=1").await.unwrap()).unwrap();
    let names = BTreeMap::from([
        ("cartId", cart.rsplit('/').next().unwrap().to_owned()),
        ("orderId", order.clone()),
        ("paymentId", order.replacen("ord_", "pay_", 1)),
        ("shipmentId", shipment),
        ("productId", text(&products["items"][0], "id").unwrap()),
        ("sku", sku),
        ("code", "WELCOME10".to_owned()),
        ("country", "GB".to_owned()),
        ("addressId", id("adr")),
        ("paymentMethodId", id("pmt")),
        ("importId", id("imp")),
        ("replenishmentId", id("rpl")),
        ("userId", id("usr")),
    ]);
    (owner, callers, names)
}

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_for_those_whom_it_is_for() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (owner, callers, names) = world(&stack).await;
    let anyone = stack.client();
    let functions = &stack.deployment().functions;
    let served = |name: &String| functions.iter().find(|function| function.name == *name).unwrap();
    let routes = stack.deployment().routes.iter().map(|route| served(&route.function));
    let routes: Vec<_> = routes.map(|function| (function.service.clone(), function.binary.clone())).collect();
    assert_eq!(routes.len(), MATRIX.len(), "each row is an operation with a route, and the other way round");
    let sample = |(service, function): &(String, String)| Sample::of(service, function, &names);

    // First all who may not, so that nothing has been changed by those who may.
    for route in &routes {
        let (sample, access) = (sample(route), access(&route.1));
        let anonymous = sample.send(&anyone).await;
        match access {
            Public => assert!(!refused(&anonymous), "{route:?} is public: {}", anonymous.text()),
            Signed => assert_eq!(anonymous.status, 400, "{route:?} without a signature"),
            _ => assert_eq!(anonymous.status, 401, "{route:?} as anonymous"),
        }
        for role in ROLES {
            let status = || sample.status(&callers[role]);
            match access {
                Roles(allowed) if role != "admin" && !allowed.contains(&role) => {
                    assert_eq!(status().await, 403, "{route:?} as {role}");
                }
                Owner(allowed) if role != "admin" && !allowed.contains(&role) => {
                    assert_eq!(status().await, 404, "{route:?} as {role}, a stranger");
                }
                _ => {}
            }
        }
    }
    for route in &routes {
        let (sample, access) = (sample(route), access(&route.1));
        let allowed = match access {
            Roles(roles) => roles.iter().chain(&["admin"]).map(|role| &callers[role]).collect(),
            Owner(roles) => roles.iter().map(|role| &callers[role]).chain([&owner.client]).collect(),
            Known => vec![&owner.client],
            Public | Signed => Vec::new(),
        };
        // Signing out would end the session that the rest is done with.
        for caller in allowed.into_iter().filter(|_| route.1 != "sign-out") {
            let status = sample.status(caller).await;
            assert!(![401, 403].contains(&status) && status < 500, "{route:?} as somebody who may: {status}");
        }
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_only_what_is_the_callers() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (owner, callers, names) = world(&stack).await;
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
