//! The layers that need a real process or real connections, in short.

use std::time::Duration;

use simulation::{kills::Kills, rush::Rush};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_five_kills() {
    let kills = Kills { rounds: 5, within: Duration::from_mins(10), program: None };
    let report = kills.run(|_| {}).await.unwrap();
    assert_eq!(report.kills, 5);
    assert!(report.accepted >= 5, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_a_hundred_buyers_gets_the_one_unit_three_times() {
    let rush = Rush { rounds: 3, buyers: 100, within: Duration::from_mins(10) };
    assert_eq!(rush.run(|_| {}).await.unwrap().rounds, 3);
}
