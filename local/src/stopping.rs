//! The word that everything waits for: the stack is stopping.

use std::sync::Arc;

use tokio::sync::watch;

/// Says that the stack is stopping.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<watch::Sender<bool>>);

/// Hears that the stack is stopping.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stop {
    pub(crate) fn new() -> (Self, Stopping) {
        let (say, hear) = watch::channel(false);
        (Self(Arc::new(say)), Stopping(hear))
    }

    pub(crate) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Returns once it was said, or once nobody is left to say it.
    pub(crate) async fn wait(&mut self) {
        drop(self.0.wait_for(|said| *said).await);
    }
}
