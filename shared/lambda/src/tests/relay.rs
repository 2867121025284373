use std::{io::Read, sync::Arc};

use emulators::Answer;
use serde_json::Value;

use super::*;

const DEAD_LETTERS: &str = "https://sqs.eu-west-1.amazonaws.com/000000000000/relay-dead-letters";

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
async fn a_private_part_does_not_go_on_the_bus() {
    let cloud = Cloud::memory();
    let harness = Harness::new(cloud.http_client()).await;
    let mut bus = bus(&cloud, &harness).await;
    let (context, table) = (harness.context(), harness.env().table().unwrap());
    let private = contracts::Sealed::<String>::from_ciphertext("not-for-others".to_owned());
    let log = Key::of("log", 1);
    table.commit(&context).append(&log, 0, &Counted { by: 1 }).private(&private).run().await.unwrap();
    let stream = stream(&harness).await;
    assert!(stream.to_string().contains("not-for-others"), "{stream}");
    harness.invoke(Function::relay, &stream).await.unwrap();
    harness.invoke(Function::republish, &json!({"aggregate": log.pk})).await.unwrap();
    for _ in 0..2 {
        let put = bus.recv().await.unwrap();
        assert!(put.envelope.contains("Counted.v1") && !put.envelope.contains("not-for-others"), "{}", put.envelope);
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

/// A message of Lambda about a batch whose first record arrived at a time.
fn dead_letter(arrived: jiff::Timestamp) -> String {
    json!({"version": "1.0", "DDBStreamBatchInfo": {"approximateArrivalOfFirstRecord": arrived, "batchSize": 1}})
        .to_string()
}

/// Sends messages to the queue of the relay's dead letters.
async fn give_up(harness: &Harness, bodies: &[String]) {
    for body in bodies {
        harness.env().sqs().send_message().queue_url(DEAD_LETTERS).message_body(body).send().await.unwrap();
    }
}

async fn dead_letters(harness: &Harness) -> String {
    let names = aws_sdk_sqs::types::QueueAttributeName::All;
    let asked = harness.env().sqs().get_queue_attributes().queue_url(DEAD_LETTERS).attribute_names(names).send().await;
    let attributes = asked.unwrap().attributes.unwrap();
    let count = |name: &str| attributes.iter().find(|(known, _)| known.as_str() == name).unwrap().1.clone();
    format!("{} {}", count("ApproximateNumberOfMessages"), count("ApproximateNumberOfMessagesNotVisible"))
}

#[tokio::test]
async fn what_the_relay_gave_up_on_is_republished_from_the_first_event_on() {
    let cloud = Cloud::memory();
    let harness = Harness::new(cloud.http_client()).await;
    let _bus = bus(&cloud, &harness).await;
    harness.env().sqs().create_queue().queue_name("relay-dead-letters").send().await.unwrap();
    counted_times(&harness, 3).await;
    let arrived = harness.now() + jiff::SignedDuration::from_mins(14);
    let from_dead_letters = json!({"since": "dead-letters"});
    let none = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(none, json!({"published": 0}), "the relay gave up on nothing");

    let late = harness.now() + jiff::SignedDuration::from_hours(1);
    let letters: Vec<_> = (0..11).map(|_| dead_letter(late)).chain([dead_letter(arrived)]).collect();
    give_up(&harness, &letters).await;
    let all = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(all, json!({"published": 3}), "an event is up to a quarter of an hour older than its arrival");
    assert_eq!(dead_letters(&harness).await, "0 0");

    give_up(&harness, &[dead_letter(late)]).await;
    let later = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(later, json!({"published": 0}), "no event is as young");
    give_up(&harness, &["what is this".to_owned()]).await;
    assert!(harness.invoke(Function::republish, &from_dead_letters).await.is_err());
    assert_eq!(dead_letters(&harness).await, "0 1", "it is kept");
}

#[tokio::test]
async fn dead_letters_are_kept_until_everything_is_republished() {
    let cloud = Cloud::memory();
    let emulator = cloud.clone();
    let client = emulators::http_client(move |target, body| {
        let cloud = emulator.clone();
        async move {
            let mut asked: Value = serde_json::from_slice(&body).unwrap();
            if target.ends_with(".Scan") {
                asked["Limit"] = json!(2);
            }
            Ok(cloud.dispatch(&target, asked.to_string().as_bytes()).await)
        }
    });
    let harness = Harness::with_http_client(client).await;
    let _bus = bus(&cloud, &harness).await;
    harness.env().sqs().create_queue().queue_name("relay-dead-letters").send().await.unwrap();
    counted_times(&harness, 2).await;
    give_up(&harness, &[dead_letter(harness.now())]).await;
    let instance = Function::republish().start(harness.env()).unwrap();
    let mut short = lambda_runtime::Context::default();
    short.deadline = u64::try_from(harness.now().as_millisecond()).unwrap() + 10_000;
    let payload = serde_json::value::to_raw_value(&json!({"since": "dead-letters"})).unwrap();
    let answer: Value = serde_json::from_str(instance.invoke(payload, short).await.unwrap().get()).unwrap();
    assert!(answer["next"].is_object(), "{answer}");
    assert_eq!(dead_letters(&harness).await, "0 1");
}
