//! Schedules.

use std::{pin::pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{json, value::RawValue};
use tokio::{
    sync::Mutex,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use crate::{
    invoker::{Call, Invoker},
    shutdown::Shutdown,
    template::{ACCOUNT, REGION, Schedule},
};

/// The time after which the next schedule runs although the function of the one before has not answered.
const TURN: Duration = Duration::from_mins(1);

/// Decides which schedules run at the same time.
#[derive(Clone)]
pub(crate) struct Turns(Option<Arc<Mutex<()>>>);

impl Turns {
    /// All schedules may run at the same time.
    pub(crate) fn together() -> Self {
        Self(None)
    }

    /// One schedule runs after the other, so that `cargo lambda watch` does not compile all their functions at once.
    pub(crate) fn one_by_one() -> Self {
        Self(Some(Arc::default()))
    }

    async fn take<T>(&self, run: impl Future<Output = T>) -> T {
        let Some(turn) = &self.0 else { return run.await };
        let turn = turn.lock().await;
        let mut run = pin!(run);
        if let Ok(outcome) = timeout(TURN, &mut run).await {
            return outcome;
        }
        drop(turn);
        run.await
    }
}

/// Invokes a schedule's function now, or when it is its turn.
pub(crate) async fn run_once(schedule: Schedule, invoker: Invoker, turns: Turns) {
    turns.take(invoke(schedule, invoker)).await;
}

async fn invoke(schedule: Schedule, invoker: Invoker) {
    let call = Call::fresh();
    let event = schedule.input.clone().unwrap_or_else(|| {
        let event = json!({
            "version": "0",
            "id": call.request_id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
            "region": REGION,
            "resources": [format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{}", schedule.name)],
            "detail": "{}",
        });
        event.to_string()
    });
    match RawValue::from_string(event) {
        // A failure is logged, and the next tick runs the function again. Lambda would try twice more before that.
        Ok(event) => drop(invoker.invoke(&schedule.function, event, call).await),
        Err(error) => tracing::error!(schedule = schedule.name, %error, "the input of a schedule is not JSON"),
    }
}

/// Invokes a schedule's function at each scheduled time.
pub(crate) async fn repeat(schedule: Schedule, invoker: Invoker, turns: Turns, mut shutdown: Shutdown) {
    let mut ticks = interval_at(Instant::now() + schedule.every, schedule.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = shutdown.wait() => return,
            _ = ticks.tick() => run_once(schedule.clone(), invoker.clone(), turns.clone()).await,
        }
    }
}
