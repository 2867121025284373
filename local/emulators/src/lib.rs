//! DynamoDB, SQS and EventBridge in this process, behind the real AWS SDK clients.
//!
//! [`Cloud`] is the whole of it: give [`Cloud::http_client`] to SDK clients and they work without sockets, or let
//! [`Cloud::serve`] answer other processes. State is in memory ([`Cloud::memory`]) or in a folder ([`Cloud::open`]), where
//! everything that was answered with success survives `kill -9`.
//!
//! What holds:
//! - every request passes [`Cloud::dispatch`], the one place to count calls or to inject faults;
//! - an operation or parameter that is not supported is answered with an error in AWS's shape, never ignored;
//!   the exception is DynamoDB, where the engine (dynoxide) skips members of a request that it does not know;
//! - all time comes from one [`Clock`]; nobody polls with sleeps: long polls and stream readers are woken on arrival;
//! - region `eu-west-1`, account `000000000000`; signatures and credentials are not looked at.

mod bus;
mod clock;
mod connector;
mod dynamo;
mod journal;
mod queues;
mod server;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    fs::{self, File, TryLockError},
    future::Future,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::{
    net::TcpListener,
    sync::{broadcast, watch},
};

pub use bus::BusEvent;
pub use clock::{Clock, SystemClock, VirtualClock};
pub use connector::http_client;
pub use dynamo::{Record, Stream, StreamError};
pub use wire::Answer;

use wire::Fault;

const JSON_1_0: &str = "application/x-amz-json-1.0";
const JSON_1_1: &str = "application/x-amz-json-1.1";

/// The three services. Clones are cheap and share state; it ends with the last clone (and SDK client) that holds it.
#[derive(Clone)]
pub struct Cloud(Arc<Services>);

struct Services {
    dynamo: Arc<dynamo::Dynamo>,
    queues: Arc<queues::Queues>,
    bus: bus::Bus,
    /// Held for as long as we live: one process per folder.
    _lock: Option<Lock>,
    /// Dropped last: [`Cloud::close`] waits for it.
    open: watch::Sender<()>,
}

/// The lock of a data folder.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that another thread is starting has a copy of it for a moment.
        drop(self.0.unlock());
    }
}

/// Why a data folder did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process (or another [`Cloud`]) has the folder open.
    #[error("the data folder {} is in use by another process: stop it, or choose another folder", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be made or written.
    #[error("the data folder {} cannot be used: {}", .0.display(), .1)]
    Folder(PathBuf, #[source] io::Error),
    /// A file in it is not what we wrote.
    #[error("the data in {} cannot be read: {}", .0.display(), .1)]
    Data(PathBuf, String),
}

impl Cloud {
    /// A cloud that forgets everything when it is dropped, on the machine's clock.
    ///
    /// # Panics
    /// When SQLite cannot make an in-memory database: out of memory.
    pub fn memory() -> Self {
        Self::with_clock(None, SystemClock).expect("an in-memory store opens")
    }

