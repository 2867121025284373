//! The console of a running stack: `/_souk/status` and `/_souk/events`, which `souk status` and `souk events` show.

use std::convert::Infallible;

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Response, header},
};
use emulators::Cloud;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    cloud::call,
    shutdown::Shutdown,
    template::{Deployment, queue_url},
};

/// Functions, tables with their number of items, and queues with their messages.
pub(crate) async fn status(cloud: &Cloud, deployment: &Deployment) -> Result<Value> {
    let functions: Vec<_> = deployment.functions.iter().map(|function| describe(deployment, function)).collect();
    let mut tables = Vec::new();
    for table in &deployment.tables {
        tables.push(json!({"name": table.name, "items": count(cloud, &table.name).await?}));
    }
    let dead_letters = deployment.dead_letter_queues();
    let mut queues = Vec::new();
    for queue in &deployment.queues {
        let request = json!({"QueueUrl": queue_url(&queue.name), "AttributeNames": ["All"]});
        let attributes = call(cloud, "AmazonSQS.GetQueueAttributes", &request).await?["Attributes"].take();
        let number = |name: &str| attributes[name].as_str().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        queues.push(json!({
            "name": queue.name,
            "waiting": number("ApproximateNumberOfMessages"),
            "inFlight": number("ApproximateNumberOfMessagesNotVisible"),
            "delayed": number("ApproximateNumberOfMessagesDelayed"),
            "deadLetters": dead_letters.contains(queue.name.as_str()),
        }));
    }
    Ok(json!({"functions": functions, "tables": tables, "queues": queues}))
}

fn describe(deployment: &Deployment, function: &crate::template::FunctionSpec) -> Value {
    let routes = deployment.routes.iter().filter(|route| route.function == function.name);
    let queues = deployment.queue_sources.iter().filter(|source| source.function == function.name);
    let streams = deployment.stream_sources.iter().filter(|source| source.function == function.name);
    let schedules = deployment.schedules.iter().filter(|schedule| schedule.function == function.name);
    let triggers: Vec<_> = routes
        .map(|route| format!("{} {}", route.method, route.path))
        .chain(queues.map(|source| format!("queue {}", source.queue)))
        .chain(streams.map(|source| format!("stream of {}", source.table)))
        .chain(schedules.map(|schedule| format!("every {:?}", schedule.every)))
        .collect();
    json!({"service": function.service, "name": function.binary, "triggers": triggers, "summary": function.summary})
}

async fn count(cloud: &Cloud, table: &str) -> Result<u64> {
    let mut items = 0;
    let mut request = json!({"TableName": table, "Select": "COUNT"});
    loop {
        let mut page = call(cloud, "DynamoDB_20120810.Scan", &request).await?;
        items += page["Count"].as_u64().unwrap_or(0);
        match page["LastEvaluatedKey"].take() {
            Value::Null => return Ok(items),
            from => request["ExclusiveStartKey"] = from,
        }
    }
}

/// The events of the bus from now on, a JSON object a line, until the client leaves or the stack stops.
pub(crate) fn events(cloud: &Cloud, shutdown: Shutdown) -> Response<Body> {
    let state = (cloud.subscribe_events(), shutdown);
    let lines = futures::stream::unfold(state, async |(mut events, mut shutdown)| {
        let line = tokio::select! {
            () = shutdown.wait() => return None,
            event = events.recv() => match event {
                Ok(event) => format!(
                    "{{\"bus\":{},\"rules\":{},\"event\":{}}}\n",
                    json!(&*event.bus), json!(&*event.rules), event.envelope
                ),
                Err(RecvError::Lagged(missed)) => format!("{{\"missed\":{missed}}}\n"),
                Err(RecvError::Closed) => return None,
            },
        };
        Some((Ok::<_, Infallible>(Bytes::from(line)), (events, shutdown)))
    });
    let mut response = Response::new(Body::from_stream(lines));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}
