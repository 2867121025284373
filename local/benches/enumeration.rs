//! How long signing in takes for an address without an account, and for one with another password: medians that are
//! too close for anybody to learn from them who has an account. `cargo bench -p local --bench enumeration`.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use local::{Client, Options, Stack};
use serde_json::json;

/// Accounts, each with as many wrong passwords as it lets through: fifty would lock it for a while.
const ACCOUNTS: usize = 10;
const TRIES: usize = 40;
/// How far the medians may be apart, in per cent.
const APART: f64 = 5.0;

async fn took(client: &Client, email: &str) -> Result<Duration> {
    let began = Instant::now();
    let answer = client.post("/v1/sessions", &json!({"email": email, "password": "wrong wrong wrong"})).await?;
    ensure!(answer.status == 401, "{} {}", answer.status, answer.text());
    Ok(began.elapsed())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

#[tokio::main]
async fn main() -> Result<()> {
    let stack = Stack::start(Options::default()).await?;
    let client = stack.client();
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for account in 0..ACCOUNTS {
        let [known, nobodys] = ["known", "other"].map(|name| format!("{name}{account}@example.com"));
        let body = json!({"email": known, "password": "a long enough passphrase", "name": "Ada"});
        ensure!(client.post("/v1/users", &body).await?.status == 201, "an account is not made");
        // The first of each finds caches cold. Then by turns, so that whatever else goes on slows both down.
        took(&client, &known).await?;
        took(&client, &nobodys).await?;
        for turn in 0..TRIES {
            let known_first = turn % 2 == 0;
            if known_first {
                wrong.push(took(&client, &known).await?);
            }
            unknown.push(took(&client, &nobodys).await?);
            if !known_first {
                wrong.push(took(&client, &known).await?);
            }
        }
    }
    stack.stop().await;
    let (wrong, unknown) = (median(wrong), median(unknown));
    let apart = (wrong - unknown).abs() / wrong.min(unknown) * 100.0;
    println!("median of {} sign-ins: wrong password {wrong:.2} ms, unknown address {unknown:.2} ms", ACCOUNTS * TRIES);
    println!("apart: {apart:.2} %, at most {APART} %");
    ensure!(apart <= APART, "whoever measures learns who has an account");
    Ok(())
}
