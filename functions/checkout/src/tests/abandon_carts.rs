use contracts::events::checkout::CartAbandoned;
use jiff::SignedDuration;

use super::*;
use crate::operations::abandon_carts::function as abandon_carts;

async fn abandoned(harness: &Harness) -> Vec<CartAbandoned> {
    let events = harness.events().await.into_iter().filter(|event| event.name == "CartAbandoned.v1");
    events.map(|event| event.envelope().unwrap().data).collect()
}

#[tokio::test]
async fn a_cart_that_is_left_alone_for_a_day_is_said_to_be_abandoned_once() {
    let harness = shop().await;
    let (empty, cart) = (new_cart(&harness, BUYER, "EUR").await, filled_cart(&harness, BUYER, 2).await);
    harness.advance(SignedDuration::from_hours(23));
    harness.tick(abandon_carts).await;
    assert_eq!(abandoned(&harness).await, []);
    harness.advance(SignedDuration::from_hours(2));
    harness.tick(abandon_carts).await;
    harness.tick(abandon_carts).await;
    let expected = CartAbandoned { cart: cart.parse().unwrap(), customer: user(BUYER), units: 2 };
    assert_eq!(abandoned(&harness).await, [expected], "and not the empty one, {empty}");
}

#[tokio::test]
async fn somebody_who_comes_back_can_be_missed_again() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    for quantity in [3, 4] {
        harness.advance(SignedDuration::from_hours(25));
        harness.tick(abandon_carts).await;
        expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", quantity)).await;
        harness.tick(abandon_carts).await;
    }
    assert_eq!(abandoned(&harness).await.iter().map(|event| event.units).collect::<Vec<_>>(), [2, 3]);
}
