use futures::future::join_all;

use super::*;
use crate::{CsvFile, NoContent, RawBody, testing::TRACE};

#[tokio::test]
async fn only_a_public_operation_is_for_everybody() {
    let harness = harness().await;
    let anonymous = Request::new("POST", "/v1/count").json(&json!({"by": 1}));
    let answer = harness.call(count, anonymous).await;
    assert_eq!((answer.status, answer.headers["www-authenticate"].as_str()), (401, "Bearer"));
    assert_eq!(harness.call(get_count, Request::new("GET", "/v1/count")).await.status, 200);
}

#[tokio::test]
async fn a_refused_token_is_told_why() {
    let harness = harness().await;
    let refused = async |scheme: &str| {
        let request = counting(1).refused("The \"token\" has expired.").header("authorization", scheme);
        let answer = harness.call(count, request).await;
        assert_eq!((answer.status, answer.json["detail"].as_str()), (401, Some("The \"token\" has expired.")));
        answer.headers["www-authenticate"].clone()
    };
    let challenge = "Bearer error=\"invalid_token\", error_description=\"The token has expired.\"";
    assert_eq!(
        (refused("Bearer abc").await, refused("bearer abc").await),
        (challenge.to_owned(), challenge.to_owned())
    );
    assert_eq!(refused("Basic abc").await, "Bearer", "no token was sent");
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let harness = harness().await;
    harness.call(count, counting(1)).await;
    let get = async |known: &str| {
        harness.call(get_count, Request::new("GET", "/v1/count").header("if-none-match", known)).await
    };
    let full = get("").await;
    let tag = full.headers["etag"].clone();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"0\",{tag}"), format!("\"0\", W/{tag}"), "*".to_owned()] {
        let same = get(&known).await;
        assert_eq!((same.status, same.json), (304, serde_json::Value::Null), "{known}");
        for name in ["etag", "cache-control", "vary"] {
            assert_eq!(same.headers[name], full.headers[name], "{known}: {name}");
        }
        assert!(same.headers.contains_key("x-request-id"), "{known}");
    }
    for other in ["\"0\"", "\"0\", W/\"9\"", tag.trim_matches('"'), "w/\"1\""] {
        assert_eq!(get(other).await.status, 200, "{other}");
    }
    harness.call(count, counting(1)).await;
    assert_eq!(get(&tag).await.status, 200);
}

#[tokio::test]
async fn a_change_is_made_at_the_version_that_its_conditions_name() {
    /// Changes nothing, at the version that is stored.
    fn confirm() -> Function {
        Function::http("confirm", |counters: Counters, call: Call<GetCount>| async move {
            call.expects(&counters.counter().await?.version)?;
            Ok(NoContent::DONE)
        })
        .versioned()
    }
    let harness = harness().await;
    harness.call(count, counting(1)).await;
    let status = async |name: &str, value: &str| {
        let request = Request::new("PUT", "/v1/count").from(user(1), &[Role::Customer]).header(name, value);
        let answer = harness.call(confirm, request).await;
        (answer.status, answer.json["type"].as_str().unwrap_or_default().to_owned())
    };
    for tags in ["\"1\"", "W/\"1\"", "\"0\",\"1\"", "\"0\", W/\"1\"", "*"] {
        assert_eq!(status("if-match", tags).await.0, 204, "{tags}");
    }
    let refused = |status: u16, problem: &str| (status, format!("/problems/{problem}"));
    assert_eq!(status("if-match", "\"0\", \"2\"").await, refused(412, "version-changed"));
    assert_eq!(status("if-none-match", "*").await, refused(412, "version-changed"));
    assert_eq!(status("if-match", "1").await, refused(400, "precondition-malformed"));
    assert_eq!(status("if-match", "").await, refused(428, "precondition-required"));
}

