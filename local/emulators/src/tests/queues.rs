use std::pin::pin;

use aws_sdk_sqs::{
    primitives::Blob,
    types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry},
};

use super::{Clients, cloud, frozen_cloud, redrive_to, seconds, streams::is_waiting};

async fn attribute(clients: &Clients, queue: &str, name: QueueAttributeName) -> String {
    let get = clients.sqs.get_queue_attributes().queue_url(queue).attribute_names(name.clone());
    get.send().await.unwrap().attributes.unwrap()[&name].clone()
}

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    let string = MessageAttributeValue::builder().data_type("String").string_value("möbel").build().unwrap();
    let binary =
        MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255])).build().unwrap();
    let request = clients.sqs.send_message().queue_url(&queue).message_body("hello");
    let request = request.message_attributes("kind", string.clone()).message_attributes("bytes", binary.clone());
    let sent = request.send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    // By the algorithm of the developer guide, computed elsewhere.
    assert_eq!(sent.md5_of_message_attributes(), Some("53b658e4ab192c186e1bea96321eed08"));

    let message = clients.receive(&queue).await.pop().unwrap();
    assert_eq!(message.body(), Some("hello"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.message_attributes().unwrap()["kind"], string);
    assert_eq!(message.message_attributes().unwrap()["bytes"], binary);
    let attributes = message.attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::SentTimestamp], "1767268800000");
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp], "1767268800000");
    assert_eq!(attributes[&MessageSystemAttributeName::SenderId], "000000000000");
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_visibility_timeout() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[("VisibilityTimeout", "60")]).await;
    clients.send(&queue, "a").await;
    assert_eq!(clients.bodies(&queue).await, ["a"]);
    clock.advance(seconds(59));
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    assert_eq!(attribute(&clients, &queue, QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "1");
    clock.advance(seconds(1));
    let again = clients.receive(&queue).await.pop().unwrap();
    assert_eq!(again.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount], "2");
}

#[tokio::test]
async fn a_delayed_message_arrives_when_it_is_due() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    clients.sqs.send_message().queue_url(&queue).message_body("later").delay_seconds(10).send().await.unwrap();
    assert_eq!(attribute(&clients, &queue, QueueAttributeName::ApproximateNumberOfMessagesDelayed).await, "1");
    assert_eq!(clients.bodies(&queue).await.len(), 0);

    let mut poll = Box::pin(clients.sqs.receive_message().queue_url(&queue).wait_time_seconds(20).send());
    assert!(is_waiting!(poll));
    clock.advance(seconds(10));
    assert_eq!(poll.await.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn a_long_poll_is_woken_by_an_arrival() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[("ReceiveMessageWaitTimeSeconds", "20")]).await;
    let mut poll = pin!(clients.bodies(&queue));
    assert!(is_waiting!(poll));
    clients.send(&queue, "a").await;
    assert_eq!(poll.await, ["a"]);
}

#[tokio::test]
async fn a_long_poll_ends_empty_when_its_time_is_over() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    let mut poll = Box::pin(clients.sqs.receive_message().queue_url(&queue).wait_time_seconds(20).send());
    assert!(is_waiting!(poll));
    clock.advance(seconds(19));
    assert!(is_waiting!(poll));
    clock.advance(seconds(1));
    assert_eq!(poll.await.unwrap().messages().len(), 0);
}

#[tokio::test]
async fn every_message_wakes_a_poll_even_if_several_wait() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[]).await;
    let poll = || Box::pin(clients.sqs.receive_message().queue_url(&queue).wait_time_seconds(20).send());
    let (mut one, mut two) = (poll(), poll());
    assert!(is_waiting!(one) && is_waiting!(two));
    clients.send(&queue, "a").await;
    clients.send(&queue, "b").await;
    let (one, two) = tokio::join!(one, two);
    assert_eq!(one.unwrap().messages().len() + two.unwrap().messages().len(), 2);
}

#[tokio::test]
async fn a_message_is_a_dead_letter_on_the_receive_that_would_be_one_too_many() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let dead = clients.create_queue("dead", &[]).await;
    let queue =
        clients.create_queue("work", &[("RedrivePolicy", &redrive_to("dead", 2)), ("VisibilityTimeout", "0")]).await;
    clients.send(&queue, "poison").await;
    for _ in 0..2 {
        assert_eq!(clients.bodies(&queue).await, ["poison"]);
        assert_eq!(attribute(&clients, &dead, QueueAttributeName::ApproximateNumberOfMessages).await, "0");
    }
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    let letter = clients.receive(&dead).await.pop().unwrap();
    assert_eq!(letter.body(), Some("poison"));
    let source = &letter.attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:eu-west-1:000000000000:work");
}

