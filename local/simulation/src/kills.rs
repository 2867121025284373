//! Kills the real program under load with `kill -9`, again and again, and restarts it on its data. Checks that
//! nothing is lost.

mod audit;
mod charges;
mod program;
mod shoppers;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use local::{
    demo,
    shopper::{made, stocked},
};

use audit::Audit;
use program::{Folder, Program};
use shoppers::{Books, Crowd};

/// The number of concurrent shoppers.
const AT_ONCE: usize = 8;
/// The number of SKUs. It is small, so that several shoppers want the same SKU at once.
const SKUS: usize = 4;
/// The units of each SKU, which are more than the shoppers can buy.
const STOCK: usize = 100_000;
/// The process is killed at most this number of milliseconds after the first orders.
const LATEST: u64 = 1500;
/// The maximum time until everything has settled. A payment without a reply is retried after a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// The parameters of the test.
#[derive(Debug, Clone)]
pub struct Kills {
    /// The number of kills.
    pub rounds: usize,
    /// No round starts after this time.
    pub within: Duration,
    /// The program `souk`. `None` uses the one in the folder of this program, which is built if it does not exist.
    pub program: Option<PathBuf>,
}

/// The result of the test.
#[derive(Debug, Clone)]
pub struct Report {
    /// The number of kills and restarts.
    pub kills: usize,
    /// Orders that were accepted with a reply.
    pub accepted: usize,
    /// Orders whose reply was lost. They were sent again with the same idempotency key.
    pub unknown: usize,
    /// The number of orders, by final status.
    pub ends: Vec<(String, usize)>,
    /// The time of each restart until the program answered, sorted.
    pub restarts: Vec<Duration>,
    /// The duration of the test.
    pub took: Duration,
}

/// Runs the test with a progress bar, and prints the result.
pub fn prove(kills: &Kills) -> Result<()> {
    let bar = ProgressBar::new(kills.rounds as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} kills  {elapsed}  {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(kills.run(|round| bar.set_position(round as u64)))?;
    bar.finish_and_clear();
    let (half, longest) = (report.restarts.get(report.restarts.len() / 2), report.restarts.last());
    let [half, longest] = [half, longest].map(|took| took.copied().unwrap_or_default().as_secs_f64());
    println!("{} of {} kills in {:.0} s", report.kills, kills.rounds, report.took.as_secs_f64());
    println!("restart until it answers: p50 {half:.2} s, at most {longest:.2} s");
    println!("orders: {} accepted, {} of unknown outcome and sent again", report.accepted, report.unknown);
    let ends: Vec<_> = report.ends.iter().map(|(end, orders)| format!("{orders} {end}")).collect();
    println!("in the end: {}; nothing is lost", ends.join(", "));
    Ok(())
}

impl Kills {
    /// Runs as many rounds as there is time for. Fails at the first round that loses something.
    pub async fn run(&self, progress: impl Fn(usize)) -> Result<Report> {
        let folder = Folder::new();
        let path = self.program.clone().map_or_else(program::souk, Ok)?;
        let began = Instant::now();
        let mut program = Program::start(&path, folder.path()).await?;
        let merchant = demo::sign_in(&program.anyone, "merchant").await?;
        let mut skus = Vec::new();
        for _ in 0..SKUS {
            skus.push(stocked(&merchant, 1999, STOCK).await?);
        }
        let (mut books, mut restarts, mut kills) = (Books::new(skus), Vec::new(), 0);
        while kills < self.rounds && began.elapsed() < self.within {
            let crowd = Crowd::send(&program, &books, AT_ONCE).await?;
            let first_answer = crowd.wait_for_orders(1 + kills % AT_ONCE);
            tokio::time::timeout(PATIENCE, first_answer).await.context("nobody gets anything ordered")?;
            let later = Duration::from_millis(fastrand::u64(..LATEST));
            tokio::time::sleep(later).await;
            program.process.kill()?;
            kills += 1;
            let fresh = books.add(crowd.come_home().await);
            let restarting = Instant::now();
            program = Program::start(&path, folder.path()).await.with_context(|| format!("after kill {kills}"))?;
            restarts.push(restarting.elapsed());
            books.send_again(&program).await.with_context(|| format!("after kill {kills}"))?;
            books.look_for(&program, fresh).await.with_context(|| format!("after kill {kills}"))?;
            progress(kills);
        }
        let ended = Audit::of(&program).await?.everything(&books).await?;
        program.process.kill()?;
        charges::check(folder.path(), &ended)?;
        let mut ends = BTreeMap::<String, usize>::new();
        for (_, end) in ended {
            *ends.entry(end).or_default() += 1;
        }
        let ends = ends.into_iter().collect();
        restarts.sort();
        let (accepted, unknown) = (books.accepted, books.unknown);
        Ok(Report { kills, accepted, unknown, ends, restarts, took: began.elapsed() })
    }
}

/// The units of each SKU that were received.
fn received() -> u64 {
    STOCK as u64
}

/// Whether a path is answered successfully.
async fn is_there(client: &local::Client, path: &str) -> Result<serde_json::Value> {
    let answer = client.get(path).await?;
    ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.text());
    made(answer)
}
