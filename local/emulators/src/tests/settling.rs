use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, QueueAttributeName,
};

use super::{Clients, frozen_cloud, seconds};

fn handle(message: &Message) -> &str {
    message.receipt_handle().unwrap()
}

async fn change(clients: &Clients, queue: &str, handle: &str, seconds: i32) -> Option<String> {
    let change = clients.sqs.change_message_visibility().queue_url(queue).receipt_handle(handle);
    let error = change.visibility_timeout(seconds).send().await.err()?.into_service_error();
    Some(error.meta().code().unwrap().to_owned())
}

#[tokio::test]
async fn a_deleted_message_does_not_come_back() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.send(&queue, "a").await;
    let message = clients.receive(&queue).await.pop().unwrap();
    clients.sqs.delete_message().queue_url(&queue).receipt_handle(handle(&message)).send().await.unwrap();
    clock.advance(seconds(30));
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    // A second delete is no error.
    clients.sqs.delete_message().queue_url(&queue).receipt_handle(handle(&message)).send().await.unwrap();
}

#[tokio::test]
async fn the_handle_of_an_earlier_receive_deletes_nothing() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.send(&queue, "a").await;
    let first = clients.receive(&queue).await.pop().unwrap();
    clock.advance(seconds(30));
    clients.receive(&queue).await;
    clients.sqs.delete_message().queue_url(&queue).receipt_handle(handle(&first)).send().await.unwrap();
    clock.advance(seconds(30));
    assert_eq!(clients.bodies(&queue).await, ["a"]);
}

#[tokio::test]
async fn a_batch_deletes_what_it_can_and_says_what_it_could_not() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    for body in ["a", "b", "c"] {
        clients.send(&queue, body).await;
    }
    let messages = clients.receive(&queue).await;
    let entry = |id, handle| DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap();
    let delete = clients.sqs.delete_message_batch().queue_url(&queue).entries(entry("0", handle(&messages[0])));
    let delete = delete.entries(entry("1", "rubbish")).entries(entry("2", handle(&messages[2])));
    let deleted = delete.send().await.unwrap();
    assert_eq!(deleted.successful().len(), 2);
    assert_eq!((deleted.failed()[0].id(), deleted.failed()[0].code()), ("1", "ReceiptHandleIsInvalid"));
    clock.advance(seconds(30));
    assert_eq!(clients.bodies(&queue).await, ["b"]);
}

#[tokio::test]
async fn visibility_can_be_prolonged_and_given_up() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.send(&queue, "a").await;
    let message = clients.receive(&queue).await.pop().unwrap();
    assert_eq!(change(&clients, &queue, handle(&message), 100).await, None);
    clock.advance(seconds(99));
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    assert_eq!(change(&clients, &queue, handle(&message), 0).await, None);
    assert_eq!(clients.bodies(&queue).await, ["a"]);
    assert_eq!(change(&clients, &queue, handle(&message), 0).await.as_deref(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn visibility_of_a_message_that_is_not_in_flight_cannot_be_changed() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.send(&queue, "a").await;
    let message = clients.receive(&queue).await.pop().unwrap();
    clock.advance(seconds(30));
    let code = change(&clients, &queue, handle(&message), 10).await;
    assert_eq!(code.as_deref(), Some("AWS.SimpleQueueService.MessageNotInflight"));
}

#[tokio::test]
async fn visibility_is_changed_in_batches_too() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.send(&queue, "a").await;
    let message = clients.receive(&queue).await.pop().unwrap();
    let entry = |id, handle| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        entry.visibility_timeout(0).build().unwrap()
    };
    let change = clients.sqs.change_message_visibility_batch().queue_url(&queue);
    let changed = change.entries(entry("0", handle(&message))).entries(entry("1", "rubbish")).send().await.unwrap();
    assert_eq!((changed.successful().len(), changed.failed().len()), (1, 1));
    assert_eq!(clients.bodies(&queue).await, ["a"]);
}

#[tokio::test]
async fn new_attributes_apply_to_the_next_message() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    let set = clients.sqs.set_queue_attributes().queue_url(&queue);
    set.attributes(QueueAttributeName::DelaySeconds, "5").send().await.unwrap();
    clients.send(&queue, "a").await;
    assert_eq!(clients.bodies(&queue).await.len(), 0);
}