#[tokio::test]
async fn dead_letters_can_be_moved_back() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let dead = clients.create_queue("dead", &[("VisibilityTimeout", "0")]).await;
    let queue =
        clients.create_queue("work", &[("RedrivePolicy", &redrive_to("dead", 1)), ("VisibilityTimeout", "0")]).await;
    for body in ["a", "b"] {
        clients.send(&queue, body).await;
    }
    assert_eq!(clients.bodies(&queue).await.len(), 2);
    assert_eq!(clients.bodies(&queue).await.len(), 0);

    let source = "arn:aws:sqs:eu-west-1:000000000000:dead";
    clients.sqs.start_message_move_task().source_arn(source).send().await.unwrap();
    let tasks = clients.sqs.list_message_move_tasks().source_arn(source).send().await.unwrap();
    assert_eq!(tasks.results()[0].status(), Some("COMPLETED"));
    assert_eq!(tasks.results()[0].approximate_number_of_messages_moved(), 2);
    assert_eq!(clients.bodies(&dead).await.len(), 0);
    let back = clients.receive(&queue).await;
    assert_eq!(back.len(), 2);
    assert_eq!(back[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
}

#[tokio::test]
async fn messages_older_than_the_retention_period_are_gone() {
    let (clock, _cloud, clients) = frozen_cloud();
    let queue = clients.create_queue("work", &[("MessageRetentionPeriod", "60")]).await;
    clients.send(&queue, "old").await;
    clock.advance(seconds(30));
    clients.send(&queue, "young").await;
    clock.advance(seconds(30));
    assert_eq!(clients.bodies(&queue).await, ["young"]);
}

#[tokio::test]
async fn in_a_batch_one_bad_message_does_not_stop_the_others() {
    let (_cloud, clients) = cloud();
    let queue = clients.create_queue("work", &[]).await;
    let entry = |id, body| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let request = clients.sqs.send_message_batch().queue_url(&queue);
    let sent = request.entries(entry("good", "a")).entries(entry("bad", "\u{1}")).send().await.unwrap();
    assert_eq!(sent.successful()[0].id(), "good");
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].code()), ("bad", "InvalidMessageContents"));
    assert_eq!(clients.bodies(&queue).await, ["a"]);
}

#[tokio::test]
async fn limits_are_those_of_sqs() {
    let (_cloud, clients) = cloud();
    let queue = clients.create_queue("work", &[]).await;
    let code = async |count: usize, bytes: usize| {
        let body = "x".repeat(bytes);
        let entry = |id: usize| SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(&body).build();
        let entries = (0..count).map(|id| entry(id).unwrap()).collect();
        let sent = clients.sqs.send_message_batch().queue_url(&queue).set_entries(Some(entries)).send().await;
        sent.err().map(|error| error.into_service_error().meta().code().unwrap().to_owned())
    };
    assert_eq!(code(10, 100_000).await, None);
    assert_eq!(code(10, 105_000).await.as_deref(), Some("AWS.SimpleQueueService.BatchRequestTooLong"));
    assert_eq!(code(11, 1).await.as_deref(), Some("AWS.SimpleQueueService.TooManyEntriesInBatchRequest"));
    assert_eq!(code(0, 1).await.as_deref(), Some("AWS.SimpleQueueService.EmptyBatchRequest"));
    let large = clients.sqs.send_message().queue_url(&queue).message_body("x".repeat(1024 * 1024));
    assert!(large.send().await.is_ok());
    let large = clients.sqs.send_message().queue_url(&queue).message_body("x".repeat(1024 * 1024 + 1));
    assert_eq!(large.send().await.unwrap_err().into_service_error().meta().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn refusals_are_those_of_sqs() {
    let (_cloud, clients) = cloud();
    let missing = clients.sqs.receive_message().queue_url("https://x/000000000000/missing").send().await.unwrap_err();
    assert!(missing.into_service_error().is_queue_does_not_exist());
    clients.create_queue("work", &[("DelaySeconds", "1")]).await;
    clients.create_queue("work", &[("DelaySeconds", "1")]).await;
    let other = clients.sqs.create_queue().queue_name("work").attributes("DelaySeconds".into(), "2").send().await;
    assert!(other.unwrap_err().into_service_error().is_queue_name_exists());
    let fifo = clients.sqs.create_queue().queue_name("work.fifo").send().await.unwrap_err().into_service_error();
    assert!(fifo.meta().message().unwrap().contains("FIFO"), "{fifo:?}");
    let grouped = clients.sqs.send_message().queue_url("work").message_body("a").message_deduplication_id("d");
    let grouped = grouped.send().await.unwrap_err().into_service_error();
    assert!(grouped.meta().message().unwrap().contains("MessageDeduplicationId"), "{grouped:?}");
    let tags = clients.sqs.list_queue_tags().queue_url("work").send().await.unwrap_err().into_service_error();
    assert_eq!(tags.meta().code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn queues_can_be_listed_purged_and_deleted() {
    let (_cloud, clients) = cloud();
    for name in ["a-1", "a-2", "b-1"] {
        clients.create_queue(name, &[]).await;
    }
    let first = clients.sqs.list_queues().queue_name_prefix("a-").max_results(1).send().await.unwrap();
    assert!(first.queue_urls()[0].ends_with("/a-1"));
    let token = first.next_token.unwrap();
    let next = clients.sqs.list_queues().queue_name_prefix("a-").max_results(1).next_token(token).send().await.unwrap();
    assert!(next.queue_urls()[0].ends_with("/a-2") && next.next_token.is_none());

    let queue = clients.sqs.get_queue_url().queue_name("a-1").send().await.unwrap().queue_url.unwrap();
    clients.send(&queue, "x").await;
    clients.sqs.purge_queue().queue_url(&queue).send().await.unwrap();
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    clients.sqs.delete_queue().queue_url(&queue).send().await.unwrap();
    assert!(clients.sqs.get_queue_url().queue_name("a-1").send().await.is_err());
}
