//! The whole system in one process.

use std::{
    fs,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use emulators::{Cloud, SystemClock, VirtualClock};
use futures::future::join_all;
use serde_json::{Value, value::to_raw_value};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    aws, demo,
    gateway::Gateway,
    http::Client,
    invoker::{Call, Dependencies, Functions, Invoker},
    ledger::Ledger,
    openapi,
    origin::Origin,
    pollers::{self, Turns},
    provider, provision,
    secrets::Secrets,
    serve::{self, Site},
    services::{self, Service},
    shutdown::{Shutdown, ShutdownTrigger},
    template::{self, Deployment},
    watch,
};

/// The form of the items in a data folder. It is raised with each change that cannot read older items.
const FORMAT: &str = "3";
/// The interval of the deletion of expired items. `DynamoDB` deletes them within days.
const SWEEP: Duration = Duration::from_mins(1);
/// The maximum timeout of API Gateway.
const PATIENCE: Duration = Duration::from_secs(30);
/// The value of each rate limit here. It is high, because tests, demo shoppers and load tests share one network
/// address.
const UNTHROTTLED: &str = "100000";

/// The options of a stack. The defaults are for tests: no data folder, free ports and no demo data.
#[derive(Debug, Clone)]
pub struct Options {
    /// The root template. `None` uses the nearest one, in the current folder or above it.
    pub template: Option<PathBuf>,
    /// The services' functions.
    pub services: &'static [Service],
    /// The data folder. `None` keeps the state in memory.
    pub data: Option<PathBuf>,
    /// The port of the API. 0 uses any free port.
    pub port: u16,
    /// The port of the AWS endpoint. 0 uses any free port.
    pub aws_port: u16,
    /// The origins that browsers may call the API from, beside its own.
    pub allow_origins: Vec<Origin>,
    /// Where functions run.
    pub functions: Functions,
    /// Whether a stack without data gets demo data.
    pub demo: bool,
    /// The timeout of the body of a request.
    pub patience: Duration,
    /// A clock to run on in single steps: each message and change by itself, no two invocations at once, schedules
    /// only at the start, and expired items stay. So everything that is counted is the same each time. None for the
    /// machine's clock, and as fast as it goes.
    pub steps: Option<VirtualClock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            template: None,
            services: services::ALL,
            data: None,
            port: 0,
            aws_port: 0,
            allow_origins: Vec::new(),
            functions: Functions::Here,
            demo: false,
            patience: PATIENCE,
            steps: None,
        }
    }
}

/// A running system.
pub struct Stack {
    url: String,
    aws_url: String,
    provider: Client,
    first_start: bool,
    cloud: Cloud,
    deployment: Arc<Deployment>,
    invoker: Invoker,
    ledger: Ledger,
    stop: ShutdownTrigger,
    tasks: JoinSet<()>,
}

/// The sandbox's payment methods that the shop offers.
const TEST_METHODS: &str = "pm_card_visa,pm_sandbox_3ds,pm_card_chargeDeclined,pm_card_chargeDeclinedInsufficientFunds,\
                            pm_sandbox_timeout,pm_sandbox_unreachable";

