//! A world to call every operation in: somebody in every role, a thing for every name in a path, and a request to
//! each route.

use std::{collections::BTreeMap, fs, path::Path};

use futures::future::join;
use local::{
    Answer, Client, Stack, demo,
    shopper::{Shopper, address, made, text},
};
use serde_json::{Value, json};

use crate::shop::eventually;

pub(crate) const ROLES: [&str; 6] = ["guest", "customer", "merchant", "courier", "support", "admin"];

/// Where the body of a sample says what is only so in its own world, and what stands there in this one.
const TOLD: [(&str, &str); 6] = [
    ("/from", "otherCart"),
    ("/quote", "quote"),
    ("/refreshToken", "refreshToken"),
    ("/code", "newCode"),
    ("/variants/0/sku", "newSku"),
    ("/variants/1/sku", "secondSku"),
];

/// What the variables of paths stand for, and what else requests say of a world.
pub(crate) type Names = BTreeMap<&'static str, String>;

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
    pub(crate) fn of(route: &Route, names: &Names) -> Self {
        let Route { service, operation, .. } = route;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{service}/{operation}.json"));
        let event: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let path = route.path_with(names);
        let query = event["rawQueryString"].as_str().filter(|query| !query.is_empty());
        Self {
            method: route.method.clone(),
            path: query.map_or_else(|| path.clone(), |query| format!("{path}?{}", query_with(query, names))),
            content_type: event["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned(),
            body: body_with(event["body"].as_str().unwrap_or_default(), names).into_bytes(),
        }
    }

    pub(crate) async fn send(&self, client: &Client) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        let headers = [("content-type", self.content_type.as_str()), ("idempotency-key", &key), ("if-match", "*")];
        client.send(&self.method, &self.path, &headers, self.body.clone()).await.unwrap()
    }
}

fn query_with(query: &str, names: &Names) -> String {
    let with = |field: &str| {
        let name = field.split('=').next().unwrap_or_default();
        names.get(name).map_or_else(|| field.to_owned(), |value| format!("{name}={value}"))
    };
    query.split('&').map(with).collect::<Vec<_>>().join("&")
}

fn body_with(body: &str, names: &Names) -> String {
    // What is no JSON names nothing.
    let Ok(mut told) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    for (pointer, name) in TOLD {
        if let Some(field) = told.pointer_mut(pointer) {
            *field = names[name].clone().into();
        }
    }
    told.to_string()
}

impl Route {
    /// Its path with the names of a world.
    pub(crate) fn path_with(&self, names: &Names) -> String {
        let path =
            names.iter().fold(self.path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(!path.contains('{'), "{}: the world has no {path}", self.operation);
        path
    }
}

/// An owner who buys, somebody in every role, and the things that they have.
pub(crate) struct World {
    pub(crate) anyone: Client,
    /// Whose carts, orders, payments and shipments there are.
    pub(crate) owner: Shopper,
    pub(crate) callers: BTreeMap<&'static str, Client>,
    /// Another customer than the one among the callers.
    pub(crate) neighbour: Client,
    /// The owner's things, and with them an address and a payment method of the customer among the callers.
    pub(crate) names: Names,
}

impl World {
    pub(crate) async fn of(stack: &Stack) -> Self {
        let anyone = stack.client();
        let mut callers = BTreeMap::from([("guest", Shopper::guest(&anyone).await.unwrap().client)]);
        for role in &ROLES[1..] {
            callers.insert(role, demo::sign_in(&anyone, role).await.unwrap());
        }
        let owner = Shopper::guest(&anyone).await.unwrap();
        let account = json!({"email": format!("{}@example.com", unique()), "password": demo::PASSWORD, "name": "Ada"});
        made(anyone.post("/v1/users", &account).await.unwrap()).unwrap();
        let credentials = json!({"email": account["email"], "password": account["password"]});
        let session = made(anyone.post("/v1/sessions", &credentials).await.unwrap()).unwrap();
        let neighbour = anyone.with_token(&text(&session, "accessToken").unwrap());
        let names = BTreeMap::from([
            ("userId", text(&session["user"], "id").unwrap()),
            ("refreshToken", text(&session, "refreshToken").unwrap()),
            ("code", "WELCOME10".to_owned()),
            ("country", "GB".to_owned()),
        ]);
        let mut world = Self { anyone, owner, callers, neighbour, names };
        world.names = world.things_for(&world.callers["customer"]).await;
        world
    }

