//! The main function of a Lambda function.

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::{Env, Function, log};

/// The result of a function's process.
pub type Exit = ExitCode;

/// Runs a function on Lambda until its execution environment is shut down.
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
    // An instance creates its own span for each invocation. The runtime's span would be a second one.
    // This is spawned as a task, because waking a task is cheap. Waking a blocked thread needs a system call.
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
