//! How much there is of something, in the JSON of a page.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::item::Band;

/// How much there is of a product or a variant.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StockShown")]
pub(crate) struct StockView {
    status: StockStatus,
    /// The number of units, if there are 1 to 5. Otherwise `null`.
    left: Option<u32>,
}

/// How much there is, as far as a visitor is told.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum StockStatus {
    /// There is none, or it is not known yet.
    SoldOut,
    /// There are 1 to 5.
    OnlyLeft,
    /// There are more than 5.
    InStock,
}

impl From<Band> for StockView {
    fn from(band: Band) -> Self {
        let (status, left) = match band {
            Band::SoldOut => (StockStatus::SoldOut, None),
            Band::OnlyLeft(left) => (StockStatus::OnlyLeft, Some(left)),
            Band::InStock => (StockStatus::InStock, None),
        };
        Self { status, left }
    }
}

/// Serialises a band as a [`StockView`].
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
pub(crate) fn shown<S: Serializer>(band: &Band, serializer: S) -> Result<S::Ok, S::Error> {
    StockView::from(*band).serialize(serializer)
}
