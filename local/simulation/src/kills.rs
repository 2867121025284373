//! `kill -9` of the real program under load, again and again, each time restarted on its data: nothing is lost.

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

/// How many shop at once.
const AT_ONCE: usize = 8;
/// How many SKUs they buy: few enough that some want the same one at once.
const SKUS: usize = 4;
/// How many units there are of each: more than anybody has time to buy.
const STOCK: usize = 100_000;
/// The process dies so many milliseconds after the first orders, at the latest.
const LATEST: u64 = 1500;
/// How long anything may take to settle: whom the provider does not answer asks again after a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Kills {
    /// How often the process is killed.
    pub rounds: usize,
    /// No round begins after so long.
    pub within: Duration,
    /// The program `souk`; none for the one beside this program, which is built if it is not there.
    pub program: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// How often the process was killed, and restarted on its data.
    pub kills: usize,
    /// Orders whose acceptance was answered.
    pub accepted: usize,
    /// Orders whose answer was lost: they were sent again under the same key.
    pub unknown: usize,
    /// How all orders ended, and how many.
    pub ends: Vec<(String, usize)>,
    /// How long each restart took until the program answered, sorted.
    pub restarts: Vec<Duration>,
    /// How long it all took.
    pub took: Duration,
}

/// Kills with a progress bar, and prints what came of it.
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
    /// Kills as often as there is time for; fails with the first round after which something is lost.
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

/// Whether a path answers with what is there.
async fn is_there(client: &local::Client, path: &str) -> Result<serde_json::Value> {
    let answer = client.get(path).await?;
    ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.text());
    made(answer)
}
