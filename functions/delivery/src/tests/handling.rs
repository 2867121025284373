use futures::future::join_all;

use super::*;

#[tokio::test]
async fn a_courier_sends_off_what_nobody_has_and_hands_it_over() {
    let harness = scheduled(1).await;
    let left = tell(&harness, dispatch_shipment, COURIER, 1).await;
    assert_eq!((left.status, &left.json["status"]), (200, &json!("dispatched")));
    assert_eq!(left.json["courierId"], json!(user(COURIER)));
    assert_eq!(left.headers["etag"], "\"2\"");
    let there = tell(&harness, deliver_shipment, COURIER, 1).await;
    assert_eq!((there.status, &there.json["status"]), (200, &json!("delivered")));
    assert_eq!(there.json["deliveredAt"], json!(Time::from(START)));
    assert_eq!(harness.event_names().await, ["ShipmentScheduled.v1", "ShipmentDispatched.v1", "ShipmentDelivered.v1"]);
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before_and_a_second_one_refused() {
    let harness = scheduled(1).await;
    let (dispatch, delivery) = (post(COURIER, 1, "dispatch", &json!({})), post(COURIER, 1, "delivery", &json!({})));
    for (function, request, problem) in [
        (dispatch_shipment as fn() -> Function, dispatch, "already-dispatched"),
        (deliver_shipment, delivery, "already-delivered"),
    ] {
        let first = harness.call(function, request.clone()).await;
        let again = harness.call(function, request.clone()).await;
        assert_eq!((again.status, &again.json), (200, &first.json));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let second = harness.call(function, request.header("idempotency-key", format!("other-{problem}"))).await;
        assert_eq!(refused(&second), (409, problem));
    }
    assert_eq!(harness.event_names().await.len(), 3);
}

#[tokio::test]
async fn one_courier_gets_what_many_want() {
    let harness = scheduled(1).await;
    let wanted = (10..20).map(|courier| {
        let request = post(courier, 1, "dispatch", &json!({})).from(user(courier), &[Role::Courier]);
        harness.call(dispatch_shipment, request)
    });
    let answers = join_all(wanted).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 403 | 409)), "{answers:?}");
    let names = harness.event_names().await;
    assert_eq!(names, ["ShipmentScheduled.v1", "ShipmentDispatched.v1"]);
}

#[tokio::test]
async fn a_courier_leaves_what_another_has_alone() {
    let harness = scheduled(1).await;
    let assigned = tell(&harness, assign_courier, COURIER, 1).await;
    assert_eq!((assigned.status, &assigned.json["status"]), (200, &json!("assigned")));
    assert_eq!(refused(&tell(&harness, assign_courier, COURIER, 1).await), (409, "already-assigned"));
    for function in [assign_courier, dispatch_shipment, deliver_shipment] {
        let answer = tell(&harness, function, OTHER_COURIER, 1).await;
        assert_eq!(refused(&answer), (403, "forbidden"));
        assert_eq!(answer.json["detail"], "The shipment is assigned to another courier.");
    }
    assert_eq!(refused(&fail(&harness, OTHER_COURIER, 1).await), (403, "forbidden"));
    assert_eq!(tell(&harness, dispatch_shipment, COURIER, 1).await.status, 200);
}

#[tokio::test]
async fn only_an_administrator_gives_it_to_someone_else() {
    let harness = scheduled(1).await;
    let body = json!({"courierId": user(OTHER_COURIER)});
    let answer = harness.call(assign_courier, post(COURIER, 1, "assignment", &body)).await;
    assert_eq!(refused(&answer), (403, "forbidden"));
    tell(&harness, assign_courier, COURIER, 1).await;
    let answer = harness.call(assign_courier, post(ADMIN, 1, "assignment", &body)).await;
    assert_eq!((answer.status, &answer.json["courierId"]), (200, &json!(user(OTHER_COURIER))));
    assert_eq!(ids(&list(&harness, COURIER, &of_courier(user(COURIER))).await), []);
    assert_eq!(ids(&list(&harness, COURIER, &of_courier(user(OTHER_COURIER))).await), [shipment(1)]);
    let left = tell(&harness, dispatch_shipment, ADMIN, 1).await;
    assert_eq!(left.json["courierId"], json!(user(OTHER_COURIER)));
}

