//! The envelope that every domain event travels in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::EventId;

/// A domain event: a fact in the past tense.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The service that states the fact: `souk.orders`.
    const SOURCE: &'static str;
    /// Name and version: `OrderPlaced.v1`.
    const NAME: &'static str;
}

/// An event as it stands in `detail` on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<E> {
    /// Who, when and why.
    pub metadata: Metadata,
    /// The fact.
    pub data: E,
}

/// What is known of an event beside its fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The event's own id: consumers remember it.
    pub id: EventId,
    /// The aggregate that changed, by its key: `order#ord_…`.
    pub aggregate: String,
    /// The aggregate's version after the event: order comes from this, never from time.
    pub version: u64,
    /// When it happened.
    pub time: Timestamp,
    /// What led to it: the id of a request or of an event.
    pub causation: String,
    /// The id of what is at the root of the whole chain: a request, a message or a tick of a schedule. The trace is not
    /// said here: it travels beside the event, in X-Ray's header.
    pub correlation: String,
    /// Who caused it: a user's id, or `system`.
    pub principal: String,
}
