//! The command line.

mod budgets;
mod events;
mod load;
mod openapi;
mod output;
mod samples;
mod serve;
mod status;
mod verify_quotes;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{Functions, Options, Origin, load::Load};
use output::{ClosedPipe, STATUS_OF_CLOSED_PIPE};

/// Where the stack listens by default.
const PORT: u16 = 3000;
const AWS_PORT: u16 = 4566;
/// Where `cargo lambda watch` listens by default.
const WATCH: &str = "http://127.0.0.1:9000";

/// Runs all of Souk on this machine.
#[derive(Parser)]
#[command(name = "souk", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local stack (the default)
    Serve(Serve),
    /// Show functions, tables, queues and dead letters of a running stack
    Status(Target),
    /// Follow the events on the bus of a running stack
    Events(Target),
    /// Calculate all kept quotes of a running stack again, and list those that differ
    VerifyQuotes(Target),
    /// Start a separate stack, make purchases as fast as possible, and print throughput and latencies
    Load(Shopping),
    /// Count the AWS calls of each function, and compute the cost of a million purchases
    Budgets {
        /// Write local/budgets.md instead of printing it
        #[arg(long)]
        write: bool,
    },
    /// List the samples in events/ that differ from the templates and scenarios
    Samples {
        /// Write new and changed samples, and delete stale ones, instead of listing them (+ new, ~ changed, - stale)
        #[arg(long)]
        write: bool,
    },
    /// Print the OpenAPI document
    Openapi {
        /// The root template [default: template.yaml in this folder or a parent]
        #[arg(long)]
        template: Option<PathBuf>,
        /// Write docs/openapi.json instead of printing it
        #[arg(long)]
        write: bool,
        /// Start a separate stack first, and replace the recorded examples with its replies
        #[arg(long)]
        record: bool,
    },
}

#[derive(Args)]
struct Serve {
    /// The port of the API
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// The port of the AWS endpoint
    #[arg(long, default_value_t = AWS_PORT)]
    aws_port: u16,
    /// A further web origin that browsers may call the API from, such as http://localhost:5173. Repeat the option, or
    /// separate several origins by commas
    #[arg(long, value_delimiter = ',', value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
    /// The folder for state that is kept between runs: a new or empty one, or the one of an earlier run
    #[arg(long, default_value = ".souk", value_name = "FOLDER", conflicts_with = "ephemeral")]
    data: PathBuf,
    /// Keep the state in memory only
    #[arg(long)]
    ephemeral: bool,
    /// Start without demo data
    #[arg(long)]
    no_demo: bool,
    /// Where functions run: in this process (`here`), or by `cargo lambda watch` (`watch`)
    #[arg(long, value_enum, default_value = "here")]
    functions: Place,
    /// The address of `cargo lambda watch`
    #[arg(long, default_value = WATCH, value_name = "URL")]
    watch_url: String,
    /// The root template [default: template.yaml in this folder or a parent]
    #[arg(long)]
    template: Option<PathBuf>,
    /// Log every request and invocation
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    Here,
    Watch,
}

#[derive(Args)]
struct Shopping {
    /// The number of purchases, at least 1
    #[arg(long, default_value_t = 2000, value_parser = at_least_one)]
    orders: usize,
    /// The number of shoppers who buy at the same time, at least 1
    #[arg(long, default_value_t = 16, value_parser = at_least_one)]
    at_once: usize,
    /// The folder for state: a new or empty one, or the one of an earlier run [default: in memory]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Args)]
struct Target {
    /// The address of the running stack
    #[arg(long, env = "SOUK_URL", default_value_t = format!("http://localhost:{PORT}"))]
    url: String,
}

/// Parses a number of orders or shoppers.
fn at_least_one(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(0) | Err(_) => Err("use a whole number from 1"),
        Ok(number) => Ok(number),
    }
}

/// Runs the command. An error is printed in one sentence.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => serve::run(cli.serve),
        Some(Command::Serve(serve)) => serve::run(serve),
        Some(Command::Status(target)) => wait_for(status::run(&target.url)),
        Some(Command::Events(target)) => wait_for(events::run(&target.url)),
        Some(Command::VerifyQuotes(target)) => wait_for(verify_quotes::run(&target.url)),
        Some(Command::Load(Shopping { orders, at_once, data })) => {
            load::run(Load { orders, at_once }, Options { data, demo: true, ..Options::default() })
        }
        Some(Command::Budgets { write }) => budgets::run(write),
        Some(Command::Samples { write }) => samples::run(write),
        Some(Command::Openapi { template, write, record }) => openapi::run(template.as_deref(), write, record),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<ClosedPipe>() => STATUS_OF_CLOSED_PIPE.into(),
        Err(error) => {
            output::note(format_args!("souk: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl From<Serve> for Options {
    fn from(serve: Serve) -> Self {
        Self {
            template: serve.template,
            data: (!serve.ephemeral).then_some(serve.data),
            port: serve.port,
            aws_port: serve.aws_port,
            allow_origins: serve.allow_origin,
            functions: match serve.functions {
                Place::Here => Functions::Here,
                Place::Watch => Functions::Watch(serve.watch_url),
            },
            demo: !serve.no_demo,
            ..Self::default()
        }
    }
}

/// The arguments of commands that read from a running stack.
fn wait_for<T>(command: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn a_load_of_no_orders_or_no_shoppers_is_refused() {
        for option in ["--orders", "--at-once"] {
            for value in ["0", "-1", "1.5", "many", ""] {
                let error = Cli::try_parse_from(["souk", "load", &format!("{option}={value}")]).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::ValueValidation);
                let message = error.to_string();
                assert!(message.contains(option) && message.contains("use a whole number from 1"), "{message}");
            }
            assert!(Cli::try_parse_from(["souk", "load", option, "1"]).is_ok());
        }
    }
}
