//! The whole system in one process.

use std::{
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
    invoker::{Call, Functions, Invoker, Surroundings},
    ledger::Ledger,
    openapi, pollers, provider, provision,
    secrets::Secrets,
    serve::{self, Site},
    services::{self, Service},
    stopping::{Stop, Stopping},
    template::{self, Deployment},
    watch,
};

/// How often what has expired is looked for. `DynamoDB` promises days.
const SWEEP: Duration = Duration::from_mins(1);
/// As long as API Gateway waits at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// What each limit of a rate is here: tests and demo shoppers share one network address, and load tests are a crowd.
const UNTHROTTLED: &str = "100000";

/// How to start a stack. The default is for tests: nothing is kept, any port will do, no demo data.
#[derive(Debug, Clone)]
pub struct Options {
    /// The root template; none for the nearest one from the current folder upwards.
    pub template: Option<PathBuf>,
    /// The services' functions.
    pub services: &'static [Service],
    /// Where state is kept; none keeps nothing.
    pub data: Option<PathBuf>,
    /// The port of the API; 0 for any.
    pub port: u16,
    /// The port of the AWS endpoint; 0 for any.
    pub aws_port: u16,
    /// Where functions run.
    pub functions: Functions,
    /// Whether a stack without data gets demo data.
    pub demo: bool,
    /// How long the body of a request may take to arrive.
    pub patience: Duration,
    /// A clock to run on in single steps: each message and change by itself, no two invocations at once, schedules only
    /// at the start, and expired items stay. So everything that is counted is the same each time. None for the machine's
    /// clock, and as fast as it goes.
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
    stop: Stop,
    tasks: JoinSet<()>,
}

impl Stack {
    /// Starts everything, and returns once it answers.
    pub async fn start(options: Options) -> Result<Self> {
        let listener = listen(options.port, "--port").await?;
        let aws_listener = listen(options.aws_port, "--aws-port").await?;
        let provider_listener = listen(0, "--port").await?;
        let url = format!("http://localhost:{}", listener.local_addr()?.port());
        let provider = format!("http://{}", provider_listener.local_addr()?);
        let own = [("AllowedOrigin", url.as_str()), ("PaymentProviderUrl", &provider)];
        let mut deployment = read_templates(options.template.as_deref(), &own)?;
        if options.steps.is_some() {
            deployment.in_single_steps();
        }
        let deployment = Arc::new(deployment);

        let cloud = match &options.steps {
            Some(clock) => Cloud::with_clock(options.data.as_deref(), clock.clone()),
            None => Cloud::with_clock(options.data.as_deref(), SystemClock),
        }?;
        let kept = |name: &str| options.data.as_ref().map(|folder| folder.join(name));
        let secrets = Arc::new(Secrets::open(kept("secrets.json"), &deployment.secrets)?);
        provision::provision(&cloud, &deployment).await?;
        // What an earlier process had in hand when it was killed, nobody has now.
        cloud.return_in_flight();

        let ledger = if options.steps.is_some() { Ledger::counting() } else { Ledger::default() };
        let surroundings = Surroundings {
            cloud: &cloud,
            secrets: &secrets,
            services: options.services,
            functions: &options.functions,
            ledger: &ledger,
            steps: options.steps.as_ref(),
        };
        let invoker = Invoker::start(&deployment, &surroundings)?;
        let aws_url = format!("http://localhost:{}", aws_listener.local_addr()?.port());
        if let Functions::Watch(address) = &options.functions {
            let folder = options.data.as_deref().unwrap_or(Path::new(".souk"));
            watch::prepare(&deployment, &surroundings, &aws_url, folder, address).await?;
        }

        let (stop, stopping) = Stop::new();
        let mut tasks = JoinSet::new();
        let till = provider::options(&deployment, &secrets, &url, kept("provider"))?;
        let provider = Client::new(&provider).with_token(&till.api_key);
        let mut until = stopping.clone();
        tasks.spawn(async move {
            if let Err(error) = sandbox::serve(provider_listener, till, async move { until.wait().await }).await {
                tracing::error!(%error, "the payment provider stopped");
            }
        });
        let endpoint = aws::router(cloud.clone(), deployment.clone(), invoker.clone());
        tasks.spawn(serve::serve(aws_listener, endpoint, stopping.clone()));
        pollers::start(&cloud, &deployment, &invoker, &stopping, &mut tasks)?;
        // In single steps nothing depends on how long they take.
        if options.steps.is_none() {
            tasks.spawn(sweep(cloud.clone(), stopping.clone()));
        }

        let router = serve::router(Site {
            gateway: Arc::new(Gateway::new(&deployment, invoker.clone(), options.patience)),
            cloud: cloud.clone(),
            deployment: deployment.clone(),
            contract: openapi::document(&deployment, options.services).to_string().into(),
            stopping: stopping.clone(),
        });
        // Once at the start as well: a key to sign with, say, is there before somebody needs it. What has yet to be
        // compiled is not waited for.
        let ticks = join_all(
            deployment.schedules.clone().into_iter().map(|schedule| pollers::run_once(schedule, invoker.clone())),
        );
        match &options.functions {
            Functions::Here => drop(ticks.await),
            Functions::Watch(_) => drop(tasks.spawn(async { drop(ticks.await) })),
        }
        for schedule in deployment.schedules.iter().filter(|_| options.steps.is_none()).cloned() {
            tasks.spawn(pollers::repeat(schedule, invoker.clone(), stopping.clone()));
        }
        let marker = kept("demo-data");
        let first_start = marker.as_ref().is_none_or(|marker| !marker.exists());
        let mut stack = Self { url, aws_url, provider, first_start, cloud, deployment, invoker, ledger, stop, tasks };
        if options.demo && first_start {
            // Nobody else is let in before the shelves are full.
            let backstage = listen(0, "--port").await?;
            let address = format!("http://{}", backstage.local_addr()?);
            stack.tasks.spawn(serve::serve(backstage, router.clone(), stopping.clone()));
            let invoke = async |function: &str, payload: &Value| stack.invoke(function, payload).await;
            demo::seed(&Client::new(&address), invoke).await.context("the demo data could not be made")?;
            if let Some(marker) = marker {
                std::fs::write(&marker, "made\n").with_context(|| format!("cannot write {}", marker.display()))?;
            }
        }
        stack.tasks.spawn(serve::serve(listener, router, stopping));
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

    /// What the templates say.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The emulators.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What the functions were seen to ask of AWS.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Invokes a function as a caller with the rights in IAM would: `users/grant-admin`.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        let known = self
            .deployment
            .find(function)
            .with_context(|| format!("no function, or more than one, is called {function}"))?;
        let answer = self.invoker.invoke(&known.name, to_raw_value(payload)?, Call::fresh()).await;
        Ok(serde_json::from_str(answer.map_err(|error| anyhow!("{function}: {error}"))?.get())?)
    }

    /// Stops: takes nothing new, finishes what runs, and lets go of the data.
    pub async fn stop(mut self) {
        self.stop.say();
        while self.tasks.join_next().await.is_some() {}
        self.invoker.stop().await;
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
    let own = [&[("Stage", "local")], own].concat();
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

/// Takes a port of this machine; nobody else's machine can reach it.
async fn listen(port: u16, option: &str) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken: stop what listens there, or choose another with {option}")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port}")),
    }
}

/// Deletes what has expired, now and then.
async fn sweep(cloud: Cloud, mut stopping: Stopping) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stopping.wait() => return,
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
