//! `CloudFormation` for one machine: makes the tables, queues, buses and rules that the templates declare.
//!
//! It can run again on the data of an earlier start: existing resources stay, changed settings are updated, and rules
//! that are in no template any more are deleted.

use anyhow::{Result, bail};
use emulators::Cloud;
use serde_json::{Value, json};

use crate::{
    cloud::call,
    template::{Deployment, Queue, Rule, Table, queue_url},
};

/// Creates the resources of a deployment in the emulators.
///
/// # Errors
/// The resource that could not be created, with the file that declares it.
pub async fn provision(cloud: &Cloud, deployment: &Deployment) -> Result<()> {
    for table in &deployment.tables {
        make_table(cloud, table).await?;
    }
    // A dead-letter queue must exist before a queue names it.
    let (dead_letters, queues): (Vec<_>, Vec<_>) =
        deployment.queues.iter().partition(|queue| queue.dead_letters.is_none());
    for queue in dead_letters.into_iter().chain(queues) {
        make_queue(cloud, queue).await?;
    }
    for bus in &deployment.buses {
        match call(cloud, "AWSEvents.CreateEventBus", &json!({"Name": bus})).await {
            Err(error) if error.code != "ResourceAlreadyExistsException" => return Err(error.into()),
            _ => forget_rules(cloud, bus, &deployment.rules).await?,
        }
    }
    for rule in &deployment.rules {
        make_rule(cloud, rule).await?;
    }
    Ok(())
}

async fn make_table(cloud: &Cloud, table: &Table) -> Result<()> {
    let name = json!({"TableName": table.name});
    match call(cloud, "DynamoDB_20120810.CreateTable", &table.create).await {
        Ok(_) => {}
        Err(error) if error.code == "ResourceInUseException" => {
            let made = call(cloud, "DynamoDB_20120810.DescribeTable", &name).await?;
            if shape(&made["Table"]) != shape(&table.create) {
                bail!(
                    "{}: {}: the data folder holds this table with other keys or indexes: choose another folder (--data), or delete it",
                    table.place.file,
                    table.place.resource
                );
            }
        }
        Err(error) => bail!("{}: {}: {error}", table.place.file, table.place.resource),
    }
    let Some(attribute) = &table.ttl else { return Ok(()) };
    let described = call(cloud, "DynamoDB_20120810.DescribeTimeToLive", &name).await?;
    if described["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED" {
        let ttl = json!({"AttributeName": attribute, "Enabled": true});
        let body = json!({"TableName": table.name, "TimeToLiveSpecification": ttl});
        call(cloud, "DynamoDB_20120810.UpdateTimeToLive", &body).await?;
    }
    Ok(())
}

/// The keys and indexes of a table, which cannot be changed while it has data.
fn shape(table: &Value) -> (Value, Vec<(Value, Value, Value)>) {
    let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    let indexes = indexes.iter().flat_map(|kind| table[*kind].as_array().into_iter().flatten());
    let mut indexes: Vec<_> = indexes
        .map(|index| (index["IndexName"].clone(), index["KeySchema"].clone(), index["Projection"].clone()))
        .collect();
    indexes.sort_by_key(|(name, ..)| name.to_string());
    (table["KeySchema"].clone(), indexes)
}

async fn make_queue(cloud: &Cloud, queue: &Queue) -> Result<()> {
    let place = &queue.place;
    let create = json!({"QueueName": queue.name, "Attributes": queue.attributes});
    let made = match call(cloud, "AmazonSQS.CreateQueue", &create).await {
        Err(error) if error.code == "QueueNameExists" => {
            let set = json!({"QueueUrl": queue_url(&queue.name), "Attributes": queue.attributes});
            call(cloud, "AmazonSQS.SetQueueAttributes", &set).await
        }
        other => other,
    };
    match made {
        Ok(_) => Ok(()),
        Err(error) => bail!("{}: {}: {error}", place.file, place.resource),
    }
}

async fn make_rule(cloud: &Cloud, rule: &Rule) -> Result<()> {
    let put = json!({"Name": rule.name, "EventBusName": rule.bus, "EventPattern": rule.pattern.to_string()});
    let targets = json!({"Rule": rule.name, "EventBusName": rule.bus, "Targets": rule.targets});
    let place = &rule.place;
    for (target, body) in [("AWSEvents.PutRule", put), ("AWSEvents.PutTargets", targets)] {
        if let Err(error) = call(cloud, target, &body).await {
            bail!("{}: {}: {error}", place.file, place.resource);
        }
    }
    Ok(())
}

/// Deletes the rules on a bus that are not `wanted`.
async fn forget_rules(cloud: &Cloud, bus: &str, wanted: &[Rule]) -> Result<()> {
    let listed = call(cloud, "AWSEvents.ListRules", &json!({"EventBusName": bus})).await?;
    let names = listed["Rules"].as_array().into_iter().flatten().filter_map(|rule| rule["Name"].as_str());
    for name in names.filter(|name| !wanted.iter().any(|rule| rule.bus == bus && rule.name == *name)) {
        let of_rule = json!({"Rule": name, "EventBusName": bus});
        let targets = call(cloud, "AWSEvents.ListTargetsByRule", &of_rule).await?;
        let ids: Vec<_> = targets["Targets"].as_array().into_iter().flatten().map(|target| &target["Id"]).collect();
        if !ids.is_empty() {
            let body = json!({"Rule": name, "EventBusName": bus, "Ids": ids});
            call(cloud, "AWSEvents.RemoveTargets", &body).await?;
        }
        call(cloud, "AWSEvents.DeleteRule", &json!({"Name": name, "EventBusName": bus})).await?;
    }
    Ok(())
}
