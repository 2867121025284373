//! The adapters of functions without a route or a queue: schedules, and invocations with IAM.

use std::{future::Future, sync::Arc};

use dynamo::{Entity, Ids, OverdueScan, RequestContext};
use futures::stream::{self, StreamExt};
use lambda_runtime::Context;
use serde_json::value::RawValue;

use crate::{
    Call, Caller, Env, Input, Problem, Reply, Service,
    outcome::{Outcome, failed, read_event, respond},
    retry,
};

/// A scheduled invocation.
#[derive(Debug)]
pub struct Tick {
    /// The time and the ids, for the commit.
    pub context: RequestContext,
    env: Env,
    invocation: Context,
}

impl Tick {
    /// Processes each entity that was overdue at the start. If the time is nearly over, it stops, and the next tick
    /// processes the rest. A failure is logged and does not stop the others; the entity stays overdue. A conflict
    /// means that another writer has done the work.
    ///
    /// # Errors
    /// An error of the store, if it cannot return the overdue entities.
    pub async fn each<T, F>(&self, due: OverdueScan<T>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        self.sweep(due, Some(1), work).await
    }

    /// Like [`Tick::each`], but processes all entities of a page concurrently, for work that waits for another
    /// system.
    ///
    /// # Errors
    /// An error of the store, if it cannot return the overdue entities.
    pub async fn each_at_once<T, F>(&self, due: OverdueScan<T>, work: impl Fn(T) -> F) -> Result<(), Problem>
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        self.sweep(due, None, work).await
    }

    async fn sweep<T, F>(
        &self,
        mut due: OverdueScan<T>,
        at_once: Option<usize>,
        work: impl Fn(T) -> F,
    ) -> Result<(), Problem>
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
            if !retry::time_for_a_page(&self.env, &self.invocation) {
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
    fn context(&self, invocation: &Context, seed: u128) -> RequestContext {
        let now = self.env.now();
        RequestContext {
            now,
            principal: "system".to_owned(),
            causation: invocation.request_id.clone(),
            correlation: invocation.request_id.clone(),
            trace: invocation.xray_trace_id.clone(),
            ids: Ids::new(now, seed),
            message: None,
            idempotency_key: None,
        }
    }
}

/// Runs a scheduled job.
pub(crate) async fn tick<S, F>(job: Arc<Job<S, Tick, F>>, _: Box<RawValue>, invocation: Context) -> Outcome
where
    S: Service,
    F: Future<Output = Result<(), Problem>> + Send,
{
    // A tick can commit several changes before it runs again, so the second run must not make the same ids.
    let tick = || Tick {
        context: job.context(&invocation, job.env.random()),
        env: job.env.clone(),
        invocation: invocation.clone(),
    };
    let outcome = retry::run(&job.env, &invocation, || (job.handle)(job.service.clone(), tick()));
    match outcome.await {
        Ok(()) | Err(Problem::AlreadyDone) => respond(&()),
        Err(problem) => Err(failed(&problem)),
    }
}

/// Runs an invocation with IAM: the payload is the input, the body of the reply is the response.
pub(crate) async fn invoke<S, I, R, F>(
    job: Arc<Job<S, Call<I>, F>>,
    payload: Box<RawValue>,
    invocation: Context,
) -> Outcome
where
    S: Service,
    I: Input,
    R: Reply,
    F: Future<Output = Result<R, Problem>> + Send,
{
    let seed = job.env.random();
    let outcome = retry::run(&job.env, &invocation, || {
        let input = read_event(&payload).map_err(Problem::internal).and_then(I::from_json);
        let call = input.map(|input| Call::new(input, Caller::default(), job.context(&invocation, seed)));
        async { Box::pin((job.handle)(job.service.clone(), call?)).await }
    });
    match outcome.await.and_then(Reply::render) {
        Ok(rendered) => respond(&rendered.body),
        Err(problem) => Err(failed(&problem)),
    }
}
