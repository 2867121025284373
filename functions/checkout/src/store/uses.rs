//! The uses of promotions that have a limit.

use contracts::{CartId, PromotionId};
use dynamo::{Commit, Entity, Error, Key, Rows, Table};
use jiff::{SignedDuration, Timestamp};

use crate::{
    cart::Cart,
    pricing::PricingContext,
    promotion::{AppliedCode, Counted, Promotion, PromotionCode, Redemption, Usage},
};

/// The time for which a use and its events are kept: longer than an event of its order can be late.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Entity for Usage {
    fn key(&self) -> Key {
        match &self.code {
            Some(code) => code_usage_key(self.promotion, code),
            None => usage_key(self.promotion),
        }
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

fn code_usage_key(promotion: PromotionId, code: &PromotionCode) -> Key {
    Key::of("usage", format_args!("{promotion}#{code}"))
}

pub(super) fn redemption_key(promotion: PromotionId, cart: CartId, generation: u64) -> Key {
    Key::of("redemption", format_args!("{promotion}#{cart}#{generation}"))
}

/// Adds the uses of automatic promotions with a limit, and the usages of the cart's single-use codes. Most shops and carts
/// have none, so most carts are priced with one call.
pub(super) async fn with_limits(
    table: &Table,
    cart: &Cart,
    mut pricing: PricingContext,
) -> Result<PricingContext, Error> {
    let limited = pricing.automatic.iter().filter(|promotion| promotion.limits.total.is_some());
    let limited: Vec<_> = limited.map(|promotion| promotion.id).collect();
    let automatic = uses(table, &limited, cart.id, cart.generation).await?;
    let single_use = single_use_codes(cart, &pricing.promotions);
    add_codes(table, &mut pricing.uses, &single_use).await?;
    pricing.uses.extend(automatic);
    Ok(pricing)
}

/// The codes of a cart that can be used once: those that are not the own code of their promotion.
fn single_use_codes(cart: &Cart, promotions: &[Promotion]) -> Vec<(PromotionId, PromotionCode)> {
    let codes = cart.promotions.iter().filter(|AppliedCode { code, promotion }| {
        promotions.iter().any(|own| own.id == *promotion && own.code.as_ref() != Some(code))
    });
    codes.map(|AppliedCode { code, promotion }| (*promotion, code.clone())).collect()
}

/// Reads the uses of promotions by a generation of a cart, and the usages that each counts for.
pub(super) async fn uses(
    table: &Table,
    promotions: &[PromotionId],
    cart: CartId,
    generation: u64,
) -> Result<Vec<(Redemption, Vec<Usage>)>, Error> {
    let keys = promotions.iter().flat_map(|id| [usage_key(*id), redemption_key(*id, cart, generation)]);
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut uses = uses_of(&mut table.get_rows(&keys).await?, promotions, cart, generation)?;
    let codes = uses.iter().filter_map(|(redemption, _)| Some((redemption.promotion, redemption.code.clone()?)));
    let codes: Vec<_> = codes.collect();
    add_codes(table, &mut uses, &codes).await?;
    Ok(uses)
}

/// Reads how often codes are used, and adds it to the uses of their promotions.
async fn add_codes(
    table: &Table,
    uses: &mut [(Redemption, Vec<Usage>)],
    codes: &[(PromotionId, PromotionCode)],
) -> Result<(), Error> {
    if codes.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = codes.iter().map(|(promotion, code)| code_usage_key(*promotion, code)).collect();
    let known: Vec<Usage> = table.get_many(&keys).await?;
    for (promotion, code) in codes {
        let usage = known.iter().find(|usage| usage.code.as_ref() == Some(code)).cloned();
        let usage = usage.unwrap_or_else(|| Usage::none_of(*promotion, code.clone()));
        let of_promotion = uses.iter_mut().find(|(redemption, _)| redemption.promotion == *promotion);
        if let Some((_, usages)) = of_promotion {
            usages.push(usage);
        }
    }
    Ok(())
}

/// The uses of promotions by a generation of a cart, and the usages of the promotions, from the items that were read.
pub(super) fn uses_of(
    read: &mut Rows,
    promotions: &[PromotionId],
    cart: CartId,
    generation: u64,
) -> Result<Vec<(Redemption, Vec<Usage>)>, Error> {
    let (mut usages, mut redemptions): (Vec<Usage>, Vec<Redemption>) = (read.take("usage")?, read.take("redemption")?);
    let uses = promotions.iter().map(|id| {
        let redemption = redemptions.iter().position(|redemption| redemption.promotion == *id);
        let usage = usages.iter().position(|usage| usage.promotion == *id);
        let redemption =
            redemption.map_or_else(|| Redemption::unused(*id, cart, generation), |at| redemptions.swap_remove(at));
        (redemption, vec![usage.map_or_else(|| Usage::none(*id), |at| usages.swap_remove(at))])
    });
    Ok(uses.collect())
}

/// Saves uses that were counted.
pub(crate) fn save_counted<'a>(commit: Commit<'a>, counted: &[Counted]) -> Commit<'a> {
    counted.iter().fold(commit, |commit, Counted { redemption, usages, event, overrun }| {
        let commit = usages.iter().fold(commit, Commit::save).save(redemption);
        overrun.iter().fold(event.iter().fold(commit, Commit::event), Commit::event)
    })
}
