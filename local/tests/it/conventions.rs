//! What holds for every operation: input, versions, pages, sessions, the published contract.

use local::{Options, Stack, shopper::made};
use serde_json::{Value, json};

use crate::{shop::*, world::World};

fn lamp(sku: &str) -> Value {
    let variant = json!({"sku": sku, "options": {}, "prices": [{"currency": "EUR", "amount": 4999}]});
    json!({"title": "Desk lamp", "description": "Folds flat.", "categoryIds": [], "variants": [variant]})
}

fn fresh_sku() -> String {
    format!("LAMP-{}", uuid::Uuid::new_v4().simple())
}

#[tokio::test]
async fn wrong_input_says_which_field_and_why() {
    let merchant = demo("merchant").await;
    let mut product = lamp("A");
    product["title"] = json!("");
    product["variants"][0]["prices"][0]["amount"] = json!(-1);
    let answer = merchant.post("/v1/products", &product).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (422, Some("application/problem+json")));
    let problem = answer.json();
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert!(["/title", "/variants/0/prices/0/amount"].iter().all(|pointer| pointers.contains(pointer)), "{pointers:?}");
    assert_eq!(answer.header("x-request-id"), problem["requestId"].as_str());

    let headers = [("content-type", "application/json"), ("idempotency-key", "x")];
    let malformed = merchant.send("POST", "/v1/products", &headers, b"{not json".to_vec()).await.unwrap();
    assert_eq!(malformed.status, 400);
    let surplus = merchant.post("/v1/carts", &json!({"currency": "EUR", "total": 1})).await.unwrap();
    assert_eq!(surplus.status, 422);
}

#[tokio::test]
async fn updates_need_the_version_that_they_change() {
    let merchant = demo("merchant").await;
    let product = merchant.post("/v1/products", &lamp(&fresh_sku())).await.unwrap();
    let (path, tag) = (product.header("location").unwrap(), product.header("etag").unwrap());
    let retitle = async |title: &str, tag: Option<&str>| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        merchant.send("PATCH", path, &headers, json!({"title": title}).to_string().into_bytes()).await.unwrap()
    };
    assert_eq!(retitle("Lamp", None).await.status, 428);
    let changed = retitle("Lamp", Some(tag)).await;
    assert_eq!((changed.status, &changed.json()["title"]), (200, &json!("Lamp")));
    assert_eq!(retitle("Other", Some(tag)).await.status, 412);
    let known = [("if-none-match", changed.header("etag").unwrap())];
    assert_eq!(anyone().send("GET", path, &known, Vec::new()).await.unwrap().status, 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_has_a_version_is_changed_at_that_version_only() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (world, mut versioned) = (World::of(&stack).await, Vec::new());
    for (scenario, _, request) in world.requests(&stack).await {
        if !["PUT", "PATCH"].contains(&request.method.as_str()) {
            continue;
        }
        let client = world.caller(scenario.who().unwrap());
        let answer = request.send(client).await.unwrap();
        let Some(tag) = answer.header("etag") else { continue };
        let status = async |tag: Option<&str>| {
            let headers = [("content-type", "application/json")].into_iter().chain(tag.map(|tag| ("if-match", tag)));
            let headers: Vec<_> = headers.collect();
            client
                .send(&request.method, &request.path(), &headers, request.content().into_bytes())
                .await
                .unwrap()
                .status
        };
        let statuses = (status(None).await, status(Some("\"999999\"")).await, status(Some(tag)).await);
        assert_eq!(statuses, (428, 412, 200), "{}", scenario.name);
        versioned.push(scenario.name);
    }
    versioned.sort_unstable();
    versioned.dedup();
    let expected = [
        "set-price",
        "set-reorder-policy",
        "set-roles",
        "set-shipping-rates",
        "set-synonyms",
        "set-tax-rates",
        "update-address",
        "update-category",
        "update-price-list",
        "update-product",
        "update-profile",
        "update-promotion",
    ];
    assert_eq!(versioned, expected);
    stack.stop().await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    let merchant = demo("merchant").await;
    for _ in 0..3 {
        made(merchant.post("/v1/products", &lamp(&fresh_sku())).await.unwrap()).unwrap();
    }
    let first = anyone().get("/v1/products?limit=2").await.unwrap();
    assert!(first.header("link").unwrap().contains("rel=\"next\""));
    let first = made(first).unwrap();
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = made(anyone().get(&format!("/v1/products?limit=2&cursor={cursor}")).await.unwrap()).unwrap();
    let ids =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first).len(), 2);
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    assert_eq!(anyone().get("/v1/products?limit=2&cursor=forged").await.unwrap().status, 400);
    assert_eq!(anyone().get("/v1/products?limit=1000").await.unwrap().status, 422);
}

#[tokio::test]
async fn the_type_of_a_problem_is_the_path_of_its_page() {
    let problem = anyone().get("/v1/products?limit=1000").await.unwrap().json();
    let page = anyone().get(problem["type"].as_str().unwrap()).await.unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains(problem["title"].as_str().unwrap()), "{}", page.text());
    assert!(!page.text().contains("/problems/not-found"), "a page is about one type");
    assert_eq!(anyone().get("/problems/no-such-type").await.unwrap().status, 404);
}

#[tokio::test]
async fn accounts_sign_in_and_out() {
    let (email, password) = (format!("{}@example.com", uuid::Uuid::new_v4().simple()), "a long enough passphrase");
    let account = json!({"email": email, "password": password, "name": "Ada"});
    assert_eq!(anyone().post("/v1/users", &account).await.unwrap().status, 201);
    let sign_in = async |password: &str| {
        anyone().post("/v1/sessions", &json!({"email": email, "password": password})).await.unwrap()
    };
    assert_eq!(sign_in("wrong wrong wrong").await.status, 401);
    let session = made(sign_in(password).await).unwrap();
    let me = anyone().with_token(session["accessToken"].as_str().unwrap());
    assert_eq!(made(me.get("/v1/me").await.unwrap()).unwrap()["email"], json!(email));
    let refresh =
        async |token: &Value| anyone().post("/v1/sessions/refresh", &json!({"refreshToken": token})).await.unwrap();
    let fresh = refresh(&session["refreshToken"]).await;
    assert_eq!(fresh.status, 201);
    let fresh = fresh.json();
    assert_ne!(fresh["refreshToken"], session["refreshToken"]);
    let me = anyone().with_token(fresh["accessToken"].as_str().unwrap());
    assert_eq!(me.send("DELETE", "/v1/sessions/current", &[], Vec::new()).await.unwrap().status, 204);
    assert_eq!(refresh(&fresh["refreshToken"]).await.status, 401);
    assert_eq!(anyone().with_token("nonsense").get("/v1/me").await.unwrap().status, 401);
}

#[tokio::test]
async fn the_contract_is_published() {
    let document = made(anyone().get("/openapi.json").await.unwrap()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/v1/orders/{orderId}"]["get"].is_object());
    assert_eq!(anyone().get("/health").await.unwrap().status, 200);
    for path in ["/docs/", "/docs/seen.js", "/problems"] {
        assert_eq!(anyone().get(path).await.unwrap().status, 200, "{path}");
    }
    let page = anyone().get("/docs").await.unwrap();
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("https://"), "assets come from this host");
}
