//! A parcel, as delivery answers it to a courier.

use contracts::{Address, ShipmentId, Sku, UserId};
use jiff::Timestamp;
use lambda::{ApiRequest, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, order::Listed, shell::Shell, signed::Signed};

/// After how many failed attempts a parcel comes back.
const ATTEMPTS: u32 = 3;

/// A parcel in a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parcel {
    pub(crate) id: ShipmentId,
    pub(crate) status: ParcelStatus,
    pub(crate) courier_id: Option<UserId>,
    /// The failed attempts.
    pub(crate) attempts: u32,
    pub(crate) shipping_option: String,
    pub(crate) dispatch_by: Timestamp,
    pub(crate) delivered_at: Option<Timestamp>,
}

/// A parcel with what is in it and where it goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressedParcel {
    #[serde(flatten)]
    pub(crate) parcel: Parcel,
    pub(crate) lines: Vec<Packed>,
    pub(crate) ship_to: Address,
}

/// What is in a parcel.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Packed {
    pub(crate) sku: Sku,
    pub(crate) quantity: u32,
}

/// The status of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ParcelStatus {
    Scheduled,
    Assigned,
    Dispatched,
    Delivered,
    Returning,
    Cancelled,
}

impl Parcel {
    /// The name of the way in which it is sent, or its id if that has no name here.
    pub(crate) fn option(&self, shell: &Shell) -> String {
        let id = &self.shipping_option;
        shell.texts.find(&format!("parcel-option-{id}")).unwrap_or_else(|| id.clone())
    }

    /// Whether this courier has it.
    pub(crate) fn is_of(&self, courier: UserId) -> bool {
        self.courier_id == Some(courier)
    }

    /// Whether it still waits in the warehouse.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.status, ParcelStatus::Scheduled | ParcelStatus::Assigned)
    }

    /// How often it can still be tried before it comes back.
    pub(crate) fn attempts_left(&self) -> u32 {
        ATTEMPTS.saturating_sub(self.attempts)
    }

    /// The text and the tone of its tag, for a courier.
    pub(crate) fn tag(&self, courier: UserId, shell: &Shell) -> (String, &'static str) {
        let (key, tone) = match self.status {
            ParcelStatus::Scheduled => ("parcel-free", ""),
            ParcelStatus::Delivered => ("parcel-delivered", "good"),
            ParcelStatus::Returning => ("parcel-returning", "bad"),
            ParcelStatus::Cancelled => ("parcel-cancelled", "bad"),
            _ if !self.is_of(courier) => ("parcel-others", ""),
            ParcelStatus::Assigned => ("parcel-mine", ""),
            ParcelStatus::Dispatched if self.attempts > 0 => ("parcel-again", "warn"),
            ParcelStatus::Dispatched => ("parcel-sent", "good"),
        };
        (shell.t(key), tone)
    }
}

impl Storefront {
    /// A parcel with its address.
    pub(crate) async fn parcel(&self, signed: &Signed, id: ShipmentId) -> Result<AddressedParcel, Problem> {
        Ok(self.delivery.send(signed.with_token(ApiRequest::get(format!("/v1/shipments/{id}")))).await?)
    }

    /// Up to a hundred parcels, by a query.
    pub(crate) async fn parcels(&self, signed: &Signed, query: &str) -> Result<Listed<Parcel>, Problem> {
        let request = ApiRequest::get(format!("/v1/shipments?{query}&limit=100"));
        Ok(self.delivery.send(signed.with_token(request)).await?)
    }
}
