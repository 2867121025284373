//! Events as the table stores them and as the stream delivers them to the relay.

use contracts::{Envelope, EventId, EventSet, Metadata, Sealed};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Error, Key, RequestContext};

/// The keys of events have eight digits, and later ones would not sort after them.
const LAST_VERSION: u64 = 99_999_999;

/// A stored event. It has the `pk` of its aggregate, and an `sk` such as `event#00000007`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The aggregate's key.
    pub pk: String,
    /// `event#` and the version.
    pub sk: String,
    /// The service that published it: `souk.orders`.
    pub source: String,
    /// Name and version: `OrderPlaced.v1`.
    pub name: String,
    /// The envelope, byte for byte as it is put on the bus.
    pub detail: String,
    /// The time of the event.
    pub time: Timestamp,
    /// The X-Ray trace header that is sent with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Unix seconds after which it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// The private part, encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

/// An event that was added to a commit and does not have its version yet.
pub(crate) struct Draft {
    source: &'static str,
    name: &'static str,
    data: serde_json::Value,
    id: EventId,
    private: Option<String>,
}

impl Draft {
    pub(crate) fn new(event: &impl EventSet, context: &RequestContext) -> Result<Self, Error> {
        let data = event.data().map_err(Error::malformed)?;
        Ok(Self { source: event.source(), name: event.name(), data, id: context.ids.next(), private: None })
    }

    pub(crate) fn set_private<T>(&mut self, part: &Sealed<T>) {
        self.private = Some(part.ciphertext().to_owned());
    }

    /// The event as it is stored, and kept for a time or for ever.
    pub(crate) fn record(
        self,
        key: &Key,
        version: u64,
        context: &RequestContext,
        kept: Option<SignedDuration>,
    ) -> Result<EventRecord, Error> {
        let metadata = Metadata {
            id: self.id,
            aggregate: key.pk.clone(),
            version,
            time: context.now,
            causation: context.causation.clone(),
            correlation: context.correlation.clone(),
            principal: context.principal.clone(),
        };
        if version > LAST_VERSION {
            return Err(Error::Malformed(format!("{} has too many events", key.pk)));
        }
        let Key { pk, sk } = key.event(version);
        Ok(EventRecord {
            pk,
            sk,
            source: self.source.to_owned(),
            name: self.name.to_owned(),
            detail: serde_json::to_string(&Envelope { metadata, data: self.data }).map_err(Error::malformed)?,
            time: context.now,
            trace: context.trace.clone(),
            expires: kept.map(|kept| (context.now + kept).as_second()),
            private: self.private,
        })
    }
}

impl EventRecord {
    /// The version of the aggregate after the event.
    ///
    /// # Errors
    /// [`Error::Malformed`] if its sort key does not end in a version.
    pub fn version(&self) -> Result<u64, Error> {
        let version = self.sk.rsplit('#').next().and_then(|version| version.parse().ok());
        version.ok_or_else(|| Error::Malformed(format!("{} is not the sort key of an event", self.sk)))
    }

    /// The private part, which is stored beside the event and never put on the bus. `None` if the event has none, or if
    /// it was removed.
    pub fn private<T>(&self) -> Option<Sealed<T>> {
        self.private.clone().map(Sealed::from_ciphertext)
    }

    /// Reads the envelope as an event, or as one of a set.
    pub fn envelope<E: EventSet>(&self) -> Result<Envelope<E>, Error> {
        let envelope = E::read(&self.name, &self.detail);
        envelope
            .ok_or_else(|| Error::Malformed(format!("{} is not expected here", self.name)))?
            .map_err(Error::malformed)
    }
}
