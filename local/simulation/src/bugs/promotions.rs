//! The bugs of promotions with a limit.

use serde_json::Value;

use super::{Bug, plants::bump};

impl Bug {
    /// Changes the writes of a call that concern uses of promotions.
    pub(super) fn plant_in_promotions(self, function: &str, items: &mut Vec<Value>) {
        let pk = |item: &Value| item["Put"]["Item"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let is_use = |item: &Value| pk(item).starts_with("usage#") || pk(item).starts_with("redemption#");
        match (self, function) {
            (Self::UseNotHeld, "checkout/create-quote")
            | (Self::UseNotRedeemed, "checkout/close-cart")
            | (Self::UseNotReleased, "checkout/reopen-cart") => items.retain(|item| !is_use(item)),
            (Self::CodeNotCounted, "checkout/create-quote") => {
                items.retain(|item| !pk(item).starts_with("usage#") || !item["Put"]["Item"]["code"].is_object());
            }
            (Self::UseReleasedTwice, "checkout/reopen-cart") => {
                for item in items.iter_mut().filter(|item| pk(item).starts_with("usage#")) {
                    bump(&mut item["Put"]["Item"]["redeemed"], -1);
                }
            }
            _ => {}
        }
    }
}
