//! The `souk` program as a shell runs it.

use std::process::{Child, Command, Output, Stdio};

use crate::shop::{self, demo};

/// Starts `souk` with a standard output that nothing reads, like `souk … | true`.
fn into_a_closed_pipe(arguments: &[&str]) -> Child {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
    command.args(arguments).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The exit status is the one of a program that SIGPIPE ended, and nothing is printed about it.
fn assert_quiet(arguments: &[&str], Output { status, stderr, .. }: Output) {
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(141), ""), "{arguments:?}");
}

#[test]
fn a_command_ends_quietly_when_nothing_reads_its_output() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let serve = ["--port", "0", "--aws-port", "0", "--ephemeral", "--no-demo", "--template", template];
    let commands: [&[&str]; 4] =
        [&["openapi", "--template", template], &["status", "--url", shop::url()], &["load", "--orders", "1"], &serve];
    for arguments in commands {
        assert_quiet(arguments, into_a_closed_pipe(arguments).wait_with_output().unwrap());
    }
}

#[tokio::test]
async fn souk_verify_quotes_counts_the_quotes_and_none_differs() {
    let shopper = shop::guest().await;
    shop::quoted(&shopper, &shop::on_sale(1).await, 1).await;
    let verify =
        Command::new(env!("CARGO_BIN_EXE_souk")).args(["verify-quotes", "--url", shop::url()]).output().unwrap();
    let said = String::from_utf8(verify.stdout).unwrap();
    assert!(verify.status.success() && said.ends_with(" quotes, 0 differ\n") && !said.starts_with('0'), "{said}");
}

#[tokio::test]
async fn souk_events_ends_quietly_at_the_first_event_that_nothing_reads() {
    let merchant = demo("merchant").await;
    let arguments = ["events", "--url", shop::url()];
    let mut events = into_a_closed_pipe(&arguments);
    // It may not follow the bus yet when the first events are published.
    while events.try_wait().unwrap().is_none() {
        local::shopper::stocked(&merchant, 100, 1).await.unwrap();
    }
    assert_quiet(&arguments, events.wait_with_output().unwrap());
}