#[tokio::test]
async fn after_the_third_failed_attempt_it_comes_back() {
    let harness = scheduled(1).await;
    assert_eq!(refused(&fail(&harness, COURIER, 1).await), (409, "wrong-status"));
    tell(&harness, dispatch_shipment, COURIER, 1).await;
    for (attempt, status) in [(1, "dispatched"), (2, "dispatched"), (3, "returning")] {
        let answer = fail(&harness, COURIER, 1).await;
        assert_eq!((&answer.json["attempts"], &answer.json["status"]), (&json!(attempt), &json!(status)));
    }
    assert_eq!(refused(&fail(&harness, COURIER, 1).await), (409, "wrong-status"));
    assert_eq!(refused(&tell(&harness, deliver_shipment, COURIER, 1).await), (409, "wrong-status"));
    harness.consume(cancel_shipment, cancelled(1)).await.unwrap();
    assert_eq!(status(&harness, 1).await, "returning");
}

#[tokio::test]
async fn a_pin_that_is_entered_must_be_the_one_that_the_customer_alone_was_shown() {
    let harness = scheduled(1).await;
    tell(&harness, dispatch_shipment, COURIER, 1).await;
    assert!(get(&harness, COURIER, 1).await.json["pin"].is_null());
    let pin = get(&harness, CUSTOMER, 1).await.json["pin"].as_str().unwrap().to_owned();
    let wrong = if pin == "000000" { "000001" } else { "000000" };
    let answer = harness.call(deliver_shipment, post(COURIER, 1, "delivery", &json!({"pin": wrong}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/pin"]));
    let answer = harness.call(deliver_shipment, post(COURIER, 1, "delivery", &json!({"pin": pin}))).await;
    assert_eq!((answer.status, &answer.json["status"]), (200, &json!("delivered")));
}

#[tokio::test]
async fn only_couriers_and_administrators_handle_shipments() {
    let harness = scheduled(1).await;
    for function in [assign_courier as fn() -> Function, dispatch_shipment, deliver_shipment] {
        for caller in [CUSTOMER, STRANGER, SUPPORT] {
            assert_eq!(refused(&tell(&harness, function, caller, 1).await), (403, "forbidden"));
        }
        assert_eq!(refused(&tell(&harness, function, COURIER, 9).await), (404, "not-found"));
        let anonymous = Request::new("POST", "/v1/shipments/it").parameter("shipmentId", shipment(1));
        assert_eq!(harness.call(function, anonymous).await.status, 401);
    }
    assert_eq!(refused(&fail(&harness, CUSTOMER, 1).await), (403, "forbidden"));
    assert_eq!(status(&harness, 1).await, "scheduled");
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = scheduled(1).await;
    let answer = harness.call(fail_delivery, post(COURIER, 1, "failure", &json!({"reason": ""}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/reason"]));
    let answer = harness.call(fail_delivery, post(COURIER, 1, "failure", &json!({}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/reason"]));
    let answer = harness.call(assign_courier, post(COURIER, 1, "assignment", &json!({"courierId": "ada"}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/courierId"]));
    let answer = harness.call(dispatch_shipment, post(COURIER, 1, "dispatch", &json!({"status": "x"}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/status"]));
    let no_key = post(COURIER, 1, "dispatch", &json!({})).header("idempotency-key", "");
    assert_eq!(refused(&harness.call(dispatch_shipment, no_key).await), (400, "idempotency-key-missing"));
}

#[tokio::test]
async fn a_body_is_optional() {
    let harness = scheduled(1).await;
    let bare = Request::new("POST", "/v1/shipments/it/dispatch").parameter("shipmentId", shipment(1));
    assert_eq!(harness.call(dispatch_shipment, bare.from(user(COURIER), &[Role::Courier])).await.status, 200);
}
