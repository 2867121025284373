//! Measurements, not tests: `cargo test -p emulators --release -- --ignored --nocapture --test-threads 1 speed`.

use std::time::Instant;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use serde_json::json;

use super::{Clients, Folder, clients, text};
use crate::Cloud;

const TASKS: usize = 16;

/// Runs `work` `each` times in each of 16 tasks and prints how many went through in a second.
async fn measure<F: Future<Output = usize> + Send + 'static>(
    what: &str,
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
    print(what, done, start);
}

#[expect(clippy::cast_precision_loss, reason = "a measurement")]
fn print(what: &str, done: usize, start: Instant) {
    println!("{what:<45} {:>8.0} /s", done as f64 / start.elapsed().as_secs_f64());
}

async fn all(place: &str, cloud: &Cloud) {
    let Clients { dynamo, sqs, events } = clients(cloud);
    let setup = clients(cloud);
    setup.create_table("orders").await;
    let queue = setup.create_queue("work", &[]).await;
    setup.route("rule", &json!({ "source": ["souk.orders"] }), "events").await;
    let item = |n: usize, sk: &str| {
        [
            ("pk".to_owned(), text(&format!("order#{n}"))),
            ("sk".to_owned(), text(sk)),
            ("data".to_owned(), text(&"x".repeat(400))),
        ]
    };

    let client = dynamo.clone();
    measure(&format!("{place}: puts, with stream"), 500, move |n| {
        let put = client.put_item().table_name("orders").set_item(Some(item(n, "a").into()));
        async move { put.send().await.map(|_| 1).unwrap() }
    })
    .await;
    let client = dynamo.clone();
    measure(&format!("{place}: gets"), 500, move |n| {
        let get = client.get_item().table_name("orders").key("pk", text(&format!("order#{n}"))).key("sk", text("a"));
        async move { get.send().await.map(|_| 1).unwrap() }
    })
    .await;
    let client = dynamo.clone();
    measure(&format!("{place}: transactions of 3 puts"), 300, move |n| {
        let put = |sk| {
            let put = Put::builder().table_name("orders").set_item(Some(item(n, sk).into()));
            TransactWriteItem::builder()
                .put(put.condition_expression("attribute_not_exists(pk)").build().unwrap())
                .build()
        };
        let write = client.transact_write_items().set_transact_items(Some(vec![put("b"), put("c"), put("d")]));
        async move { write.send().await.map(|_| 1).unwrap() }
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

    let (client, url) = (sqs.clone(), queue.clone());
    measure(&format!("{place}: messages sent singly"), 500, move |_| {
        let send = client.send_message().queue_url(&url).message_body("x".repeat(500));
        async move { send.send().await.map(|_| 1).unwrap() }
    })
    .await;
    let (client, url) = (sqs.clone(), queue.clone());
    measure(&format!("{place}: messages sent in tens"), 100, move |_| {
        let entry = |id: usize| {
            SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body("x".repeat(500)).build()
        };
        let entries = (0..10).map(|id| entry(id).unwrap()).collect();
        let send = client.send_message_batch().queue_url(&url).set_entries(Some(entries));
        async move { send.send().await.map(|sent| sent.successful.len()).unwrap() }
    })
    .await;
    let (client, url) = (sqs.clone(), queue.clone());
    measure(&format!("{place}: messages received, deleted in tens"), 150, move |_| {
        let (client, url) = (client.clone(), url.clone());
        async move {
            let received = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
            let entry = |(id, message): (usize, &aws_sdk_sqs::types::Message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(id.to_string());
                entry.receipt_handle(message.receipt_handle().unwrap()).build().unwrap()
            };
            let entries: Vec<_> = received.messages().iter().enumerate().map(entry).collect();
            if entries.is_empty() {
                return 0;
            }
            let delete = client.delete_message_batch().queue_url(&url).set_entries(Some(entries));
            delete.send().await.unwrap().successful.len()
        }
    })
    .await;
    let client = events.clone();
    measure(&format!("{place}: events put in tens, 1 target"), 100, move |n| {
        let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
            .event_bus_name("souk")
            .source("souk.orders")
            .detail_type("OrderPlaced.v1")
            .detail(json!({ "metadata": { "id": n }, "data": { "x": "x".repeat(500) } }).to_string())
            .build();
        let put = client.put_events().set_entries(Some(vec![entry; 10]));
        async move { put.send().await.map(|put| put.entries().len()).unwrap() }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_in_memory() {
    all("memory", &Cloud::memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_on_disk() {
    let folder = Folder::new();
    all("disk", &Cloud::open(&folder.0).unwrap()).await;
}
