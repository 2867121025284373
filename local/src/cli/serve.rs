//! `souk`: start everything, and stop it in order.

use anyhow::{Context, Result};
use local::{Options, Stack};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::Serve;

pub(super) fn run(serve: Serve) -> Result<()> {
    log(if serve.verbose { LevelFilter::INFO } else { LevelFilter::WARN });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(until_stopped(serve.into()))
}

async fn until_stopped(options: Options) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot hear Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot hear SIGTERM")?;
    let data = options.data.clone();
    let demo = options.demo;
    // Before the stack runs, nothing needs an orderly shutdown.
    let stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    println!("Souk         {}", stack.url());
    println!("API          {}/docs", stack.url());
    println!("AWS endpoint {}", stack.aws_url());
    match &data {
        Some(folder) => println!("Data         {}", folder.display()),
        None => println!("Data         none is kept"),
    }
    if demo {
        println!(
            "Accounts     customer|merchant|courier|support|admin@souk.example, password {}",
            local::demo::PASSWORD
        );
    }
    println!("Stop with Ctrl-C. In another terminal: cargo run -- status, cargo run -- events.");
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("Shutdown: what was begun is finished first.");
    stack.stop().await;
    Ok(())
}

fn log(level: LevelFilter) {
    let lines = fmt::layer().compact().with_target(false).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(level).with(lines).init();
}
