//! An invocation of a function: its number of calls, and whether its process is still running.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::{Future, pending},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use emulators::Answer;
use lambda::{InvocationError, Trigger};
use local::handlers::Handler;
use serde_json::{Value, value::RawValue};

use crate::executor::lock;

thread_local! {
    /// The current invocation. The invocations of a world share one thread.
    static CURRENT: RefCell<Option<Arc<Invocation>>> = const { RefCell::new(None) };
}

/// The reason why an invocation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Its process ended.
    Crashed,
    /// It exceeded its timeout.
    TimedOut,
    /// It failed.
    Failed(InvocationError),
}

#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) number: u64,
    pub(crate) handler: Handler,
    pub(crate) trigger: Trigger,
    /// The idempotency key of its request.
    pub(crate) key: Option<String>,
    calls: AtomicU32,
    crashed: AtomicBool,
    cut_off: AtomicBool,
    disturbed: AtomicBool,
    conflicted: AtomicBool,
    /// Reservations by key as it read them, and whether it has read levels since.
    reservations: Mutex<HashMap<String, (Answer, bool)>>,
}

impl Invocation {
    pub(crate) fn new(number: u64, handler: Handler, trigger: Trigger, key: Option<&str>) -> Self {
        Self {
            number,
            handler,
            trigger,
            key: key.map(str::to_owned),
            calls: AtomicU32::new(0),
            crashed: AtomicBool::new(false),
            cut_off: AtomicBool::new(false),
            disturbed: AtomicBool::new(false),
            conflicted: AtomicBool::new(false),
            reservations: Mutex::default(),
        }
    }

    /// The current invocation. `None` for calls of AWS itself.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Its name in the trace.
    pub(crate) fn label(&self) -> String {
        format!("{}#{}", self.handler.function_id(), self.number)
    }

    /// The number of its next call, from 1.
    pub(crate) fn next_call(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Ends its process, so the caller of this never continues.
    pub(crate) async fn crash<T>(&self) -> T {
        self.disturb();
        self.crashed.store(true, Ordering::Relaxed);
        pending().await
    }

    /// Something goes wrong with one of its calls.
    pub(crate) fn disturb(&self) {
        self.disturbed.store(true, Ordering::Relaxed);
    }

    /// One of its writes meets another transaction, so its handler runs again.
    pub(crate) fn conflict(&self) {
        self.conflicted.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_conflicted(&self) -> bool {
        self.conflicted.load(Ordering::Relaxed)
    }

    pub(crate) fn is_disturbed(&self) -> bool {
        self.disturbed.load(Ordering::Relaxed)
    }

    /// The answer to a call; but a reservation that is read again after its levels is as it was before.
    pub(crate) fn as_before_its_levels(&self, target: &str, asked: &Value, answer: Answer) -> Answer {
        let mut reservations = lock(&self.reservations);
        let key = asked["Key"]["pk"]["S"].as_str().filter(|key| key.starts_with("reservation#"));
        match (target.rsplit('.').next(), key) {
            (Some("GetItem"), Some(key)) => match reservations.get(key) {
                Some((before, true)) => return before.clone(),
                _ => drop(reservations.insert(key.to_owned(), (answer.clone(), false))),
            },
            (Some("BatchGetItem"), _) => reservations.values_mut().for_each(|(_, levels)| *levels = true),
            (Some("TransactWriteItems"), _) => reservations.clear(),
            _ => {}
        }
        answer
    }

    /// From now on, the invocation gets no replies.
    pub(crate) fn cut_off(&self) {
        self.cut_off.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Relaxed)
    }
}

type Run = Pin<Box<dyn Future<Output = Result<Box<RawValue>, InvocationError>> + Send>>;

/// Runs an invocation, which ends with its process.
pub(crate) struct Guarded {
    run: Run,
    invocation: Arc<Invocation>,
}

impl Guarded {
    pub(crate) fn new(run: Run, invocation: Arc<Invocation>) -> Self {
        Self { run, invocation }
    }
}

impl Future for Guarded {
    type Output = Result<Box<RawValue>, Lost>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outer = CURRENT.replace(Some(self.invocation.clone()));
        let polled = self.run.as_mut().poll(context);
        CURRENT.set(outer);
        match polled {
            _ if self.invocation.crashed.load(Ordering::Relaxed) => Poll::Ready(Err(Lost::Crashed)),
            Poll::Ready(outcome) => Poll::Ready(outcome.map_err(Lost::Failed)),
            Poll::Pending => Poll::Pending,
        }
    }
}
