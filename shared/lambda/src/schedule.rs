//! The adapters of what has neither route nor queue: schedules, and invocations with IAM.

use std::{future::Future, sync::Arc};

use dynamo::{Cause, Entity, Ids};
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
}

impl Tick {
    /// Does the same work on each of the things that are due. One must not hold up the others: what goes wrong with it is
    /// logged, and it is due again; what another writer did meanwhile is done.
    pub async fn each<T, F>(&self, due: Vec<T>, work: impl Fn(T) -> F)
    where
        T: Entity,
        F: Future<Output = Result<(), Problem>>,
    {
        for thing in due {
            let key = thing.key().pk;
            match work(thing).await {
                Ok(()) | Err(Problem::Conflict | Problem::AlreadyDone) => {}
                Err(problem) => tracing::error!(key, error = &problem as &dyn std::error::Error, "not done"),
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
    let cause = || job.cause(&context, job.env.random());
    let outcome = retry::run(&job.env, &context, || (job.handle)(job.service.clone(), Tick { cause: cause() }));
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
