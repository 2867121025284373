//! The clock of a run, and its random numbers.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use emulators::Clock;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{choices::Rng, executor::lock, world::START};

/// The virtual clock of tokio. Ids come from the run's generator.
#[derive(Clone)]
pub(crate) struct Time {
    began: tokio::time::Instant,
    rng: Arc<Mutex<Rng>>,
}

impl Time {
    pub(crate) fn new(seed: u64) -> Self {
        Self { began: tokio::time::Instant::now(), rng: Arc::new(Mutex::new(Rng::new(seed))) }
    }

    /// 128 random bits. They are not used for secrets.
    pub(crate) fn random(&self) -> u128 {
        let mut rng = lock(&self.rng);
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        START + self.began.elapsed()
    }

    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let left = Duration::try_from(instant.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }

    fn fresh_id(&self) -> Uuid {
        Uuid::from_u128(self.random())
    }
}
