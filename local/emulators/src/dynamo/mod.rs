//! DynamoDB and DynamoDB Streams: the engine is dynoxide; this hides its traps and adds arrival.

mod stream;
mod tokens;

use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use dynoxide::{
    DynoxideError,
    actions::{
        self, batch_write_item::BatchWriteItemRequest, delete_item::DeleteItemRequest, put_item::PutItemRequest,
        transact_write_items::TransactWriteItemsRequest, update_item::UpdateItemRequest,
        vector_lifecycle::VectorIndexLifecycle,
    },
    storage::Storage,
    storage_backend,
};
use rusqlite::Connection;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use crate::{JSON_1_0, clock::Clock, journal::Journal, wire::Answer, wire::Fault};

pub use stream::{Record, Stream, StreamError};
use tokens::{Seen, Tokens};

type Answered = Result<Vec<u8>, DynoxideError>;

/// Two traps of the engine are mended in its own database. It finds a stream's next sequence number by reading every record
/// of the table (each write to a table with a stream would cost as much as all writes before it), which this index makes one
/// step; and it never forgets a record.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS souk_stream_records
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// How many prepared statements the engine keeps: more than the tables of all services need, which each have their own.
const STATEMENTS: usize = 512;

/// How long a stream keeps a record, in milliseconds.
const STREAM_RETENTION_MS: i64 = 24 * 60 * 60 * 1000;

/// The DynamoDB emulator.
pub(crate) struct Dynamo {
    clock: Arc<dyn Clock>,
    /// One lock around everything: SQLite has one writer, and calls take microseconds.
    engine: Mutex<Engine>,
    /// Per table with a stream reader: fired after each write to it. Sorted, so that all readers are woken in one order.
    arrivals: Mutex<BTreeMap<String, Arc<Notify>>>,
    journal: Journal,
}

struct Engine {
    storage: Storage,
    /// A second connection to the same database, for what the engine lacks.
    side: Connection,
    tokens: Tokens,
    /// Some of the engine's table operations want it; vector indexes are not ours.
    vectors: VectorIndexLifecycle,
}

/// Our clock, as the engine wants it.
struct EngineClock(Arc<dyn Clock>);

impl storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        self.0.now().as_second().try_into().unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "a double holds the microseconds of this era")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_microsecond() as f64 / 1e6
    }
}

impl Dynamo {
    pub(crate) fn open(folder: Option<&Path>, clock: Arc<dyn Clock>, journal: Journal) -> Result<Self, String> {
        let location = match folder {
            Some(folder) => folder.join("dynamodb.db").to_str().ok_or("its path is not UTF-8")?.to_owned(),
            // A database in memory that our second connection can reach by name.
            None => format!("file:/{}?vfs=memdb", uuid::Uuid::new_v4()),
        };
        let opened = || -> Result<Engine, DynoxideError> {
            let storage = Storage::new(&location)?.with_clock(Arc::new(EngineClock(clock.clone())));
            // What a kill -9 must not take is in the operating system's hands once a transaction commits, so there is no
            // fsync per write: only a power cut can lose the last moments, and this is a development store.
            storage.enable_bulk_loading()?;
            storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
            let side = Connection::open(&location)?;
            side.execute_batch(STREAM_INDEX)?;
            Ok(Engine { storage, side, tokens: Tokens::default(), vectors: VectorIndexLifecycle::new() })
        };
        let engine = Mutex::new(opened().map_err(|error| error.to_string())?);
        Ok(Self { clock, engine, arrivals: Mutex::default(), journal })
    }

