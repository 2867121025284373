//! The command line of the proofs.

use std::time::Duration;

use clap::{Parser, Subcommand};
use simulation::{bugs::Bug, kills::Kills, rush::Rush};

/// Shows, by faults that are drawn from a tape, that what Souk promises holds.
#[derive(Debug, Parser)]
#[command(name = "simulation", version)]
struct Cli {
    #[command(subcommand)]
    layer: Option<Layer>,
    /// Only this seed, and its story
    #[arg(long)]
    seed: Option<u64>,
    /// With this bug planted, by its name
    #[arg(long, requires = "seed", value_parser = Bug::named)]
    bug: Option<Bug>,
    /// So many seeds
    #[arg(long, default_value_t = 300)]
    seeds: u64,
}

/// The layers beside the tape.
#[derive(Debug, Subcommand)]
enum Layer {
    /// Bugs that are planted, to see that each is found
    Bugs,
    /// Every handler, ended before and after each of its calls
    Crashes,
    /// The pure sagas, without a store: many seeds
    Sagas {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        seeds: u64,
        /// Only this one, and its story
        #[arg(long, conflicts_with = "seeds")]
        seed: Option<u64>,
    },
    /// The program itself under load, killed and restarted on its data
    Kills {
        /// How often
        #[arg(long, default_value_t = 200)]
        rounds: usize,
        /// No round begins after so many minutes
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Many buyers for one unit, over HTTP
    Rush {
        /// How often a unit comes on sale
        #[arg(long, default_value_t = 1000)]
        rounds: usize,
        /// How many want it
        #[arg(long, default_value_t = 500)]
        buyers: usize,
        /// No round begins after so many minutes
        #[arg(long, default_value_t = 60)]
        minutes: u64,
    },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.layer {
        None => match cli.seed {
            Some(seed) => simulation::proof::tell(seed, cli.bug),
            None => simulation::proof::prove(cli.seeds),
        },
        Some(Layer::Crashes) => simulation::matrix::print(),
        Some(Layer::Bugs) => simulation::proof::plant(),
        Some(Layer::Sagas { seed: Some(seed), .. }) => simulation::sagas::trace_seed(seed),
        Some(Layer::Sagas { seeds, .. }) => simulation::sagas::prove(seeds),
        Some(Layer::Kills { rounds, minutes }) => {
            simulation::kills::prove(&Kills { rounds, within: Duration::from_mins(minutes), program: None })
        }
        Some(Layer::Rush { rounds, buyers, minutes }) => {
            simulation::rush::prove(Rush { rounds, buyers, within: Duration::from_mins(minutes) })
        }
    }
}
