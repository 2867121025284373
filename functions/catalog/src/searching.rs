//! The index in the memory of a function, and how it follows the table.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use contracts::ProductId;
use dynamo::{Table, Version};
use futures::lock::Mutex;
use jiff::{SignedDuration, Timestamp};
use lambda::{Env, Problem, Sealer, Service, StartError};
use search::{Change, Document, Index, Snapshot, Synonyms};

use crate::{
    entry::Entry,
    loading::{Loaded, OVERLAP, open},
    snapshot::longest_tail,
    store::Store,
};

/// The handle of the functions that search.
#[derive(Clone)]
pub(crate) struct Searcher {
    store: Store,
    pub(crate) sealer: Sealer,
    /// How long an answer may lag behind the table.
    freshness: SignedDuration,
    state: Arc<Mutex<Option<State>>>,
}

/// The largest number of products that an instance indexes by itself when its tail is too long and no newer snapshot is
/// stored yet. It takes about two seconds.
const MOST_INDEXED: usize = 20_000;

/// What was read so far.
struct State {
    /// The number of the stored snapshot.
    number: u64,
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

/// The index, the number of its snapshot, and the time of its last look at the table.
pub(crate) struct Current {
    pub(crate) index: Arc<Index>,
    pub(crate) number: u64,
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
        Ok(Current { index: Arc::clone(&known.index), number: known.number, as_of: known.asked_at })
    }

    /// Reads the stored snapshot, and what has changed since.
    async fn first(&self, now: Timestamp) -> Result<State, Problem> {
        let synonyms = async { Ok(self.store.synonyms().await?) };
        let (Loaded { number, snapshot, tail }, synonyms) = futures::try_join!(Loaded::read(&self.store), synonyms)?;
        let (changed, seen, words) = (BTreeMap::new(), BTreeMap::new(), synonyms.read());
        let index = Arc::new(Index::new(snapshot.clone(), &[], words.clone()).map_err(Problem::internal)?);
        let synonyms = synonyms.version;
        let mut state = State { number, snapshot, changed, seen, synonyms, index, stale: false, asked_at: now };
        state.add(tail);
        if state.stale {
            state.rebuild(&words)?;
        }
        Ok(state)
    }

    /// Reads what has changed. Nothing is kept of a look that fails.
    async fn refresh(&self, state: &mut State, now: Timestamp) -> Result<(), Problem> {
        let since = state.asked_at - OVERLAP;
        let entries = self.store.changed_since(since);
        let (entries, (synonyms, head)) = futures::try_join!(entries, self.store.synonyms_and_head())?;
        // It may contain changes that were dated long before they were stored, as those of a rebuild.
        if head.current().is_some_and(|stored| stored.number > state.number) {
            *state = self.first(now).await?;
            return Ok(());
        }
        state.stale |= synonyms.version.number() != state.synonyms.number();
        state.add(entries);
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
    fn add(&mut self, entries: Vec<Entry>) {
        for Entry { id, changed_at, document, version, .. } in entries {
            let seen = (changed_at, version.number());
            if self.seen.insert(id, seen) != Some(seen) {
                self.changed.insert(id, document);
                self.stale = true;
            }
        }
    }

    /// Whether so much has changed since the snapshot that another one is better: each change indexes all of them again.
    fn is_long(&self) -> bool {
        self.changed.len() > longest_tail(self.snapshot.documents())
    }

    /// Makes the index anew, and a snapshot if too much has changed since the last one.
    fn rebuild(&mut self, synonyms: &Synonyms) -> Result<(), Problem> {
        let changes: Vec<_> = self.changed.iter().map(change).collect();
        let mut index = Index::new(self.snapshot.clone(), &changes, synonyms.clone()).map_err(Problem::internal)?;
        let documents = usize::try_from(self.snapshot.documents()).unwrap_or(usize::MAX);
        if self.is_long() && documents + changes.len() <= MOST_INDEXED {
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
