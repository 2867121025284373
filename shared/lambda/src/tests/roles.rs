use serde_json::Value;

use super::*;
use crate::Trigger;

fn count_for_staff() -> Function {
    count().roles(&[Role::Merchant, Role::Support])
}

fn from(role: Role) -> Request {
    Request::new("POST", "/v1/count").from(user(1), &[role]).json(&json!({"by": 1}))
}

#[tokio::test]
async fn only_declared_roles_and_administrators_may_call() {
    let harness = harness().await;
    for role in [Role::Guest, Role::Customer, Role::Courier] {
        let answer = harness.call(count_for_staff, from(role)).await;
        let problem = (answer.status, answer.problem(), answer.json["detail"].as_str());
        assert_eq!(problem, (403, "forbidden", Some("This needs the role merchant or support.")), "{role:?}");
    }
    assert_eq!(counted(&harness).await, 0);
    for role in [Role::Merchant, Role::Support, Role::Admin] {
        assert_eq!(harness.call(count_for_staff, from(role)).await.status, 201, "{role:?}");
    }
    assert_eq!(counted(&harness).await, 3);
}

#[tokio::test]
async fn a_request_is_refused_for_its_caller_its_role_its_key_and_its_input_in_this_order() {
    let harness = harness().await;
    let wrong = || Request::new("POST", "/v1/count").json(&json!({"by": 11}));
    let (merchant, customer) = (&[Role::Merchant], &[Role::Customer]);
    let requests = [
        (wrong().header("idempotency-key", ""), 401),
        (wrong().header("idempotency-key", "").refused("the token has expired"), 401),
        (wrong().header("idempotency-key", "").from(user(1), customer), 403),
        (wrong().from(user(1), customer), 403),
        (wrong().header("idempotency-key", "").from(user(1), merchant), 400),
        (wrong().from(user(1), merchant), 422),
    ];
    for (request, status) in requests {
        let answer = harness.call(count_for_staff, request.clone()).await;
        assert_eq!(answer.status, status, "{request:?}: {answer:?}");
    }
    assert_eq!(counted(&harness).await, 0);
}

#[tokio::test]
async fn an_answer_is_not_repeated_for_a_caller_who_lost_the_role() {
    let harness = harness().await;
    let request = from(Role::Merchant).header("idempotency-key", "mine");
    assert_eq!(harness.call(count_for_staff, request.clone()).await.status, 201);
    let answer = harness.call(count_for_staff, request.from(user(1), &[Role::Customer])).await;
    assert_eq!((answer.status, &answer.json["count"]), (403, &Value::Null));
}

#[test]
fn the_contract_of_a_function_names_its_roles() {
    let roles = |function: Function| match function.trigger() {
        Trigger::Http(http) => http.roles,
        other => panic!("{other:?}"),
    };
    assert_eq!(roles(count_for_staff()), [Role::Merchant, Role::Support]);
    assert_eq!(roles(count()), []);
}