#[tokio::test]
async fn a_reply_is_kept_only_if_it_is_the_same_for_every_caller() {
    /// As `get-count`, for an hour.
    fn hourly() -> Function {
        get_count().max_age(3600)
    }
    fn own_count() -> Function {
        Function::http("own-count", |_: Counters, _: Call<GetCount>| async { Ok(Found::new(())) })
    }
    /// A public operation that is no GET: it could answer with a token.
    fn sign_in() -> Function {
        Function::http("sign-in", |_: Counters, _: Call<GetCount>| async { Ok(Found::new(())) }).public()
    }
    let harness = harness().await;
    let own = Request::new("GET", "/v1/own").from(user(1), &[Role::Customer]);
    let anonymous = Request::new("GET", "/v1/count");
    for (function, request, status, expected) in [
        (get_count as fn() -> Function, anonymous.clone(), 200, "public, max-age=60"),
        (hourly, anonymous.clone(), 200, "public, max-age=3600"),
        (get_count, Request::new("HEAD", "/v1/count"), 200, "public, max-age=60"),
        (get_count, anonymous.clone().query("and", 2), 422, "no-store"),
        (own_count, own, 200, "no-store"),
        (own_count, anonymous, 401, "no-store"),
        (sign_in, Request::new("POST", "/v1/sessions"), 200, "no-store"),
        (count, counting(1), 201, "no-store"),
    ] {
        let answer = harness.call(function, request.clone()).await;
        assert_eq!((answer.status, answer.headers["cache-control"].as_str()), (status, expected), "{request:?}");
        let is_kept = expected != "no-store";
        assert_eq!(answer.headers.get("vary").map(String::as_str), is_kept.then_some("origin"), "{request:?}");
    }
}

#[tokio::test]
async fn a_head_is_answered_as_a_get() {
    let harness = harness().await;
    harness.call(count, counting(1)).await;
    let [got, asked] = ["GET", "HEAD"].map(|method| Request::new(method, "/v1/count").header("if-none-match", "\"0\""));
    let (got, asked) = (harness.call(get_count, got).await, harness.call(get_count, asked).await);
    assert_eq!((asked.status, &asked.headers["etag"]), (200, &got.headers["etag"]));
    let known = Request::new("HEAD", "/v1/count").header("if-none-match", &got.headers["etag"]);
    assert_eq!(harness.call(get_count, known).await.status, 304);
}

#[tokio::test]
async fn writers_that_meet_are_run_again_until_all_have_counted() {
    let harness = harness().await;
    let answers = join_all((0..8).map(|_| harness.call(count, counting(1)))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(counted(&harness).await, 8);
}

#[tokio::test]
async fn one_key_counts_once_however_many_connections_send_it() {
    let harness = harness().await;
    let request = counting(1).header("idempotency-key", "mine");
    let answers = join_all((0..8).map(|_| harness.call(count, request.clone()))).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json == answers[0].json), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count(), 7);
    assert_eq!(counted(&harness).await, 1);
}

#[tokio::test]
async fn a_key_is_printable_characters_without_blanks() {
    let harness = harness().await;
    for bad in ["", "two words", "tab\tinside", "schl\u{fc}ssel", "\u{a0}", "k".repeat(256).as_str()] {
        let answer = harness.call(count, counting(1).header("idempotency-key", bad)).await;
        let named = answer.json["type"].as_str().is_some_and(|kind| kind.ends_with("idempotency-key-missing"));
        assert!(answer.status == 400 && named, "{bad:?}: {answer:?}");
    }
    for good in ["!~", " blanks-around\t", "k".repeat(255).as_str()] {
        assert_eq!(harness.call(count, counting(1).header("idempotency-key", good)).await.status, 201, "{good:?}");
    }
}

#[tokio::test]
async fn keys_belong_to_their_caller() {
    let harness = harness().await;
    let request = counting(1).header("idempotency-key", "mine");
    harness.call(count, request.clone()).await;
    let other = harness.call(count, request.from(user(2), &[Role::Customer])).await;
    assert!(!other.headers.contains_key("idempotency-replayed"));
    assert_eq!(counted(&harness).await, 2);
}

