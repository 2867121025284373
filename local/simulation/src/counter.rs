//! A consumer that exists only in the simulation. It counts confirmed orders, so an event that is handled twice is
//! visible. It depends on the consumed-message record more than any consumer of the services.

use contracts::events::orders::OrderConfirmed;
use dynamo::{Entity, Key, Table, Version};
use lambda::{Env, Event, Function, Problem, Service, StartError};
use local::template::{Deployment, Rule};
use serde::{Deserialize, Serialize};

/// The service, in the form of [`local::services::ALL`].
pub(crate) const SERVICE: local::services::Service =
    local::services::Service { name: "counter", functions: &[function], scenarios: Vec::new };

#[derive(Debug, Clone)]
struct Counter {
    table: Table,
}

impl Service for Counter {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { table: env.table()? })
    }

    fn table(&self) -> &Table {
        &self.table
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Count {
    orders: u64,
    version: Version,
}

impl Entity for Count {
    fn key(&self) -> Key {
        Key::of("count", "orders")
    }
}

fn function() -> Function {
    Function::consumer("count-orders", handle)
}

async fn handle(counter: Counter, event: Event<OrderConfirmed>) -> Result<(), Problem> {
    let Count { orders, version } = counter.table.get(&Count::default().key()).await?.unwrap_or_default();
    counter.table.commit(&event.context).save(&Count { orders: orders + 1, version }).run().await?;
    Ok(())
}

/// Adds the counter to a deployment, with the resources of a consumer of the same event under other names.
pub(crate) fn add_to(deployment: &mut Deployment) {
    let named =
        |text: &str| text.replace("delivery", "counter").replace("Delivery", "Counter").replace(MODEL, "count-orders");
    let json = |value: &serde_json::Value| serde_json::from_str(&named(&value.to_string())).expect("JSON stays JSON");
    let Deployment { functions, tables, queues, queue_sources, rules, .. } = deployment;
    let model = functions.iter().find(|function| function.binary == MODEL).expect("delivery has this consumer");
    let mut function = model.clone();
    SERVICE.name.clone_into(&mut function.service);
    function.name = named(&model.name);
    "count-orders".clone_into(&mut function.binary);
    function.boundary = None;
    function.environment.values_mut().for_each(|value| *value = named(value));
    let resources = function.policy.iter_mut().flat_map(|statement| &mut statement.resources);
    resources.for_each(|resource| *resource = named(resource));

    let mut table =
        tables.iter().find(|table| model.environment["TABLE"] == table.name).expect("it has a table").clone();
    table.create = json(&table.create);
    table.name = named(&table.name);
    table.place.file = named(&table.place.file);
    tables.push(table);

    let of_model: Vec<_> = queues.iter().filter(|queue| queue.name.contains(MODEL)).cloned().collect();
    for mut queue in of_model {
        queue.name = named(&queue.name);
        queue.dead_letters = queue.dead_letters.as_deref().map(named);
        queue.attributes.values_mut().for_each(|value| *value = named(value));
        queues.push(queue);
    }
    let of_model: Vec<_> = queue_sources.iter().filter(|source| source.function == model.name).cloned().collect();
    for mut source in of_model {
        source.function.clone_from(&function.name);
        source.queue = named(&source.queue);
        queue_sources.push(source);
    }
    let feeds = |rule: &&Rule| rule.targets.iter().any(|target| target.to_string().contains(MODEL));
    let of_model: Vec<_> = rules.iter().filter(feeds).cloned().collect();
    for mut rule in of_model {
        rule.name = format!("{}-{}", SERVICE.name, rule.name);
        rule.targets = rule.targets.iter().map(json).collect();
        rules.push(rule);
    }
    functions.push(function);
}

const MODEL: &str = "schedule-shipment";
