use contracts::events::inventory::Account;
use futures::future::join_all;
use jiff::SignedDuration;
use lambda::Problem;

use super::*;
use crate::{
    Inventory,
    operations::{
        commit_stock::function as commit_stock, expire_reservations::function as expire_reservations,
        release_stock::function as release_stock, reserve_stock::function as reserve_stock,
    },
    reservation::Reservation,
};

#[tokio::test]
async fn an_order_holds_its_stock_until_it_leaves() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 2, 8));
    harness.consume(commit_stock, dispatched(1)).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (8, 0, 8));
    let names = harness.event_names().await;
    assert!(
        ["StockReserved.v1", "StockCommitted.v1"].iter().all(|name| names.contains(&(*name).to_owned())),
        "{names:?}"
    );
    // The units were received and held. Their sale does not change the available units.
    assert_eq!(names.iter().filter(|name| *name == "StockChanged.v1").count(), 2, "{names:?}");
}

#[tokio::test]
async fn an_order_that_is_short_of_one_line_holds_nothing() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2), ("CHAIR", 1)])).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));
    assert!(harness.event_names().await.contains(&"StockRejected.v1".to_owned()));
}

#[tokio::test]
async fn a_redelivered_event_takes_effect_once() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    let event = harness.envelope("order#1", 1, placed(1, &[("LAMP", 2)]));
    harness.deliver(reserve_stock, &event).await.unwrap();
    harness.deliver(reserve_stock, &event).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 2, 8));
}

#[tokio::test]
async fn a_cancelled_order_gives_its_stock_back() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    harness.consume(release_stock, cancelled(1)).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));
}

#[tokio::test]
async fn a_cancellation_after_the_goods_left_gives_them_back_too() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    harness.consume(commit_stock, dispatched(1)).await.unwrap();
    harness.consume(release_stock, cancelled(1)).await.unwrap();
    harness.consume(release_stock, cancelled(1)).await.unwrap();
    harness.consume(commit_stock, dispatched(1)).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));
}

#[tokio::test]
async fn a_reserve_that_comes_after_its_cancellation_is_refused() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(release_stock, cancelled(1)).await.unwrap();
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));
}

#[tokio::test]
async fn the_last_units_are_held_once_however_many_want_them() {
    let harness = harness().await;
    received(&harness, "LAMP", 3).await;
    let orders = (1..=10).map(|number| harness.consume(reserve_stock, placed(number, &[("LAMP", 1)])));
    assert!(join_all(orders).await.into_iter().all(|consumed| consumed.is_ok()));
    assert_eq!(counts(&harness, "LAMP").await, (3, 3, 0));
    let names = harness.event_names().await;
    assert_eq!(names.iter().filter(|name| *name == "StockReserved.v1").count(), 3);
    assert_eq!(names.iter().filter(|name| *name == "StockRejected.v1").count(), 7);
}

#[tokio::test]
async fn levels_that_were_read_after_another_delivery_are_a_conflict() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    let store = harness.service::<Inventory>().store;
    let held = store.reservation(order(1)).await.unwrap().unwrap();
    assert_eq!(store.levels_of(&held).await.unwrap()[0].held, 2);
    harness.consume(commit_stock, dispatched(1)).await.unwrap();
    assert!(matches!(store.levels_of(&held).await, Err(dynamo::Error::Conflict)));
    let committed = store.reservation(order(1)).await.unwrap().unwrap();
    assert_eq!(store.levels_of(&committed).await.unwrap()[0].sold, 2);
}

#[tokio::test]
async fn wrong_books_are_an_error_and_no_conflict() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    let store = harness.service::<Inventory>().store;
    let level = store.level(&"LAMP".parse().unwrap()).await.unwrap().unwrap();
    let (wrong, _) = level.transfer(Account::Held, Account::Available, 1, "wrong").unwrap();
    store.table().commit(&harness.context()).save(&wrong).run().await.unwrap();
    let (held, levels) = store.reservation_with_its_levels(order(1)).await.unwrap();
    let refused = Reservation::commit(held, &levels).map_err(Problem::from).unwrap_err();
    assert!(matches!(&refused, Problem::Internal(why) if why.to_string().contains("the books are wrong")), "{refused}");
}

#[tokio::test]
async fn goods_that_leave_without_a_reservation_are_an_error() {
    assert!(harness().await.consume(commit_stock, dispatched(1)).await.is_err());
}

#[tokio::test]
async fn what_an_order_forgets_lapses() {
    let harness = harness().await;
    received(&harness, "LAMP", 10).await;
    harness.consume(reserve_stock, placed(1, &[("LAMP", 2)])).await.unwrap();
    harness.tick(expire_reservations).await;
    assert_eq!(counts(&harness, "LAMP").await, (10, 2, 8));
    harness.advance(SignedDuration::from_hours(10 * 24 + 1));
    harness.tick(expire_reservations).await;
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));
}
