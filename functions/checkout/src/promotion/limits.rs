//! How often a promotion can be used, and how often it is.

use contracts::PromotionId;
use dynamo::Version;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PromotionCode;

/// How often a promotion can be used. An absent field means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "PromotionLimits")]
pub(crate) struct Limits {
    /// The maximum number of orders that use it, 1 to 1,000,000,000. An order that is cancelled before dispatch does
    /// not count.
    #[garde(inner(range(min = 1, max = 1_000_000_000)))]
    pub(crate) total: Option<u32>,
    /// The maximum number of orders of one customer that use it, 1 to 1,000. A promotion with this limit requires an
    /// account with a verified e-mail address. Accounts cannot verify it yet, so the promotion is never applied.
    #[garde(inner(range(min = 1, max = 1000)))]
    pub(crate) per_customer: Option<u32>,
}

/// How often a promotion with a limit is used, or one of its single-use codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    pub(crate) promotion: PromotionId,
    /// The single-use code. `None` if this is the usage of the whole promotion.
    pub(crate) code: Option<PromotionCode>,
    /// The orders that use it.
    pub(crate) redeemed: u32,
    /// The carts with a quote that can still be ordered, or that an order may have come from.
    pub(crate) held: u32,
    pub(crate) version: Version,
}

impl Usage {
    /// The usage of a promotion that was never used.
    pub(crate) fn none(promotion: PromotionId) -> Self {
        Self { promotion, code: None, redeemed: 0, held: 0, version: Version::default() }
    }

    /// The usage of a single-use code that was never used.
    pub(crate) fn none_of(promotion: PromotionId, code: PromotionCode) -> Self {
        Self { code: Some(code), ..Self::none(promotion) }
    }

    /// What counts for the limit.
    pub(crate) const fn counted(&self) -> u32 {
        self.redeemed.saturating_add(self.held)
    }

    /// How often it can be used, if there are these limits of the promotion. `None` if there is no limit.
    pub(crate) const fn limit(&self, limits: Limits) -> Option<u32> {
        if self.code.is_some() { Some(1) } else { limits.total }
    }

    /// Whether it can be used once more.
    pub(crate) fn has_room(&self, limits: Limits) -> bool {
        self.limit(limits).is_none_or(|limit| self.counted() < limit)
    }
}
