//! The keys and chunks of the stored snapshots in the service's table.

use dynamo::{Entity, Error, Key, RequestContext};
use futures::future::try_join_all;
use jiff::Timestamp;
use lambda::Problem;
use search::{Document, pack};

use crate::{
    index_store::synonyms_key,
    snapshot::{Bytes, CHUNK, Chunk, Head, Stored},
    store::Store,
    synonyms::SynonymSet,
};

/// The number of chunks that are written at once.
const CHUNKS_AT_ONCE: usize = 4;

impl Entity for Head {
    fn key(&self) -> Key {
        head_key()
    }
}

impl Entity for Chunk {
    fn key(&self) -> Key {
        chunk_key(self.snapshot, self.part)
    }
}

fn head_key() -> Key {
    Key::of("head", "search")
}

/// Each chunk has its own partition, so that many new instances can read a snapshot at once.
fn chunk_key(snapshot: u64, part: u32) -> Key {
    Key::of("snap", format_args!("{snapshot}#{part}"))
}

fn chunk_keys(stored: &Stored) -> Vec<Key> {
    (0..stored.chunks).map(|part| chunk_key(stored.number, part)).collect()
}

impl Store {
    pub(crate) async fn head(&self) -> Result<Head, Error> {
        Ok(self.table().get(&head_key()).await?.unwrap_or_default())
    }

    /// The synonyms, and the stored snapshots, in one call.
    pub(crate) async fn synonyms_and_head(&self) -> Result<(SynonymSet, Head), Error> {
        let mut rows = self.table().get_rows(&[synonyms_key(), head_key()]).await?;
        Ok((rows.take_one("search")?.unwrap_or_default(), rows.take_one("head")?.unwrap_or_default()))
    }

    /// The bytes of a snapshot. `None` if it was deleted meanwhile.
    pub(crate) async fn snapshot(&self, stored: &Stored) -> Result<Option<Vec<u8>>, Error> {
        let keys = chunk_keys(stored);
        let mut chunks: Vec<Chunk> = self.table().eventual().get_many(&keys).await?;
        chunks.sort_by_key(|chunk| chunk.part);
        let is_whole = chunks.len() == keys.len();
        Ok(is_whole.then(|| chunks.into_iter().flat_map(|chunk| chunk.bytes.0).collect()))
    }

    /// Stores documents as the next snapshot: first its number, then its chunks, and then that it is the current one.
    /// Then deletes the snapshots that are no longer used.
    pub(crate) async fn take_snapshot(
        &self,
        mut head: Head,
        documents: Vec<Document>,
        as_of: Timestamp,
        context: &RequestContext,
    ) -> Result<Stored, Problem> {
        let count = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        let packed = pack(documents).map_err(Problem::internal)?;
        let stored = head.reserve(packed.chunks(CHUNK).len(), count, as_of);
        self.save_head(&mut head, context).await?;
        let parts: Vec<_> = (0..).zip(packed.chunks(CHUNK)).collect();
        for parts in parts.chunks(CHUNKS_AT_ONCE) {
            let chunk = |(part, bytes): &(u32, &[u8])| {
                let chunk = Chunk { snapshot: stored.number, part: *part, bytes: Bytes(bytes.to_vec()) };
                self.table().commit(context).put_record(&chunk).run()
            };
            try_join_all(parts.iter().map(chunk).collect::<Vec<_>>()).await?;
        }
        head.swap(&stored);
        self.save_head(&mut head, context).await?;
        self.delete_unused(head, context).await?;
        Ok(stored)
    }

    /// Deletes first the chunks and then their names, so that nothing is left over if it ends early.
    async fn delete_unused(&self, mut head: Head, context: &RequestContext) -> Result<(), Error> {
        let unused = head.take_unused(context.now);
        if unused.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = unused.iter().flat_map(chunk_keys).collect();
        for keys in keys.chunks(CHUNKS_AT_ONCE) {
            let deletes: Vec<_> = keys.iter().map(|key| self.table().commit(context).delete(key).run()).collect();
            try_join_all(deletes).await?;
        }
        self.save_head(&mut head, context).await
    }

    async fn save_head(&self, head: &mut Head, context: &RequestContext) -> Result<(), Error> {
        let commit = self.table().commit(context).save(head);
        let version = commit.version();
        commit.run().await?;
        head.version = version;
        Ok(())
    }
}
