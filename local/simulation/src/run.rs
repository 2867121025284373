//! A run: the shop is set up, the actors act while faults occur, and then the run reaches quiescence.

use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures::future::join_all;
use local::{handlers::Handler, provision};
use tokio::sync::oneshot;

use crate::{
    actors, buyer,
    choices::Choices,
    executor,
    faults::FaultRates,
    flood, lists,
    observed::Violation,
    pollers::{self, redrive, scheduled, tick_once},
    quiescence, scenarios,
    world::{Faults, Mutation, Stage, World},
};

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The violated invariant, if there is one.
    pub violations: Vec<Violation>,
    /// The trace, line by line.
    pub trace: Vec<String>,
    /// The hash of the trace.
    pub hash: u64,
    /// All choices that were made.
    pub drawn: Vec<u32>,
    /// The injected faults.
    pub faults: Faults,
    /// The number of checks of invariants.
    pub checks: u64,
    /// The maximum number of calls of an invocation, by handler.
    pub calls: BTreeMap<Handler, u32>,
    /// Whether the planned end of a process has happened.
    pub crashed: bool,
    /// The number of placed orders.
    pub orders: usize,
    /// The number of delivered orders.
    pub delivered: usize,
    /// The number of orders that were placed from reopened carts.
    pub bought_again: usize,
    /// The number of orders that were placed with the quote of a merged cart before orders knew of the merge.
    pub ordered_merged: usize,
}

/// The kind of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// Purchases with faults.
    Storm,
    /// Purchases without random faults.
    Calm,
    /// A scenario by its key, without random faults.
    Scenario(&'static str),
}

/// Runs a choice sequence. Ids are generated from `seed`.
///
/// # Panics
/// If the templates cannot be provisioned.
pub fn play(stage: &Arc<Stage>, choices: Choices, seed: u64, mutation: Mutation, script: Script) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without sockets starts");
    let world = runtime.block_on(async { World::new(stage.clone(), choices, seed, mutation) });
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(executor::run(&world.choices, &world.spawner, simulate(world.clone(), script)));
    }));
    if let Err(panic) = played {
        world.observed.breaks("nothing panics", said(&*panic));
    }
    world.spawner.clear();
    let faults = executor::lock(&world.faults).clone();
    let hash = world.observed.hash();
    world.observed.with(|seen| Run {
        violations: std::mem::take(&mut seen.violations),
        trace: std::mem::take(&mut seen.trace),
        hash,
        drawn: world.choices.drawn(),
        faults,
        checks: seen.checks,
        calls: std::mem::take(&mut seen.calls),
        crashed: world.has_crashed(),
        orders: seen.versions.keys().filter(|key| key.contains("/order#")).count(),
        bought_again: seen.bought_again,
        ordered_merged: seen.ordered_merged,
        delivered: seen.committed.values().filter(|(_, name, _)| name == "OrderDelivered.v1").count(),
    })
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

async fn simulate(world: Arc<World>, script: Script) {
    provision(&world.cloud, &world.stage.deployment).await.expect("the templates can be provisioned");
    pollers::start(&world);
    actors::open_shop(&world).await;
    // Wait until all read models know the products and the keys of quotes.
    tokio::time::sleep(Duration::from_mins(10)).await;
    world.observed.with(|seen| seen.trace.clear());
    match script {
        Script::Scenario(key) => scenarios::run(world.clone(), key).await,
        Script::Calm => go_on(&world).await,
        Script::Storm => {
            world.set_fault_rates(FaultRates::draw(&world.choices));
            go_on(&world).await;
        }
    }
    world.set_fault_rates(FaultRates::CALM);
    world.log(|| "--- from here on nothing goes wrong any more".to_owned());
    // Not always, because an event that was lost comes again, too.
    if script == Script::Storm && world.choices.happens(500) {
        flood::publish_again(&world).await;
    }
    reach_quiescence(&world).await;
    quiescence::check(&world).await;
    lists::check(&world).await;
    flood::changes_nothing(&world).await;
}

/// Runs the actors.
async fn go_on(world: &Arc<World>) {
    world.spawner.spawn(pollers::tick(world.clone()));
    let silent =
        (!world.fault_rates().is_calm() && world.choices.happens(150)).then(|| 1 + u64::from(world.choices.below(30)));
    let mut done = Vec::new();
    let mut act = |actor: futures::future::BoxFuture<'static, ()>| {
        let (tell, told) = oneshot::channel();
        world.spawner.spawn(async move {
            actor.await;
            let _ = tell.send(());
        });
        done.push(told);
    };
    for number in 0..2 + world.choices.below(5) {
        act(Box::pin(buyer::buyer(world.clone(), number)));
    }
    act(Box::pin(actors::courier(world.clone())));
    act(Box::pin(actors::support(world.clone())));
    act(Box::pin(actors::merchant(world.clone())));
    act(Box::pin(lists::merchant(world.clone())));
    act(Box::pin(actors::operator(world.clone())));
    act(Box::pin(actors::stranger(world.clone())));
    if let Some(hours) = silent {
        world.provider.falls_silent(world, hours);
    }
    join_all(done).await;
}

/// Lets time pass until quiescence. 40 days are more than every deadline.
async fn reach_quiescence(world: &Arc<World>) {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let steps = [(2, 5 * MINUTE), (2, HOUR), (3, 8 * HOUR), (40, DAY)];
    let steps = steps.into_iter().flat_map(|(times, step)| std::iter::repeat_n(step, times));
    for step in steps {
        for dispute in world.provider.open_disputes() {
            world.provider.decide(world, &dispute, world.choices.mostly_first(2) == 0);
        }
        redrive(world).await;
        pollers::republish_given_up(world).await;
        pollers::delete_expired(world);
        tokio::time::sleep(Duration::from_secs(step)).await;
        for function in scheduled(world) {
            tick_once(world, function).await;
        }
        if quiescence::nothing_waits(world).await {
            break;
        }
        if step == DAY {
            quiescence::check_after_a_day(world).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(5 * MINUTE)).await;
}
