//! A world to call every operation in: somebody in every role, a purchase, and a request to each route.

use std::{collections::BTreeMap, fs, path::Path};

use local::{
    Answer, Client, Stack, demo,
    shopper::{Shopper, made, stocked, text},
};
use serde_json::{Value, json};

use crate::shop::eventually;

pub(crate) const ROLES: [&str; 6] = ["guest", "customer", "merchant", "courier", "support", "admin"];

/// An operation with a route.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) path: String,
}

/// Every route of the templates.
pub(crate) fn routes(stack: &Stack) -> Vec<Route> {
    let deployment = stack.deployment();
    let route = |route: &local::template::Route| {
        let function = deployment.function(&route.function).unwrap();
        Route {
            service: function.service.clone(),
            operation: function.binary.clone(),
            method: route.method.clone(),
            path: route.path.clone(),
        }
    };
    deployment.routes.iter().map(route).collect()
}

/// A request as its sample in `events/` has it, to a path of this world.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Sample {
    pub(crate) fn of(route: &Route, names: &BTreeMap<&str, String>) -> Self {
        let Route { service, operation, .. } = route;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{service}/{operation}.json"));
        let event: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let path = route.path_with(names);
        let query = event["rawQueryString"].as_str().filter(|query| !query.is_empty());
        Self {
            method: route.method.clone(),
            path: query.map_or_else(|| path.clone(), |query| format!("{path}?{query}")),
            content_type: event["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned(),
            body: event["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
        }
    }

    pub(crate) async fn send(&self, client: &Client) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        let headers = [("content-type", self.content_type.as_str()), ("idempotency-key", &key), ("if-match", "*")];
        client.send(&self.method, &self.path, &headers, self.body.clone()).await.unwrap()
    }
}

impl Route {
    /// Its path with the names of a world.
    pub(crate) fn path_with(&self, names: &BTreeMap<&str, String>) -> String {
        let path =
            names.iter().fold(self.path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(!path.contains('{'), "{}: the world has no {path}", self.operation);
        path
    }
}

/// An owner with a cart, an order, a payment and a shipment; and somebody in every role.
pub(crate) struct World {
    pub(crate) anyone: Client,
    pub(crate) owner: Shopper,
    pub(crate) callers: BTreeMap<&'static str, Client>,
    /// What the variables of paths stand for.
    pub(crate) names: BTreeMap<&'static str, String>,
}

impl World {
    pub(crate) async fn of(stack: &Stack) -> Self {
        let anyone = stack.client();
        let mut callers = BTreeMap::from([("guest", Shopper::guest(&anyone).await.unwrap().client)]);
        for role in &ROLES[1..] {
            callers.insert(role, demo::sign_in(&anyone, role).await.unwrap());
        }
        let sku = stocked(&callers["merchant"], 4999, 10).await.unwrap();
        let owner = Shopper::guest(&anyone).await.unwrap();
        let (cart, quote) = quoted(&owner, &sku).await;
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
        Self { anyone, owner, callers, names }
    }
}

/// A cart with one of a SKU, and a quote over it.
pub(crate) async fn quoted(shopper: &Shopper, sku: &str) -> (String, Value) {
    let cart = shopper.cart().await.unwrap();
    eventually(async || shopper.put(&cart, sku, 1).await.unwrap(), |answer| answer.status == 200).await;
    shopper.ship(&cart).await.unwrap();
    let quote = shopper.quote(&cart).await.unwrap();
    (cart, quote)
}

/// Everything in every table, but for how often anyone has tried to sign in.
pub(crate) async fn stored(stack: &Stack) -> BTreeMap<String, Value> {
    let mut items = BTreeMap::new();
    for table in &stack.deployment().tables {
        let mut request = json!({"TableName": table.name, "ConsistentRead": true});
        loop {
            let mut page = aws(stack, "DynamoDB_20120810.Scan", &request).await;
            for item in page["Items"].as_array_mut().unwrap() {
                let key = format!("{} {} {}", table.name, item["pk"]["S"], item["sk"]["S"]);
                items.insert(key, item.take());
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => break,
                from => request["ExclusiveStartKey"] = from,
            }
        }
    }
    items.retain(|key, _| !key.contains("\"attempts#"));
    items
}

/// Waits until nothing goes on any more, and answers what is stored then.
pub(crate) async fn settled(stack: &Stack) -> BTreeMap<String, Value> {
    // What leaves a table is in a queue a moment later: it takes some looks to be sure.
    const LOOKS: usize = 5;
    let (mut last, mut same) = (stored(stack).await, 0);
    let began = std::time::Instant::now();
    while same < LOOKS {
        let status = stack.client().get("/_souk/status").await.unwrap().json();
        let busy = |queue: &Value| queue["deadLetters"] == false && (queue["waiting"] != 0 || queue["inFlight"] != 0);
        let idle = !status["queues"].as_array().unwrap().iter().any(busy);
        let now = stored(stack).await;
        same = if idle && now == last { same + 1 } else { 0 };
        last = now;
        assert!(began.elapsed().as_secs() < 120, "it never comes to rest");
    }
    last
}

async fn aws(stack: &Stack, target: &str, request: &Value) -> Value {
    let headers = [("x-amz-target", target), ("authorization", "AWS4-HMAC-SHA256 Credential=x")];
    let aws = Client::new(stack.aws_url());
    made(aws.send("POST", "/", &headers, request.to_string().into_bytes()).await.unwrap()).unwrap()
}
