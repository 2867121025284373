//! A function's main.

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::{LambdaEvent, service_fn};
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
    match runtime.block_on(lambda_runtime::run(invoke)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop(&*error),
    }
}

fn stop(error: &(dyn std::error::Error + 'static)) -> Exit {
    tracing::error!(error, "the function cannot run");
    ExitCode::FAILURE
}
