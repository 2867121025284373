//! The bugs of carts and their orders.

use serde_json::{Value, json};

use super::Bug;

impl Bug {
    /// Changes the writes of a call that concern carts.
    pub(super) fn plant_in_carts(self, function: &str, items: &mut Vec<Value>) {
        let is_cart = |item: &&mut Value| {
            let key = &item["Put"]["Item"];
            key["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("cart#")) && key["sk"]["S"] == "state"
        };
        let (name, value) = match (self, function) {
            (Self::GenerationNotClaimed, "orders/place-order") => {
                return items.retain(|item| !item["Put"]["Item"]["holder"].is_object());
            }
            (Self::MergeNotClaimed, "orders/close-merged-cart") => return items.clear(),
            (Self::GenerationNotRaised, "checkout/close-cart" | "checkout/reopen-cart") => {
                ("generation", json!({"N": "0"}))
            }
            (Self::WholeCartLeaves, "checkout/close-cart") | (Self::LinesNotReturned, "checkout/reopen-cart") => {
                ("lines", json!({"L": []}))
            }
            _ => return,
        };
        for item in items.iter_mut().filter(is_cart) {
            item["Put"]["Item"][name] = value.clone();
        }
    }
}
