//! The program `souk`, in a separate process.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use local::Client;
use tokio::{task::spawn_blocking, time::timeout};

/// The maximum time until it listens.
const STARTS_WITHIN: Duration = Duration::from_mins(2);
/// The last line that it prints when it listens.
const LAST: &str = "Stop with";

/// The program that was built with this one. It is built now if it does not exist.
pub(super) fn souk() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    // Tests and benchmarks are in a folder below.
    let folder = own.ancestors().skip(1).find(|folder| !folder.ends_with("deps")).context("a program in a folder")?;
    let souk = folder.join(format!("souk{}", std::env::consts::EXE_SUFFIX));
    if !souk.exists() {
        let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        let built = command.args(["build", "--bin", "souk", "--profile", profile]).current_dir(root()).status()?;
        ensure!(built.success() && souk.exists(), "{} is not there, and is not built", souk.display());
    }
    Ok(souk)
}

/// The folder of the templates.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A folder for data, which is deleted on drop.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("souk-{:016x}", fastrand::u64(..))))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, the operating system cleans up the folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that is killed on drop.
pub(super) struct Process(Child);

impl Process {
    /// Sends SIGKILL. The process cannot finish or flush anything.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.kill();
    }
}

/// The program, running.
pub(super) struct Program {
    pub(super) process: Process,
    pub(super) anyone: Client,
    /// A caller of the AWS endpoint.
    pub(super) aws: Client,
}

impl Program {
    /// Starts it with a data folder, and returns when it has printed its addresses.
    pub(super) async fn start(path: &Path, data: &Path) -> Result<Self> {
        let process = Command::new(path)
            .args(["--port", "0", "--aws-port", "0", "--data"])
            .arg(data)
            .current_dir(root())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", path.display()))?;
        let mut process = Process(process);
        let output = process.0.stdout.take().context("its output is piped")?;
        let lines = spawn_blocking(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.take_while(|line| !line.starts_with(LAST)).collect::<Vec<_>>()
        });
        let said = timeout(STARTS_WITHIN, lines).await.context("souk does not start in time")??;
        let client = |name: &str| -> Result<Client> {
            let address = said.iter().find_map(|line| line.strip_prefix(name));
            Ok(Client::new(address.with_context(|| format!("souk ends at once: {said:?}"))?.trim()))
        };
        let (anyone, aws) = (client("Shop ")?, client("AWS endpoint ")?);
        Ok(Self { process, anyone, aws })
    }
}
