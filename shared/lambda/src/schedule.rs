//! The adapters of what has neither route nor queue: schedules, and invocations with IAM.

use std::{future::Future, sync::Arc};

use dynamo::{Cause, Due, Entity, Ids};
use futures::stream::{self, StreamExt};
use lambda_runtime::Context;
use serde_json::value::RawValue;

use crate::{
    Call, Caller, Env, Input, Problem, Reply, Service,
    function::{Fault, Outcome, event, json},
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
    /// Does the same work on each of the things that are due, until none is left that was due when it began, or its time
    /// is nearly over: then the rest is for the next tick. One must not hold up the others: what goes wrong with it is
    /// logged, and it is due again; what another writer did meanwhile is done.
    ///
    /// # Errors
    /// That it cannot be known what is due.
    pub async fn each<T, F>(&self, due: Due<T>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        self.sweep(due, Some(1), work).await
    }

    /// As [`Tick::each`], with those of a page at once: for work that waits for somebody else.
    ///
    /// # Errors
    /// That it cannot be known what is due.
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
            once: None,
        }
    }
}

/// Runs a scheduled job.
pub(crate) async fn tick<S, F>(job: Arc<Job<S, Tick, F>>, _: Box<RawValue>, context: Context) -> Outcome
where
    S: Service,
    F: Future<Output = Result<(), Problem>> + Send,
{
    // A tick may commit many things before it is run again: ids that were used then must not come back for others.
    let tick = || Tick { cause: job.cause(&context, job.env.random()), env: job.env.clone(), context: context.clone() };
    let outcome = retry::run(&job.env, &context, || (job.handle)(job.service.clone(), tick()));
    match outcome.await {
        Ok(()) | Err(Problem::AlreadyDone) => json(&()),
        Err(problem) => Err(fault(&problem)),
    }
}

/// Runs what is invoked with IAM: payload in, body out.
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
        let input = event(&payload).map_err(Problem::internal).and_then(I::from_json);
        let call = input.map(|input| Call::new(input, Caller::default(), job.cause(&context, seed)));
        async { Box::pin((job.handle)(job.service.clone(), call?)).await }
    });
    match outcome.await.and_then(Reply::render) {
        Ok(rendered) => json(&rendered.body),
        Err(problem) => Err(fault(&problem)),
    }
}

pub(crate) fn fault(problem: &Problem) -> Fault {
    tracing::error!(error = problem as &dyn std::error::Error, "the invocation failed");
    Fault::new(problem.slug().unwrap_or("internal"), problem)
}