impl Stack {
    /// Starts the system, and returns when it accepts requests.
    pub async fn start(options: Options) -> Result<Self> {
        let listener = listen(options.port, "--port").await?;
        let aws_listener = listen(options.aws_port, "--aws-port").await?;
        let provider_listener = listen(0, "--port").await?;
        let url = format!("http://localhost:{}", listener.local_addr()?.port());
        let provider = format!("http://{}", provider_listener.local_addr()?);
        let origins = [url.clone()].into_iter().chain(options.allow_origins.iter().map(ToString::to_string));
        let origins = origins.collect::<Vec<_>>().join(",");
        let own = [
            ("AllowedOrigins", origins.as_str()),
            ("PaymentProviderUrl", &provider),
            ("PaymentTestMethods", TEST_METHODS),
        ];
        let mut deployment = read_templates(options.template.as_deref(), &own)?;
        deployment.reach_apis_at(&url);
        if options.steps.is_some() {
            deployment.in_single_steps();
        }
        let deployment = Arc::new(deployment);

        if let Some(folder) = &options.data {
            check_format(folder)?;
        }
        let cloud = match &options.steps {
            Some(clock) => Cloud::with_clock(options.data.as_deref(), clock.clone()),
            None => Cloud::with_clock(options.data.as_deref(), SystemClock),
        }?;
        let kept = |name: &str| options.data.as_ref().map(|folder| folder.join(name));
        let secrets = Arc::new(Secrets::open(kept("secrets.json"), &deployment.secrets)?);
        provision::provision(&cloud, &deployment).await?;
        // Messages that an earlier process had received when it was killed are released.
        cloud.return_in_flight();

        let ledger = if options.steps.is_some() { Ledger::counting() } else { Ledger::default() };
        let dependencies = Dependencies {
            cloud: &cloud,
            secrets: &secrets,
            services: options.services,
            functions: &options.functions,
            ledger: &ledger,
            steps: options.steps.as_ref(),
        };
        let invoker = Invoker::start(&deployment, &dependencies)?;
        let aws_url = format!("http://localhost:{}", aws_listener.local_addr()?.port());
        if let Functions::Watch(address) = &options.functions {
            let folder = options.data.as_deref().unwrap_or(Path::new(".souk"));
            watch::prepare(&deployment, &dependencies, &aws_url, folder, address).await?;
        }

        let (stop, shutdown) = ShutdownTrigger::new();
        let mut tasks = JoinSet::new();
        let till = provider::options(&deployment, &secrets, &url, kept("provider"))?;
        let provider = Client::new(&provider).with_token(&till.api_key);
        let mut until = shutdown.clone();
        tasks.spawn(async move {
            if let Err(error) = sandbox::serve(provider_listener, till, async move { until.wait().await }).await {
                tracing::error!(%error, "the payment provider stopped");
            }
        });
        let endpoint = aws::router(cloud.clone(), deployment.clone(), invoker.clone());
        tasks.spawn(serve::serve(aws_listener, endpoint, shutdown.clone()));
        pollers::start(&cloud, &deployment, &invoker, &shutdown, &mut tasks)?;
        // In single steps nothing depends on how long they take.
        if options.steps.is_none() {
            tasks.spawn(sweep(cloud.clone(), shutdown.clone()));
        }

        let router = serve::router(Site {
            gateway: Arc::new(Gateway::new(&deployment, options.services, invoker.clone(), options.patience)),
            cloud: cloud.clone(),
            deployment: deployment.clone(),
            provider: provider.clone(),
            contract: openapi::compact(&openapi::document(&deployment, options.services)).into(),
            shutdown: shutdown.clone(),
        });
        // Schedules also run once at the start, so that for example a signing key exists before it is needed. This
        // does not wait for functions that are still compiling.
        let turns = match &options.functions {
            Functions::Here => Turns::together(),
            Functions::Watch(_) => Turns::one_by_one(),
        };
        let first = |schedule| pollers::run_once(schedule, invoker.clone(), turns.clone());
        let ticks = join_all(deployment.schedules.clone().into_iter().map(first));
        match &options.functions {
            Functions::Here => drop(ticks.await),
            Functions::Watch(_) => drop(tasks.spawn(async { drop(ticks.await) })),
        }
        for schedule in deployment.schedules.iter().filter(|_| options.steps.is_none()).cloned() {
            tasks.spawn(pollers::repeat(schedule, invoker.clone(), turns.clone(), shutdown.clone()));
        }
        let marker = kept("demo-data");
        let first_start = marker.as_ref().is_none_or(|marker| !marker.exists());
        let mut stack = Self { url, aws_url, provider, first_start, cloud, deployment, invoker, ledger, stop, tasks };
        if options.demo && first_start {
            // Other requests are accepted only after the demo data is complete.
            let backstage = listen(0, "--port").await?;
            let address = format!("http://{}", backstage.local_addr()?);
            stack.tasks.spawn(serve::serve(backstage, router.clone(), shutdown.clone()));
            let invoke = async |function: &str, payload: &Value| stack.invoke(function, payload).await;
            demo::seed(&Client::new(&address), invoke).await.context("the demo data could not be made")?;
            if let Some(marker) = marker {
                std::fs::write(&marker, "made\n").with_context(|| format!("cannot write {}", marker.display()))?;
            }
        }
        stack.tasks.spawn(serve::serve(listener, router, shutdown));
        Ok(stack)
    }

