//! Shutdown of the stack: one side triggers it, and every task waits for it.

use std::sync::Arc;

use tokio::sync::watch;

/// Triggers the shutdown.
#[derive(Debug, Clone)]
pub(crate) struct ShutdownTrigger(Arc<watch::Sender<bool>>);

/// Waits for the shutdown.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl ShutdownTrigger {
    pub(crate) fn new() -> (Self, Shutdown) {
        let (trigger, shutdown) = watch::channel(false);
        (Self(Arc::new(trigger)), Shutdown(shutdown))
    }

    pub(crate) fn trigger(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Returns once it was triggered, or once its trigger is gone.
    pub(crate) async fn wait(&mut self) {
        drop(self.0.wait_for(|triggered| *triggered).await);
    }
}
