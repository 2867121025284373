//! The maximum AWS calls of each function, and the cost of a million purchases, counted while all scenarios run.
//!
//! The counts are in `local/budgets.md`. A test compares the file with new counts; `souk budgets --write` updates it.

mod caps;
mod prices;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use anyhow::{Context, Result};
use emulators::VirtualClock;
use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use crate::{
    Options, Permission, Stack, Usage,
    handlers::Handler,
    quiet,
    scenarios::{ALL, Run, StackWorld},
    template::FunctionSpec,
    visits,
};
use caps::is_page;
use prices::Purchase;

/// The file with the counts.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.md");

/// The counts.
#[derive(Debug)]
pub struct Budgets {
    /// The maximum calls of one invocation, by handler.
    operations: BTreeMap<Handler, Usage>,
    purchase: Purchase,
    /// Permissions that a function has and did not use.
    unused: Vec<String>,
    /// Functions that read a list with the index of their table.
    listing: BTreeSet<String>,
}

/// The observed calls of functions in one or several stacks.
#[derive(Default)]
struct Seen {
    most: BTreeMap<Handler, Usage>,
    handlers: Vec<Handler>,
    used: BTreeMap<String, BTreeSet<Permission>>,
    functions: Vec<FunctionSpec>,
}

/// Runs every scenario in stacks in memory, and counts.
///
/// # Errors
/// If a scenario fails, or no scenario invokes a function.
pub async fn count() -> Result<Budgets> {
    let mut seen = Seen::default();
    let purchase = in_a_stack(
        &mut seen,
        |_| true,
        async |stack, world| {
            let purchase = purchases(stack, world).await?;
            for scenario in ALL.iter().filter(|scenario| !scenario.takes_time()) {
                let run = Run::new(world);
                run.invalid(&scenario.key()).await?;
                run.run(&scenario.key()).await?;
            }
            Ok(purchase)
        },
    );
    let purchase = purchase.await?;
    // Webhooks are signed with the machine's clock. If days pass in the stack, they are refused.
    let later = in_a_stack(
        &mut seen,
        |_| true,
        async |stack, world| {
            for scenario in ALL.iter().filter(|scenario| scenario.takes_time()) {
                Run::new(world).run(&scenario.key()).await?;
                // Process overdue entities now, so that the sweep of the next scenario does not.
                for schedule in &stack.deployment().schedules {
                    stack.invoke(&schedule.function, &json!({})).await?;
                    quiet::settled(stack).await?;
                }
            }
            Ok(())
        },
    );
    later.await?;
    // What a page asks of other services depends on the order of equals in a list, and is counted above.
    let visits = in_a_stack(&mut seen, is_page, async |stack, world| visits::all(stack, world).await.map(|_| ()));
    visits.await?;
    let operation = |handler: &Handler| {
        let most = seen.most.get(handler).with_context(|| format!("no scenario invokes {handler}"))?;
        Ok((handler.clone(), *most))
    };
    let operations = seen.handlers.iter().map(operation).collect::<Result<_>>()?;
    let unused = seen.functions.iter().flat_map(|spec| seen.unused(spec)).collect();
    let of_lists = |used: &Permission| used.resource.ends_with("/index/lists");
    let lists = |spec: &&FunctionSpec| seen.used.get(&spec.name).is_some_and(|used| used.iter().any(of_lists));
    let listing = seen.functions.iter().filter(lists).map(FunctionSpec::id).collect();
    Ok(Budgets { operations, purchase, unused, listing })
}

