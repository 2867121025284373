//! Every domain event, by the service that publishes it.

pub mod catalog;
pub mod checkout;
pub mod delivery;
pub mod inventory;
pub mod orders;
pub mod payments;
pub mod users;

/// Declares events: their source, and each one's versioned name.
macro_rules! events {
    ($source:literal: $($event:ident = $name:literal),* $(,)?) => {
        $(impl crate::Event for $event {
            const SOURCE: &'static str = $source;
            const NAME: &'static str = $name;
        })*

        /// The events of this service: source, name, and a check that the detail of a sample can be parsed.
        pub const ALL: &[super::Published] = &[$(super::Published {
            source: $source,
            name: $name,
            parses: |detail| serde_json::from_str::<crate::Envelope<$event>>(detail).map(drop),
        }),*];
    };
}
use events;

/// A published event, for tests and tools.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// The source, such as `souk.orders`.
    pub source: &'static str,
    /// The name with its version, such as `OrderPlaced.v1`.
    pub name: &'static str,
    /// Reads a `detail` as this event.
    pub parses: fn(&str) -> Result<(), serde_json::Error>,
}

/// Every event of every service.
pub fn all() -> impl Iterator<Item = &'static Published> {
    [users::ALL, catalog::ALL, inventory::ALL, checkout::ALL, orders::ALL, payments::ALL, delivery::ALL]
        .into_iter()
        .flatten()
}
