//! Our own file in the data folder: queues, messages, rules, checkpoints. It is written in the step that it records and read
//! only at start; everything is answered from memory. Without a folder there is no file, and nothing is written.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queues (
        name TEXT PRIMARY KEY, attributes TEXT NOT NULL, created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS messages (
        seq INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT,
        sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, receive_count INTEGER NOT NULL,
        first_received_ms INTEGER, source TEXT, trace TEXT);
    CREATE TABLE IF NOT EXISTS buses (name TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS rules (
        bus TEXT NOT NULL, name TEXT NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (bus, name));
    CREATE TABLE IF NOT EXISTS stream_positions (
        stream TEXT NOT NULL, consumer TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (stream, consumer));
";

/// A handle to the file. Clones share it.
#[derive(Clone)]
pub(crate) struct Journal(Arc<Mutex<State>>);

struct State {
    file: Option<Connection>,
    /// (table, consumer) to the engine's sequence number.
    positions: HashMap<(String, String), i64>,
}

impl Journal {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self> {
        let mut positions = HashMap::new();
        let file = match folder {
            None => None,
            Some(folder) => {
                let file = Connection::open(folder.join("cloud.db"))?;
                // Survives the death of the process, which is what is promised: a committed transaction is with the operating
                // system. Only a power cut could take the last ones.
                file.pragma_update(None, "journal_mode", "WAL")?;
                file.pragma_update(None, "synchronous", "OFF")?;
                file.set_prepared_statement_cache_capacity(64);
                file.execute_batch(SCHEMA)?;
                let mut rows = file.prepare("SELECT stream, consumer, position FROM stream_positions")?;
                for row in rows.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))? {
                    let (key, position) = row?;
                    positions.insert(key, position);
                }
                drop(rows);
                Some(file)
            }
        };
        Ok(Self(Arc::new(Mutex::new(State { file, positions }))))
    }

    /// Runs `write` as one transaction: all of it is recorded or nothing. Does nothing in memory.
    pub(crate) fn write(&self, write: impl FnOnce(&Transaction<'_>) -> Result<()>) -> Result<()> {
        match &mut self.state().file {
            None => Ok(()),
            Some(file) => {
                let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
                write(&transaction)?;
                transaction.commit()
            }
        }
    }

    /// Reads what was recorded, at start. The default in memory.
    pub(crate) fn read<T: Default>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.state().file.as_ref().map_or_else(|| Ok(T::default()), read)
    }

    /// How far a consumer has read a table's stream.
    pub(crate) fn stream_position(&self, table: &str, consumer: &str) -> Option<i64> {
        self.state().positions.get(&(table.to_owned(), consumer.to_owned())).copied()
    }

    /// Per table, how far all of its consumers have read.
    pub(crate) fn stream_positions(&self) -> HashMap<String, i64> {
        let mut passed = HashMap::new();
        for ((table, _), position) in &self.state().positions {
            let least = passed.entry(table.clone()).or_insert(*position);
            *least = (*least).min(*position);
        }
        passed
    }

    pub(crate) fn set_stream_position(&self, table: &str, consumer: &str, position: i64) -> Result<()> {
        self.write(|file| {
            file.prepare_cached("INSERT OR REPLACE INTO stream_positions VALUES (?1, ?2, ?3)")?
                .execute((table, consumer, position))
                .map(drop)
        })?;
        self.state().positions.insert((table.to_owned(), consumer.to_owned()), position);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
