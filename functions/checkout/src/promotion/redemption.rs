//! The uses of promotions that have a limit.
//!
//! A quote holds a use for its cart, so that an order placed from it cannot exceed the limit. All quotes of one generation
//! of a cart share the use, because only one of them can be ordered. The order redeems it, and a cancellation before
//! dispatch releases it. Without an order it lapses an hour after the last quote expired.
//!
//! A use counts for its promotion and, if it began with a single-use code, for that code. The quotes of a generation share it
//! also if the cart then gets another code of the promotion. All codes of a promotion take off the same.

use contracts::{
    CartId, PromotionId,
    events::checkout::{PromotionOverrun, RedemptionChanged, RedemptionState},
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Limits, PromotionCode, Rejection, Usage};

/// The time after the end of a quote until its order is known. An `OrderPlaced` that arrives later still counts.
pub(crate) const ORDER_KNOWN_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// A use of a promotion by a generation of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redemption {
    pub(crate) promotion: PromotionId,
    pub(crate) cart: CartId,
    pub(crate) generation: u64,
    /// The single-use code that it counts for.
    pub(crate) code: Option<PromotionCode>,
    pub(crate) state: RedemptionState,
    /// The end of the last quote that holds it.
    pub(crate) quoted_until: Timestamp,
    pub(crate) version: Version,
}

/// A use, and what is counted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) redemption: Redemption,
    /// The usage of its promotion and that of its code. Empty if they stay the same.
    pub(crate) usages: Vec<Usage>,
    /// `None` if the state stays the same.
    pub(crate) event: Option<RedemptionChanged>,
    /// The order arrived after the use had lapsed.
    pub(crate) overrun: Option<PromotionOverrun>,
}

impl Redemption {
    /// A use that does not count yet.
    pub(crate) fn unused(promotion: PromotionId, cart: CartId, generation: u64) -> Self {
        let (state, quoted_until, version) = (RedemptionState::Lapsed, Timestamp::UNIX_EPOCH, Version::default());
        Self { promotion, cart, generation, code: None, state, quoted_until, version }
    }

    /// Whether it counts for the limit.
    pub(crate) const fn counts(&self) -> bool {
        matches!(self.state, RedemptionState::Held | RedemptionState::Redeemed)
    }

    /// Holds it for a quote. `usages` are that of its promotion and, if the cart has a single-use code, that of the code.
    /// `None` if its generation was ordered: the quote cannot be.
    pub(crate) fn hold(
        mut self,
        usages: Vec<Usage>,
        limits: Limits,
        quoted_until: Timestamp,
    ) -> Result<Option<Counted>, Rejection> {
        match self.state {
            RedemptionState::Held => {
                self.quoted_until = self.quoted_until.max(quoted_until);
                Ok(Some(Counted { redemption: self, usages: Vec::new(), event: None, overrun: None }))
            }
            RedemptionState::Lapsed if !usages.iter().all(|usage| usage.has_room(limits)) => Err(Rejection::Exhausted),
            RedemptionState::Lapsed => {
                self.quoted_until = quoted_until;
                self.code = usages.iter().find_map(|usage| usage.code.clone());
                Ok(Some(self.becomes(RedemptionState::Held, usages)))
            }
            RedemptionState::Redeemed | RedemptionState::Released => Ok(None),
        }
    }

    /// Redeems it: an order was placed. `None` if that is known, or if the order was cancelled already.
    pub(crate) fn redeem(self, usages: Vec<Usage>) -> Option<Counted> {
        let Self { promotion, cart, generation, state, .. } = self;
        let overrun = match state {
            RedemptionState::Held => None,
            RedemptionState::Lapsed => Some(PromotionOverrun { promotion, cart, generation }),
            RedemptionState::Redeemed | RedemptionState::Released => return None,
        };
        Some(Counted { overrun, ..self.becomes(RedemptionState::Redeemed, usages) })
    }

    /// Releases it: the order was cancelled before dispatch. `None` if it does not count.
    pub(crate) fn release(self, usages: Vec<Usage>) -> Option<Counted> {
        self.counts().then(|| self.becomes(RedemptionState::Released, usages))
    }

    /// Lets it lapse when no order has come in time.
    pub(crate) fn lapse(self, usages: Vec<Usage>, now: Timestamp) -> Option<Counted> {
        self.lapses_at().is_some_and(|at| at <= now).then(|| self.becomes(RedemptionState::Lapsed, usages))
    }