    /// Answers one operation. Nothing in here awaits.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        match self.operate(operation, body) {
            Ok(body) => Answer::new(200, JSON_1_0, body),
            Err(DynoxideError::UnsupportedCapability(operation)) => {
                Fault::unknown_operation(&operation).answer("com.amazon.coral.service", JSON_1_0)
            }
            Err(error) => Answer::new(error.status_code(), JSON_1_0, error.to_json().into_bytes()),
        }
    }

    fn operate(&self, operation: &str, body: &[u8]) -> Answered {
        use actions::{
            batch_execute_statement, batch_get_item, batch_write_item, create_table, delete_item, delete_table,
            describe_stream, describe_table, describe_time_to_live, execute_statement, execute_transaction, get_item,
            get_records, get_shard_iterator, list_streams, list_tables, list_tags_of_resource, put_item, query, scan,
            tag_resource, transact_get_items, untag_resource, update_item, update_table, update_time_to_live,
        };
        match operation {
            "GetItem" => self.read(body, async |e, q| get_item::execute(&e.storage, q).await),
            "Query" => self.read(body, async |e, q| query::execute(&e.storage, q).await),
            "Scan" => self.read(body, async |e, q| scan::execute(&e.storage, q).await),
            "BatchGetItem" => self.read(body, async |e, q| batch_get_item::execute(&e.storage, q).await),
            "TransactGetItems" => self.read(body, async |e, q| transact_get_items::execute(&e.storage, q).await),

            "PutItem" => self
                .write(
                    body,
                    |q: &PutItemRequest| vec![&q.table_name],
                    async |e, q| put_item::execute(&e.storage, q).await,
                )
                .map_err(in_envelope),
            "UpdateItem" => self
                .write(
                    body,
                    |q: &UpdateItemRequest| vec![&q.table_name],
                    async |e, q| update_item::execute(&e.storage, q).await,
                )
                .map_err(in_envelope),
            "DeleteItem" => self
                .write(
                    body,
                    |q: &DeleteItemRequest| vec![&q.table_name],
                    async |e, q| delete_item::execute(&e.storage, q).await,
                )
                .map_err(in_envelope),
            "BatchWriteItem" => self.write(
                body,
                |q: &BatchWriteItemRequest| q.request_items.keys().collect(),
                async |e, q| batch_write_item::execute(&e.storage, q).await,
            ),
            "TransactWriteItems" => self.transact_write_items(body),

            "ExecuteStatement" => self.statement(body, async |e, q| execute_statement::execute(&e.storage, q).await),
            "BatchExecuteStatement" => {
                self.statement(body, async |e, q| batch_execute_statement::execute(&e.storage, q).await)
            }
            "ExecuteTransaction" => {
                self.statement(body, async |e, q| execute_transaction::execute(&e.storage, q).await)
            }

            "CreateTable" => self
                .control(body, async |e, q| create_table::execute(&e.storage, q).await)
                // The table can be used at once, so say so: nobody needs to wait for it.
                .map(|body| replace(body, "\"CREATING\"", "\"ACTIVE\"")),
            "DeleteTable" => self.control(body, async |e, q| delete_table::execute(&e.storage, q, &e.vectors).await),
            "DescribeTable" => {
                self.control(body, async |e, q| describe_table::execute(&e.storage, q, &e.vectors).await)
            }
            "UpdateTable" => self.control(body, async |e, q| update_table::execute(&e.storage, q, &e.vectors).await),
            "ListTables" => self.control(body, async |e, q| list_tables::execute(&e.storage, q).await),
            "UpdateTimeToLive" => self.control(body, async |e, q| update_time_to_live::execute(&e.storage, q).await),
            "DescribeTimeToLive" => {
                self.control(body, async |e, q| describe_time_to_live::execute(&e.storage, q).await)
            }
            "TagResource" => self.control(body, async |e, q| tag_resource::execute(&e.storage, q).await),
            "UntagResource" => self.control(body, async |e, q| untag_resource::execute(&e.storage, q).await),
            "ListTagsOfResource" => {
                self.control(body, async |e, q| list_tags_of_resource::execute(&e.storage, q).await)
            }

            "ListStreams" => self.control(body, async |e, q| list_streams::execute(&e.storage, q).await),
            "DescribeStream" => self.control(body, async |e, q| describe_stream::execute(&e.storage, q).await),
            "GetShardIterator" => self.control(body, async |e, q| get_shard_iterator::execute(&e.storage, q).await),
            "GetRecords" => self
                .control(body, async |e, q| get_records::execute(&e.storage, q).await)
                .map(|body| replace(body, "\"awsRegion\":\"dynoxide\"", "\"awsRegion\":\"eu-west-1\"")),
            _ => Err(DynoxideError::UnsupportedCapability(operation.to_owned())),
        }
    }

    fn read<Q: DeserializeOwned, R: Serialize>(
        &self,
        body: &[u8],
        action: impl AsyncFnOnce(&Engine, Q) -> Result<R, DynoxideError>,
    ) -> Answered {
        let request = request(body)?;
        let engine = self.engine();
        let response = at_once(action(&engine, request))?;
        drop(engine);
        answer(&response)
    }

    /// A write: afterwards the readers of the streams of `tables` are woken.
    fn write<Q: DeserializeOwned, R: Serialize>(
        &self,
        body: &[u8],
        tables: impl FnOnce(&Q) -> Vec<&String>,
        action: impl AsyncFnOnce(&Engine, Q) -> Result<R, DynoxideError>,
    ) -> Answered {
        let request: Q = request(body)?;
        let arrivals = self.arrivals_of(&tables(&request));
        let engine = self.engine();
        let response = at_once(action(&engine, request))?;
        drop(engine);
        wake(&arrivals);
        answer(&response)
    }

    /// PartiQL: which tables it writes stands in the statements, so every reader looks.
    fn statement<Q: DeserializeOwned, R: Serialize>(
        &self,
        body: &[u8],
        action: impl AsyncFnOnce(&Engine, Q) -> Result<R, DynoxideError>,
    ) -> Answered {
        let answered = self.read(body, action);
        self.wake_all();
        answered
    }

    /// An operation on tables or streams, which the engine names in its own way.
    fn control<Q: DeserializeOwned, R: Serialize>(
        &self,
        body: &[u8],
        action: impl AsyncFnOnce(&Engine, Q) -> Result<R, DynoxideError>,
    ) -> Answered {
        // SDKs refuse a shard id of fewer than 28 characters.
        const NAMES: [(&str, &str); 2] = [
            ("arn:aws:dynamodb:eu-west-1:", "arn:aws:dynamodb:dynoxide:"),
            ("shardId-00000000000000000001-", "shardId-00000001-"),
        ];
        let body = NAMES.iter().fold(body.to_owned(), |body, (ours, engines)| replace(body, ours, engines));
        let answered = self.read(&body, action)?;
        Ok(NAMES.iter().fold(answered, |body, (ours, engines)| replace(body, engines, ours)))
    }

    /// A transaction, with DynamoDB's idempotency: a token seen within ten minutes does nothing again. The engine's own
    /// tokens run on the machine's clock and are out of reach here.
    fn transact_write_items(&self, body: &[u8]) -> Answered {
        let request: TransactWriteItemsRequest = request(body)?;
        let tables: Vec<_> = request
            .transact_items
            .iter()
            .filter_map(|item| {
                let put = item.put.as_ref().map(|put| &put.table_name);
                let update = || item.update.as_ref().map(|update| &update.table_name);
                let delete = || item.delete.as_ref().map(|delete| &delete.table_name);
                put.or_else(update).or_else(delete)
            })
            .collect();
        let arrivals = self.arrivals_of(&tables);
        let token = request.client_request_token.as_deref().map(|token| tokens::key(token, body)).transpose();
        let token = token.map_err(|error| refusal(&error))?;
        let now = self.clock.now().as_millisecond();

        let mut engine = self.engine();
        match token.map_or(Seen::Never, |token| engine.tokens.look_up(token, now)) {
            Seen::Same => return Ok(b"{}".to_vec()),
            Seen::Other => {
                let message = "The request token was used with other items within the last ten minutes".to_owned();
                return Err(DynoxideError::IdempotentParameterMismatchException(message));
            }
            Seen::Never => {}
        }
        let response = at_once(actions::transact_write_items::execute(&engine.storage, request))?;
        if let Some(token) = token {
            engine.tokens.remember(token, now);
        }
        drop(engine);
        wake(&arrivals);
        answer(&response)
    }

    /// See [`crate::Cloud::sweep_ttl`].
    pub(crate) fn sweep(&self) -> Result<usize, StreamError> {
        let engine = self.engine();
        let deleted = at_once(dynoxide::ttl::sweep_expired_items(&engine.storage))?;
        let before = self.clock.now().as_millisecond() - STREAM_RETENTION_MS;
        // AWS drops records after 24 hours whether they were read or not. A laptop may have slept longer than that: a record
        // that some consumer has yet to read stays.
        let positions = self.journal.stream_positions();
        let tables = engine
            .side
            .prepare("SELECT DISTINCT table_name FROM _stream_records")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?;
        for table in tables {
            engine.side.execute(
                "DELETE FROM _stream_records
                 WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2 AND created_at * 1000 < ?3",
                (&table, positions.get(&table).unwrap_or(&i64::MAX), before),
            )?;
        }
        drop(engine);
        self.wake_all();
        Ok(deleted)
    }

    fn wake_all(&self) {
        wake(lock(&self.arrivals).values());
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        lock(&self.engine)
    }

    fn arrivals_of(&self, tables: &[&String]) -> Vec<Arc<Notify>> {
        let arrivals = lock(&self.arrivals);
        if arrivals.is_empty() {
            return Vec::new();
        }
        // A table may be named by its ARN.
        let mut names: Vec<_> = tables.iter().map(|name| name.rsplit('/').next().unwrap_or(name)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| arrivals.get(name).cloned()).collect()
    }
}

