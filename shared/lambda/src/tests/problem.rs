use dynamo::Limit;
use jiff::SignedDuration;

use super::*;
use crate::{FieldError, TOO_MANY_REQUESTS};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Fail {
    #[garde(skip)]
    how: String,
}

async fn refuse(_: Counters, call: Call<Fail>) -> Result<Found<CountView>, Problem> {
    Err(match call.input.how.as_str() {
        "limit" => {
            let limit = Limit { burst: 3, every: SignedDuration::from_secs(10) };
            Problem::too_many(limit, SignedDuration::from_secs(20))
        }
        "late" => Problem::AlreadyDone,
        "conflict" => Problem::Conflict,
        "fields" => {
            let wrong = || FieldError { pointer: "/how".to_owned(), detail: "is wrong".to_owned() };
            Problem::invalid_fields(vec![wrong(), wrong()])
        }
        "field" => Problem::invalid("/how", "is wrong"),
        _ => Problem::internal("the secret reason"),
    })
}

fn fail() -> Function {
    Function::http("fail", refuse).problems(&[TOO_MANY_REQUESTS, (409, "already-done"), (409, "conflict")])
}

fn fail_when_invoked() -> Function {
    Function::invoked("fail-when-invoked", refuse)
}

async fn failure(how: &str) -> crate::testing::Answer {
    let request = Request::new("POST", "/v1/failures").from(user(1), &[Role::Customer]).json(&json!({"how": how}));
    harness().await.call(fail, request.id("req-test")).await
}

#[tokio::test]
async fn a_problem_is_sent_with_its_path_and_the_id_of_its_request() {
    let answer = failure("field").await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["x-request-id"], "req-test");
    let body = json!({
        "type": "/problems/invalid-input", "title": "Some fields are invalid", "status": 422,
        "detail": "/how is wrong.", "instance": "/v1/failures", "requestId": "req-test", "errors": [{"pointer": "/how", "detail": "is wrong"}],
    });
    assert_eq!((answer.status, answer.json), (422, body));
}

#[tokio::test]
async fn every_problem_has_a_detail() {
    for how in ["limit", "late", "conflict", "field", "fields", "internally"] {
        let answer = failure(how).await;
        let detail = answer.json["detail"].as_str().unwrap_or_default();
        assert!(detail.ends_with('.') && detail != answer.json["title"], "{how}: {answer:?}");
    }
    assert_eq!(failure("fields").await.json["detail"], "2 fields are invalid: see errors.");
}

#[test]
fn of_very_many_wrong_fields_the_first_hundred_are_named() {
    let error = |at| FieldError { pointer: format!("/codes/{at}"), detail: "repeats an earlier code".to_owned() };
    let problem = Problem::invalid_fields((0..998).map(error).collect());
    let Problem::Known(details) = problem else { panic!("{problem:?}") };
    assert_eq!((details.errors.len(), details.errors[99].pointer.as_str()), (100, "/codes/99"));
    assert_eq!(details.detail.as_deref(), Some("998 fields are invalid: see errors."));
}

#[test]
fn below_another_field_as_many_fields_are_wrong() {
    let error = |at| FieldError { pointer: format!("/codes/{at}"), detail: "is wrong".to_owned() };
    let below = |count| {
        let problem = Problem::invalid_fields((0..count).map(error).collect()).within("/promotion");
        let Problem::Known(details) = problem else { panic!("{problem:?}") };
        (details.errors.last().unwrap().pointer.clone(), details.detail.unwrap())
    };
    assert_eq!(below(1), ("/promotion/codes/0".to_owned(), "/promotion/codes/0 is wrong.".to_owned()));
    assert_eq!(below(998), ("/promotion/codes/99".to_owned(), "998 fields are invalid: see errors.".to_owned()));
}

#[tokio::test]
async fn a_rate_limit_is_sent_in_headers() {
    let answer = failure("limit").await;
    assert_eq!((answer.status, answer.problem()), (429, "too-many-requests"));
    let headers = ["retry-after", "ratelimit-policy", "ratelimit"].map(|name| &*answer.headers[name]);
    assert_eq!(headers, ["21", "\"attempts\";q=3;w=31", "\"attempts\";r=0;t=21"]);
}

#[tokio::test]
async fn the_cause_of_an_internal_problem_is_not_sent() {
    let answer = failure("internally").await;
    assert_eq!((answer.status, answer.problem()), (500, "internal"));
    assert!(!answer.json.to_string().contains("secret"), "{answer:?}");
    let answer = failure("late").await;
    assert_eq!((answer.status, answer.problem()), (409, "already-done"));
}

#[tokio::test]
async fn an_invocation_without_a_caller_fails_with_its_problem() {
    let harness = harness().await;
    let error = harness.invoke(fail_when_invoked, &json!({"how": "field"})).await.unwrap_err();
    assert_eq!(
        (&*error.kind, &*error.message),
        ("invalid-input", "invalid-input: Some fields are invalid; /how is wrong")
    );
    let error = harness.invoke(fail_when_invoked, &json!({"how": "internally"})).await.unwrap_err();
    assert_eq!((&*error.kind, &*error.message), ("internal", "the secret reason"));
}
