//! Time, and what is drawn by lot, as the emulators see them: the machine's, or a test's.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

/// Where the emulators get their time from. Everything that has to do with time (visibility, delays, retention, long polls,
/// TTL, tokens, timestamps) goes through one of these, so that a test can let hours pass without waiting.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Completes once `instant` has been reached; at once if it lies in the past.
    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// An id that nothing had before, of a message or of an event on the bus.
    fn fresh_id(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // A millisecond has been rounded away from the instants that we keep: never wake before them.
        let left = Duration::try_from(instant.duration_since(Timestamp::now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }
}

/// A clock that stands still until it is moved. Clones share the same time.
///
/// ```
/// use emulators::{Clock, VirtualClock};
/// let clock = VirtualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
/// clock.advance(std::time::Duration::from_secs(30));
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:00:30Z");
/// ```
#[derive(Clone)]
pub struct VirtualClock(Arc<watch::Sender<Timestamp>>);

impl VirtualClock {
    /// A clock that says `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(watch::Sender::new(start)))
    }

    /// Moves time forward and wakes whoever waited for an instant that is now reached.
    ///
    /// # Panics
    /// When the time leaves the range of [`Timestamp`] (the year 9999).
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now += by);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The sender lives in self, so this cannot fail while we wait.
            let _ = time.wait_for(|now| *now >= instant).await;
        })
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VirtualClock").field(&self.now()).finish()
    }
}
