//! What surrounds a shop that `.ci/second_aws.py` has deployed, and no template declares: the edge that its distribution
//! would be, the payment provider, the demo data.
//!
//! It speaks with whoever started it in lines of JSON. The first that it reads says what was deployed; each that it
//! writes asks for a function to be invoked, whose answer is the next that it reads, until it writes `{"ready":true}`.
//! It ends when its input does.

mod edge;

use anyhow::{Context, Result};
use local::{Client, demo};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines, Stdin},
    net::TcpListener,
    sync::Mutex,
};

#[derive(Deserialize)]
struct Deployed {
    /// Where the edge is to listen.
    edge: String,
    /// Where requests go, first match first.
    behaviours: Vec<edge::Behaviour>,
    /// Where the payment provider is to listen.
    provider: String,
    /// What functions authenticate with at the provider.
    api_key: String,
    /// What the provider signs its webhooks with.
    webhook_secret: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let deployed = lines.next_line().await?.context("nothing says what was deployed")?;
    let Deployed { edge, behaviours, provider, api_key, webhook_secret } = serde_json::from_str(&deployed)?;
    let url = format!("http://{edge}");

    let webhooks = sandbox::Webhooks {
        url: format!("{url}/v1/webhooks/payments"),
        secret: webhook_secret,
        events: payments::webhook::SUBSCRIBED,
    };
    let pages = format!("http://{provider}{}", sandbox::PAGES);
    let options = sandbox::Options { api_key, webhooks: Some(webhooks), pages, folder: None };
    let provider = TcpListener::bind(provider).await?;
    let provider = tokio::spawn(sandbox::serve(provider, options, std::future::pending()));
    let edge = tokio::spawn(edge::serve(TcpListener::bind(edge).await?, behaviours));

    let lines = Mutex::new(lines);
    let live = async {
        let invoke = async |function: &str, payload: &Value| ask(&lines, function, payload).await;
        demo::seed(&Client::new(&url), invoke).await?;
        println!("{}", json!({"ready": true}));
        while lines.lock().await.next_line().await?.is_some() {}
        Ok(())
    };
    tokio::select! {
        ended = live => ended,
        ended = provider => ended?.context("the payment provider"),
        ended = edge => ended?.context("the edge"),
    }
}

/// Has a function invoked by who has the rights in IAM.
async fn ask(lines: &Mutex<Lines<BufReader<Stdin>>>, function: &str, payload: &Value) -> Result<Value> {
    let mut lines = lines.lock().await;
    println!("{}", json!({"function": function, "payload": payload}));
    let answer = lines.next_line().await?.with_context(|| format!("nobody invoked {function}"))?;
    Ok(serde_json::from_str(&answer)?)
}