/// Runs a closure in a separate stack that runs in single steps, and records the calls of the functions that count.
async fn in_a_stack<T>(
    seen: &mut Seen,
    counts: fn(&Handler) -> bool,
    act: impl AsyncFnOnce(&Stack, &StackWorld<'_>) -> Result<T>,
) -> Result<T> {
    // A whole second is always written alike.
    let clock = VirtualClock::new(Timestamp::now().round(Unit::Second)?);
    let options = Options { demo: true, steps: Some(clock.clone()), ..Options::default() };
    let stack = Stack::start(options).await?;
    quiet::settled(&stack).await?;
    let done = act(&stack, &StackWorld::new(&stack, Some(clock))).await;
    quiet::settled(&stack).await?;
    seen.note(&stack, counts);
    stack.stop().await;
    done
}

/// The cost of a purchase.
async fn purchases(stack: &Stack, world: &StackWorld<'_>) -> Result<Purchase> {
    let shelf = Run::new(world);
    shelf.run("adjust-stock").await?;
    let sku = shelf.name("sku").await?;
    // Keys are read once per process and cached, so the second purchase is like all later ones.
    purchase(world, stack, &sku).await?;
    let before = stack.ledger().invocations().len();
    purchase(world, stack, &sku).await?;
    Ok(Purchase::of(&stack.ledger().invocations()[before..], stack.deployment()))
}

/// Makes a purchase, from a guest's token to the delivery, and waits for quiescence.
async fn purchase(world: &StackWorld<'_>, stack: &Stack, sku: &Value) -> Result<()> {
    let run = Run::new(world).with_name("sku", sku.clone()).without(&["create-product", "adjust-stock"])?;
    run.run("deliver-shipment").await.context("a purchase")?;
    quiet::settled(stack).await
}

impl Seen {
    fn note(&mut self, stack: &Stack, counts: fn(&Handler) -> bool) {
        let deployment = stack.deployment();
        for invocation in stack.ledger().invocations() {
            let Some(function) = deployment.function(&invocation.function) else { continue };
            let handler = deployment.handler(function, invocation.event.as_deref());
            if counts(&handler) {
                let most = self.most.entry(handler).or_default();
                *most = most.most(invocation.usage);
            }
        }
        self.handlers = deployment.handlers();
        self.functions.clone_from(&deployment.functions);
        for spec in &self.functions {
            self.used.entry(spec.name.clone()).or_default().extend(stack.ledger().used(&spec.name));
        }
    }

    fn unused(&self, spec: &FunctionSpec) -> Vec<String> {
        let used = self.used.get(&spec.name).cloned().unwrap_or_default();
        let allowed: BTreeSet<_> = spec
            .policy
            .iter()
            .flat_map(|statement| statement.actions.iter().map(move |action| (action, &statement.resources)))
            .flat_map(|(action, resources)| {
                resources.iter().map(|resource| Permission { action: action.clone(), resource: resource.clone() })
            })
            .collect();
        let unused = allowed.difference(&used);
        unused.map(|Permission { action, resource }| format!("{}: {action} on {resource}", spec.id())).collect()
    }
}

impl Budgets {
    /// Permissions that a function has and did not use.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// Functions that exceed the cap without an exception, and exceptions that are not needed.
    pub fn excesses(&self) -> Vec<String> {
        caps::excesses(&self.operations, &self.listing)
    }

    /// The cost of a million purchases in dollars, with messages received and deleted one by one, and in batches of
    /// ten.
    pub fn dollars(&self) -> [f64; 2] {
        [self.purchase.dollars(), self.purchase.dollars_in_batches()]
    }

    /// The content of [`FILE`], as Markdown.
    pub fn page(&self) -> String {
        let mut page = format!("{HEAD}\n{}\n{AIM}\n{}\n{OPERATIONS}\n", self.purchase.table(), self.purchase.steps());
        page += "| service | function | reads | writes | read units | write units | events | messages |\n";
        page += "|---|---|--:|--:|--:|--:|--:|--:|\n";
        for (handler, usage) in &self.operations {
            let Usage { reads, writes, read_units, write_units, events, messages, .. } = usage;
            let by_size = BY_SIZE.contains(&(&*handler.service, &*handler.name()));
            let units = |units: String| if by_size { "by size".to_owned() } else { units };
            let [read_units, write_units] = [read_units.to_string(), write_units.to_string()].map(units);
            let _ = writeln!(
                page,
                "| {} | `{}` | {reads} | {writes} | {read_units} | {write_units} | {events} | {messages} |",
                handler.service,
                handler.name()
            );
        }
        page + "\n" + caps::HEAD + "\n\n" + &caps::table()
    }
}

const HEAD: &str = "\
# Budgets

The AWS calls of each function, counted between the AWS SDK and the emulators. `cargo run -- budgets --write` writes this
page; a test fails when it is no longer true. The clock is frozen and steps run one at a time, so the counts are always the
same, and each batch has one message or one stream record. A busy system receives and deletes ten messages at a time; the
last line of the first table says what that saves.

## A million purchases

One purchase of one product, from a guest's token to a delivered parcel, with its authorizers; list prices
of eu-west-1, without free tiers. The embedded DynamoDB reports the units that the real one would bill: a write by the
larger of the old and the new item, doubled in a transaction, and in addition the writes to indexes. The requests to SQS of rules and pollers are
counted with the functions' own. Lambda's time is assumed: 1 ms, 5 ms a call, 300 ms for the payment provider; so are
the 400 bytes that API Gateway logs of a request. A function logs one metric for each event; a
purchase has no errors and refusals to log. Reading streams costs a function nothing. Not counted: costs that do not grow
with purchases, or are sampled: empty polls, storage, backups, alarms, traces, the edge.
";

const AIM: &str = "\
Requests to API Gateway and events are a fixed part of this. Most of the rest is written units: a transaction bills each
write twice, and an event is a write beside the state.
";

/// The functions that store the index of the search, and the one that scans the table with it. Its size depends on how
/// well random ids can be packed.
const BY_SIZE: [(&str, &str); 3] =
    [("catalog", "rebuild-search"), ("catalog", "republish"), ("catalog", "snapshot-search")];

const OPERATIONS: &str = "\
## Operations

The most calls of one invocation of each function in any scenario. If several events invoke a function, each event has a
row. What a process reads once and keeps is counted; retries after a conflict are not. The units of a function that stores
the index of the search, or scans the table with it, depend on the size of the index: a write unit for each kilobyte.
";