    /// Things that nobody has touched yet: an address and a payment method of the holder's, purchases of the
    /// owner's, and goods.
    pub(crate) async fn things_for(&self, holder: &Client) -> Names {
        let (sku, merchant) = (format!("LAMP-{}", unique()), &self.callers["merchant"]);
        let make = async |client: &Client, path: &str, body: Value| id(client.post(path, &body).await.unwrap());
        let variant = json!({"sku": sku, "options": {}, "prices": [{"currency": "EUR", "amount": 4999}]});
        let product = json!({"title": "Desk lamp", "description": "", "categoryIds": [], "variants": [variant]});
        let product = make(merchant, "/v1/products", product).await;
        let received = json!({"delta": 10, "reason": "received"});
        made(merchant.post(&format!("/v1/stock/{sku}/adjustments"), &received).await.unwrap()).unwrap();
        // As few as this are to be ordered anew.
        let policy = json!({"reorderPoint": 10, "reorderQuantity": 50});
        made(merchant.put(&format!("/v1/stock/{sku}/policy"), &policy).await.unwrap()).unwrap();
        let home = make(holder, "/v1/me/addresses", json!({"address": address()})).await;
        let method = make(holder, "/v1/me/payment-methods", json!({"reference": "pm_card_visa"})).await;
        let ((order, (cart, quote), other), replenishment) = join(
            async {
                let order = self.order(&sku).await;
                (order, quoted(&self.owner, &sku).await, self.owner.cart().await.unwrap())
            },
            self.replenishment(&sku),
        )
        .await;
        let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let mut names = self.names.clone();
        names.extend([
            ("productId", product),
            ("addressId", home),
            ("paymentMethodId", method),
            ("importId", self.import().await),
            ("replenishmentId", replenishment),
            ("cartId", last(&cart)),
            ("otherCart", last(&other)),
            ("quote", text(&quote, "quote").unwrap()),
            ("paymentId", order.replacen("ord_", "pay_", 1)),
            ("shipmentId", order.replacen("ord_", "shp_", 1)),
            ("orderId", order),
            ("sku", sku),
            ("newCode", format!("NEW{}", &unique()[..12].to_uppercase())),
            ("newSku", format!("NEW-{}", unique())),
            ("secondSku", format!("NEW-{}", unique())),
        ]);
        names
    }

    /// An order of the owner's that waits for a courier; its id.
    pub(crate) async fn order(&self, sku: &str) -> String {
        let (_, quote) = quoted(&self.owner, sku).await;
        let order = id(self.owner.order(&quote, "pm_card_visa").await.unwrap());
        let shipment = order.replacen("ord_", "shp_", 1);
        let look = async || self.owner.client.get(&format!("/v1/shipments/{shipment}")).await.unwrap();
        eventually(look, |answer| answer.status == 200).await;
        order
    }

    /// What is asked of the supplier, as there is too little of a SKU; its id.
    async fn replenishment(&self, sku: &str) -> String {
        let of_sku = |answer: &Answer| {
            let listed = answer.json();
            let asked = listed["items"].as_array().into_iter().flatten().find(|asked| asked["sku"] == sku);
            asked.map(|asked| text(asked, "id").unwrap())
        };
        let look = async || self.callers["merchant"].get("/v1/replenishments?limit=100").await.unwrap();
        of_sku(&eventually(look, |answer| of_sku(answer).is_some()).await).unwrap()
    }

    /// An import of one product; its id.
    async fn import(&self) -> String {
        let key = unique();
        let rows = format!("title,description,sku,price.EUR\nStool,Oak.,STOOL-{key},8900\n");
        let headers = [("content-type", "text/csv"), ("idempotency-key", key.as_str())];
        id(self.callers["merchant"].send("POST", "/v1/imports", &headers, rows.into_bytes()).await.unwrap())
    }
}

fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The id of what was made.
fn id(answer: Answer) -> String {
    text(&made(answer).unwrap(), "id").unwrap()
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
