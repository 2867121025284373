use super::*;

fn of_order(number: u128) -> [(&'static str, String); 1] {
    [("orderId", order(number).to_string())]
}

fn with_status(status: &str) -> [(&'static str, String); 1] {
    [("status", status.to_owned())]
}

#[tokio::test]
async fn a_shipment_tells_where_it_goes_and_what_happened_to_it() {
    let harness = scheduled(1).await;
    tell(&harness, assign_courier, COURIER, 1).await;
    tell(&harness, dispatch_shipment, COURIER, 1).await;
    fail(&harness, COURIER, 1).await;
    let answer = get(&harness, CUSTOMER, 1).await;
    assert_eq!((answer.status, answer.headers["etag"].as_str()), (200, "\"4\""));
    assert_eq!(answer.json["orderId"], json!(order(1)));
    assert_eq!(answer.json["shipTo"]["line1"], "12 St James Square");
    let courier = user(COURIER);
    assert_eq!(
        answer.json["history"],
        json!([
            {"version": 1, "type": "ShipmentScheduled", "time": Time::from(START)},
            {"version": 2, "type": "CourierAssigned", "time": Time::from(START), "courierId": courier},
            {"version": 3, "type": "ShipmentDispatched", "time": Time::from(START), "courierId": courier},
            {"version": 4, "type": "DeliveryFailed", "time": Time::from(START), "reason": "nobody home", "attempts": 1},
        ])
    );
}

#[tokio::test]
async fn the_address_is_sealed_in_everything_that_is_stored() {
    let harness = scheduled(1).await;
    assert_eq!(tell(&harness, dispatch_shipment, COURIER, 1).await.status, 200);
    let table = harness.env().table().unwrap();
    let items = harness.env().dynamodb().scan().table_name(table.name()).send().await.unwrap();
    let stored = format!("{:?}", items.items());
    assert!(stored.contains("shipTo") && stored.contains("once#"), "{stored}");
    assert!(!stored.contains("James") && !stored.contains("Lovelace"), "{stored}");
}

#[tokio::test]
async fn a_shipment_is_seen_by_its_customer_couriers_and_support() {
    let harness = scheduled(1).await;
    for caller in [CUSTOMER, COURIER, OTHER_COURIER, SUPPORT, ADMIN] {
        assert_eq!(get(&harness, caller, 1).await.status, 200, "{caller}");
        assert_eq!(ids(&list(&harness, caller, &of_order(1)).await), [shipment(1)], "{caller}");
    }
    assert_eq!(refused(&get(&harness, STRANGER, 1).await), (404, "not-found"));
    assert_eq!(ids(&list(&harness, STRANGER, &of_order(1)).await), []);
    let anonymous = Request::new("GET", "/v1/shipments/it").parameter("shipmentId", shipment(1));
    assert_eq!(harness.call(get_shipment, anonymous).await.status, 401);
    assert_eq!(harness.call(list_shipments, Request::new("GET", "/v1/shipments")).await.status, 401);
}

#[tokio::test]
async fn an_order_without_a_shipment_has_an_empty_list() {
    let harness = scheduled(1).await;
    assert_eq!(ids(&list(&harness, COURIER, &of_order(2)).await), []);
    assert_eq!(refused(&get(&harness, COURIER, 2).await), (404, "not-found"));
}

#[tokio::test]
async fn shipments_are_found_by_status() {
    let harness = scheduled(3).await;
    tell(&harness, dispatch_shipment, COURIER, 2).await;
    assert_eq!(ids(&list(&harness, COURIER, &with_status("scheduled")).await), [shipment(1), shipment(3)]);
    assert_eq!(ids(&list(&harness, SUPPORT, &with_status("dispatched")).await), [shipment(2)]);
    assert_eq!(ids(&list(&harness, SUPPORT, &with_status("returning")).await), []);
}

#[tokio::test]
async fn shipments_are_found_by_courier_newest_first() {
    let harness = scheduled(4).await;
    tell(&harness, assign_courier, COURIER, 1).await;
    tell(&harness, dispatch_shipment, OTHER_COURIER, 2).await;
    tell(&harness, dispatch_shipment, COURIER, 3).await;
    let theirs = of_courier(user(COURIER));
    assert_eq!(ids(&list(&harness, COURIER, &theirs).await), [shipment(3), shipment(1)]);
    let both = [theirs[0].clone(), with_status("assigned")[0].clone()];
    assert_eq!(ids(&list(&harness, SUPPORT, &both).await), [shipment(1)]);
}

#[tokio::test]
async fn all_given_filters_hold() {
    let harness = scheduled(1).await;
    let other = [of_order(1)[0].clone(), with_status("delivered")[0].clone()];
    assert_eq!(ids(&list(&harness, SUPPORT, &other).await), []);
    let nobodys = [of_order(1)[0].clone(), of_courier(user(COURIER))[0].clone()];
    assert_eq!(ids(&list(&harness, SUPPORT, &nobodys).await), []);
}

#[tokio::test]
async fn a_list_needs_a_filter_and_a_customer_an_order() {
    let harness = scheduled(1).await;
    let answer = list(&harness, COURIER, &[]).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/status"]));
    for filters in [vec![], with_status("scheduled").to_vec(), of_courier(user(COURIER)).to_vec()] {
        let answer = list(&harness, CUSTOMER, &filters).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/orderId"]));
    }
    let answer = list(&harness, COURIER, &with_status("lost")).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/status"]));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let harness = scheduled(3).await;
    for number in 1..=3 {
        tell(&harness, assign_courier, COURIER, number).await;
    }
    for filter in [with_status("assigned"), of_courier(user(COURIER))] {
        let limit = ("limit", "2".to_owned());
        let first = list(&harness, COURIER, &[filter[0].clone(), limit.clone()]).await;
        let cursor = ("cursor", first.json["nextCursor"].as_str().unwrap().to_owned());
        let second = list(&harness, COURIER, &[filter[0].clone(), limit, cursor]).await;
        let mut all = [ids(&first), ids(&second)].concat();
        all.sort();
        assert_eq!(all, [shipment(1), shipment(2), shipment(3)]);
        assert_eq!(second.json["nextCursor"], Value::Null);
    }
    let forged = list(&harness, COURIER, &[with_status("assigned")[0].clone(), ("cursor", "forged".to_owned())]).await;
    assert_eq!(refused(&forged), (400, "invalid-cursor"));
}

#[tokio::test]
async fn a_page_of_a_courier_and_a_status_is_full_though_newer_shipments_have_another() {
    let harness = scheduled(6).await;
    for number in 1..=6 {
        tell(&harness, assign_courier, COURIER, number).await;
    }
    for number in 1..=3 {
        assert_eq!(tell(&harness, dispatch_shipment, COURIER, number).await.status, 200);
    }
    let filters =
        [of_courier(user(COURIER))[0].clone(), with_status("dispatched")[0].clone(), ("limit", "2".to_owned())];
    let first = list(&harness, COURIER, &filters).await;
    assert_eq!(ids(&first), [shipment(3), shipment(2)]);
    let cursor = ("cursor", first.json["nextCursor"].as_str().unwrap().to_owned());
    let second = list(&harness, COURIER, &[filters.as_slice(), &[cursor]].concat()).await;
    assert_eq!((ids(&second), &second.json["nextCursor"]), (vec![shipment(1)], &Value::Null));
}
