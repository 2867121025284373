use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::{clients, cloud};

/// One HTTP request by hand.
async fn post(address: std::net::SocketAddr, target: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: {target}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn the_same_services_answer_over_http_until_they_are_told_to_stop() {
    let (cloud, _) = cloud();
    clients(&cloud).create_queue("work", &[]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shared = cloud.clone();
    let server = tokio::spawn(async move { shared.serve(listener, async { stopped.await.unwrap() }).await });

    let queues = post(address, "AmazonSQS.ListQueues", "{}").await;
    assert!(queues.starts_with("HTTP/1.1 200") && queues.contains("/work"), "{queues}");
    let tables = post(address, "DynamoDB_20120810.ListTables", "{}").await;
    assert!(tables.contains(r#"{"TableNames":[]}"#), "{tables}");
    let buses = post(address, "AWSEvents.ListEventBuses", "{}").await;
    assert!(buses.contains("event-bus/default"), "{buses}");
    let missing = post(address, "AmazonSQS.PurgeQueue", r#"{"QueueUrl":"nothing"}"#).await;
    assert!(missing.starts_with("HTTP/1.1 400"), "{missing}");
    assert!(missing.contains("x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"), "{missing}");
    assert!(missing.contains(r#""__type":"com.amazonaws.sqs#QueueDoesNotExist""#), "{missing}");
    let other = post(address, "Kinesis_20131202.PutRecord", "{}").await;
    assert!(other.contains("UnknownOperationException"), "{other}");

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
