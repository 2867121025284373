//! What is read to search: the stored snapshot, and what has changed since.

use jiff::{SignedDuration, Timestamp};
use lambda::Problem;
use search::{Change, Document, Index, Snapshot, Synonyms, pack};

use crate::{entry::Entry, snapshot::Head, store::Store};

/// How long before a look a change can be dated that the look missed: the longest invocation that writes an entry, and
/// the delay of the table's index.
pub(crate) const OVERLAP: SignedDuration = SignedDuration::from_secs(35);
/// How often a snapshot is read that is deleted meanwhile. Two newer ones must be stored for that.
const ATTEMPTS: usize = 3;

/// A snapshot, and the entries that have changed since.
pub(crate) struct Loaded {
    /// The number of the stored snapshot. 0 if there is none, and the snapshot was made of all entries.
    pub(crate) number: u64,
    pub(crate) snapshot: Snapshot,
    pub(crate) tail: Vec<Entry>,
}

impl Loaded {
    pub(crate) async fn read(store: &Store) -> Result<Self, Problem> {
        for _ in 0..ATTEMPTS {
            let head = store.head().await?;
            let Some(stored) = head.current() else { break };
            let tail = store.changed_since(stored.as_of - OVERLAP);
            if let (Some(packed), tail) = futures::try_join!(store.snapshot(stored), tail)? {
                let snapshot = Snapshot::open(packed).map_err(Problem::internal)?;
                return Ok(Self { number: stored.number, snapshot, tail });
            }
        }
        Ok(Self { number: 0, snapshot: open(Vec::new())?, tail: store.changed_since(Timestamp::UNIX_EPOCH).await? })
    }

    /// All documents.
    pub(crate) fn documents(self) -> Result<Vec<Document>, Problem> {
        let change = |entry: Entry| Change { product: entry.id, document: entry.document };
        let changes: Vec<_> = self.tail.into_iter().map(change).collect();
        let index = Index::new(self.snapshot, &changes, Synonyms::default()).map_err(Problem::internal)?;
        index.documents().map_err(Problem::internal)
    }
}

/// The number of changes since the snapshot that a new instance reads.
pub(crate) async fn tail(store: &Store, head: &Head) -> Result<usize, dynamo::Error> {
    store.changes_since(head.current().map_or(Timestamp::UNIX_EPOCH, |stored| stored.as_of)).await
}

pub(crate) fn open(documents: Vec<Document>) -> Result<Snapshot, Problem> {
    Snapshot::open(pack(documents).map_err(Problem::internal)?).map_err(Problem::internal)
}
