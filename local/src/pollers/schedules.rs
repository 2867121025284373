//! Schedules.

use jiff::Timestamp;
use serde_json::{json, value::RawValue};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::{
    invoker::{Call, Invoker},
    shutdown::Shutdown,
    template::{ACCOUNT, REGION, Schedule},
};

/// Invokes a schedule's function now.
pub(crate) async fn run_once(schedule: Schedule, invoker: Invoker) {
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
pub(crate) async fn repeat(schedule: Schedule, invoker: Invoker, mut shutdown: Shutdown) {
    let mut ticks = interval_at(Instant::now() + schedule.every, schedule.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = shutdown.wait() => return,
            _ = ticks.tick() => run_once(schedule.clone(), invoker.clone()).await,
        }
    }
}
