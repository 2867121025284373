use std::pin::pin;

use super::{Folder, clients, cloud, frozen_cloud, seconds};
use crate::{Clock, Cloud, Record, StreamError};

/// Polls once: whether the future is still waiting.
macro_rules! is_waiting {
    ($future:expr) => {
        std::future::poll_fn(|cx| std::task::Poll::Ready($future.as_mut().poll(cx).is_pending())).await
    };
}
pub(super) use is_waiting;

pub(super) fn values(records: &[Record]) -> Vec<serde_json::Value> {
    records.iter().map(|record| serde_json::from_str(record.json()).unwrap()).collect()
}

fn keys(records: &[Record]) -> Vec<String> {
    let key = |record: &serde_json::Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
    values(records).iter().map(key).collect()
}

#[tokio::test]
async fn a_record_is_what_lambda_would_get() {
    let (_clock, cloud, clients) = frozen_cloud();
    clients.create_table("orders").await;
    clients.put("orders", "o1", "first").await;
    clients.put("orders", "o1", "second").await;
    let mut stream = cloud.stream("orders", "relay").unwrap();
    let batch = stream.next_batch(10).await.unwrap();
    let records = values(&batch);

    assert_eq!(records[0]["eventName"], "INSERT");
    let modify = &records[1];
    assert_eq!(modify["eventID"].as_str().unwrap().len(), 32);
    assert_eq!(modify["eventName"], "MODIFY");
    assert_eq!(modify["eventSource"], "aws:dynamodb");
    assert_eq!(modify["eventVersion"], "1.1");
    assert_eq!(modify["awsRegion"], "eu-west-1");
    assert_eq!(modify["eventSourceARN"], stream.arn());
    assert!(stream.arn().starts_with("arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/"));
    let change = &modify["dynamodb"];
    assert_eq!(change["ApproximateCreationDateTime"], 1_767_268_800);
    assert_eq!(change["Keys"], serde_json::json!({ "pk": { "S": "o1" }, "sk": { "S": "a" } }));
    assert_eq!(change["OldImage"]["value"]["S"], "first");
    assert_eq!(change["NewImage"]["value"]["S"], "second");
    assert_eq!(change["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert!(change["SequenceNumber"].as_str() > records[0]["dynamodb"]["SequenceNumber"].as_str());
    assert_eq!(change["SequenceNumber"], batch[1].sequence_number());
    assert_eq!(batch[1].created(), 1_767_268_800);
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_a_write_and_by_nothing_else() {
    let (cloud, clients) = cloud();
    clients.create_table("orders").await;
    clients.create_table("users").await;
    let mut stream = cloud.stream("orders", "relay").unwrap();
    let mut next = pin!(stream.next_batch(10));
    assert!(is_waiting!(next));
    clients.put("users", "u1", "x").await;
    assert!(is_waiting!(next));
    clients.put("orders", "o1", "x").await;
    assert_eq!(keys(&next.await.unwrap()), ["o1"]);
}

#[tokio::test]
async fn a_write_that_changes_nothing_makes_no_record() {
    let (cloud, clients) = cloud();
    clients.create_table("orders").await;
    let mut stream = cloud.stream("orders", "relay").unwrap();
    for value in ["x", "x", "y"] {
        clients.put("orders", "o1", value).await;
    }
    assert_eq!(stream.next_batch(10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_reader_begins_behind_its_checkpoint_after_a_restart() {
    let folder = Folder::new();
    {
        let cloud = Cloud::open(&folder.0).unwrap();
        let clients = clients(&cloud);
        clients.create_table("orders").await;
        for pk in ["o1", "o2", "o3"] {
            clients.put("orders", pk, "x").await;
        }
        let mut stream = cloud.stream("orders", "relay").unwrap();
        assert_eq!(keys(&stream.next_batch(2).await.unwrap()), ["o1", "o2"]);
        stream.commit().unwrap();
        assert_eq!(keys(&stream.next_batch(2).await.unwrap()), ["o3"]);
    }
    let cloud = Cloud::open(&folder.0).unwrap();
    let mut stream = cloud.stream("orders", "relay").unwrap();
    assert_eq!(keys(&stream.next_batch(2).await.unwrap()), ["o3"]);
    let mut other = cloud.stream("orders", "another consumer").unwrap();
    assert_eq!(keys(&other.next_batch(9).await.unwrap()), ["o1", "o2", "o3"]);
}

#[tokio::test]
async fn a_batch_can_be_committed_in_part_or_not_at_all() {
    let (cloud, clients) = cloud();
    clients.create_table("orders").await;
    for pk in ["o1", "o2", "o3"] {
        clients.put("orders", pk, "x").await;
    }
    let mut stream = cloud.stream("orders", "relay").unwrap();
    let records = stream.next_batch(10).await.unwrap();
    stream.commit_through(records[0].sequence_number()).unwrap();
    assert_eq!(keys(&stream.next_batch(10).await.unwrap()), ["o2", "o3"]);
    stream.rewind();
    assert_eq!(keys(&stream.next_batch(10).await.unwrap()), ["o2", "o3"]);
}

#[tokio::test]
async fn records_are_dropped_after_a_day_once_every_consumer_has_passed_them() {
    let (clock, cloud, clients) = frozen_cloud();
    clients.create_table("orders").await;
    for pk in ["o1", "o2"] {
        clients.put("orders", pk, "x").await;
    }
    let mut slow = cloud.stream("orders", "slow").unwrap();
    slow.next_batch(1).await.unwrap();
    slow.commit().unwrap();
    clock.advance(seconds(86_401));
    cloud.sweep_ttl().unwrap();
    let mut late = cloud.stream("orders", "late").unwrap();
    assert_eq!(keys(&late.next_batch(10).await.unwrap()), ["o2"]);
}

#[tokio::test]
async fn readers_who_are_woken_together_are_woken_in_the_order_of_their_tables() {
    let (clock, cloud, clients) = frozen_cloud();
    let tables = ["carts", "orders", "payments", "products", "shipments", "stock", "users"];
    for table in tables {
        clients.create_table(table).await;
        clients.let_expire(table).await;
        clients.put_until(table, "1", clock.now() + seconds(60)).await;
    }
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let readers = tables.map(|table| {
        let (mut stream, said) = (cloud.stream(table, "relay").unwrap(), said.clone());
        tokio::spawn(async move {
            stream.next_batch(1).await.unwrap();
            said.send("ready").unwrap();
            stream.next_batch(1).await.unwrap();
            said.send(table).unwrap();
        })
    });
    // A reader that panics ends the test: nobody else says anything.
    drop(said);
    for _ in &readers {
        assert_eq!(heard.recv().await, Some("ready"));
    }
    clock.advance(seconds(61));
    cloud.sweep_ttl().unwrap();
    for table in tables {
        assert_eq!(heard.recv().await, Some(table));
    }
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_refused() {
    let (cloud, _clients) = cloud();
    assert!(matches!(cloud.stream("nothing", "relay"), Err(StreamError::NoTable(_))));
}

#[tokio::test]
async fn streams_can_be_read_with_an_sdk_too() {
    let (cloud, clients) = cloud();
    clients.create_table("orders").await;
    clients.put("orders", "o1", "x").await;
    let call = async |operation: &str, input: serde_json::Value| {
        let answer =
            cloud.dispatch(&format!("DynamoDBStreams_20120810.{operation}"), input.to_string().as_bytes()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()
    };
    let streams = call("ListStreams", serde_json::json!({})).await;
    let arn = &streams["Streams"][0]["StreamArn"];
    assert_eq!(arn, cloud.stream("orders", "relay").unwrap().arn());
    let described = call("DescribeStream", serde_json::json!({ "StreamArn": arn })).await;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    assert!((28..=65).contains(&shard.as_str().unwrap().len()), "SDKs refuse the shard id {shard}");
    let from = serde_json::json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = call("GetShardIterator", from).await;
    let records = call("GetRecords", iterator).await;
    assert_eq!(records["Records"][0]["dynamodb"]["Keys"]["pk"]["S"], "o1");
    assert_eq!(records["Records"].as_array().unwrap().len(), 1);
    assert_eq!(records["Records"][0]["awsRegion"], "eu-west-1");
}
