//! How many requests the emulators answer in a second: `cargo bench -p emulators`.

use std::{env, fs, future::Future, time::Instant};

use emulators::Cloud;
use serde_json::{Value, json};

const TASKS: usize = 16;

/// Answers one request.
async fn call(cloud: &Cloud, target: &str, request: &Value) -> Value {
    let answer = cloud.dispatch(target, request.to_string().as_bytes()).await;
    let body = serde_json::from_slice(&answer.body).unwrap_or_default();
    assert_eq!(answer.status, 200, "{target}: {body}");
    body
}

/// Runs `work` `each` times in each of 16 tasks and prints how many went through in a second.
async fn measure<F: Future<Output = usize> + Send + 'static>(
    what: String,
    each: usize,
    work: impl Fn(usize) -> F + Clone + Send + 'static,
) {
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let work = work.clone();
            tokio::spawn(async move {
                let mut done = 0;
                for n in 0..each {
                    done += work(task * each + n).await;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    print(&what, done, start);
}

#[expect(clippy::cast_precision_loss, reason = "a measurement")]
fn print(what: &str, done: usize, start: Instant) {
    println!("{what:<45} {:>8.0} /s", done as f64 / start.elapsed().as_secs_f64());
}

/// A table with a stream, a queue, and a rule that puts events into another.
async fn furnish(cloud: &Cloud) {
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let table = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")], "AttributeDefinitions": [text("pk"), text("sk")],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    call(cloud, "DynamoDB_20120810.CreateTable", &table).await;
    for name in ["work", "events"] {
        call(cloud, "AmazonSQS.CreateQueue", &json!({"QueueName": name})).await;
    }
    let pattern = json!({"source": ["souk.orders"]}).to_string();
    call(cloud, "AWSEvents.CreateEventBus", &json!({"Name": "souk"})).await;
    call(cloud, "AWSEvents.PutRule", &json!({"Name": "rule", "EventBusName": "souk", "EventPattern": pattern})).await;
    let target = json!({"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:000000000000:events"});
    let targets = json!({"Rule": "rule", "EventBusName": "souk", "Targets": [target]});
    call(cloud, "AWSEvents.PutTargets", &targets).await;
}

fn item(n: usize, sk: &str) -> Value {
    json!({"pk": {"S": format!("order#{n}")}, "sk": {"S": sk}, "data": {"S": "x".repeat(400)}})
}

async fn table(place: &str, cloud: &Cloud) {
    let shared = cloud.clone();
    measure(format!("{place}: puts, with stream"), 500, move |n| {
        let cloud = shared.clone();
        let put = json!({"TableName": "orders", "Item": item(n, "a")});
        async move { call(&cloud, "DynamoDB_20120810.PutItem", &put).await.is_object().into() }
    })
    .await;
    let shared = cloud.clone();
    measure(format!("{place}: gets"), 500, move |n| {
        let cloud = shared.clone();
        let get = json!({"TableName": "orders", "Key": {"pk": {"S": format!("order#{n}")}, "sk": {"S": "a"}}});
        async move { call(&cloud, "DynamoDB_20120810.GetItem", &get).await["Item"].is_object().into() }
    })
    .await;
    let shared = cloud.clone();
    measure(format!("{place}: transactions of 3 puts"), 300, move |n| {
        let cloud = shared.clone();
        let condition = "attribute_not_exists(pk)";
        let put = |sk| json!({"Put": {"TableName": "orders", "Item": item(n, sk), "ConditionExpression": condition}});
        let items = ["b", "c", "d"].map(put);
        let write = json!({"TransactItems": items});
        async move { call(&cloud, "DynamoDB_20120810.TransactWriteItems", &write).await.is_object().into() }
    })
    .await;
    let start = Instant::now();
    let mut stream = cloud.stream("orders", "speed").unwrap();
    let mut read = 0;
    while read < TASKS * (500 + 900) {
        read += stream.next_batch(100).await.unwrap().len();
        stream.commit().unwrap();
    }
    print(&format!("{place}: stream records, 100 a batch"), read, start);
}

async fn queue(place: &str, cloud: &Cloud) {
    let url = call(cloud, "AmazonSQS.GetQueueUrl", &json!({"QueueName": "work"})).await["QueueUrl"].clone();
    let (shared, queue) = (cloud.clone(), url.clone());
    measure(format!("{place}: messages sent singly"), 500, move |_| {
        let cloud = shared.clone();
        let send = json!({"QueueUrl": queue, "MessageBody": "x".repeat(500)});
        async move { call(&cloud, "AmazonSQS.SendMessage", &send).await.is_object().into() }
    })
    .await;
    let (shared, queue) = (cloud.clone(), url.clone());
    measure(format!("{place}: messages sent in tens"), 100, move |_| {
        let cloud = shared.clone();
        let entries: Vec<_> = (0..10).map(|id| json!({"Id": id.to_string(), "MessageBody": "x".repeat(500)})).collect();
        let send = json!({"QueueUrl": queue, "Entries": entries});
        async move { entries_of(&call(&cloud, "AmazonSQS.SendMessageBatch", &send).await["Successful"]) }
    })
    .await;
    let (shared, queue) = (cloud.clone(), url);
    measure(format!("{place}: messages received, deleted in tens"), 150, move |_| {
        let (cloud, queue) = (shared.clone(), queue.clone());
        async move {
            let receive = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
            let received = call(&cloud, "AmazonSQS.ReceiveMessage", &receive).await;
            let messages = received["Messages"].as_array().into_iter().flatten().enumerate();
            let entries: Vec<_> = messages
                .map(|(id, message)| json!({"Id": id.to_string(), "ReceiptHandle": message["ReceiptHandle"]}))
                .collect();
            if entries.is_empty() {
                return 0;
            }
            let delete = json!({"QueueUrl": queue, "Entries": entries});
            entries_of(&call(&cloud, "AmazonSQS.DeleteMessageBatch", &delete).await["Successful"])
        }
    })
    .await;
}

async fn bus(place: &str, cloud: &Cloud) {
    let shared = cloud.clone();
    measure(format!("{place}: events put in tens, 1 target"), 100, move |n| {
        let cloud = shared.clone();
        let detail = json!({"metadata": {"id": n}, "data": {"x": "x".repeat(500)}}).to_string();
        let entry =
            json!({"EventBusName": "souk", "Source": "souk.orders", "DetailType": "OrderPlaced.v1", "Detail": detail});
        let put = json!({"Entries": vec![entry; 10]});
        async move { entries_of(&call(&cloud, "AWSEvents.PutEvents", &put).await["Entries"]) }
    })
    .await;
}

fn entries_of(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = env::temp_dir().join(format!("souk-speed-{}", uuid::Uuid::new_v4()));
    for (place, cloud) in [("memory", Cloud::memory()), ("disk", Cloud::open(&folder).unwrap())] {
        furnish(&cloud).await;
        table(place, &cloud).await;
        queue(place, &cloud).await;
        bus(place, &cloud).await;
    }
    fs::remove_dir_all(&folder).unwrap();
}
