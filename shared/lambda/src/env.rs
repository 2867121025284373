//! The environment of a function.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynamo::{DerivedIds, Sealer, Table};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::{Metrics, https::OutboundHttp, metrics::Recorder};

/// The handle of a service, which its operations use. Cheap to clone.
pub trait Service: Clone + Send + Sync + 'static {
    /// Makes the handle from the environment, once per process.
    fn start(env: &Env) -> Result<Self, StartError>;

    /// The service's table.
    fn table(&self) -> &Table;
}

/// Why a function cannot start: a mistake in its template.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template does not set a required variable.
    #[error("the environment variable {0} is not set")]
    Missing(String),
    /// A variable has an invalid value.
    #[error("the environment variable {name} is wrong: {reason}")]
    Invalid {
        /// The variable.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The timeout of an attempt of a call to AWS.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type Randomness = Arc<dyn Fn() -> u128 + Send + Sync>;

/// Variables, clock, randomness and AWS clients of one function. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    variables: Arc<HashMap<String, String>>,
    http: SharedHttpClient,
    clock: Clock,
    randomness: Randomness,
    outbound_http: Option<OutboundHttp>,
    metrics: Metrics,
    attempt_timeout: Duration,
}

impl Env {
    /// The environment of this process, which Lambda sets.
    pub fn from_process() -> Self {
        let metrics = Metrics::to_stdout();
        Self { metrics, ..Self::new(std::env::vars().collect(), crate::https::client()) }
    }

    /// An environment with the given variables and HTTP client, with the real clock and without metrics.
    pub fn new(variables: HashMap<String, String>, http: SharedHttpClient) -> Self {
        Self {
            variables: Arc::new(variables),
            http,
            clock: Arc::new(Timestamp::now),
            randomness: Arc::new(random),
            outbound_http: None,
            metrics: Metrics::none(),
            attempt_timeout: ATTEMPT_TIMEOUT,
        }
    }

    /// The same environment with another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// The same environment with another timeout of an attempt of a call to AWS, 2 s by default. A slower attempt is
    /// dropped and made again.
    #[must_use]
    pub fn with_attempt_timeout(self, attempt_timeout: Duration) -> Self {
        Self { attempt_timeout, ..self }
    }

    pub(crate) const fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// The same environment with metrics.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// The same environment with randomness of another source.
    #[must_use]
    pub fn with_randomness(self, randomness: impl Fn() -> u128 + Send + Sync + 'static) -> Self {
        Self { randomness: Arc::new(randomness), ..self }
    }

    /// The same environment, with all HTTP requests to hosts outside AWS answered by this.
    #[must_use]
    pub fn with_outbound_http(self, outbound_http: OutboundHttp) -> Self {
        Self { outbound_http: Some(outbound_http), ..self }
    }

    /// The same environment with more variables, which replace those of the same name.
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

    /// The time in whole milliseconds, for the runtime, which passes it to operations. Finer times have no use, and
    /// take more space wherever they are stored or sent.
    pub fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Random bits that are fit for secrets.
    pub fn random(&self) -> u128 {
        (self.randomness)()
    }

    /// The replacement for HTTP requests to hosts outside AWS. `None` if the function connects to them.
    pub fn outbound_http(&self) -> Option<&OutboundHttp> {
        self.outbound_http.as_ref()
    }

    /// Records metrics of the service, named by `SERVICE`, at this time.
    pub(crate) fn metrics(&self) -> Recorder<'_> {
        let service = self.find("SERVICE").unwrap_or("souk");
        Recorder { metrics: &self.metrics, service, now: self.now() }
    }

    /// Seals and opens with the secret of the platform, `SEAL_SECRET`, which has at least 32 characters.
    pub fn sealer(&self) -> Result<Sealer, StartError> {
        Ok(Sealer::new(self.secret("SEAL_SECRET")?))
    }

    /// Derives ids with the secret of the platform for that, `ID_SECRET`, which has at least 32 characters.
    pub fn derived_ids(&self) -> Result<DerivedIds, StartError> {
        Ok(DerivedIds::new(self.secret("ID_SECRET")?))
    }

    fn secret(&self, name: &str) -> Result<&[u8], StartError> {
        let secret = self.variable(name)?;
        if secret.len() < 32 {
            return Err(StartError::Invalid { name: name.to_owned(), reason: "shorter than 32 characters".to_owned() });
        }
        Ok(secret.as_bytes())
    }

    /// The HTTP client of every SDK client.
    pub(crate) fn http(&self) -> SharedHttpClient {
        self.http.clone()
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

/// 128 random bits from the operating system. This does not fail on the systems that Souk runs on. If it did, stopping
/// would be the only choice.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    u128::from_ne_bytes(bytes)
}