    /// Lets it lapse now: its cart was merged into another, whose quotes hold their own. `None` if it is not held.
    pub(crate) fn give_up(self, usages: Vec<Usage>) -> Option<Counted> {
        (self.state == RedemptionState::Held).then(|| self.becomes(RedemptionState::Lapsed, usages))
    }

    /// The time at which it lapses, while it is held.
    pub(crate) fn lapses_at(&self) -> Option<Timestamp> {
        (self.state == RedemptionState::Held).then(|| self.quoted_until + ORDER_KNOWN_WITHIN)
    }

    fn becomes(self, state: RedemptionState, mut usages: Vec<Usage>) -> Counted {
        for usage in &mut usages {
            match self.state {
                RedemptionState::Held => usage.held = usage.held.saturating_sub(1),
                RedemptionState::Redeemed => usage.redeemed = usage.redeemed.saturating_sub(1),
                RedemptionState::Released | RedemptionState::Lapsed => {}
            }
            match state {
                RedemptionState::Held => usage.held += 1,
                RedemptionState::Redeemed => usage.redeemed += 1,
                RedemptionState::Released | RedemptionState::Lapsed => {}
            }
        }
        let Self { promotion, cart, generation, .. } = self;
        let event = RedemptionChanged { promotion, cart, generation, state };
        Counted { redemption: Self { state, ..self }, usages, event: Some(event), overrun: None }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const TWICE: Limits = Limits { total: Some(2), per_customer: None };

    fn unused() -> Redemption {
        Redemption::unused(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), 3)
    }

    fn usage(redeemed: u32, held: u32) -> Vec<Usage> {
        vec![Usage { redeemed, held, ..Usage::none(Uuid::from_u128(1).into()) }]
    }

    fn in_state(state: RedemptionState) -> Redemption {
        Redemption { state, ..unused() }
    }

    /// The new state, and the numbers of uses after the change.
    fn after(counted: Option<Counted>) -> Option<(RedemptionState, Option<(u32, u32)>)> {
        counted.map(|counted| {
            assert_eq!(counted.usages.is_empty(), counted.event.is_none());
            (counted.redemption.state, counted.usages.first().map(|usage| (usage.redeemed, usage.held)))
        })
    }

    #[test]
    fn a_quote_holds_a_use_while_there_are_uses_left() {
        let hold = |usage| unused().hold(usage, TWICE, NOW);
        assert_eq!(after(hold(usage(1, 0)).unwrap()), Some((RedemptionState::Held, Some((1, 1)))));
        for full in [usage(2, 0), usage(1, 1), usage(0, 2)] {
            assert_eq!(hold(full), Err(Rejection::Exhausted));
        }
        assert!(unused().hold(usage(9, 9), Limits::default(), NOW).is_ok(), "without a limit there are always more");
    }

    #[test]
    fn the_next_quote_of_a_generation_shares_the_use_and_holds_it_longer() {
        let held = unused().hold(usage(0, 0), TWICE, NOW).unwrap().unwrap().redemption;
        let later = NOW + SignedDuration::from_mins(5);
        let again = held.hold(usage(1, 1), TWICE, later).unwrap();
        assert_eq!(after(again.clone()), Some((RedemptionState::Held, None)));
        let longer = again.unwrap().redemption;
        assert_eq!(longer.quoted_until, later);
        let earlier = longer.hold(usage(1, 1), TWICE, NOW).unwrap().unwrap().redemption;
        assert_eq!(earlier.quoted_until, later, "an earlier end does not shorten it");
    }

    /// The usages of the promotion, and of a single-use code with its number of uses.
    fn with_code(code: &str, held: u32) -> Vec<Usage> {
        let of_code = Usage::none_of(Uuid::from_u128(1).into(), code.parse().unwrap());
        [usage(0, 0), vec![Usage { held, ..of_code }]].concat()
    }

    #[test]
    fn a_use_counts_for_its_promotion_and_its_single_use_code() {
        let held = unused().hold(with_code("ONE", 0), Limits::default(), NOW).unwrap().unwrap();
        assert_eq!(held.redemption.code, Some("ONE".parse().unwrap()));
        assert_eq!(held.usages.iter().map(|usage| (usage.redeemed, usage.held)).collect::<Vec<_>>(), [(0, 1); 2]);
        assert_eq!(unused().hold(with_code("ONE", 1), Limits::default(), NOW), Err(Rejection::Exhausted));
        let redeemed = held.redemption.redeem(held.usages).unwrap();
        assert_eq!(redeemed.usages.iter().map(|usage| (usage.redeemed, usage.held)).collect::<Vec<_>>(), [(1, 0); 2]);
        assert_eq!(unused().hold(redeemed.usages, Limits::default(), NOW), Err(Rejection::Exhausted));
    }

