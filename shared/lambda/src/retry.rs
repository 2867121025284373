//! Deadlines and conflicts. A handler is run again only in this module.

use std::{future::Future, time::Duration};

use lambda_runtime::Context;

use crate::{Env, Problem};

/// The reserve of the remaining time that is needed to respond before Lambda ends the process.
const RESERVE: Duration = Duration::from_millis(500);
/// The remaining time if there is no deadline. `cargo lambda watch` sends one in 1970.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(10);
/// The time for the slowest page: 1 MB of a table, or 100 overdue entities.
const TIME_FOR_A_PAGE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Runs a handler again as long as it returns a conflict, with capped and fully jittered pauses (Brooker,
/// "Exponential Backoff And Jitter", 2015), within the remaining time less 500 ms. A handler is dropped when its time
/// is over. This is harmless, because each handler is a sequence of atomic steps.
///
/// Handlers are boxed, because their state is large and would be moved with every enclosing future.
pub(crate) async fn run<T, F>(env: &Env, context: &Context, mut attempt: impl FnMut() -> F) -> Result<T, Problem>
where
    F: Future<Output = Result<T, Problem>>,
{
    let attempts = async {
        let mut ceiling = FIRST_PAUSE;
        loop {
            match attempt().await {
                Err(Problem::Conflict) => {
                    tracing::debug!("another writer was first");
                    tokio::time::sleep(jittered(env, ceiling)).await;
                    ceiling = (ceiling * 2).min(LONGEST_PAUSE);
                }
                outcome => return outcome,
            }
        }
    };
    tokio::time::timeout(remaining(env, context), attempts).await.unwrap_or_else(|_| {
        Err(Problem::new(503, "timed-out", "The request timed out")
            .detail("The request did not finish in time. Try again.")
            .retry_after(1))
    })
}

/// The remaining time of an invocation, less the reserve.
fn remaining(env: &Env, context: &Context) -> Duration {
    let now = u64::try_from(env.now().as_millisecond()).unwrap_or_default();
    match context.deadline.checked_sub(now) {
        Some(left) => Duration::from_millis(left).saturating_sub(RESERVE),
        None => WITHOUT_DEADLINE,
    }
}

/// Whether there is time for another page. If not, another invocation must process it.
pub(crate) fn time_for_a_page(env: &Env, context: &Context) -> bool {
    remaining(env, context) >= TIME_FOR_A_PAGE
}

fn jittered(env: &Env, ceiling: Duration) -> Duration {
    let micros = ceiling.as_micros().max(1);
    Duration::from_micros(u64::try_from(env.random() % micros).unwrap_or_default())
}
