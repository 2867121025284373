//! The stack over HTTP: what API Gateway would answer.

use serde_json::{Value, json};

use super::probe;
use crate::{Answer, Client, Options, Stack, cloud::call, template::queue_url};

#[tokio::test]
async fn a_public_route_needs_no_token_and_binds_path_and_query() {
    let stack = probe::start().await;
    let answer = stack.client().get("/v1/echo/a%20b%2Fc?times=2").await.unwrap();
    assert_eq!((answer.status, answer.json()), (200, json!(["a b/c", "a b/c"])));
    assert!(answer.header("x-request-id").is_some());
    stack.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_404_and_has_an_id_too() {
    let stack = probe::start().await;
    for path in ["/v1", "/v1/echo", "/v1/echo/", "/v1/echo/a/b", "/v2/echo/a"] {
        let answer = stack.client().get(path).await.unwrap();
        assert_eq!((answer.status, answer.json()), (404, json!({"message": "Not Found"})), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    let wrong_method = stack.client().put("/v1/echo/a", &json!({})).await.unwrap();
    assert_eq!(wrong_method.status, 404);
    assert_eq!(stack.client().get("/health").await.unwrap().status, 200);
    stack.stop().await;
}

#[tokio::test]
async fn a_head_has_the_headers_of_its_get_and_no_body() {
    let stack = probe::start().await;
    let got = stack.client().get("/v1/echo/a").await.unwrap();
    let head = stack.client().send("HEAD", "/v1/echo/a", &[], Vec::new()).await.unwrap();
    assert_eq!((head.status, head.body.len(), got.header("content-length")), (200, 0, Some("5")));
    for name in ["content-length", "content-type", "cache-control", "vary"] {
        assert_eq!(head.header(name), got.header(name), "{name}");
    }
    let none = stack.client().send("HEAD", "/v1/panic", &[], Vec::new()).await.unwrap();
    assert_eq!(none.status, 404, "no template has this route");
    stack.stop().await;
}

#[tokio::test]
async fn a_reply_that_may_be_kept_depends_on_the_origin_once() {
    let stack = probe::start().await;
    let vary = |answer: Answer| answer.headers.get_all("vary").iter().cloned().collect::<Vec<_>>();
    let own = [("origin", stack.url())];
    for path in ["/v1/echo/a", "/v1/echo/a?times=x"] {
        assert_eq!(vary(stack.client().send("GET", path, &own, Vec::new()).await.unwrap()), ["origin"], "{path}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_route_with_an_authorizer_takes_no_stranger() {
    let stack = probe::start().await;
    let note = json!({"text": "hello"});
    let anonymous = stack.client().post("/v1/notes", &note).await.unwrap();
    assert_eq!((anonymous.status, anonymous.json()), (401, json!({"message": "Unauthorized"})));
    let forged = stack.client().with_token("forged").post("/v1/notes", &note).await.unwrap();
    assert_eq!(forged.status, 401);
    assert!(forged.json()["detail"].as_str().unwrap().ends_with("the token does not hold"), "the function refuses it");
    let broken = stack.client().with_token("broken").post("/v1/notes", &note).await.unwrap();
    assert_eq!((broken.status, broken.json()), (500, json!({"message": "Internal Server Error"})));
    let known = stack.client().with_token("good").post("/v1/notes", &note).await.unwrap();
    assert_eq!((known.status, known.json()), (201, json!("hello")));
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_takes_too_long_or_fails_is_answered_for() {
    let stack = probe::start().await;
    let late = stack.client().get("/v1/sleep").await.unwrap();
    assert_eq!((late.status, late.json()["type"].clone()), (503, json!("/problems/timed-out")), "half a second before");
    let failed = stack.client().get("/v1/panic").await.unwrap();
    assert_eq!((failed.status, failed.json()), (500, json!({"message": "Internal Server Error"})));
    assert!(failed.header("x-request-id").is_some());
    stack.stop().await;
}

#[tokio::test]
async fn too_many_and_too_much_are_refused() {
    let stack = probe::start().await;
    let statuses =
        [(); 3].map(|()| stack.client()).into_iter().map(async |c: Client| c.get("/v1/panic").await.unwrap().status);
    let mut statuses = futures::future::join_all(statuses).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [429, 500, 500], "a burst of two, as the route's template says");
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    let client = stack.client().with_token("good");
    let huge = client.send("POST", "/v1/notes", &headers, vec![b' '; 6 * 1024 * 1024 + 1]).await.unwrap();
    assert_eq!((huge.status, huge.json()), (413, json!({"message": "Request Entity Too Large"})));
    stack.stop().await;
}

#[tokio::test]
async fn browsers_on_each_allowed_origin_may_call() {
    let other = "http://localhost:5173";
    let allow_origins = [other, "https://shop.souk.example"].map(|origin| origin.parse().unwrap()).to_vec();
    let stack = Stack::start(Options { allow_origins, ..probe::options() }).await.unwrap();
    let own = stack.url().to_owned();
    for origin in [own.as_str(), other, "https://shop.souk.example"] {
        let ask = [("origin", origin), ("access-control-request-method", "GET")];
        let preflight = stack.client().send("OPTIONS", "/v1/echo/a", &ask, Vec::new()).await.unwrap();
        assert_eq!(preflight.status, 204);
        assert_eq!(preflight.header("access-control-allow-origin"), Some(origin));
        assert_eq!(preflight.header("access-control-allow-methods"), Some("GET,POST"));
        assert_eq!(preflight.header("access-control-max-age"), Some("600"));
        for (path, status) in [("/v1/echo/a", 200), ("/v1/echo/a?times=x", 422), ("/v1/nothing", 404)] {
            let call = stack.client().send("GET", path, &[("origin", origin)], Vec::new()).await.unwrap();
            let allowed = (path != "/v1/nothing").then_some(origin);
            assert_eq!((call.status, call.header("access-control-allow-origin")), (status, allowed), "{path}");
        }
    }
    for origin in ["http://elsewhere.example", "http://localhost:5174", "http://localhost", "null"] {
        let ask = [("origin", origin), ("access-control-request-method", "GET")];
        let preflight = stack.client().send("OPTIONS", "/v1/echo/a", &ask, Vec::new()).await.unwrap();
        assert_eq!(preflight.header("access-control-allow-origin"), None, "{origin}");
        let call = stack.client().send("GET", "/v1/echo/a", &[("origin", origin)], Vec::new()).await.unwrap();
        assert_eq!((call.status, call.header("access-control-allow-origin")), (200, None), "{origin}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn functions_can_be_invoked_through_the_aws_endpoint() {
    let stack = probe::start().await;
    let aws = Client::new(stack.aws_url());
    let invoke = async |name: &str, headers: &[(&str, &str)]| {
        let path = format!("/2015-03-31/functions/{name}/invocations");
        aws.send("POST", &path, headers, b"{}".to_vec()).await.unwrap()
    };
    assert_eq!(invoke("seen", &[]).await.json(), json!(["tick"]));
    assert_eq!(invoke("souk-local-Probe-SeenFunction", &[]).await.json(), json!(["tick"]));
    assert_eq!(invoke("nothing", &[]).await.status, 404);
    assert_eq!(invoke("seen", &[("origin", "http://elsewhere.example")]).await.status, 403);
    let failed = invoke("echo", &[]).await;
    assert_eq!((failed.status, failed.header("x-amz-function-error")), (200, Some("Unhandled")));
    stack.stop().await;
}

/// The AWS CLI sends requests about a queue to the queue's URL, as far as it does not know the endpoint better.
#[tokio::test]
async fn urls_of_queues_on_the_aws_endpoint_are_at_the_address_that_the_client_used() {
    let stack = probe::start().await;
    for endpoint in [stack.aws_url().to_owned(), stack.aws_url().replace("localhost", "127.0.0.1")] {
        let call = async |path: &str, operation: &str, body: Value| {
            let target = format!("AmazonSQS.{operation}");
            let headers = [("x-amz-target", target.as_str()), ("authorization", "AWS4-HMAC-SHA256 Credential=x")];
            let answer =
                Client::new(&endpoint).send("POST", path, &headers, body.to_string().into_bytes()).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let url = |name: &str| json!(format!("{endpoint}/000000000000/souk-local-{name}"));
        let listed = call("/", "ListQueues", json!({})).await;
        assert_eq!(listed["QueueUrls"], json!([url("lost"), url("notes"), url("notes-dead-letters")]));
        for operation in ["GetQueueUrl", "CreateQueue"] {
            let answer = call("/", operation, json!({"QueueName": "souk-local-lost"})).await;
            assert_eq!(answer["QueueUrl"], url("lost"), "{operation}");
        }
        let dead_letters = json!({"QueueUrl": url("notes-dead-letters")});
        let sources =
            call("/000000000000/souk-local-notes-dead-letters", "ListDeadLetterSourceQueues", dead_letters).await;
        assert_eq!(sources["queueUrls"], json!([url("notes")]));
    }
    let inside = call(stack.cloud(), "AmazonSQS.GetQueueUrl", &json!({"QueueName": "souk-local-lost"})).await.unwrap();
    assert_eq!(inside["QueueUrl"], queue_url("souk-local-lost"), "functions get the URL that their template has");
    stack.stop().await;
}
