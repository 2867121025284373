//! Events as they are stored, and as the stream hands them to the relay.

use contracts::{Envelope, Event, EventId, Metadata};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Cause, Entity, Error, Key};

/// An event beside its aggregate: `pk` of the aggregate, `sk` `event#00000007`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The aggregate's key.
    pub pk: String,
    /// `event#` and the version.
    pub sk: String,
    /// The service: `souk.orders`.
    pub source: String,
    /// Name and version: `OrderPlaced.v1`.
    pub name: String,
    /// The envelope, to the byte as it goes on the bus.
    pub detail: String,
    /// When it happened.
    pub time: Timestamp,
    /// The X-Ray trace header that it goes on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Unix seconds after which it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
}

/// An event on its way into a commit: only its version is still to be said.
pub(crate) struct Draft {
    source: &'static str,
    name: &'static str,
    data: serde_json::Value,
    id: EventId,
}

impl Draft {
    pub(crate) fn new<E: Event>(event: &E, cause: &Cause) -> Result<Self, Error> {
        let data = serde_json::to_value(event).map_err(Error::malformed)?;
        Ok(Self { source: E::SOURCE, name: E::NAME, data, id: cause.ids.next() })
    }

    pub(crate) fn record<T: Entity>(self, key: &Key, version: u64, cause: &Cause) -> Result<EventRecord, Error> {
        let metadata = Metadata {
            id: self.id,
            aggregate: key.pk.clone(),
            version,
            time: cause.now,
            causation: cause.causation.clone(),
            correlation: cause.correlation.clone(),
            principal: cause.principal.clone(),
        };
        let Key { pk, sk } = key.event(version);
        Ok(EventRecord {
            pk,
            sk,
            source: self.source.to_owned(),
            name: self.name.to_owned(),
            detail: serde_json::to_string(&Envelope { metadata, data: self.data }).map_err(Error::malformed)?,
            time: cause.now,
            trace: cause.trace.clone(),
            expires: T::EVENTS_KEPT.map(|kept| (cause.now + kept).as_second()),
        })
    }
}

impl EventRecord {
    /// Reads the envelope as one kind of event.
    pub fn envelope<E: Event>(&self) -> Result<Envelope<E>, Error> {
        serde_json::from_str(&self.detail).map_err(Error::malformed)
    }
}
