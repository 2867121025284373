//! What a function is given: its environment.

use std::{collections::HashMap, fmt, io, sync::Arc};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::Bytes;
use dynamo::{Sealer, Table};
use futures::future::BoxFuture;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::Metrics;

/// A service's handle: what its operations work with. Cheap to clone.
pub trait Service: Clone + Send + Sync + 'static {
    /// Makes the handle from the environment, once per process.
    fn start(env: &Env) -> Result<Self, StartError>;

    /// The service's table.
    fn table(&self) -> &Table;
}

/// Why a function cannot start, for whoever deployed it to read.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template does not set a variable that the function needs.
    #[error("the environment variable {0} is not set")]
    Missing(String),
    /// A variable has a value that cannot be used.
    #[error("the environment variable {name} is wrong: {reason}")]
    Invalid {
        /// The variable.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type Randomness = Arc<dyn Fn() -> u128 + Send + Sync>;

/// Carries a request to a host that is not AWS's, in place of a connection.
pub type Outside =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, io::Result<http::Response<Bytes>>> + Send + Sync>;

/// Variables, clock, randomness and AWS clients of one function. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    variables: Arc<HashMap<String, String>>,
    http: SharedHttpClient,
    clock: Clock,
    randomness: Randomness,
    outside: Option<Outside>,
    metrics: Metrics,
}

impl Env {
    /// The environment of this process, as Lambda sets it.
    pub fn from_process() -> Self {
        let metrics = Metrics::to_stdout();
        Self { metrics, ..Self::new(std::env::vars().collect(), crate::https::client()) }
    }

    /// An environment over the given variables and HTTP client, on the real clock, without metrics.
    pub fn new(variables: HashMap<String, String>, http: SharedHttpClient) -> Self {
        Self {
            variables: Arc::new(variables),
            http,
            clock: Arc::new(Timestamp::now),
            randomness: Arc::new(random),
            outside: None,
            metrics: Metrics::none(),
        }
    }

    /// The same environment on another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// The same environment with randomness of another source.
    #[must_use]
    pub fn with_randomness(self, randomness: impl Fn() -> u128 + Send + Sync + 'static) -> Self {
        Self { randomness: Arc::new(randomness), ..self }
    }

    /// The same environment with what answers in place of hosts that are not AWS's.
    #[must_use]
    pub fn with_outside(self, outside: Outside) -> Self {
        Self { outside: Some(outside), ..self }
    }

    /// The same environment with other variables on top.
    #[must_use]
    pub fn with_variables(self, more: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables = (*self.variables).clone();
        variables.extend(more);
        Self { variables: Arc::new(variables), ..self }
    }

    /// A variable that the template must set.
    pub fn variable(&self, name: &str) -> Result<&str, StartError> {
        self.find(name).ok_or_else(|| StartError::Missing(name.to_owned()))
    }

    /// A variable that may be absent.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The time, in whole milliseconds: for the runtime, which hands it to operations. What is finer tells nothing, and is
    /// stored and sent many times.
    pub fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Randomness that is fit for secrets.
    pub fn random(&self) -> u128 {
        (self.randomness)()
    }

    /// What answers in place of hosts that are not AWS's; none for connections to them.
    pub fn outside(&self) -> Option<&Outside> {
        self.outside.as_ref()
    }

    /// Where figures go.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The service's own table, named by `TABLE`.
    pub fn table(&self) -> Result<Table, StartError> {
        Ok(Table::new(self.dynamodb(), self.variable("TABLE")?, self.sealer()?))
    }

    /// Seals and opens with the platform's secret, `SEAL_SECRET`: at least 32 characters.
    pub fn sealer(&self) -> Result<Sealer, StartError> {
        let secret = self.variable("SEAL_SECRET")?;
        if secret.len() < 32 {
            return Err(StartError::Invalid {
                name: "SEAL_SECRET".to_owned(),
                reason: "shorter than 32 characters".to_owned(),
            });
        }
        Ok(Sealer::new(secret.as_bytes()))
    }

    /// The HTTP client below every SDK client.
    pub(crate) fn http(&self) -> SharedHttpClient {
        self.http.clone()
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

/// 128 bits from the operating system. It does not fail on the systems that Souk runs on; if it
/// did, nothing could be done but stop.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    u128::from_ne_bytes(bytes)
}
