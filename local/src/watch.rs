//! `cargo lambda watch`: its variables, and functions behind it, which it compiles when they are first invoked.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use serde_json::value::RawValue;
use tokio::{net::TcpStream, sync::Mutex, time::timeout};

use crate::{
    http::Client,
    invoker::{Dependencies, Outcome, TIMED_OUT, environment, invocation_error},
    template::{Deployment, FunctionSpec},
};

/// The file of variables. It is written also where a stack keeps no data.
pub(crate) const FILE: &str = "watch.env";
/// The interval of the checks whether the watch is listening.
const LOOK: Duration = Duration::from_millis(250);
/// The time after which the log says that a function is still compiled. A compiled function answers much sooner.
const SLOW: Duration = Duration::from_secs(10);
/// The maximum time that a function may take, with its compilation: as long as Lambda allows.
const PATIENCE: Duration = Duration::from_mins(15);

/// The error when nothing listens at the address of the watch.
const UNREACHABLE: &str = "Watch.Unreachable";

/// Writes the file of variables that the watch is to be started with, and waits until it listens at `address`.
///
/// One watch serves all services, so the file has the variables that have the same value in all functions. Those that
/// differ between services (`SERVICE`, `TABLE`) are in the metadata of their packages. A binary that services share has
/// no such package, and does not run under the watch.
pub(crate) async fn prepare(
    deployment: &Deployment,
    with: &Dependencies<'_>,
    aws_url: &str,
    folder: &Path,
    address: &str,
) -> Result<()> {
    let mut variables = BTreeMap::new();
    for spec in &deployment.functions {
        for (name, value) in environment(spec, with)? {
            let known = variables.entry(name).or_insert_with(|| Some(value.clone()));
            if known.as_ref() != Some(&value) {
                *known = None;
            }
        }
    }
    variables.insert("AWS_ENDPOINT_URL".to_owned(), Some(aws_url.to_owned()));
    let shared = variables.iter().filter_map(|(name, value)| Some(format!("{name}={}\n", value.as_ref()?)));
    let file = folder.join(FILE);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(&file, shared.collect::<String>()).with_context(|| format!("cannot write {}", file.display()))?;

    let authority = address.trim_start_matches("http://").trim_end_matches('/');
    let (host, port) = authority.rsplit_once(':').with_context(|| format!("{address} has no port"))?;
    if TcpStream::connect(authority).await.is_err() {
        let file = file.display();
        tracing::warn!(
            "waiting for: cargo lambda watch --invoke-address {host} --invoke-port {port} --env-file {file}"
        );
    }
    while TcpStream::connect(authority).await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// A function behind the watch.
pub(crate) struct Watched {
    client: Client,
    /// Held by the first invocation until it is answered. The watch keeps a short queue for a function that it
    /// compiles, and stops when that is full.
    compiled: Mutex<bool>,
    slow: Duration,
    patience: Duration,
}

impl Watched {
    pub(crate) fn new(address: &str) -> Self {
        Self { client: Client::new(address), compiled: Mutex::new(false), slow: SLOW, patience: PATIENCE }
    }

    /// Invokes the function. If it has not answered yet, waits until it is compiled, but not longer than Lambda
    /// would let it run.
    pub(crate) async fn invoke(&self, spec: &FunctionSpec, payload: &RawValue) -> Outcome {
        let invocation = async {
            let mut compiled = self.compiled.lock().await;
            if *compiled {
                drop(compiled);
                return self.send(spec, payload).await;
            }
            let outcome = self.send(spec, payload).await;
            *compiled = !outcome.as_ref().is_err_and(|error| error.kind == UNREACHABLE);
            outcome
        };
        let mut invocation = std::pin::pin!(timeout(self.patience, invocation));
        let outcome = if let Ok(outcome) = timeout(self.slow, &mut invocation).await {
            outcome
        } else {
            let (slow, patience) = (self.slow, self.patience);
            let why = "cargo lambda watch may still be compiling it";
            tracing::warn!("{}: no answer after {slow:?}: {why}; waiting up to {patience:?}", spec.id());
            invocation.await
        };
        outcome.unwrap_or_else(|_| {
            let message = format!("cargo lambda watch did not answer within {:?}; see its output", self.patience);
            Err(invocation_error(TIMED_OUT, &message))
        })
    }

    async fn send(&self, spec: &FunctionSpec, payload: &RawValue) -> Outcome {
        let path = format!("/2015-03-31/functions/{}/invocations", spec.binary);
        let body = payload.get().as_bytes().to_vec();
        let answer = self.client.send("POST", &path, &[("content-type", "application/json")], body).await;
        let answer = answer.map_err(|error| invocation_error(UNREACHABLE, &format!("{error:#}")))?;
        let failed = answer.status != 200 || answer.header("x-amz-function-error").is_some();
        if failed {
            let said = answer.json();
            let message = said["errorMessage"].as_str().or(said["title"].as_str());
            let message = message.unwrap_or("cargo lambda watch answered with an error");
            return Err(invocation_error(said["errorType"].as_str().unwrap_or("Unhandled"), message));
        }
        RawValue::from_string(answer.text()).map_err(|error| invocation_error("Watch.NotJson", &error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex as StdMutex},
    };

    use serde_json::value::to_raw_value;
    use tokio::{io::AsyncWriteExt, net::TcpListener, sync::Notify};

    use super::*;
    use crate::{stack::read_templates, tests::tidy::ROOT};

    /// A log that is kept.
    #[derive(Clone, Default)]
    struct Log(Arc<StdMutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Log {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    async fn invoke(watched: &Watched) -> Outcome {
        let deployment = read_templates(Some(&ROOT.join("template.yaml")), &[]).unwrap();
        watched.invoke(deployment.find("orders/place-order").unwrap(), &to_raw_value(&()).unwrap()).await
    }

    /// The clock is virtual: it moves on when nothing else is left to do.
    #[tokio::test(start_paused = true)]
    async fn a_function_that_never_answers_is_logged_and_given_up() {
        let log = Log::default();
        let (made, ansi) = (log.clone(), false);
        let subscriber = tracing_subscriber::fmt().with_ansi(ansi).with_writer(move || made.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        // Connections are accepted by the system, and nothing reads them.
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut watched = Watched::new(&format!("http://{}", listener.local_addr().unwrap()));
        (watched.slow, watched.patience) = (Duration::from_millis(20), Duration::from_millis(40));
        let error = invoke(&watched).await.unwrap_err();
        assert_eq!((error.kind.as_str(), error.message.contains("within 40ms")), (TIMED_OUT, true), "{error}");
        let expected = "orders/place-order: no answer after 20ms: cargo lambda watch may still be compiling it; waiting up to 40ms";
        assert!(log.text().contains(expected), "{}", log.text());
    }

    /// The queue of the watch for a function is short, and the watch stops when it is full.
    #[tokio::test]
    async fn until_a_function_has_answered_once_the_watch_gets_one_request_for_it() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let watched = Arc::new(Watched::new(&format!("http://{}", listener.local_addr().unwrap())));
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                tokio::spawn({
                    let watched = watched.clone();
                    async move { invoke(&watched).await }
                })
            })
            .collect();
        let (mut first, _) = listener.accept().await.unwrap();
        let others = Arc::new(Notify::new());
        let accepted = others.clone();
        let mut serving = tokio::spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..4 {
                streams.push(listener.accept().await.unwrap().0);
                accepted.notify_one();
            }
            streams
        });
        // The other four cannot have connected while the first one waits.
        assert!(timeout(Duration::from_millis(50), others.notified()).await.is_err());
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnull";
        first.write_all(answer).await.unwrap();
        for mut stream in (&mut serving).await.unwrap() {
            stream.write_all(answer).await.unwrap();
        }
        for invocation in waiting {
            assert_eq!(invocation.await.unwrap().unwrap().get(), "null");
        }
    }
}