    #[test]
    fn a_use_keeps_its_code_while_it_is_held_and_begins_again_with_another() {
        let first = unused().hold(with_code("ONE", 0), TWICE, NOW).unwrap().unwrap();
        let shared = first.redemption.hold(with_code("TWO", 0), TWICE, NOW).unwrap().unwrap();
        assert_eq!((&shared.redemption.code, &shared.usages), (&Some("ONE".parse().unwrap()), &vec![]));
        let lapsed = shared.redemption.give_up(with_code("ONE", 1)).unwrap().redemption;
        assert_eq!(lapsed.code, Some("ONE".parse().unwrap()), "a late order must find it");
        for (usages, code) in [(with_code("TWO", 0), Some("TWO".parse().unwrap())), (usage(0, 0), None)] {
            assert_eq!(lapsed.clone().hold(usages, TWICE, NOW).unwrap().unwrap().redemption.code, code);
        }
    }

    #[test]
    fn what_was_ordered_is_held_no_more() {
        for state in [RedemptionState::Redeemed, RedemptionState::Released] {
            assert_eq!(in_state(state).hold(usage(0, 0), TWICE, NOW), Ok(None));
        }
    }

    #[test]
    fn an_order_redeems_a_use_once_even_if_it_had_lapsed() {
        assert_eq!(
            after(in_state(RedemptionState::Held).redeem(usage(0, 1))),
            Some((RedemptionState::Redeemed, Some((1, 0))))
        );
        assert_eq!(
            after(in_state(RedemptionState::Lapsed).redeem(usage(2, 0))),
            Some((RedemptionState::Redeemed, Some((3, 0)))),
            "beyond the limit"
        );
        let is_late = |state| in_state(state).redeem(usage(0, 1)).unwrap().overrun.is_some();
        assert_eq!((is_late(RedemptionState::Held), is_late(RedemptionState::Lapsed)), (false, true));
        for state in [RedemptionState::Redeemed, RedemptionState::Released] {
            assert_eq!(in_state(state).redeem(usage(1, 1)), None);
        }
    }

    #[test]
    fn a_cancellation_gives_a_use_back_once() {
        let released = |state, before| after(in_state(state).release(before));
        assert_eq!(released(RedemptionState::Redeemed, usage(1, 1)), Some((RedemptionState::Released, Some((0, 1)))));
        assert_eq!(released(RedemptionState::Held, usage(1, 1)), Some((RedemptionState::Released, Some((1, 0)))));
        assert_eq!(released(RedemptionState::Released, usage(1, 1)), None);
        assert_eq!(released(RedemptionState::Lapsed, usage(1, 1)), None);
    }

    #[test]
    fn a_use_lapses_an_hour_after_its_quote_and_can_be_held_again() {
        let held = unused().hold(usage(0, 0), TWICE, NOW).unwrap().unwrap().redemption;
        let at = NOW + SignedDuration::from_hours(1);
        assert_eq!(held.lapses_at(), Some(at));
        assert_eq!(held.clone().lapse(usage(0, 1), at - SignedDuration::from_secs(1)), None);
        let lapsed = held.lapse(usage(0, 1), at);
        assert_eq!(after(lapsed.clone()), Some((RedemptionState::Lapsed, Some((0, 0)))));
        let lapsed = lapsed.unwrap().redemption;
        assert_eq!((lapsed.lapses_at(), lapsed.clone().lapse(usage(0, 1), at)), (None, None));
        assert!(matches!(lapsed.hold(usage(1, 0), TWICE, at), Ok(Some(_))));
        assert_eq!(in_state(RedemptionState::Redeemed).lapse(usage(1, 0), at), None);
    }

    #[test]
    fn only_a_use_that_is_held_is_given_up() {
        let given_up = |state| after(in_state(state).give_up(usage(1, 1)));
        assert_eq!(given_up(RedemptionState::Held), Some((RedemptionState::Lapsed, Some((1, 0)))));
        for state in [RedemptionState::Redeemed, RedemptionState::Released, RedemptionState::Lapsed] {
            assert_eq!(given_up(state), None);
        }
    }
}
