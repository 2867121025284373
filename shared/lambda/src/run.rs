//! A function's main.

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::{Env, Function, log};

/// How a function's process ends.
pub type Exit = ExitCode;

/// Runs a function on Lambda until its execution environment is taken down.
pub fn run(function: fn() -> Function) -> Exit {
    log::init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return stop(&error),
    };
    let instance = match function().start(&Env::from_process()) {
        Ok(instance) => Arc::new(instance),
        Err(error) => return stop(&error),
    };
    let invoke = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let instance = instance.clone();
        async move { instance.invoke(event.payload, event.context).await }
    });
    // An instance has a span of its own for each invocation: the runtime's would be a second one.
    // As a task, for what wakes it is one: what is blocked on is woken by a call of the system.
    match runtime.block_on(async { tokio::spawn(Runtime::new(invoke).run()).await }) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => stop(&*error),
        Err(error) => stop(&error),
    }
}

fn stop(error: &(dyn std::error::Error + 'static)) -> Exit {
    tracing::error!(error, "the function cannot run");
    ExitCode::FAILURE
}
