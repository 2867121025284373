//! The program `souk`, in a process of its own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use local::Client;

/// How long it may take until it answers.
const STARTS_WITHIN: Duration = Duration::from_mins(2);
/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// The program as it was built with this one; built now if it was not.
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

/// Where the templates are.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A folder for data, gone with this.
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
        // What is left of it is the machine's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running process.
pub(super) struct Program {
    process: Child,
    pub(super) anyone: Client,
    /// A caller of the AWS endpoint.
    pub(super) aws: Client,
}

impl Program {
    /// Starts it on a folder, and returns once it answers.
    pub(super) async fn start(path: &Path, data: &Path) -> Result<Self> {
        let ports = [free_port()?, free_port()?].map(|port| port.to_string());
        let process = Command::new(path)
            .args(["--port", &ports[0], "--aws-port", &ports[1], "--data"])
            .arg(data)
            .current_dir(root())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", path.display()))?;
        let [anyone, aws] = ports.map(|port| Client::new(&format!("http://127.0.0.1:{port}")));
        // Made before it is waited for, so that it does not outlive whoever waits in vain.
        let mut program = Self { process, anyone, aws };
        let began = Instant::now();
        while !program.anyone.get("/health").await.is_ok_and(|answer| answer.status == 200) {
            let ended = program.process.try_wait()?;
            ensure!(ended.is_none(), "souk ends at once: {ended:?}");
            ensure!(began.elapsed() < STARTS_WITHIN, "souk does not answer within {} s", STARTS_WITHIN.as_secs());
            tokio::time::sleep(PAUSE).await;
        }
        Ok(program)
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.kill();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
