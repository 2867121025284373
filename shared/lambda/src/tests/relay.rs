use std::{io::Read, sync::Arc};

use emulators::Answer;
use serde_json::Value;

use super::*;

/// What the stream says of every event that the table keeps.
async fn stream(harness: &Harness) -> Value {
    let records = harness.events().await.into_iter().zip(1..).map(|(event, number): (_, u32)| {
        let image: serde_dynamo::Item = serde_dynamo::to_item(&event).unwrap();
        json!({"eventID": number.to_string(), "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/test/stream/1",
            "dynamodb": {"ApproximateCreationDateTime": 1, "Keys": {"pk": {"S": event.pk}, "sk": {"S": event.sk}},
                "NewImage": image, "SequenceNumber": number.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_IMAGE"}})
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

async fn counted_times(harness: &Harness, times: u32) {
    for _ in 0..times {
        harness.call(count, counting(1)).await;
    }
}

/// A bus, and what it was given.
async fn bus(cloud: &Cloud, harness: &Harness) -> tokio::sync::broadcast::Receiver<emulators::BusEvent> {
    harness.env().eventbridge().create_event_bus().name("souk-test").send().await.unwrap();
    cloud.subscribe_events()
}

#[tokio::test]
async fn new_events_go_on_the_bus_in_their_order() {
    let cloud = Cloud::memory();
    let harness = Harness::new(cloud.http_client()).await;
    let mut bus = bus(&cloud, &harness).await;
    counted_times(&harness, 12).await;
    assert_eq!(
        harness.invoke(Function::relay, &stream(&harness).await).await.unwrap(),
        json!({"batchItemFailures": []})
    );
    for event in harness.events().await {
        let put: Value = serde_json::from_str(&bus.recv().await.unwrap().envelope).unwrap();
        assert_eq!((&put["source"], &put["detail-type"]), (&json!("souk.test"), &json!("Counted.v1")));
        assert_eq!(put["detail"], serde_json::from_str::<Value>(&event.detail).unwrap());
    }
}

#[tokio::test]
async fn from_the_first_event_that_the_bus_refuses_on_the_batch_comes_again() {
    let harness = harness().await;
    counted_times(&harness, 12).await;
    // There is no bus: each entry fails, though the call succeeds.
    let answer = harness.invoke(Function::relay, &stream(&harness).await).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
}

#[tokio::test]
async fn why_the_bus_takes_no_events_is_logged() {
    let cloud = Cloud::memory();
    let denied = Answer {
        status: 400,
        headers: vec![("content-type", "application/x-amz-json-1.1".to_owned())],
        body: r#"{"__type": "AccessDeniedException", "message": "not authorized to perform: events:PutEvents"}"#.into(),
    };
    let client = emulators::http_client(move |target, body| {
        let (cloud, denied) = (cloud.clone(), denied.clone());
        async move { Ok(if target == "AWSEvents.PutEvents" { denied } else { cloud.dispatch(&target, &body).await }) }
    });
    let harness = Harness::new(client).await;
    counted_times(&harness, 1).await;
    let (mut read, write) = std::io::pipe().unwrap();
    let log = tracing_subscriber::fmt().with_writer(Arc::new(write)).finish();
    let guard = tracing::subscriber::set_default(log);
    harness.invoke(Function::relay, &stream(&harness).await).await.unwrap();
    drop(guard);
    let mut said = String::new();
    read.read_to_string(&mut said).unwrap();
    assert!(said.contains("not authorized to perform: events:PutEvents"), "{said}");
}

#[tokio::test]
async fn what_is_no_new_event_is_passed_over() {
    let harness = harness().await;
    counted_times(&harness, 1).await;
    let mut stream = stream(&harness).await;
    stream["Records"][0]["eventName"] = json!("REMOVE");
    assert_eq!(harness.invoke(Function::relay, &stream).await.unwrap(), json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_comes_again_and_those_before_it_do_not() {
    let cloud = Cloud::memory();
    let harness = Harness::new(cloud.http_client()).await;
    let _bus = bus(&cloud, &harness).await;
    counted_times(&harness, 3).await;
    let mut stream = stream(&harness).await;
    stream["Records"][1]["dynamodb"]["NewImage"]["detail"] = json!({"N": "1"});
    let answer = harness.invoke(Function::relay, &stream).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
}

#[tokio::test]
async fn old_events_can_be_put_on_the_bus_again() {
    let cloud = Cloud::memory();
    let harness = Harness::new(cloud.http_client()).await;
    let _bus = bus(&cloud, &harness).await;
    counted_times(&harness, 12).await;
    let of_aggregate = harness.invoke(Function::republish, &json!({"aggregate": "counter#1"})).await.unwrap();
    assert_eq!(of_aggregate, json!({"published": 12}));
    let since = harness.invoke(Function::republish, &json!({"since": harness.now()})).await.unwrap();
    assert_eq!(since, json!({"published": 12}));
    let later = harness.now() + jiff::SignedDuration::from_secs(1);
    assert_eq!(harness.invoke(Function::republish, &json!({"since": later})).await.unwrap(), json!({"published": 0}));
    let after = json!({"pk": "counter#1", "sk": "event#00000005"});
    let rest = harness.invoke(Function::republish, &json!({"since": harness.now(), "after": after})).await.unwrap();
    assert_eq!(rest, json!({"published": 7}), "what is left of a table that took too long");
    assert!(harness.invoke(Function::republish, &json!({"all": true})).await.is_err());
}
