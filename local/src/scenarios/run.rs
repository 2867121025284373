//! Runs scenarios in a world: a running stack, or a simulation.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ALL, Act, Body, Request, Scenario, Step, Who, find, request, samples};
use crate::{
    cloud::call,
    template::{Deployment, queue_url},
};

/// Where scenarios run.
pub trait World {
    /// A caller of operations.
    type Caller: Clone;

    /// The deployment from the templates.
    fn deployment(&self) -> &Deployment;

    /// The emulators.
    fn cloud(&self) -> &emulators::Cloud;

    /// An id that no other call of this returns.
    fn unique(&self) -> Uuid;

    /// A caller without a token.
    fn anyone(&self) -> Self::Caller;

    /// The caller whom an access token is for.
    fn bearer(&self, token: &str) -> impl Future<Output = Result<Self::Caller>>;

    /// The demo account of a role.
    fn staff(&self, role: &'static str) -> impl Future<Output = Result<Self::Caller>>;

    /// Calls an operation.
    fn call(&self, caller: &Self::Caller, request: &Request) -> impl Future<Output = Result<Reply>>;

    /// Invokes a function like its schedule does, or with IAM.
    fn invoke(&self, function: &str, payload: &Value) -> impl Future<Output = Result<Value>>;

    /// The customer approves the payment of an order on the bank's page.
    fn approve(&self, order: &str) -> impl Future<Output = Result<()>>;

    /// Repeats a check until it succeeds.
    fn until(&self, what: &str, is_so: impl AsyncFn() -> Result<bool>) -> impl Future<Output = Result<()>>;

    /// Waits until every event has reached its consumers.
    fn settle(&self) -> impl Future<Output = Result<()>>;

    /// Lets time pass.
    fn pass(&self, time: Duration) -> impl Future<Output = Result<()>>;
}

/// The reply to a call.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body; null if it is not JSON.
    pub body: Value,
    /// Whether an earlier try may have taken effect without an answer.
    pub retried: bool,
}

impl Reply {
    /// Whether the call did what it should. The second try of a change may find the version that the first one made.
    fn is_good(&self, request: &Request, refused: Option<u16>) -> bool {
        let done_before = self.retried && request.method != "POST" && self.status == 412;
        refused.map_or_else(|| (200..300).contains(&self.status) || done_before, |status| self.status == status)
    }
}

/// One run: names have one value each, and a scenario that gives one runs at most once.
pub struct Run<'w, W: World> {
    world: &'w W,
    names: RefCell<BTreeMap<String, Value>>,
    done: RefCell<BTreeSet<String>>,
    callers: RefCell<BTreeMap<Who, W::Caller>>,
}

impl<'w, W: World> Run<'w, W> {
    /// A run in which nothing has a name yet.
    pub fn new(world: &'w W) -> Self {
        Self { world, names: RefCell::default(), done: RefCell::default(), callers: RefCell::default() }
    }

    /// The same run, with a caller in the place of `who`.
    #[must_use]
    pub fn as_caller(self, who: Who, caller: W::Caller) -> Self {
        self.callers.borrow_mut().insert(who, caller);
        self
    }

    /// The same run, with a value for a name.
    #[must_use]
    pub fn with_name(self, name: &str, value: impl Into<Value>) -> Self {
        self.names.borrow_mut().insert(name.to_owned(), value.into());
        self
    }

    /// The same run, in which these scenarios have run already.
    ///
    /// # Errors
    /// If a scenario does not exist.
    pub fn without(self, keys: &[&str]) -> Result<Self> {
        for key in keys {
            self.done.borrow_mut().insert(find(key)?.key());
        }
        Ok(self)
    }

    /// The names that have a value, and their values.
    pub fn names(&self) -> BTreeMap<String, Value> {
        self.names.borrow().clone()
    }

    /// The value of a name. If it has none yet, this runs the scenario that gives it.
    pub async fn name(&self, name: &str) -> Result<Value> {
        self.value(name, None).await
    }

    /// Runs a scenario, and returns the body of the reply: null for an event.
    pub fn run<'s>(&'s self, key: &'s str) -> LocalBoxFuture<'s, Result<Value>> {
        Box::pin(async move {
            let scenario = find(key)?;
            self.done.borrow_mut().insert(scenario.key());
            let body = self.act(scenario).await.with_context(|| key.to_owned())?;
            if scenario.settles {
                self.world.settle().await?;
            }
            self.take(&scenario.then, scenario).await?;
            Ok(body)
        })
    }

    async fn act(&self, scenario: &Scenario) -> Result<Value> {
        match &scenario.act {
            Act::Call { who, .. } => {
                let request = self.request(&scenario.key()).await?;
                let reply = self.world.call(&self.caller(*who).await?, &request).await?;
                ensure!(
                    reply.is_good(&request, scenario.refused),
                    "{} {} was answered {} {}",
                    request.method,
                    request.path(),
                    reply.status,
                    reply.body
                );
                self.keep(scenario, &reply.body)?;
                Ok(reply.body)
            }
            Act::Invoke(payload) => {
                self.prepare(scenario).await?;
                let payload = self.fill(payload, scenario).await?;
                self.world.invoke(&format!("{}/{}", scenario.service, scenario.name), &payload).await
            }
            Act::Arrives(_) => self.prepare(scenario).await.map(|()| Value::Null),
        }
    }

