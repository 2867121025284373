use std::{io::Read, sync::Arc};

use emulators::Answer;
use jiff::SignedDuration;
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
    let later = harness.now() + SignedDuration::from_secs(1);
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

/// The number of dead letters, visible or not.
async fn dead_letters(harness: &Harness) -> u32 {
    let names = aws_sdk_sqs::types::QueueAttributeName::All;
    let asked = harness.env().sqs().get_queue_attributes().queue_url(DEAD_LETTERS).attribute_names(names).send().await;
    let attributes = asked.unwrap().attributes.unwrap();
    let count =
        |name: &str| attributes.iter().find(|(known, _)| known.as_str() == name).unwrap().1.parse::<u32>().unwrap();
    count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesNotVisible")
}

/// A harness with a bus and a queue of dead letters. `alter` can answer a call in place of AWS, or change its body.
async fn with_dead_letters(
    alter: impl Fn(&str, &mut Value) -> Option<Value> + Send + Sync + 'static,
) -> (Cloud, Harness, tokio::sync::broadcast::Receiver<emulators::BusEvent>) {
    let cloud = Cloud::memory();
    let (emulator, alter) = (cloud.clone(), Arc::new(alter));
    let client = emulators::http_client(move |target, body| {
        let (cloud, alter) = (emulator.clone(), alter.clone());
        async move {
            let mut asked: Value = serde_json::from_slice(&body).unwrap();
            let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
            Ok(match alter(&target, &mut asked) {
                Some(answer) => Answer { status: 200, headers, body: answer.to_string().into() },
                None => cloud.dispatch(&target, asked.to_string().as_bytes()).await,
            })
        }
    });
    let harness = Harness::with_http_client(client).await;
    let bus = bus(&cloud, &harness).await;
    harness.env().sqs().create_queue().queue_name("relay-dead-letters").send().await.unwrap();
    (cloud, harness, bus)
}

#[tokio::test]
async fn what_the_relay_gave_up_on_is_republished_from_the_first_event_on() {
    let (_cloud, harness, _bus) = with_dead_letters(|_, _| None).await;
    counted_times(&harness, 3).await;
    let from_dead_letters = json!({"since": "dead-letters"});
    let none = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(none, json!({"published": 0, "deadLetters": 0}), "the relay gave up on nothing");

    let (arrived, late) =
        (harness.now() + SignedDuration::from_mins(15), harness.now() + SignedDuration::from_hours(1));
    let letters: Vec<_> = (0..12).map(|at| dead_letter(if at == 5 { arrived } else { late })).collect();
    give_up(&harness, &letters).await;
    let all = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(all, json!({"published": 3, "deadLetters": 12}), "an event is up to 15 minutes older than its arrival");
    assert_eq!(dead_letters(&harness).await, 0);

    give_up(&harness, &[dead_letter(arrived + SignedDuration::from_millis(1))]).await;
    let later = harness.invoke(Function::republish, &from_dead_letters).await.unwrap();
    assert_eq!(later, json!({"published": 0, "deadLetters": 1}), "every event is older");
    give_up(&harness, &["what is this".to_owned()]).await;
    assert!(harness.invoke(Function::republish, &from_dead_letters).await.is_err());
    assert_eq!(dead_letters(&harness).await, 1, "it is kept");
}

#[tokio::test]
async fn dead_letters_are_deleted_once_everything_since_them_is_republished() {
    let (cloud, harness, _bus) = with_dead_letters(|target, asked| {
        if target.ends_with(".Scan") {
            asked["Limit"] = json!(2);
        }
        None
    })
    .await;
    counted_times(&harness, 2).await;
    let now = harness.now();
    give_up(&harness, &[dead_letter(now)]).await;
    let instance = Function::republish().start(harness.env()).unwrap();
    let invoke = async |payload: &Value| -> Value {
        let mut short = lambda_runtime::Context::default();
        short.deadline = u64::try_from(harness.now().as_millisecond()).unwrap() + 10_000;
        let payload = serde_json::value::to_raw_value(payload).unwrap();
        serde_json::from_str(instance.invoke(payload, short).await.unwrap().get()).unwrap()
    };
    let mut answer = invoke(&json!({"since": "dead-letters"})).await;
    let mut published = answer["published"].as_u64().unwrap();
    assert!(answer["next"].is_object(), "{answer}");
    assert_ne!(dead_letters(&harness).await, 0);
    // One of an earlier event arrives. Its events are not republished now.
    give_up(&harness, &[dead_letter(now - SignedDuration::from_hours(1))]).await;
    while answer["next"].is_object() {
        // The visibility timeout passes.
        cloud.return_in_flight();
        answer = invoke(&answer["next"]).await;
        published += answer["published"].as_u64().unwrap();
    }
    assert_eq!(published, 2);
    assert_eq!(answer["deadLetters"], 2);
    assert_eq!(dead_letters(&harness).await, 1, "the other is kept");
}

#[tokio::test]
async fn empty_replies_of_the_queue_hide_no_dead_letter() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let (_cloud, harness, _bus) = with_dead_letters(move |target, _| {
        let is_receive = target.ends_with(".ReceiveMessage");
        let call = if is_receive { calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) } else { 2 };
        // Two empty replies before each that has messages.
        (call % 3 != 2 && call < 6).then(|| json!({}))
    })
    .await;
    let letters: Vec<_> = (0..12).map(|_| dead_letter(harness.now())).collect();
    give_up(&harness, &letters).await;
    let all = harness.invoke(Function::republish, &json!({"since": "dead-letters"})).await.unwrap();
    assert_eq!(all["deadLetters"], 12);
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_deleted_is_an_error() {
    let failed =
        json!({"Successful": [], "Failed": [{"Id": "0", "SenderFault": true, "Code": "ReceiptHandleIsInvalid"}]});
    let (_cloud, harness, _bus) =
        with_dead_letters(move |target, _| target.ends_with(".DeleteMessageBatch").then(|| failed.clone())).await;
    give_up(&harness, &[dead_letter(harness.now())]).await;
    assert!(harness.invoke(Function::republish, &json!({"since": "dead-letters"})).await.is_err());
}

#[tokio::test]
async fn an_invocation_ends_however_many_dead_letters_there_are() {
    let letter = json!({"MessageId": "1", "ReceiptHandle": "1", "Body": dead_letter(jiff::Timestamp::UNIX_EPOCH)});
    let ten = json!({"Messages": vec![letter; 10]});
    let deleted = json!({"Successful": [], "Failed": []});
    let (_cloud, harness, _bus) = with_dead_letters(move |target, _| match target.rsplit('.').next() {
        Some("ReceiveMessage") => Some(ten.clone()),
        Some("DeleteMessageBatch") => Some(deleted.clone()),
        _ => None,
    })
    .await;
    let answer = harness.invoke(Function::republish, &json!({"since": "dead-letters"})).await.unwrap();
    assert_eq!(answer, json!({"published": 0, "deadLetters": 1000}));
}