    /// The address of the API: `http://localhost:3000`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of the AWS endpoint.
    pub fn aws_url(&self) -> &str {
        &self.aws_url
    }

    /// Whether it started without data of an earlier start.
    pub fn first_start(&self) -> bool {
        self.first_start
    }

    /// A client of the API, without a token.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client of the payment provider, with the shop's key.
    pub fn provider(&self) -> &Client {
        &self.provider
    }

    /// The deployment from the templates.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The emulators.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The recorded calls of the functions to AWS.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Invokes a function like a caller with IAM permissions does: `users/grant-admin`.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        let known = self
            .deployment
            .find(function)
            .with_context(|| format!("no function, or more than one, is called {function}"))?;
        let answer = self.invoker.invoke(&known.name, to_raw_value(payload)?, Call::fresh()).await;
        Ok(serde_json::from_str(answer.map_err(|error| anyhow!("{function}: {error}"))?.get())?)
    }

    /// Stops the system: accepts no new requests, finishes the running ones, and closes the data.
    pub async fn stop(self) {
        let Self { cloud, invoker, stop, mut tasks, .. } = self;
        stop.trigger();
        while tasks.join_next().await.is_some() {}
        invoker.stop().await;
        drop(invoker);
        cloud.close().await;
    }
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stack").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Reads the templates with the parameters of this machine, as far as the root template has them.
pub fn read_templates(template: Option<&Path>, own: &[(&str, &str)]) -> Result<Deployment> {
    let file = match template {
        Some(file) => file.to_owned(),
        None => template::find_root(&std::env::current_dir()?).context(
            "there is no template.yaml here or above: run souk in its repository, or name one with --template",
        )?,
    };
    let declared = template::root_parameters(&file)?;
    let own = [&[("Stage", "local"), ("SearchFreshness", "50")], own].concat();
    let own =
        own.into_iter().filter(|(name, _)| declared.contains_key(*name)).map(|(name, value)| (name, value.to_owned()));
    let limits = declared.iter().filter(|(name, kind)| *kind == "Number" && is_limit(name));
    let limits = limits.map(|(name, _)| (name.as_str(), UNTHROTTLED.to_owned()));
    let parameters = own.chain(limits).map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(template::load(&file, &parameters)?)
}

fn is_limit(parameter: &str) -> bool {
    ["RateLimit", "BurstLimit", "PerMinute"].iter().any(|limit| parameter.ends_with(limit))
}

/// Binds a port of this machine, which other machines cannot reach.
async fn listen(port: u16, option: &str) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is in use: stop the program that listens on it, or choose another port with {option}")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port}")),
    }
}

/// Refuses a data folder whose items have the form of another version or that has files of something else, before
/// anything is written. Marks a new one.
fn check_format(folder: &Path) -> Result<()> {
    let mark = folder.join("format");
    let known = fs::read_to_string(&mark).ok();
    if known.as_deref() == Some(FORMAT) {
        return Ok(());
    }
    // The secrets are stored after the mark and the lock.
    if ["lock", "secrets.json"].iter().all(|name| folder.join(name).exists()) {
        bail!(
            "the data folder {} is of another version of Souk: choose another folder (--data), or delete it",
            folder.display()
        );
    }
    // A mark is a number. One that was being written when the process was killed is empty.
    let is_ours = known.is_some_and(|mark| mark.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_ours && has_other_files(folder)? {
        bail!("the folder {} has files that are not Souk's: choose an empty or new folder (--data)", folder.display());
    }
    fs::create_dir_all(folder).and_then(|()| fs::write(&mark, FORMAT)).with_context(|| mark.display().to_string())
}

fn has_other_files(folder: &Path) -> Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        entries => entries.with_context(|| format!("cannot read the data folder {}", folder.display()))?,
    };
    for entry in entries {
        if entry?.file_name() != watch::FILE {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes expired items periodically.
async fn sweep(cloud: Cloud, mut shutdown: Shutdown) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            _ = ticks.tick() => {
                let cloud = cloud.clone();
                match tokio::task::spawn_blocking(move || cloud.sweep_ttl()).await {
                    Ok(Ok(items)) => tracing::debug!(items, "expired items are deleted"),
                    Ok(Err(error)) => tracing::error!(%error, "expired items could not be deleted"),
                    Err(_) => return,
                }
            }
        }
    }
}