    /// A cloud that keeps its state in `folder` (made if absent), on the machine's clock.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        Self::with_clock(Some(folder), SystemClock)
    }

    /// A cloud in `folder`, or in memory if there is none, on a clock of your own.
    pub fn with_clock(folder: Option<&Path>, clock: impl Clock) -> Result<Self, OpenError> {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let lock = folder.map(lock).transpose()?;
        let shown = folder.unwrap_or(Path::new(":memory:")).to_owned();
        let data = |cause: String| OpenError::Data(shown.clone(), cause);

        let journal = journal::Journal::open(folder).map_err(|e| data(e.to_string()))?;
        let dynamo = dynamo::Dynamo::open(folder, clock.clone(), journal.clone()).map_err(data)?;
        let queues = queues::Queues::open(clock.clone(), journal.clone()).map_err(|e| data(e.message))?;
        let queues = Arc::new(queues);
        let bus = bus::Bus::open(clock, journal, queues.clone()).map_err(|e| data(e.message))?;
        Ok(Self(Arc::new(Services {
            dynamo: Arc::new(dynamo),
            queues,
            bus,
            _lock: lock,
            open: watch::Sender::new(()),
        })))
    }

    /// Drops this clone, and waits until the last one has ended: then another process can open the folder.
    pub async fn close(self) {
        let mut open = self.0.open.subscribe();
        drop(self);
        // Nothing is ever sent: the wait ends with the sender.
        drop(open.changed().await);
    }

    /// The HTTP client to build SDK clients with (`Config::builder().http_client(cloud.http_client())`).
    pub fn http_client(&self) -> SharedHttpClient {
        let cloud = self.clone();
        http_client(move |target, body| {
            let cloud = cloud.clone();
            async move { Ok(cloud.dispatch(&target, &body).await) }
        })
    }

    /// Answers one request of any of the services. `target` is the `X-Amz-Target` header
    /// (`DynamoDB_20120810.PutItem`, `AmazonSQS.SendMessage`, `AWSEvents.PutEvents`), `body` the JSON.
    ///
    /// Store calls run on the calling thread: they take microseconds, less than a hop to another thread would. Only a
    /// `ReceiveMessage` with a wait time awaits anything.
    pub async fn dispatch(&self, target: &str, body: &[u8]) -> Answer {
        self.dispatch_at(None, target, body).await
    }

    /// Answers one request that came over HTTP, like [`Self::dispatch`]. `host` is its `Host` header: URLs of queues in the
    /// answer have this address, so that the AWS CLI can use them.
    pub async fn dispatch_at(&self, host: Option<&str>, target: &str, body: &[u8]) -> Answer {
        // Answers are ready at once, so a busy caller would never let go of its thread: give others their turn.
        tokio::task::coop::consume_budget().await;
        let (service, operation) = target.split_once('.').unwrap_or(("", target));
        match service {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => self.0.dynamo.call(operation, body),
            "AmazonSQS" => match self.0.queues.call(operation, body, host).await {
                Ok(body) => Answer::new(200, JSON_1_0, body),
                Err(fault) => queues::refusal(&fault),
            },
            "AWSEvents" => match self.0.bus.call(operation, body) {
                Ok(body) => Answer::new(200, JSON_1_1, body),
                Err(fault) => fault.answer("com.amazonaws.eventbridge", JSON_1_1),
            },
            _ => Fault::unknown_operation(if target.is_empty() { "(no X-Amz-Target header)" } else { target })
                .answer("com.amazon.coral.service", JSON_1_0),
        }
    }

    /// Serves all three services on `listener` (plain HTTP, AWS JSON protocols) until `shutdown` completes.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        server::serve(self.clone(), listener, shutdown).await
    }

    /// Reads the stream of `table` for `consumer` (a function's name, say: each consumer has its own checkpoint), from
    /// behind its last checkpoint, or from the stream's beginning if it has none.
    pub fn stream(&self, table: &str, consumer: &str) -> Result<Stream, StreamError> {
        Stream::open(self.0.dynamo.clone(), table, consumer)
    }

    /// Whether a table's stream has records that a consumer has not passed yet.
    ///
    /// # Errors
    /// Where the table has no stream.
    pub fn has_unread(&self, table: &str, consumer: &str) -> Result<bool, StreamError> {
        self.stream(table, consumer)?.has_more()
    }

    /// Waits until a message of the queue of that name can be received; nothing is received. For whoever polls on a clock
    /// that leaps: no long poll is as long. False if there is no such queue.
    pub async fn message_due(&self, queue: &str) -> bool {
        self.0.queues.message_due(queue).await.is_ok()
    }

    /// Deletes the items whose TTL has passed, which then appear in streams as TTL deletions, and stream records older than
    /// 24 hours that every consumer has passed. DynamoDB does this in the background within days; here somebody has to call it.
    /// Answers how many items were deleted. Holds DynamoDB up for as long as it reads through the tables with a TTL:
    /// with large tables, call it from a blocking thread.
    pub fn sweep_ttl(&self) -> Result<usize, StreamError> {
        self.0.dynamo.sweep()
    }

    /// Makes every message that was received, and neither deleted nor given back, visible at once. SQS would wait for the
    /// visibility timeout; whoever starts the consumers anew in a process of their own knows that the old ones are gone.
    pub fn return_in_flight(&self) {
        self.0.queues.return_in_flight();
    }

    /// Every event put on any bus from now on, for a live view. A receiver that falls more than 1,024 events behind loses
    /// the oldest, and is told so.
    pub fn subscribe_events(&self) -> broadcast::Receiver<BusEvent> {
        self.0.bus.subscribe()
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cloud")
    }
}

/// Makes the folder and takes its lock, which the system gives back however this process ends.
fn lock(folder: &Path) -> Result<Lock, OpenError> {
    let unusable = |error| OpenError::Folder(folder.to_owned(), error);
    fs::create_dir_all(folder).map_err(unusable)?;
    let file = File::create(folder.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
