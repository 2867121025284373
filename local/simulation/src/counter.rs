//! A service that exists only in the simulation. It counts confirmed orders, so an event that is handled twice is visible:
//! it depends on the consumed-message record more than any consumer of the services. And it keeps a log of each order, with
//! a private part that is removed when the order is delivered.

use contracts::{
    Event as _, OrderId, Sealed,
    events::orders::{OrderConfirmed, OrderDelivered},
};
use dynamo::{Entity, Key, Table, Version};
use lambda::{Env, Event, Function, Problem, Service, StartError};
use local::template::{Deployment, FunctionSpec, Rule, Statement};
use serde::{Deserialize, Serialize};

/// The service, in the form of [`local::services::ALL`].
pub(crate) const SERVICE: local::services::Service = local::services::Service {
    name: "counter",
    about: "Counts of orders.",
    functions: &[count_orders, note_orders, Function::relay],
    scenarios: Vec::new,
};

/// The events of each consumer.
const CONSUMERS: [(&str, &[&str]); 2] =
    [("count-orders", &[OrderConfirmed::NAME]), ("note-orders", &[OrderConfirmed::NAME, OrderDelivered::NAME])];

/// The beginning of every private part. It is never on the bus.
pub(crate) const PRIVATE: &str = "private-part-of-";

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

fn count_orders() -> Function {
    Function::consumer("count-orders", count)
}

async fn count(counter: Counter, event: Event<OrderConfirmed>) -> Result<(), Problem> {
    let Count { orders, version } = counter.table.get(&Count::default().key()).await?.unwrap_or_default();
    counter.table.commit(&event.context).save(&Count { orders: orders + 1, version }).run().await?;
    Ok(())
}

contracts::event_set! {
    /// An event that changes the log of an order.
    #[derive(Debug, Clone)]
    enum OrderEvent {
        /// Starts the log, with a private part.
        Confirmed(OrderConfirmed),
        /// Removes the private part.
        Delivered(OrderDelivered),
    }
}

/// The first event of an order's log.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OrderNoted {
    order: OrderId,
}

impl contracts::Event for OrderNoted {
    const SOURCE: &'static str = "souk.counter";
    const NAME: &'static str = "OrderNoted.v1";
}

/// The last event of an order's log. It is the only one if the delivery is consumed first.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OrderForgotten {
    order: OrderId,
}

impl contracts::Event for OrderForgotten {
    const SOURCE: &'static str = "souk.counter";
    const NAME: &'static str = "OrderForgotten.v1";
}

fn note_orders() -> Function {
    Function::consumer("note-orders", note).idempotent()
}

async fn note(counter: Counter, event: Event<OrderEvent>) -> Result<(), Problem> {
    let order = match &event.data {
        OrderEvent::Confirmed(confirmed) => confirmed.order,
        OrderEvent::Delivered(delivered) => delivered.order,
    };
    let log = Key::of("log", order);
    let last = counter.table.last_event(&log).await?;
    let commit = counter.table.commit(&event.context);
    let commit = match (&event.data, last) {
        (OrderEvent::Confirmed(confirmed), None) => {
            let private = Sealed::<String>::from_ciphertext(format!("{PRIVATE}{}", confirmed.customer));
            commit.append(&log, 0, &OrderNoted { order }).private(&private)
        }
        (OrderEvent::Delivered(_), None) => commit.append(&log, 0, &OrderForgotten { order }),
        (OrderEvent::Delivered(_), Some(last)) if last.name == OrderNoted::NAME => {
            let last = last.version()?;
            commit.amend::<String>(&log, last, None).append(&log, last, &OrderForgotten { order })
        }
        _ => return Err(Problem::AlreadyDone),
    };
    commit.run().await?;
    Ok(())
}

/// Adds the service to a deployment, with the resources of delivery, its relay and one of its consumers under other names.
pub(crate) fn add_to(deployment: &mut Deployment) {
    let model = deployment.functions.iter().find(|function| function.binary == MODEL);
    let model = model.expect("delivery has this consumer").clone();
    let is_models = |table: &str| model.environment["TABLE"] == table;

    let mut table = deployment.tables.iter().find(|table| is_models(&table.name)).expect("it has a table").clone();
    table.create = in_json(&table.create, MODEL);
    table.name = named(&table.name, MODEL);
    table.place.file = named(&table.place.file, MODEL);
    let mut stream = deployment.stream_sources.iter().find(|source| is_models(&source.table)).cloned();
    let stream = stream.as_mut().expect("its table has a relay");
    let relay = deployment.functions.iter().find(|function| function.name == stream.function);
    let relay = function(relay.expect("a relay is a function"), "relay");
    stream.function.clone_from(&relay.name);
    stream.table.clone_from(&table.name);
    // Nobody republishes its events.
    stream.max_age = None;
    deployment.functions.push(relay);
    deployment.stream_sources.push(stream.clone());
    deployment.tables.push(table);
    for (binary, events) in CONSUMERS {
        add_consumer(deployment, &model, binary, events);
    }
}

fn add_consumer(deployment: &mut Deployment, model: &FunctionSpec, binary: &str, events: &[&str]) {
    let Deployment { functions, queues, queue_sources, rules, .. } = deployment;
    let mut function = function(model, binary);
    let reads_and_amends = ["dynamodb:Query", "dynamodb:UpdateItem"].map(str::to_owned).to_vec();
    let resources = function.policy.iter().flat_map(|statement| statement.resources.clone()).collect();
    function.policy.push(Statement { actions: reads_and_amends, resources });

    let of_model: Vec<_> = queues.iter().filter(|queue| queue.name.contains(MODEL)).cloned().collect();
    for mut queue in of_model {
        queue.name = named(&queue.name, binary);
        queue.dead_letters = queue.dead_letters.as_deref().map(|queue| named(queue, binary));
        queue.attributes.values_mut().for_each(|value| *value = named(value, binary));
        queues.push(queue);
    }
    let of_model: Vec<_> = queue_sources.iter().filter(|source| source.function == model.name).cloned().collect();
    for mut source in of_model {
        source.function.clone_from(&function.name);
        source.queue = named(&source.queue, binary);
        queue_sources.push(source);
    }
    let feeds = |rule: &&Rule| rule.targets.iter().any(|target| target.to_string().contains(MODEL));
    let of_model: Vec<_> = rules.iter().filter(feeds).cloned().collect();
    for mut rule in of_model {
        rule.name = format!("{binary}-{}", rule.name);
        rule.pattern["detail-type"] = events.into();
        rule.targets = rule.targets.iter().map(|target| in_json(target, binary)).collect();
        rules.push(rule);
    }
    functions.push(function);
}

/// A function of delivery as one of this service.
fn function(model: &FunctionSpec, binary: &str) -> FunctionSpec {
    let mut function = model.clone();
    SERVICE.name.clone_into(&mut function.service);
    function.name = named(&model.name, binary);
    binary.clone_into(&mut function.binary);
    function.boundary = None;
    function.environment.values_mut().for_each(|value| *value = named(value, binary));
    let resources = function.policy.iter_mut().flat_map(|statement| &mut statement.resources);
    resources.for_each(|resource| *resource = named(resource, binary));
    function
}

/// A name of delivery as one of this service.
fn named(text: &str, binary: &str) -> String {
    text.replace("delivery", "counter").replace("Delivery", "Counter").replace(MODEL, binary)
}

fn in_json(value: &serde_json::Value, binary: &str) -> serde_json::Value {
    serde_json::from_str(&named(&value.to_string(), binary)).expect("JSON stays JSON")
}

const MODEL: &str = "schedule-shipment";
