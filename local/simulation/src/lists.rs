//! Price lists: a merchant who changes one for customers that do not buy, and the invariant of the read model.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    actors::{operation, pause},
    caller::Caller,
    prices::SHELF,
    quiescence::{expect, of_kind, scan},
    world::World,
};

const INVARIANT: &str = "checkout knows the price lists of the catalog";

/// A customer group without members. Every buyer still pays the catalog's price, which each quote is checked for.
const GROUP: &str = "cgr_00000000000000000000000000000001";

/// Creates price lists, and changes their prices and priorities or deletes them.
pub(crate) async fn merchant(world: Arc<World>) {
    let me = Caller::new(&world, 1, "merchant");
    for _ in 0..world.choices.mostly_first(3) {
        pause(&world, 3600).await;
        let list =
            json!({"name": "Trade", "currency": "EUR", "kind": "group", "customerGroups": [GROUP], "priority": 0});
        let made = me.call(&operation("create-price-list", "POST", "/v1/price-lists", &[], Some(list))).await;
        let Some(id) = made.filter(crate::caller::Answer::is_good).map(|made| made.text("id")) else { continue };
        let at = [("priceListId", id.as_str())];
        for _ in 0..=world.choices.mostly_first(3) {
            let sku = SHELF[world.choices.mostly_first(SHELF.len())].0;
            let amount = (!world.choices.happens(200)).then(|| world.choices.below(5000));
            let prices = json!({"prices": [{"sku": sku, "amount": amount}]});
            let path = "/v1/price-lists/{priceListId}/prices";
            drop(me.call(&operation("set-list-prices", "PUT", path, &at, Some(prices))).await);
        }
        if world.choices.happens(300) {
            drop(me.call(&operation("delete-price-list", "DELETE", "/v1/price-lists/{priceListId}", &at, None)).await);
        }
    }
}

/// Whether the read model of checkout has each list that is not deleted, and each of its prices.
pub(crate) async fn check(world: &World) {
    let (catalog, checkout) = (scan(world, "catalog").await, scan(world, "checkout").await);
    let known = of_kind(&checkout, "price-lists#").pop().unwrap_or_default();
    let known: Vec<_> = known["lists"].as_array().into_iter().flatten().collect();
    let living: Vec<_> = of_kind(&catalog, "price-list#").into_iter().filter(|list| list["deleted"] == false).collect();
    let id = |list: &Value| list["pk"].as_str().and_then(|pk| pk.split_once('#')).map(|(_, id)| id.to_owned());
    let ids: Vec<_> = living.iter().filter_map(id).collect();
    let is_known = known.len() == ids.len() && known.iter().all(|list| ids.iter().any(|id| list["id"] == **id));
    expect(world, is_known, INVARIANT, || format!("{known:?} instead of {ids:?}"));
    let listings = of_kind(&checkout, "sku#");
    for priced in catalog.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("price#"))) {
        let (list, prices) = (&priced["list"], &priced["prices"]);
        if !ids.iter().any(|id| list == id) {
            continue;
        }
        let key = format!("sku#{}", prices["sku"].as_str().unwrap_or_default());
        let listing = listings.iter().find(|listing| listing["pk"] == key);
        let known =
            listing.and_then(|listing| listing["lists"].as_array()?.iter().find(|known| known["list"] == *list));
        let amounts = prices["tiers"].as_array().into_iter().flatten().map(|tier| &tier["amount"]);
        let known_amounts = known.and_then(|known| known["tiers"].as_array()).into_iter().flatten().skip(1).step_by(2);
        expect(world, amounts.eq(known_amounts), INVARIANT, || format!("{prices} is known as {known:?}"));
    }
}
