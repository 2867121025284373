//! The index in the memory of a function, and how it follows the table.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use contracts::ProductId;
use dynamo::{Table, Version};
use futures::lock::Mutex;
use jiff::{SignedDuration, Timestamp};
use lambda::{Env, Problem, Sealer, Service, StartError};
use search::{Change, Document, Index, Snapshot, Synonyms, pack};

use crate::{entry::Entry, store::Store};

/// The handle of the functions that search.
#[derive(Clone)]
pub(crate) struct Searcher {
    store: Store,
    pub(crate) sealer: Sealer,
    /// How long an answer may lag behind the table.
    freshness: SignedDuration,
    state: Arc<Mutex<Option<State>>>,
}

/// How long before the last look a change may have been dated that was not seen then: the longest invocation that writes
/// one, and the delay of the table's index.
const OVERLAP: SignedDuration = SignedDuration::from_secs(15);
/// The number of changes that are kept beside a snapshot: a share of its products, within bounds. With more, a new
/// snapshot is made, because every change indexes all of them again.
const CHANGES: (usize, usize, usize) = (20, 500, 5_000);

/// What was read so far.
struct State {
    snapshot: Snapshot,
    /// The products that have changed since the snapshot was made.
    changed: BTreeMap<ProductId, Option<Document>>,
    /// The last seen version of each entry that the next look may read again.
    seen: BTreeMap<ProductId, (Timestamp, u64)>,
    synonyms: Version,
    index: Arc<Index>,
    /// Whether something was read that is not in the index.
    stale: bool,
    asked_at: Timestamp,
}

/// The index, and the time of its last look at the table.
pub(crate) struct Current {
    pub(crate) index: Arc<Index>,
    pub(crate) as_of: Timestamp,
}

impl fmt::Debug for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Searcher").finish_non_exhaustive()
    }
}

impl Service for Searcher {
    fn start(env: &Env) -> Result<Self, StartError> {
        let name = "SEARCH_FRESHNESS";
        let wrong = |reason| StartError::Invalid { name: name.to_owned(), reason };
        let milliseconds = env.variable(name)?.parse::<u32>().map_err(|error| wrong(error.to_string()))?;
        let freshness = SignedDuration::try_from(Duration::from_millis(milliseconds.into()));
        let freshness = freshness.map_err(|error| wrong(error.to_string()))?;
        Ok(Self { store: Store::new(env.table()?), sealer: env.sealer()?, freshness, state: Arc::default() })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Searcher {
    /// The index as of now, or of a moment ago.
    pub(crate) async fn current(&self, now: Timestamp) -> Result<Current, Problem> {
        let mut state = self.state.lock().await;
        if let Some(known) = state.as_mut() {
            if now >= known.asked_at + self.freshness {
                self.refresh(known, now).await?;
            }
        } else {
            *state = Some(self.first(now).await?);
        }
        let known = state.as_ref().ok_or_else(|| Problem::internal("no index"))?;
        Ok(Current { index: Arc::clone(&known.index), as_of: known.asked_at })
    }

    /// Reads everything.
    async fn first(&self, now: Timestamp) -> Result<State, Problem> {
        let entries = self.store.changed_since(Timestamp::UNIX_EPOCH);
        let (entries, synonyms) = futures::try_join!(entries, self.store.synonyms())?;
        let seen = entries.iter().map(|entry| (entry.id, (entry.changed_at, entry.version.number()))).collect();
        let documents = entries.into_iter().filter_map(|entry| entry.document).collect();
        let snapshot = open(documents)?;
        let index = Index::new(snapshot.clone(), &[], synonyms.read()).map_err(Problem::internal)?;
        let (changed, synonyms, index) = (BTreeMap::new(), synonyms.version, Arc::new(index));
        Ok(State { snapshot, changed, seen, synonyms, index, stale: false, asked_at: now })
    }

    /// Reads what has changed. Nothing is kept of a look that fails.
    async fn refresh(&self, state: &mut State, now: Timestamp) -> Result<(), Problem> {
        let since = state.asked_at - OVERLAP;
        let entries = self.store.changed_since(since);
        let (entries, synonyms) = futures::try_join!(entries, self.store.synonyms())?;
        state.stale |= synonyms.version.number() != state.synonyms.number();
        for Entry { id, changed_at, document, version } in entries {
            let seen = (changed_at, version.number());
            if state.seen.insert(id, seen) != Some(seen) {
                state.changed.insert(id, document);
                state.stale = true;
            }
        }
        state.seen.retain(|_, (changed_at, _)| *changed_at >= since);
        if state.stale {
            state.rebuild(&synonyms.read())?;
            state.synonyms = synonyms.version;
        }
        state.asked_at = now;
        Ok(())
    }
}

impl State {
    /// Makes the index anew, and a snapshot if too much has changed since the last one.
    fn rebuild(&mut self, synonyms: &Synonyms) -> Result<(), Problem> {
        let changes: Vec<_> = self.changed.iter().map(change).collect();
        let mut index = Index::new(self.snapshot.clone(), &changes, synonyms.clone()).map_err(Problem::internal)?;
        let (share, least, most) = CHANGES;
        let documents = usize::try_from(self.snapshot.documents()).unwrap_or(usize::MAX);
        if changes.len() > (documents / share).clamp(least, most) {
            self.snapshot = open(index.documents().map_err(Problem::internal)?)?;
            self.changed.clear();
            index = Index::new(self.snapshot.clone(), &[], synonyms.clone()).map_err(Problem::internal)?;
        }
        self.index = Arc::new(index);
        self.stale = false;
        Ok(())
    }
}

fn change((product, document): (&ProductId, &Option<Document>)) -> Change {
    Change { product: *product, document: document.clone() }
}

fn open(documents: Vec<Document>) -> Result<Snapshot, Problem> {
    Snapshot::open(pack(documents).map_err(Problem::internal)?).map_err(Problem::internal)
}
