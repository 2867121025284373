//! The envelope of every domain event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::EventId;

/// A domain event: a fact in the past tense.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The service that publishes the event: `souk.orders`.
    const SOURCE: &'static str;
    /// Name and version: `OrderPlaced.v1`.
    const NAME: &'static str;
}

/// Domain events that are read or recorded together: one event, or an enum over several, as [`crate::event_set!`]
/// declares it.
pub trait EventSet: Sized + Send {
    /// Source and name of each event.
    fn names() -> Vec<(&'static str, &'static str)>;

    /// Reads the `detail` of an event of that name. `None` if the event is not in the set.
    fn read(name: &str, detail: &str) -> Option<serde_json::Result<Envelope<Self>>>;

    /// The source of this event: `souk.orders`.
    fn source(&self) -> &'static str;

    /// The name of this event, with its version: `OrderPlaced.v1`.
    fn name(&self) -> &'static str;

    /// The data of this event, as JSON.
    ///
    /// # Errors
    /// If the event cannot be represented as JSON.
    fn data(&self) -> serde_json::Result<serde_json::Value>;
}

impl<E: Event> EventSet for E {
    fn names() -> Vec<(&'static str, &'static str)> {
        vec![(E::SOURCE, E::NAME)]
    }

    fn read(name: &str, detail: &str) -> Option<serde_json::Result<Envelope<Self>>> {
        (name == E::NAME).then(|| serde_json::from_str(detail))
    }

    fn source(&self) -> &'static str {
        E::SOURCE
    }

    fn name(&self) -> &'static str {
        E::NAME
    }

    fn data(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }
}

/// Declares an enum with one variant per domain event and implements [`EventSet`] for it:
///
/// ```
/// use contracts::events::orders::{OrderCancelled, OrderPlaced};
///
/// contracts::event_set! {
///     /// What can happen to an order.
///     #[derive(Debug)]
///     pub enum OrderEvent {
///         /// It was placed.
///         Placed(OrderPlaced),
///         /// It was cancelled.
///         Cancelled(OrderCancelled),
///     }
/// }
/// ```
#[macro_export]
macro_rules! event_set {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $set:ident { $($(#[$about:meta])* $variant:ident($event:ty)),+ $(,)? }
    ) => {
        $(#[$attribute])*
        $visibility enum $set { $($(#[$about])* $variant($event)),+ }

        $(impl From<$event> for $set {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        })+

        impl $crate::EventSet for $set {
            fn names() -> Vec<(&'static str, &'static str)> {
                [$(<$event as $crate::EventSet>::names()),+].concat()
            }

            fn read(name: &str, detail: &str) -> Option<Result<$crate::Envelope<Self>, $crate::JsonError>> {
                $(if let Some(read) = <$event as $crate::EventSet>::read(name, detail) {
                    return Some(read.map(|$crate::Envelope { metadata, data }| $crate::Envelope {
                        metadata,
                        data: Self::$variant(data),
                    }));
                })+
                None
            }

            fn source(&self) -> &'static str {
                match self { $(Self::$variant(event) => $crate::EventSet::source(event)),+ }
            }

            fn name(&self) -> &'static str {
                match self { $(Self::$variant(event) => $crate::EventSet::name(event)),+ }
            }

            fn data(&self) -> Result<$crate::Json, $crate::JsonError> {
                match self { $(Self::$variant(event) => $crate::EventSet::data(event)),+ }
            }
        }
    };
}

/// An event, in the form that `detail` has on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<E> {
    /// The data that every event has.
    pub metadata: Metadata,
    /// The data of this event.
    pub data: E,
}

/// The data that every event has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The event's id. Consumers store it to recognise duplicates.
    pub id: EventId,
    /// The aggregate that changed, by its key: `order#ord_…`.
    pub aggregate: String,
    /// The aggregate's version after the event. It determines the order of events; their time does not.
    pub version: u64,
    /// The time of the event.
    pub time: Timestamp,
    /// The id of the request or event that caused this event.
    pub causation: String,
    /// The id of the request, message or scheduled invocation that started the chain of events. The X-Ray trace is
    /// not part of the event; it is sent in a header.
    pub correlation: String,
    /// The caller that caused the event: a user's id, or `system`.
    pub principal: String,
}
