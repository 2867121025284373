//! Who may call what: every operation as anonymous, stranger, wrong role, owner and right role.

use contracts::Role;
use lambda::Http;
use local::{
    Client, Options, Stack,
    scenarios::{Access, Run, Scenario, StackWorld, Who},
    shopper::{address, made, text},
};
use serde_json::{Value, json};

use crate::world::{ROLES, World, operations, quoted};

/// Whether an operation is for callers without a token: its template and its function say so.
fn is_public(scenario: &Scenario, http: Http) -> bool {
    http.public && scenario.access != Access::Signature
}

/// How an operation answers a caller with a role who is a stranger to what is named, if it refuses them.
fn refusal(scenario: &Scenario, http: Http, role: &str) -> Option<u16> {
    let among = |roles: &[Role]| role == "admin" || roles.iter().any(|allowed| allowed.as_str() == role);
    if !http.roles.is_empty() && !among(http.roles) {
        return Some(403);
    }
    match scenario.access {
        Access::Declared | Access::Signature => None,
        Access::Owner([]) => Some(404),
        Access::Owner(roles) => (!among(roles)).then_some(404),
        Access::Holder => Some(422),
        Access::Account => (role == "guest").then_some(403),
        Access::Own => Some(if role == "guest" { 403 } else { 404 }),
    }
}

/// The callers who may call an operation, and who they are.
fn allowed<'a>(scenario: &Scenario, http: Http, world: &'a World) -> Vec<(&'static str, &'a Client)> {
    let owner = ("owner", &world.owner.client);
    let of = |roles: &[Role]| {
        let callers =
            ROLES.iter().filter(|role| **role == "admin" || roles.iter().any(|known| known.as_str() == **role));
        callers.map(|role| (*role, &world.callers[role])).collect::<Vec<_>>()
    };
    match scenario.access {
        _ if is_public(scenario, http) => vec![("anyone", &world.anyone)],
        _ if !http.roles.is_empty() => of(http.roles),
        Access::Owner([]) | Access::Holder => vec![owner],
        Access::Owner(roles) => [of(roles), vec![owner]].concat(),
        Access::Account | Access::Own => of(&Role::ALL).into_iter().filter(|(role, _)| *role != "guest").collect(),
        Access::Declared => [of(&Role::ALL), vec![owner]].concat(),
        // Nobody here can sign for the payment provider: the tests of its webhooks do.
        Access::Signature => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_all_others() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let world = World::of(&stack).await;
    for (scenario, http, request) in world.requests(&stack).await {
        if is_public(scenario, http) {
            continue;
        }
        let name = scenario.key();
        let anonymous = request.send(&world.anyone).await.unwrap().status;
        let refused = if scenario.access == Access::Signature { 400 } else { 401 };
        assert_eq!(anonymous, refused, "{name} as anonymous, without a signature");
        for role in ROLES {
            let Some(refusal) = refusal(scenario, http, role) else { continue };
            // The customer among the callers has things of their own, which are not the neighbour's.
            let stranger = if role == "customer" { &world.neighbour } else { &world.callers[role] };
            let answer = request.send(stranger).await.unwrap();
            assert_eq!(answer.status, refusal, "{name} as {role}, a stranger: {}", answer.text());
        }
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_serves_those_whom_it_is_for() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (world, stage) = (World::of(&stack).await, StackWorld::new(&stack, None));
    // It ends the session that everything else is done with.
    let (last, first): (Vec<_>, Vec<_>) = operations().partition(|(scenario, _)| scenario.name == "sign-out");
    for (scenario, http) in first.into_iter().chain(last) {
        let name = scenario.key();
        let mut read = None;
        for (who, caller) in allowed(scenario, http, &world) {
            // What one caller has changed, the next can no longer change: so each changes things of their own.
            let request = if let Some(request) = read.take() {
                request
            } else {
                let run = Run::new(&stage).as_caller(Who::Shopper, world.owner.client.clone());
                let holder = if who == "owner" { &world.callers["customer"] } else { caller };
                let run = run.as_caller(Who::Customer, holder.clone());
                run.request(&name).await.unwrap_or_else(|error| panic!("{name} as {who}: {error:#}"))
            };
            let answer = request.send(caller).await.unwrap();
            let status = answer.status;
            assert!((200..300).contains(&status), "{name} as {who}, who may: {status} {}", answer.text());
            read = (request.method == "GET").then_some(request);
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
        ("another's orders", stranger, "GET", format!("/v1/orders?customerId={of_owner}"), Value::Null, 403),
        (
            "another's orders",
            &callers["merchant"],
            "GET",
            format!("/v1/orders?customerId={of_owner}"),
            Value::Null,
            403,
        ),
        ("another's parcels", customer, "GET", format!("/v1/shipments?courierId={of_owner}"), Value::Null, 422),
        (
            "a past of another's",
            stranger,
            "GET",
            format!("/v1/orders/{order}?asOf=2030-01-01T00:00:00Z"),
            Value::Null,
            404,
        ),
        ("another's address", &callers["merchant"], "PUT", format!("/v1/me/addresses/{home}"), replaced, 404),
        // It is absent from one's own collection, which is what was asked for; the owner's is as before, see below.
        ("another's address", &callers["admin"], "DELETE", format!("/v1/me/addresses/{home}"), Value::Null, 204),
        ("another's card", &callers["admin"], "DELETE", format!("/v1/me/payment-methods/{method}"), Value::Null, 204),
    ];
    for (what, caller, http, path, body, expected) in cases {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let key = uuid::Uuid::new_v4().to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str()), ("if-match", "*")];
        let answer = caller.send(http, &path, &headers, body).await.unwrap();
        assert_eq!(answer.status, expected, "{what} by {http} {path}: {}", answer.text());
    }
    for (path, id) in [("/v1/me/addresses", home), ("/v1/me/payment-methods", method)] {
        let kept = made(customer.get(path).await.unwrap()).unwrap();
        assert!(kept["items"].as_array().unwrap().iter().any(|item| item["id"] == *id), "{path} is as it was");
    }
    // A key of another's is one's own: it replays nothing.
    let body = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    assert_eq!(owner.client.post_once("/v1/orders", &body, "a-key").await.unwrap().status, 201);
    let other = stranger.post_once("/v1/orders", &body, "a-key").await.unwrap();
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
