//! `kill -9` in the middle of purchases: whatever was accepted goes on after a restart.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use futures::future::join_all;
use local::{
    Client, demo,
    shopper::{Shopper, stocked},
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::shop::eventually;

/// A folder of a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it is the machine's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The real program, in a process of its own.
struct Souk {
    process: Child,
    anyone: Client,
}

impl Souk {
    async fn start(data: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new(env!("CARGO_BIN_EXE_souk"))
            .args(["--port", &port.to_string(), "--aws-port", "0", "--data"])
            .arg(data)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let anyone = Client::new(&format!("http://127.0.0.1:{port}"));
        let began = std::time::Instant::now();
        while !anyone.get("/health").await.is_ok_and(|answer| answer.status == 200) {
            assert!(began.elapsed().as_secs() < 120, "the stack does not start");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Self { process, anyone }
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepted_orders_survive_a_kill() {
    const BUYERS: usize = 20;
    let folder = Folder::new();
    let souk = Souk::start(&folder.0).await;
    let merchant = demo::sign_in(&souk.anyone, "merchant").await.unwrap();
    let sku = stocked(&merchant, 4999, BUYERS).await.unwrap();
    let buyers = join_all((0..BUYERS).map(async |_| {
        let buyer = Shopper::guest(&souk.anyone).await.unwrap();
        let cart = buyer.cart().await.unwrap();
        eventually(async || buyer.put(&cart, &sku, 1).await.unwrap(), |answer| answer.status == 200).await;
        buyer.ship(&cart).await.unwrap();
        let quote = buyer.quote(&cart).await.unwrap();
        (buyer, quote)
    }))
    .await;

    // The process dies as soon as some orders are answered: their sagas are under way, the other orders in flight.
    let mut orders = JoinSet::new();
    for (at, (buyer, quote)) in buyers.iter().cloned().enumerate() {
        orders.spawn(async move { (at, buyer.order(&quote, "pm_card_visa").await) });
    }
    let (mut souk, mut accepted) = (Some(souk), vec![None; BUYERS]);
    while let Some(answered) = orders.join_next().await {
        let (at, answer) = answered.unwrap();
        // No answer is an answer too: the order may or may not have been taken.
        accepted[at] = answer.ok().filter(|answer| answer.status == 201).map(|answer| answer.json()["id"].clone());
        if accepted.iter().flatten().count() >= BUYERS / 4 {
            souk.take().into_iter().for_each(Souk::kill);
        }
    }
    assert!(souk.is_none(), "the process was killed");

    let souk = Souk::start(&folder.0).await;
    let merchant = demo::sign_in(&souk.anyone, "merchant").await.unwrap();
    let support = demo::sign_in(&souk.anyone, "support").await.unwrap();
    let mut confirmed = 0;
    for ((buyer, _), order) in buyers.iter().zip(&accepted) {
        let buyer = souk.anyone.with_token(buyer.client.token().unwrap());
        let mine = buyer.get("/v1/orders").await.unwrap().json();
        let known: Vec<_> = mine["items"].as_array().unwrap().iter().map(|order| order["id"].clone()).collect();
        assert!(order.iter().all(|order| known.contains(order)), "an accepted order is gone");
        for id in known {
            let id = id.as_str().unwrap();
            let look = async || buyer.get(&format!("/v1/orders/{id}")).await.unwrap();
            eventually(look, |answer| answer.json()["status"] == "confirmed").await;
            let look = async || support.get(&format!("/v1/payments?orderId={id}")).await.unwrap();
            let payments = eventually(look, |answer| answer.json()["items"][0]["status"] == "authorized").await;
            assert_eq!(payments.json()["items"].as_array().unwrap().len(), 1);
            confirmed += 1;
        }
    }
    let look = async || merchant.get(&format!("/v1/stock/{sku}")).await.unwrap();
    let level = eventually(look, |answer| answer.json()["reserved"] == json!(confirmed)).await.json();
    assert_eq!((&level["onHand"], &level["available"]), (&json!(BUYERS), &json!(BUYERS - confirmed)));
    souk.kill();
}
