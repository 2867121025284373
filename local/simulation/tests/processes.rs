//! What needs a process: a real one to kill, real connections, or one whose logs are read.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use local::scenarios;
use simulation::{
    choices::Choices,
    contention::Contention,
    kills::Kills,
    proof::run,
    run::{Script, play},
    world::{Mutation, Stage},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_five_kills() {
    let kills = Kills { rounds: 5, within: Duration::from_mins(10), program: None };
    let report = kills.run(|_| {}).await.unwrap();
    assert_eq!(report.kills, 5);
    assert!(report.accepted >= 5, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_a_hundred_buyers_gets_the_one_unit_three_times() {
    let contention = Contention { rounds: 3, buyers: 100, within: Duration::from_mins(10) };
    assert_eq!(contention.run(|_| {}).await.unwrap().rounds, 3);
}

/// What is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn whatever_goes_wrong_no_log_tells_who_buys_or_how_they_pay_or_sign_in() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // Of the whole process: what other threads find disabled would stay so for this one.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let stage = Arc::new(Stage::read().unwrap());
    for key in scenarios::KEYS.iter() {
        play(&stage, Choices::replay(Vec::new()), 1, Mutation::default(), Script::Scenario(key));
    }
    for seed in 0..10 {
        run(&stage, seed, &Mutation::default());
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("refused") && log.contains("ERROR"), "{log}");
    // An access token or a quote begins with `eyJ`: it is `{"` in base64.
    for secret in ["Lovelace", "James", "SW1Y", "@souk.example", "passphrase", "pm_card", "pm_sandbox", "eyJ"] {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None, "{secret} stands in a log");
    }
}
