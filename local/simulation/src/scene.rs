//! One run: the shop opens, everybody does what they do while things go wrong, and then it comes to rest.

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
    actors,
    deliveries::{self, redrive, scheduled, tick_once},
    executor,
    fates::Weather,
    flood,
    observed::Broken,
    rest, scenarios,
    tape::Tape,
    world::{Faults, Stage, Twist, World},
};

/// What became of a run.
#[derive(Debug)]
pub struct Run {
    /// What must not be and was; nothing, if all is well.
    pub broken: Vec<Broken>,
    /// What happened, line by line.
    pub story: Vec<String>,
    /// The story as a number.
    pub hash: u64,
    /// Every choice that was made.
    pub drawn: Vec<u32>,
    /// What went wrong on purpose.
    pub faults: Faults,
    /// How often something was held against an invariant.
    pub checks: u64,
    /// Most calls of an invocation, by handler.
    pub calls: BTreeMap<Handler, u32>,
    /// Whether the process that was to end has ended.
    pub crashed: bool,
    /// How many orders were placed.
    pub orders: usize,
    /// How many of them were delivered.
    pub delivered: usize,
}

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// Purchases, while things go wrong.
    Storm,
    /// Purchases, and nothing goes wrong by itself.
    Calm,
    /// A scenario by its key, and nothing goes wrong by itself.
    Scenario(&'static str),
}

/// Plays a tape. `seed` is what ids are drawn from.
///
/// # Panics
/// When the templates cannot be provisioned.
pub fn play(stage: &Arc<Stage>, tape: Tape, seed: u64, twist: Twist, script: Script) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without sockets starts");
    let world = runtime.block_on(async { World::new(stage.clone(), tape, seed, twist) });
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(executor::run(&world.tape, &world.spawner, scene(world.clone(), script)));
    }));
    if let Err(panic) = played {
        world.observed.breaks("nothing panics", said(&*panic));
    }
    world.spawner.clear();
    let faults = executor::lock(&world.faults).clone();
    let hash = world.observed.hash();
    world.observed.with(|seen| Run {
        broken: std::mem::take(&mut seen.broken),
        story: std::mem::take(&mut seen.story),
        hash,
        drawn: world.tape.drawn(),
        faults,
        checks: seen.checks,
        calls: std::mem::take(&mut seen.calls),
        crashed: world.has_crashed(),
        orders: seen.versions.keys().filter(|key| key.contains("/order#")).count(),
        delivered: seen.committed.values().filter(|(_, name, _)| name == "OrderDelivered.v1").count(),
    })
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

async fn scene(world: Arc<World>, script: Script) {
    provision(&world.cloud, &world.stage.deployment).await.expect("the templates can be provisioned");
    deliveries::start(&world);
    actors::open_shop(&world).await;
    // Until everybody has learned what is for sale, and how quotes are signed.
    tokio::time::sleep(Duration::from_mins(10)).await;
    world.observed.with(|seen| seen.story.clear());
    match script {
        Script::Scenario(key) => scenarios::run(world.clone(), key).await,
        Script::Calm => go_on(&world).await,
        Script::Storm => {
            world.set_weather(Weather::draw(&world.tape));
            go_on(&world).await;
        }
    }
    world.set_weather(Weather::CALM);
    world.tell(|| "--- from here on nothing goes wrong any more".to_owned());
    // Not always, because an event that was lost comes again, too.
    if script == Script::Storm && world.tape.happens(500) {
        flood::publish_again(&world).await;
    }
    come_to_rest(&world).await;
    rest::check(&world).await;
    flood::changes_nothing(&world).await;
}

/// Lets everybody do what they do.
async fn go_on(world: &Arc<World>) {
    world.spawner.spawn(deliveries::tick(world.clone()));
    let silent = (!world.weather().is_calm() && world.tape.happens(150)).then(|| 1 + u64::from(world.tape.below(30)));
    let mut done = Vec::new();
    let mut act = |actor: futures::future::BoxFuture<'static, ()>| {
        let (tell, told) = oneshot::channel();
        world.spawner.spawn(async move {
            actor.await;
            let _ = tell.send(());
        });
        done.push(told);
    };
    for number in 0..2 + world.tape.below(5) {
        act(Box::pin(actors::buyer(world.clone(), number)));
    }
    act(Box::pin(actors::courier(world.clone())));
    act(Box::pin(actors::support(world.clone())));
    act(Box::pin(actors::merchant(world.clone())));
    act(Box::pin(actors::operator(world.clone())));
    act(Box::pin(actors::stranger(world.clone())));
    if let Some(hours) = silent {
        world.provider.falls_silent(world, hours);
    }
    join_all(done).await;
}

/// Lets time pass until nothing waits for anything any more: 40 days are more than every deadline.
async fn come_to_rest(world: &Arc<World>) {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let steps = [(2, 5 * MINUTE), (2, HOUR), (3, 8 * HOUR), (40, DAY)];
    let steps = steps.into_iter().flat_map(|(times, step)| std::iter::repeat_n(step, times));
    for step in steps {
        for dispute in world.provider.open_disputes() {
            world.provider.decide(world, &dispute, world.tape.mostly_first(2) == 0);
        }
        redrive(world).await;
        deliveries::delete_expired(world);
        tokio::time::sleep(Duration::from_secs(step)).await;
        for function in scheduled(world) {
            tick_once(world, function).await;
        }
        if rest::nothing_waits(world).await {
            break;
        }
        if step == DAY {
            rest::check_after_a_day(world).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(5 * MINUTE)).await;
}
