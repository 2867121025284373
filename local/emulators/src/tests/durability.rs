use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::json;

use super::{Folder, clients, redrive_to, text};
use crate::{Cloud, OpenError, VirtualClock, lock};

#[tokio::test]
async fn tables_and_items_are_there_after_a_restart() {
    let folder = Folder::new();
    {
        let clients = clients(&Cloud::open(&folder.0).unwrap());
        clients.create_table("orders").await;
        clients.put("orders", "o1", "kept").await;
    }
    let clients = clients(&Cloud::open(&folder.0).unwrap());
    let get = clients.dynamo.get_item().table_name("orders").key("pk", text("o1")).key("sk", text("a"));
    assert_eq!(get.send().await.unwrap().item.unwrap()["value"], text("kept"));
}

#[tokio::test]
async fn messages_receive_counts_and_visibility_are_there_after_a_restart() {
    let folder = Folder::new();
    let clock = VirtualClock::new("2026-01-01T12:00:00Z".parse().unwrap());
    let open = || clients(&Cloud::with_clock(Some(&folder.0), clock.clone()).unwrap());
    let queue = {
        let clients = open();
        clients.create_queue("dead", &[]).await;
        let queue = clients.create_queue("work", &[("RedrivePolicy", &redrive_to("dead", 2))]).await;
        clients.send(&queue, "seen").await;
        assert_eq!(clients.bodies(&queue).await, ["seen"]);
        clients.send(&queue, "unseen").await;
        queue
    };
    let clients = open();
    assert_eq!(clients.bodies(&queue).await, ["unseen"]);
    clock.advance(super::seconds(30));
    let mut messages = clients.receive(&queue).await;
    messages.sort_by(|a, b| a.body.cmp(&b.body));
    let count = |i: usize| &messages[i].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!((messages.len(), count(0).as_str(), count(1).as_str()), (2, "2", "2"));
    clock.advance(super::seconds(30));
    assert_eq!(clients.bodies(&queue).await.len(), 0);
    assert_eq!(clients.bodies("dead").await.len(), 2);
}

#[tokio::test]
async fn messages_in_flight_are_visible_at_once_when_they_are_returned() {
    let folder = Folder::new();
    let queue = {
        let clients = clients(&Cloud::open(&folder.0).unwrap());
        let queue = clients.create_queue("work", &[]).await;
        clients.send(&queue, "seen").await;
        assert_eq!(clients.bodies(&queue).await, ["seen"]);
        queue
    };
    let cloud = Cloud::open(&folder.0).unwrap();
    assert_eq!(clients(&cloud).bodies(&queue).await.len(), 0);
    cloud.return_in_flight();
    assert_eq!(clients(&cloud).bodies(&queue).await, ["seen"]);
}

#[tokio::test]
async fn deleted_messages_stay_deleted_after_a_restart() {
    let folder = Folder::new();
    {
        let clients = clients(&Cloud::open(&folder.0).unwrap());
        let queue = clients.create_queue("work", &[("VisibilityTimeout", "0")]).await;
        clients.send(&queue, "a").await;
        let handle = clients.receive(&queue).await.pop().unwrap().receipt_handle.unwrap();
        clients.sqs.delete_message().queue_url(&queue).receipt_handle(handle).send().await.unwrap();
    }
    let clients = clients(&Cloud::open(&folder.0).unwrap());
    assert_eq!(clients.bodies("work").await.len(), 0);
}

#[tokio::test]
async fn rules_route_and_events_wait_in_queues_after_a_restart() {
    let folder = Folder::new();
    let queue = {
        let clients = clients(&Cloud::open(&folder.0).unwrap());
        let queue = clients.route("rule", &json!({ "source": ["souk.orders"] }), "queue").await;
        clients.put_event("Before.v1", &json!({})).await;
        queue
    };
    let clients = clients(&Cloud::open(&folder.0).unwrap());
    clients.put_event("After.v1", &json!({})).await;
    let bodies = clients.bodies(&queue).await;
    assert!(bodies[0].contains("Before.v1") && bodies[1].contains("After.v1"), "{bodies:?}");
}

#[test]
fn a_folder_opens_once_at_a_time() {
    let folder = Folder::new();
    let first = Cloud::open(&folder.0).unwrap();
    let second = Cloud::open(&folder.0).unwrap_err();
    assert!(matches!(second, OpenError::InUse(_)), "{second}");
    drop(first);
    Cloud::open(&folder.0).unwrap();
}

#[test]
fn a_folder_is_free_although_a_child_process_still_has_the_file_of_its_lock() {
    let folder = Folder::new();
    let lock = lock(&folder.0).unwrap();
    let _inherited = lock.0.try_clone().unwrap();
    drop(lock);
    Cloud::open(&folder.0).unwrap();
}

#[tokio::test]
async fn a_cloud_is_closed_when_its_last_clone_has_ended() {
    let folder = Folder::new();
    let cloud = Cloud::open(&folder.0).unwrap();
    let clone = cloud.clone();
    let mut closing = std::pin::pin!(cloud.close());
    assert!(futures::poll!(closing.as_mut()).is_pending());
    assert!(matches!(Cloud::open(&folder.0), Err(OpenError::InUse(_))));
    drop(clone);
    closing.await;
    Cloud::open(&folder.0).unwrap();
}
