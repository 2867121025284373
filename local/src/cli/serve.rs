//! `souk`: start everything, and stop it in order.

use std::path::Path;

use crate::{Options, Stack};
use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::{Serve, output};

pub(super) fn run(serve: Serve) -> Result<()> {
    log(if serve.verbose { LevelFilter::INFO } else { LevelFilter::WARN });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(until_stopped(serve.into()))
}

async fn until_stopped(options: Options) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    let data = options.data.clone();
    let demo = options.demo;
    // Before the stack runs, nothing needs an orderly shutdown.
    let stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let printed = output::text(&welcome(&stack, data.as_deref(), demo));
    if printed.is_ok() {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    let stopping = printed.and_then(|()| {
        output::line("Stopping. Running invocations are finished first. Press Ctrl-C again to stop at once.")
    });
    tokio::select! {
        () = stack.stop() => {}
        _ = interrupt.recv() => {}
    }
    stopping
}

fn welcome(stack: &Stack, data: Option<&Path>, demo: bool) -> String {
    let data = data.map_or("in memory only".to_owned(), |folder| folder.display().to_string());
    let url = stack.url();
    let mut lines = vec![format!("Shop         {url}")];
    if demo {
        let accounts = [
            ("Customer", "customer", "/account"),
            ("Merchant", "merchant", "/desk"),
            ("Courier", "courier", "/deliveries"),
            ("Support", "support", "/support"),
        ];
        lines.extend(accounts.map(|(name, account, path)| format!("{name:<12} {url}{path}, {account}@souk.example")));
        lines.push(format!("Password     {}, also of admin@souk.example", crate::demo::PASSWORD));
    }
    lines.extend([
        format!("API          {url}/docs"),
        format!("AWS endpoint {}", stack.aws_url()),
        format!("Data         {data}"),
    ]);
    lines.push("Stop with Ctrl-C. In another terminal: cargo run -- status, cargo run -- events.\n".to_owned());
    lines.join("\n")
}

fn log(level: LevelFilter) {
    let lines = fmt::layer().compact().with_target(false).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(level).with(lines).init();
}
