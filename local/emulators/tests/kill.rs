//! What survives `kill -9`. In a program of its own: a process that starts holds for a moment whatever its parent has open,
//! so the locks of folders that other tests open again, too.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use emulators::Cloud;
use serde_json::{Value, json};

async fn call(cloud: &Cloud, target: &str, request: Value) -> Value {
    let answer = cloud.dispatch(target, request.to_string().as_bytes()).await;
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    serde_json::from_slice(&answer.body).unwrap()
}

/// The part of [`what_was_answered_survives_a_kill`] that is killed.
#[tokio::test]
#[ignore = "run by what_was_answered_survives_a_kill"]
async fn write_until_killed() {
    let folder = std::env::var("SOUK_TEST_FOLDER").unwrap();
    let cloud = Cloud::open(folder.as_ref()).unwrap();
    let table = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    call(&cloud, "DynamoDB_20120810.CreateTable", table).await;
    let queue = call(&cloud, "AmazonSQS.CreateQueue", json!({"QueueName": "work"})).await;
    for n in 0..u32::MAX {
        let item = json!({"TableName": "orders", "Item": {"pk": {"S": n.to_string()}}});
        call(&cloud, "DynamoDB_20120810.PutItem", item).await;
        let message = json!({"QueueUrl": queue["QueueUrl"], "MessageBody": n.to_string()});
        call(&cloud, "AmazonSQS.SendMessage", message).await;
        println!("done {n}");
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = std::env::temp_dir().join(format!("souk-emulators-{}", uuid::Uuid::new_v4()));
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "write_until_killed"])
        .env("SOUK_TEST_FOLDER", &folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map(Result::unwrap);
    let done = lines.filter_map(|line| line.strip_prefix("done ").map(|n| n.parse::<u64>().unwrap()));
    let enough = done.take(100).last().unwrap();
    writer.kill().unwrap();
    writer.wait().unwrap();

    let cloud = Cloud::open(&folder).unwrap();
    let items = call(&cloud, "DynamoDB_20120810.Scan", json!({"TableName": "orders", "Select": "COUNT"})).await;
    assert!(items["Count"].as_u64().unwrap() > enough, "{items}");
    let url = "https://sqs.eu-west-1.amazonaws.com/000000000000/work";
    let attributes = json!({"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]});
    let said = call(&cloud, "AmazonSQS.GetQueueAttributes", attributes).await;
    let messages: u64 = said["Attributes"]["ApproximateNumberOfMessages"].as_str().unwrap().parse().unwrap();
    assert!(messages > enough, "{messages} messages");
    drop(cloud);
    std::fs::remove_dir_all(folder).unwrap();
}
