//! The uses of promotions that have a limit.

use contracts::{CartId, PromotionId};
use dynamo::{Commit, Entity, Error, Key, Rows, Table};
use jiff::{SignedDuration, Timestamp};

use crate::{
    cart::Cart,
    pricing::PricingContext,
    promotion::{Counted, Redemption, Usage},
};

/// The time for which a use and its events are kept: longer than an event of its order can be late.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Entity for Usage {
    fn key(&self) -> Key {
        usage_key(self.promotion)
    }
}

impl Entity for Redemption {
    const EVENTS_KEPT: Option<SignedDuration> = Some(KEPT);

    fn key(&self) -> Key {
        redemption_key(self.promotion, self.cart, self.generation)
    }

    /// A use that is held is found when it lapses.
    fn due(&self) -> Option<Timestamp> {
        self.lapses_at()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.quoted_until + KEPT)
    }
}

pub(super) fn usage_key(promotion: PromotionId) -> Key {
    Key::of("usage", promotion)
}

pub(super) fn redemption_key(promotion: PromotionId, cart: CartId, generation: u64) -> Key {
    Key::of("redemption", format_args!("{promotion}#{cart}#{generation}"))
}

/// Adds the uses of automatic promotions with a limit. Most shops have none, so most carts are priced with one call.
pub(super) async fn with_automatic(
    table: &Table,
    cart: &Cart,
    mut pricing: PricingContext,
) -> Result<PricingContext, Error> {
    let limited = pricing.automatic.iter().filter(|promotion| promotion.limits.total.is_some());
    let limited: Vec<_> = limited.map(|promotion| promotion.id).collect();
    pricing.uses.extend(uses(table, &limited, cart.id, cart.generation).await?);
    Ok(pricing)
}

/// Reads the uses of promotions by a generation of a cart, and how often each is used.
pub(super) async fn uses(
    table: &Table,
    promotions: &[PromotionId],
    cart: CartId,
    generation: u64,
) -> Result<Vec<(Redemption, Usage)>, Error> {
    let keys = promotions.iter().flat_map(|id| [usage_key(*id), redemption_key(*id, cart, generation)]);
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        Ok(Vec::new())
    } else {
        uses_of(&mut table.get_rows(&keys).await?, promotions, cart, generation)
    }
}

/// The uses of promotions by a generation of a cart, from the items that were read.
pub(super) fn uses_of(
    read: &mut Rows,
    promotions: &[PromotionId],
    cart: CartId,
    generation: u64,
) -> Result<Vec<(Redemption, Usage)>, Error> {
    let (mut usages, mut redemptions): (Vec<Usage>, Vec<Redemption>) = (read.take("usage")?, read.take("redemption")?);
    let uses = promotions.iter().map(|id| {
        let redemption = redemptions.iter().position(|redemption| redemption.promotion == *id);
        let usage = usages.iter().position(|usage| usage.promotion == *id);
        let redemption =
            redemption.map_or_else(|| Redemption::unused(*id, cart, generation), |at| redemptions.swap_remove(at));
        (redemption, usage.map_or_else(|| Usage::none(*id), |at| usages.swap_remove(at)))
    });
    Ok(uses.collect())
}

/// Saves uses that were counted.
pub(crate) fn save_counted<'a>(commit: Commit<'a>, counted: &[Counted]) -> Commit<'a> {
    counted.iter().fold(commit, |commit, Counted { redemption, usage, event, overrun }| {
        let commit = usage.iter().fold(commit, Commit::save).save(redemption);
        overrun.iter().fold(event.iter().fold(commit, Commit::event), Commit::event)
    })
}