fn wake<'a>(arrivals: impl IntoIterator<Item = &'a Arc<Notify>>) {
    for arrival in arrivals {
        arrival.notify_waiters();
    }
}

/// A lock is only ever poisoned by a panic in a test; the store behind it is transactional.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The engine's operations are async for the sake of its browser build; here they never suspend.
fn at_once<R>(operation: impl Future<Output = Result<R, DynoxideError>>) -> Result<R, DynoxideError> {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(DynoxideError::InternalServerError("the engine suspended".to_owned())),
    }
}

fn request<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| refusal(&error))
}

fn answer<R: Serialize>(response: &R) -> Answered {
    serde_json::to_vec(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// What DynamoDB says to a body that does not parse. The engine's types say in a prefix which error it should be.
fn refusal(error: &serde_json::Error) -> DynoxideError {
    let message = error.to_string();
    let said = message.split(" at line ").next().unwrap_or(&message);
    let (marker, rest) = said.split_once(':').unwrap_or(("", said));
    match marker {
        "VALIDATION_REQUEST" => DynoxideError::EnvelopedValidation(rest.to_owned()),
        "VALIDATION" | "VALIDATION_AS_READ" => DynoxideError::ValidationException(rest.to_owned()),
        "SERIALIZATION" | "SERIALIZATION_AS_READ" => DynoxideError::SerializationException(rest.to_owned()),
        _ if said.contains("missing field") || said.contains("AttributeValue") => {
            DynoxideError::ValidationException(said.to_owned())
        }
        _ => DynoxideError::SerializationException(said.to_owned()),
    }
}

/// `PutItem`, `UpdateItem` and `DeleteItem` count their validation errors.
fn in_envelope(error: DynoxideError) -> DynoxideError {
    match error {
        DynoxideError::EnvelopedValidation(message) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    }
}

fn replace(body: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains(from) => text.replace(from, to).into_bytes(),
        _ => body,
    }
}
