//! The command line of the simulation.

use std::time::Duration;

use clap::{Parser, Subcommand};
use simulation::{bugs::Bug, contention::Contention, kills::Kills};

/// Tests Souk's invariants under injected faults.
#[derive(Debug, Parser)]
#[command(name = "simulation", version)]
struct Cli {
    #[command(subcommand)]
    layer: Option<Layer>,
    /// Runs only this seed, and prints its trace
    #[arg(long)]
    seed: Option<u64>,
    /// Plants this bug
    #[arg(long, requires = "seed", value_parser = Bug::named)]
    bug: Option<Bug>,
    /// How many seeds to run
    #[arg(long, default_value_t = 300)]
    seeds: u64,
}

/// The layers beside the seeds.
#[derive(Debug, Subcommand)]
enum Layer {
    /// Plants each bug, and checks that it is found
    Bugs,
    /// Ends each handler's process before and after each of its calls
    Crashes,
    /// Runs the pure sagas alone, without a store
    Sagas {
        /// How many seeds to run
        #[arg(long, default_value_t = 1_000_000)]
        seeds: u64,
        /// Runs only this seed, and prints its trace
        #[arg(long, conflicts_with = "seeds")]
        seed: Option<u64>,
    },
    /// Kills the program under load, and restarts it on its data
    Kills {
        /// How often
        #[arg(long, default_value_t = 200)]
        rounds: usize,
        /// Starts no round after this many minutes
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Lets many buyers order the same unit at once, over HTTP
    Contention {
        /// How often a unit comes on sale
        #[arg(long, default_value_t = 1000)]
        rounds: usize,
        /// How many want it
        #[arg(long, default_value_t = 500)]
        buyers: usize,
        /// Starts no round after this many minutes
        #[arg(long, default_value_t = 60)]
        minutes: u64,
    },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.layer {
        None => match cli.seed {
            Some(seed) => simulation::proof::trace(seed, cli.bug),
            None => simulation::proof::prove(cli.seeds),
        },
        Some(Layer::Crashes) => simulation::matrix::print(),
        Some(Layer::Bugs) => simulation::proof::plant(),
        Some(Layer::Sagas { seed: Some(seed), .. }) => simulation::sagas::trace_seed(seed),
        Some(Layer::Sagas { seeds, .. }) => simulation::sagas::prove(seeds),
        Some(Layer::Kills { rounds, minutes }) => {
            simulation::kills::prove(&Kills { rounds, within: Duration::from_mins(minutes), program: None })
        }
        Some(Layer::Contention { rounds, buyers, minutes }) => {
            simulation::contention::prove(Contention { rounds, buyers, within: Duration::from_mins(minutes) })
        }
    }
}
