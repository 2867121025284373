//! The addresses of an account, as users answers them.

use contracts::{Address, AddressId};
use lambda::{ApiError, ApiRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, signed::Signed};

/// The request for all addresses. An account has at most twenty.
const ALL: &str = "/v1/me/addresses?limit=100";

/// An address of an account.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownAddress")]
pub(crate) struct SavedAddress {
    pub(crate) id: AddressId,
    pub(crate) address: Address,
    /// Whether it is the default address.
    #[serde(rename = "default")]
    pub(crate) is_default: bool,
    /// The version that is changed.
    #[serde(skip_serializing)]
    #[schemars(skip)]
    pub(crate) version: u64,
}

#[derive(Debug, Deserialize)]
struct Addresses {
    items: Vec<SavedAddress>,
}

impl Storefront {
    /// The addresses of an account, oldest first.
    pub(crate) async fn addresses(&self, signed: &Signed) -> Result<Vec<SavedAddress>, ApiError> {
        Ok(self.users.send::<Addresses>(signed.with_token(ApiRequest::get(ALL))).await?.items)
    }
}
