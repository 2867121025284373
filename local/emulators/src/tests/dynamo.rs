use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, ReturnValuesOnConditionCheckFailure, TableStatus, TransactWriteItem, Update},
};

use super::{cloud, frozen_cloud, seconds, streams::values, text};
use crate::Clock;

fn put_once(pk: &str, value: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name("orders")
        .item("pk", text(pk))
        .item("sk", text("a"))
        .item("value", text(value))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn a_table_can_be_used_at_once_and_is_in_our_region() {
    let (_cloud, clients) = cloud();
    clients.create_table("orders").await;
    let table = clients.dynamo.describe_table().table_name("orders").send().await.unwrap().table.unwrap();
    assert_eq!(table.table_status, Some(TableStatus::Active));
    assert_eq!(table.table_arn.unwrap(), "arn:aws:dynamodb:eu-west-1:000000000000:table/orders");
    assert!(
        table.latest_stream_arn.unwrap().starts_with("arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/")
    );
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_and_shows_the_item_that_was_there() {
    let (_cloud, clients) = cloud();
    clients.create_table("orders").await;
    clients.put("orders", "o1", "first").await;

    let transaction = clients.dynamo.transact_write_items().transact_items(put_once("o2", "new"));
    let error = transaction.transact_items(put_once("o1", "second")).send().await.unwrap_err().into_service_error();

    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    let reasons = cancelled.cancellation_reasons();
    assert_eq!(reasons[0].code(), Some("None"));
    assert_eq!(reasons[1].code(), Some("ConditionalCheckFailed"));
    assert_eq!(reasons[1].item().unwrap()["value"], text("first"));
    let o2 = clients.dynamo.get_item().table_name("orders").key("pk", text("o2")).key("sk", text("a"));
    assert!(o2.send().await.unwrap().item.is_none(), "all or nothing");
}

#[tokio::test]
async fn a_transaction_with_a_known_token_does_nothing_again_for_ten_minutes() {
    let (clock, _cloud, clients) = frozen_cloud();
    clients.create_table("orders").await;
    clients.put("orders", "o1", "x").await;
    let add = |by: &str| {
        let update = Update::builder()
            .table_name("orders")
            .key("pk", text("o1"))
            .key("sk", text("a"))
            .update_expression("ADD n :by SET a = :a, b = :b, c = :c")
            .expression_attribute_values(":by", aws_sdk_dynamodb::types::AttributeValue::N(by.to_owned()))
            .expression_attribute_values(":a", text("a"))
            .expression_attribute_values(":b", text("b"))
            .expression_attribute_values(":c", text("c"));
        let item = TransactWriteItem::builder().update(update.build().unwrap()).build();
        clients.dynamo.transact_write_items().client_request_token("token").transact_items(item).send()
    };
    let count = async || {
        let get = clients.dynamo.get_item().table_name("orders").key("pk", text("o1")).key("sk", text("a"));
        get.send().await.unwrap().item.unwrap()["n"].as_n().unwrap().clone()
    };

    for _ in 0..5 {
        add("1").await.unwrap();
    }
    assert_eq!(count().await, "1");
    let error = add("2").await.unwrap_err().into_service_error();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
    clock.advance(seconds(600));
    add("2").await.unwrap();
    assert_eq!(count().await, "3");
}

#[tokio::test]
async fn an_expired_item_is_swept_on_the_clock() {
    let (clock, cloud, clients) = frozen_cloud();
    clients.create_table("orders").await;
    clients.let_expire("orders").await;
    clients.put_until("orders", "o1", clock.now() + seconds(3600)).await;

    assert_eq!(cloud.sweep_ttl().unwrap(), 0);
    clock.advance(Duration::from_secs(3601));
    let mut stream = cloud.stream("orders", "reader").unwrap();
    assert_eq!(cloud.sweep_ttl().unwrap(), 1);
    let records = values(&stream.next_batch(10).await.unwrap());
    assert_eq!(records[1]["eventName"], "REMOVE");
    assert_eq!(records[1]["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_refused() {
    let (_cloud, clients) = cloud();
    let error = clients.dynamo.describe_limits().send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("UnknownOperationException"));
}
