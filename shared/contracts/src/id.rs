//! Identifiers: a prefix that names the type, and a UUID. Most are `UUIDv7`, which sort by age. The ids of carts and orders are
//! derived from idempotency keys (`UUIDv8`), and the ids of an order's payment and shipment have its UUID.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an id such as {prefix}_0198c2f06d2a7c1e9d4b8a3f5e6c7d80")]
pub struct InvalidId {
    /// The prefix that was expected, without the underscore.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("\n\nOn the wire: `", $prefix, "_` and 32 hexadecimal digits.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The type prefix, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The UUID after the prefix. Ids of different types with the same UUID belong together.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                uuid_below(text, concat!($prefix, "_")).map(Self).ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": concat!("^", $prefix, "_[0-9a-f]{32}$")})
            }
        }
    )*};
}

ids! {
    /// An account or a guest.
    UserId = "usr";
    /// A session: one sign-in on one device, with its refresh tokens.
    SessionId = "ses";
    /// A customer group.
    CustomerGroupId = "cgr";
    /// A saved postal address of a user.
    AddressId = "adr";
    /// A saved payment method of a user.
    PaymentMethodId = "pmt";
    /// A product of the catalog.
    ProductId = "prd";
    /// A category of products.
    CategoryId = "cat";
    /// A price list.
    PriceListId = "pls";
    /// An import of products.
    ImportId = "imp";
    /// A shopping cart.
    CartId = "crt";
    /// A signed quote.
    QuoteId = "quo";
    /// A promotion.
    PromotionId = "prm";
    /// An order. Its reservation, payment and shipment share its UUID.
    OrderId = "ord";
    /// A payment.
    PaymentId = "pay";
    /// A full or partial refund of a payment.
    RefundId = "rfd";
    /// A shipment.
    ShipmentId = "shp";
    /// A replenishment of stock.
    ReplenishmentId = "rpl";
    /// A domain event.
    EventId = "evt";
}

/// Accepts only the canonical form, so that equal ids have equal texts.
fn uuid_below(text: &str, prefix: &str) -> Option<Uuid> {
    let hex = text.strip_prefix(prefix)?;
    let canonical = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    canonical.then(|| Uuid::try_parse(hex).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = OrderId::from(Uuid::from_u128(42));
        assert_eq!(id.to_string(), "ord_0000000000000000000000000000002a");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_form_is_refused() {
        for text in [
            "",
            "ord_",
            "usr_0000000000000000000000000000002a",
            "ord_0000000000000000000000000000002A",
            "ord_00000000-0000-0000-0000-00000000002a",
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(InvalidId { prefix: "ord" }), "{text}");
        }
    }
}