    /// The request of a scenario, ready to be sent: everything that it needs has been done.
    pub async fn request(&self, key: &str) -> Result<Request> {
        let scenario = find(key)?;
        self.prepare(scenario).await?;
        for (fresh, _) in &scenario.fresh {
            self.names.borrow_mut().remove(*fresh);
        }
        let mut request = Request::of(scenario, self.world.deployment())?;
        for name in request.names() {
            let value = self.value(&name, Some(scenario)).await?;
            request.fill(&name, &value);
        }
        Ok(request)
    }

    /// Sends the request of a scenario with an invalid body, if it is a POST with JSON. Before the function refuses
    /// it, it looks for a reply that was stored under the idempotency key.
    ///
    /// # Errors
    /// If it is not refused.
    pub async fn invalid(&self, key: &str) -> Result<()> {
        let scenario = find(key)?;
        let Act::Call { who, body: Some(Body::Json(_)), .. } = &scenario.act else { return Ok(()) };
        let mut request = self.request(key).await?;
        if request.method != "POST" || scenario.refused.is_some() {
            return Ok(());
        }
        request.body = Some(Body::Json(json!({"nobody": 1})));
        let status = self.world.call(&self.caller(*who).await?, &request).await?.status;
        ensure!([400, 422].contains(&status), "{key} takes an unknown field, and answers {status}");
        Ok(())
    }

    async fn prepare(&self, scenario: &Scenario) -> Result<()> {
        self.take(&scenario.steps, scenario).await
    }