#[tokio::test]
async fn wrong_bodies_are_told_apart() {
    let harness = harness().await;
    let body = |body: &str| counting(1).body(body);
    assert_eq!(harness.call(count, body("{not json")).await.status, 400);
    assert_eq!(harness.call(count, body("[]")).await.status, 422);
    assert_eq!(harness.call(count, body(r#"{"by": 11}"#)).await.pointers(), ["/by"]);
    assert_eq!(harness.call(count, body("{}").header("content-type", "text/plain")).await.status, 415);
    let answer = harness.call(count, body(r#"{"by": 1, "and": 2}"#).id("req-test")).await;
    assert_eq!(answer.pointers(), ["/and"]);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!((&answer.json["instance"], &answer.json["requestId"]), (&json!("/v1/count"), &json!("req-test")));
}

#[tokio::test]
async fn a_media_type_is_the_same_in_whatever_case() {
    let harness = harness().await;
    let status = async |kind: &str| {
        let request = counting(1).header("content-type", kind);
        harness.call(count, request).await.status
    };
    for kind in ["application/json", "APPLICATION/JSON; charset=utf-8", "Application/Json;charset=UTF-8"] {
        assert_eq!(status(kind).await, 201, "{kind}");
    }
    for kind in ["", "application/jsonx", "application/json-patch+json", "text/plain; application/json", "json"] {
        assert_eq!(status(kind).await, 415, "{kind}");
    }
}

#[tokio::test]
async fn a_body_says_each_thing_once_legibly_and_in_short() {
    let harness = harness().await;
    let answer = harness.call(count, counting(1).body(r#"{"by": 1, "by": 2}"#)).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/by"]));
    let answer = harness.call(count, counting(1).body("{\"by\": 1, \"an\\u0000d\": 2}")).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/an\0d"]));
    let largest = r#"{"by": 1}"#.to_owned() + &" ".repeat(1024 * 1024 - 9);
    let answer = harness.call(count, counting(1).body(format!("{largest} "))).await;
    assert_eq!((answer.status, answer.problem()), (413, "body-too-large"));
    assert_eq!(counted(&harness).await, 0);
    assert_eq!(harness.call(count, counting(1).body(largest)).await.status, 201);
}

#[tokio::test]
async fn what_a_client_says_of_its_host_does_no_harm() {
    let harness = harness().await;
    for (name, value) in [("host", "a b"), ("host", "[::"), ("x-forwarded-proto", "::"), ("x-forwarded-proto", "a b")] {
        let request = Request::new("GET", "/v1/count").header("host", "localhost").header(name, value);
        assert_eq!(harness.call(get_count, request).await.status, 200, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_change_goes_on_in_the_trace_of_its_client_or_else_in_that_of_the_invocation() {
    let harness = harness().await;
    let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for traceparent in [given, "nonsense"] {
        harness.call(count, counting(1).header("Traceparent", traceparent)).await;
    }
    let traces: Vec<_> = harness.events().await.into_iter().map(|event| event.trace.unwrap_or_default()).collect();
    assert_eq!(traces, ["Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1", TRACE]);
}

#[tokio::test]
async fn an_unchanged_body_has_the_fields_of_its_query() {
    fn upload() -> Function {
        Function::http("upload", |_: Counters, call: Call<RawBody<Count>>| async move {
            let RawBody { bytes, query, .. } = call.input;
            Ok(Found::new((query.by, String::from_utf8_lossy(&bytes).into_owned())))
        })
    }
    let harness = harness().await;
    let request = Request::new("POST", "/v1/files").from(user(1), &[Role::Customer]).body("{not json");
    let answer = harness.call(upload, request.clone().query("by", 7)).await;
    assert_eq!((answer.status, answer.json), (200, json!([7, "{not json"])));
    for (name, value, pointer) in [("by", "11", "/by"), ("by", "many", "/by"), ("colour", "red", "/by")] {
        let refused = harness.call(upload, request.clone().query(name, value)).await;
        assert!(refused.status == 422 && refused.pointers().contains(&pointer), "{refused:?}");
    }
}

#[tokio::test]
async fn a_file_is_downloaded_under_its_name() {
    fn download() -> Function {
        Function::http("download", |_: Counters, _: Call<GetCount>| async { Ok(CsvFile::new("stock.csv", "sku\nA\n")) })
    }
    let request = Request::new("GET", "/v1/file").from(user(1), &[Role::Customer]);
    let answer = harness().await.call(download, request).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "sku\nA\n"));
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"stock.csv\"");
}
