//! A world to call every operation in: a caller in every role, an owner and their things, and a request to each route.

use std::collections::BTreeMap;

use lambda::{Http, Trigger};
use local::{
    Client, Stack, demo,
    scenarios::{ALL, Request, Run, Scenario, StackWorld, Who},
    services,
    shopper::{Shopper, made},
};
use serde_json::{Value, json};

use crate::shop::{eventually, is_in_stock};

pub(crate) const ROLES: [&str; 6] = ["guest", "customer", "merchant", "courier", "support", "admin"];

/// Every operation with a route: its usual scenario, and what its function declares.
pub(crate) fn operations() -> impl Iterator<Item = (&'static Scenario, Http)> {
    let functions =
        services::ALL.iter().flat_map(|service| service.functions.iter().map(move |make| (service.name, make())));
    functions.filter_map(|(service, function)| {
        let Trigger::Http(http) = *function.trigger() else { return None };
        let usual = |scenario: &&Scenario| {
            scenario.service == service && scenario.name == function.name() && scenario.variant.is_none()
        };
        let scenario = ALL.iter().find(usual);
        Some((scenario.unwrap_or_else(|| panic!("{service}/{} has no scenario", function.name())), http))
    })
}

/// An owner who buys, a caller in every role, and the things that they have.
pub(crate) struct World {
    pub(crate) anyone: Client,
    /// The owner of the cart, the order, its payment and its shipment.
    pub(crate) owner: Shopper,
    pub(crate) callers: BTreeMap<&'static str, Client>,
    /// Another customer than the one among the callers.
    pub(crate) neighbour: Client,
    /// Ids of the owner's things, and of an address and a payment method of the customer among the callers.
    pub(crate) names: BTreeMap<&'static str, String>,
}

impl World {
    pub(crate) async fn of(stack: &Stack) -> Self {
        let (stage, anyone) = (StackWorld::new(stack, None), stack.client());
        let mut callers = BTreeMap::from([("guest", Shopper::guest(&anyone).await.unwrap().client)]);
        for role in &ROLES[1..] {
            callers.insert(role, demo::sign_in(&anyone, role).await.unwrap());
        }
        let neighbour = Run::new(&stage).caller(Who::Customer).await.unwrap();
        let run = Run::new(&stage).as_caller(Who::Customer, callers["customer"].clone());
        let owner = Shopper { client: run.caller(Who::Shopper).await.unwrap() };
        let mut names = BTreeMap::new();
        for name in ["sku", "orderId", "paymentId", "shipmentId", "addressId", "paymentMethodId"] {
            let value = run.name(name).await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            names.insert(name, value.as_str().unwrap().to_owned());
        }
        Self { anyone, owner, callers, neighbour, names }
    }

    /// The caller of a scenario in this world.
    pub(crate) fn caller(&self, who: Who) -> &Client {
        match who {
            Who::Anyone => &self.anyone,
            Who::Shopper => &self.owner.client,
            Who::Customer => &self.callers["customer"],
            Who::Merchant => &self.callers["merchant"],
            Who::Courier => &self.callers["courier"],
            Who::Support => &self.callers["support"],
            Who::Admin => &self.callers["admin"],
        }
    }

    /// A request to every operation, about things of the owner and of the customer among the callers.
    pub(crate) async fn requests(&self, stack: &Stack) -> Vec<(&'static Scenario, Http, Request)> {
        let stage = StackWorld::new(stack, None);
        let run = Run::new(&stage)
            .as_caller(Who::Customer, self.callers["customer"].clone())
            .as_caller(Who::Shopper, self.owner.client.clone());
        let mut requests = Vec::new();
        for (scenario, http) in operations() {
            let request = run.request(&scenario.key()).await;
            requests.push((scenario, http, request.unwrap_or_else(|error| panic!("{}: {error:#}", scenario.key()))));
        }
        requests
    }
}

/// A cart with one of a SKU, and a quote over it.
pub(crate) async fn quoted(shopper: &Shopper, sku: &str) -> (String, Value) {
    let cart = shopper.cart().await.unwrap();
    eventually(async || shopper.put(&cart, sku, 1).await.unwrap(), is_in_stock).await;
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
