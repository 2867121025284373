//! The runtime alone, which answers what it is asked: what an invocation costs on this machine before Souk does anything.
//! It is not deployed; `.ci/measure.py` holds functions against it.

use std::convert::Infallible;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let echo = service_fn(async |event: LambdaEvent<Box<RawValue>>| Ok::<_, Infallible>(event.payload));
    runtime.block_on(async { tokio::spawn(Runtime::new(echo).run()).await })?
}
