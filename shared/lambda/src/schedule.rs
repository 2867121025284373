//! The adapters of functions without route and queue: schedules, and invocations with IAM.

use std::{future::Future, sync::Arc};

use dynamo::{Cause, Due, Entity, Ids};
use futures::stream::{self, StreamExt};
use lambda_runtime::Context;
use serde_json::value::RawValue;

use crate::{
    Call, Caller, Env, Input, Problem, Reply, Service,
    outcome::{Outcome, failed, read_event, respond},
    retry,
};

/// A tick of a schedule.
#[derive(Debug)]
pub struct Tick {
    /// Time and ids: what a commit remembers.
    pub cause: Cause,
    env: Env,
    context: Context,
}

impl Tick {
    /// Does the work on each overdue entity, until none is left that was overdue at the start, or until the time is nearly
    /// over: then the next tick does the rest. A failure is logged and does not stop the others; that entity is overdue
    /// again. A conflict means that another writer has done the work.
    ///
    /// # Errors
    /// The store's error, if it cannot tell which entities are overdue.
    pub async fn each<T, F>(&self, due: Due<T>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        self.sweep(due, Some(1), work).await
    }

    /// As [`Tick::each`], with all entities of a page at once, for work that waits for another system.
    ///
    /// # Errors
    /// The store's error, if it cannot tell which entities are overdue.
    pub async fn each_at_once<T, F>(&self, due: Due<T>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        self.sweep(due, None, work).await
    }

    async fn sweep<T, F>(&self, mut due: Due<T>, at_once: Option<usize>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        loop {
            let page = stream::iter(due.next().await?);
            page.for_each_concurrent(at_once, async |thing| {
                let key = thing.key().pk;
                match work(thing).await {
                    Ok(()) | Err(Problem::Conflict | Problem::AlreadyDone) => {}
                    Err(problem) => tracing::error!(key, error = &problem as &dyn std::error::Error, "not done"),
                }
            })
            .await;
            if !due.more() {
                return Ok(());
            }
            if !retry::time_for_a_page(&self.env, &self.context) {
                tracing::warn!("the time is nearly over: the rest is for the next tick");
                return Ok(());
            }
        }
    }
}

pub(crate) struct Job<S, C, F> {
    pub(crate) service: S,
    pub(crate) env: Env,
    pub(crate) handle: fn(S, C) -> F,
}

impl<S, C, F> Job<S, C, F> {
    fn cause(&self, context: &Context, seed: u128) -> Cause {
        let now = self.env.now();
        Cause {
            now,
            principal: "system".to_owned(),
            causation: context.request_id.clone(),
            correlation: context.request_id.clone(),
            trace: context.xray_trace_id.clone(),
            ids: Ids::new(now, seed),
            inbox: None,
            idempotency_key: None,
        }
    }
}

/// Runs a scheduled job.
pub(crate) async fn tick<S, F>(job: Arc<Job<S, Tick, F>>, _: Box<RawValue>, context: Context) -> Outcome
where
    S: Service,
    F: Future<Output = Result<(), Problem>> + Send,
{
    // A tick can commit several changes before it runs again, so it must not draw the same ids again.
    let tick = || Tick { cause: job.cause(&context, job.env.random()), env: job.env.clone(), context: context.clone() };
    let outcome = retry::run(&job.env, &context, || (job.handle)(job.service.clone(), tick()));
    match outcome.await {
        Ok(()) | Err(Problem::AlreadyDone) => respond(&()),
        Err(problem) => Err(failed(&problem)),
    }
}

/// Runs an invocation with IAM: the payload is the input, the body of the reply is the response.
pub(crate) async fn invoke<S, I, R, F>(
    job: Arc<Job<S, Call<I>, F>>,
    payload: Box<RawValue>,
    context: Context,
) -> Outcome
where
    S: Service,
    I: Input,
    R: Reply,
    F: Future<Output = Result<R, Problem>> + Send,
{
    let seed = job.env.random();
    let outcome = retry::run(&job.env, &context, || {
        let input = read_event(&payload).map_err(Problem::internal).and_then(I::from_json);
        let call = input.map(|input| Call::new(input, Caller::default(), job.cause(&context, seed)));
        async { Box::pin((job.handle)(job.service.clone(), call?)).await }
    });
    match outcome.await.and_then(Reply::render) {
        Ok(rendered) => respond(&rendered.body),
        Err(problem) => Err(failed(&problem)),
    }
}
