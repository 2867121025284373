//! `cargo lambda watch`: what it must be told, and when it is there.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use tokio::net::TcpStream;

use crate::{
    invoker::{Dependencies, environment},
    template::Deployment,
};

/// The interval of the checks whether the watch is listening.
const LOOK: Duration = Duration::from_millis(250);

/// Writes the file of variables that the watch is to be started with, and waits until it listens at `address`.
///
/// One watch serves all services, so the file has what all functions that have a variable give the same value. What
/// differs from service to service (`SERVICE`, `TABLE`) stands in the metadata of their packages; a binary that
/// services share has no such package, and does not run under the watch.
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
    let file = folder.join("watch.env");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(&file, shared.collect::<String>()).with_context(|| format!("cannot write {}", file.display()))?;

    let authority = address.trim_start_matches("http://").trim_end_matches('/');
    let (host, port) = authority.rsplit_once(':').with_context(|| format!("{address} has no port"))?;
    if TcpStream::connect(authority).await.is_err() {
        let file = file.display();
        println!("Waiting for: cargo lambda watch --invoke-address {host} --invoke-port {port} --env-file {file}");
    }
    while TcpStream::connect(authority).await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