    /// Takes steps of a scenario.
    async fn take(&self, steps: &[Step], scenario: &Scenario) -> Result<()> {
        for step in steps {
            match step {
                Step::Run { key, times: 0, .. } if self.done.borrow().contains(&find(key)?.key()) => {}
                Step::Run { key, with, keep, times } => {
                    self.names
                        .borrow_mut()
                        .extend(with.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
                    let before = keep.and_then(|(given, _)| self.names.borrow_mut().remove(given));
                    for _ in 0..(*times).max(1) {
                        self.run(key).await?;
                    }
                    if let Some((given, kept)) = *keep {
                        let mut names = self.names.borrow_mut();
                        let value = names.remove(given).with_context(|| format!("{key} does not give {given}"))?;
                        names.insert(kept.to_owned(), value);
                        names.extend(before.map(|before| (given.to_owned(), before)));
                        self.done.borrow_mut().remove(&find(key)?.key());
                    }
                }
                Step::Pass(time) => self.world.pass(*time).await?,
                Step::Until(key, is_so) => {
                    self.world.until(key, async || Ok(is_so(&self.run(key).await?))).await?;
                    self.world.settle().await?;
                }
                Step::Publish(event) => self.publish(event).await?,
                Step::Forget(service, pk, sk) => {
                    let pk = self.fill(&(*pk).into(), scenario).await?;
                    forget(self.world, service, pk.as_str().unwrap_or_default(), sk).await?;
                }
                Step::Approve => {
                    let order = self.fill(&"{orderId}".into(), scenario).await?;
                    self.world.approve(order.as_str().unwrap_or_default()).await?;
                }
                Step::GiveUp => give_up(self.world, scenario.service).await?,
            }
        }
        Ok(())
    }

    /// Puts the frozen sample of an event on the bus, as an event of its own and of this run's order.
    async fn publish(&self, name: &str) -> Result<()> {
        let event = contracts::events::all().find(|event| event.name == name);
        let event = event.with_context(|| format!("there is no event {name}"))?;
        let order = self.name("orderId").await?;
        let uuid = |id: &str| id.split_once('_').map_or_else(String::new, |(_, uuid)| uuid.to_owned());
        let text = samples::frozen(name)?.to_string();
        let text = text.replace(&uuid(samples::name("orderId")), &uuid(order.as_str().unwrap_or_default()));
        let mut detail: Value = serde_json::from_str(&text)?;
        detail["metadata"]["id"] = format!("evt_{}", self.world.unique().simple()).into();
        let bus = self.world.deployment().buses.first().context("there is no bus")?;
        let entry = json!({
            "EventBusName": bus, "Source": event.source, "DetailType": event.name, "Detail": detail.to_string(),
        });
        call(self.world.cloud(), "AWSEvents.PutEvents", &json!({"Entries": [entry]})).await?;
        Ok(())
    }

    async fn fill(&self, value: &Value, scenario: &Scenario) -> Result<Value> {
        let mut value = value.clone();
        for name in request::names_in(&value.to_string()) {
            let with = self.value(&name, Some(scenario)).await?;
            request::fill(&mut value, &name, &with);
        }
        Ok(value)
    }

    async fn value(&self, name: &str, scenario: Option<&Scenario>) -> Result<Value> {
        if let Some(known) = self.names.borrow().get(name) {
            return Ok(known.clone());
        }
        if let Some(own) = scenario.and_then(|scenario| scenario.own_value(name, || self.world.unique())) {
            self.names.borrow_mut().insert(name.to_owned(), own.clone());
            return Ok(own);
        }
        if let Some((from, prefix)) = request::derived(name) {
            let from = Box::pin(self.value(from, scenario)).await?;
            let uuid = from.as_str().and_then(|id| id.split_once('_')).map_or("", |(_, uuid)| uuid);
            return Ok(format!("{prefix}_{uuid}").into());
        }
        let giver = giver(name)?;
        self.run(&giver).await?;
        self.names.borrow().get(name).cloned().with_context(|| format!("{giver} does not give {name}"))
    }

    fn keep(&self, scenario: &Scenario, body: &Value) -> Result<()> {
        let mut names = self.names.borrow_mut();
        for (name, pointer) in &scenario.gives {
            let value = body.pointer(pointer).with_context(|| format!("an answer without {pointer}: {body}"))?;
            names.insert((*name).to_owned(), value.clone());
        }
        if let Some(finds) = scenario.finds {
            let wanted = names.get(finds.of).cloned().unwrap_or_default();
            let entries = body["items"].as_array().into_iter().flatten();
            let found = entries.into_iter().find(|entry| entry[finds.field] == wanted);
            let found = found.with_context(|| format!("no {} is {wanted} in {body}", finds.field))?;
            names.insert(finds.name.to_owned(), found["id"].clone());
        }
        Ok(())
    }

    /// The caller that makes the calls of `who` in this run.
    pub async fn caller(&self, who: Who) -> Result<W::Caller> {
        if let Some(known) = self.callers.borrow().get(&who) {
            return Ok(known.clone());
        }
        let token = async |name| {
            let token = self.name(name).await?;
            self.world.bearer(token.as_str().unwrap_or_default()).await
        };
        let caller = match who {
            Who::Anyone => self.world.anyone(),
            Who::Shopper => token("guestToken").await?,
            Who::Customer => token("accessToken").await?,
            Who::Merchant => self.world.staff("merchant").await?,
            Who::Courier => self.world.staff("courier").await?,
            Who::Support => self.world.staff("support").await?,
            Who::Admin => self.world.staff("admin").await?,
        };
        self.callers.borrow_mut().insert(who, caller.clone());
        Ok(caller)
    }
}

impl Scenario {
    fn own_value(&self, name: &str, unique: impl Fn() -> Uuid) -> Option<Value> {
        let default = self.defaults.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let fresh = || self.fresh.iter().find(|(known, _)| *known == name);
        // Twelve characters that are right for SKUs and codes.
        let made = |prefix| format!("{prefix}{}", &unique().simple().to_string().to_uppercase()[..12]);
        default.or_else(|| fresh().map(|(_, prefix)| made(prefix).into()))
    }
}

/// The scenario whose answer gives a name.
fn giver(name: &str) -> Result<String> {
    let gives = |scenario: &&Scenario| {
        let found = scenario.finds.is_some_and(|finds| finds.name == name);
        scenario.variant.is_none() && (found || scenario.gives.iter().any(|(given, _)| *given == name))
    };
    match ALL.iter().filter(gives).collect::<Vec<_>>()[..] {
        [scenario] => Ok(scenario.key()),
        [] => bail!("no scenario gives {name}"),
        _ => bail!("several scenarios give {name}"),
    }
}

/// Deletes items of a service's table.
async fn forget(world: &impl World, service: &str, pk: &str, sk: &str) -> Result<()> {
    let table = table_of(world, service)?;
    let query = json!({
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": {"S": pk}, ":sk": {"S": sk}},
    });
    let found = call(world.cloud(), "DynamoDB_20120810.Query", &query).await?;
    let items = found["Items"].as_array().cloned().unwrap_or_default();
    ensure!(!items.is_empty(), "there is no {sk} in {pk}");
    for item in items {
        let delete = json!({"TableName": table, "Key": {"pk": item["pk"], "sk": item["sk"]}});
        call(world.cloud(), "DynamoDB_20120810.DeleteItem", &delete).await?;
    }
    Ok(())
}

async fn give_up(world: &impl World, service: &str) -> Result<()> {
    let table = table_of(world, service)?;
    let source = world.deployment().stream_sources.iter().find(|source| source.table == table);
    let queue = source.and_then(|source| source.on_failure.as_deref());
    let queue = queue.with_context(|| format!("the relay of {service} has no dead letters"))?;
    let body = json!({"DDBStreamBatchInfo": {"approximateArrivalOfFirstRecord": "9999-01-01T00:00:00Z"}});
    let message = json!({"QueueUrl": queue_url(queue), "MessageBody": body.to_string()});
    call(world.cloud(), "AmazonSQS.SendMessage", &message).await?;
    Ok(())
}

fn table_of<'a>(world: &'a impl World, service: &str) -> Result<&'a str> {
    let file = format!("functions/{service}/template.yaml");
    let table = world.deployment().tables.iter().find(|table| table.place.file == file);
    table.map(|table| table.name.as_str()).with_context(|| format!("{service} has no table"))
}
