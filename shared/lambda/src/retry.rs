//! Deadlines and conflicts: the one layer at which a handler is run again.

use std::{future::Future, time::Duration};

use lambda_runtime::Context;

use crate::{Env, Problem};

/// What is kept back of the remaining time, to answer before Lambda ends the process.
const RESERVE: Duration = Duration::from_millis(500);
/// The remaining time where there is no deadline: `cargo lambda watch` names one in 1970.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(10);
/// What the slowest page takes: of a table, 1 MB; of things that are due, 100 of them.
const TIME_FOR_A_PAGE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Runs a handler until it comes to something else than a conflict, with capped, fully jittered pauses
/// (Brooker, "Exponential Backoff And Jitter", 2015), inside the remaining time less 500 ms. A
/// handler whose time is over is dropped: each is a sequence of atomic steps, so that is harmless.
///
/// Handlers come boxed: their state is large, and would be moved with every future around it.
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
        Err(Problem::new(503, "timed-out", "It took too long").detail("Try again; nothing is lost.").retry_after(1))
    })
}

/// What is left of an invocation's time, less the reserve.
fn remaining(env: &Env, context: &Context) -> Duration {
    let now = u64::try_from(env.now().as_millisecond()).unwrap_or_default();
    match context.deadline.checked_sub(now) {
        Some(left) => Duration::from_millis(left).saturating_sub(RESERVE),
        None => WITHOUT_DEADLINE,
    }
}

/// Whether what goes on page by page has time for another page: if not, that one is for another invocation.
pub(crate) fn time_for_a_page(env: &Env, context: &Context) -> bool {
    remaining(env, context) >= TIME_FOR_A_PAGE
}

fn jittered(env: &Env, ceiling: Duration) -> Duration {
    let micros = ceiling.as_micros().max(1);
    Duration::from_micros(u64::try_from(env.random() % micros).unwrap_or_default())
}
