//! An executor of many tasks on one thread. If several tasks are ready, the choice sequence decides which one
//! continues.
//!
//! It runs inside a tokio runtime with a paused clock. Time passes only if no task is ready; it then jumps to the
//! next timer.

use std::{
    collections::{BTreeMap, VecDeque},
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use crate::choices::Choices;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts tasks. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Spawner(Arc<Mutex<Vec<Task>>>);

impl Spawner {
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        lock(&self.0).push(Box::pin(task));
    }

    /// Drops the tasks that have not started.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// The tasks that are ready, in the order in which they became ready.
#[derive(Default)]
struct Ready {
    tasks: VecDeque<usize>,
    executor: Option<Waker>,
}

struct TaskWaker {
    task: usize,
    ready: Arc<Mutex<Ready>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut ready = lock(&self.ready);
        if !ready.tasks.contains(&self.task) {
            ready.tasks.push_back(self.task);
        }
        if let Some(executor) = ready.executor.take() {
            executor.wake();
        }
    }
}

/// The number of polls before control returns to the runtime.
const POLLS: usize = 32;

/// Runs `main` and all tasks that are spawned, until `main` is done. Then the other tasks are dropped.
pub(crate) async fn run(choices: &Choices, spawner: &Spawner, main: impl Future<Output = ()>) {
    const MAIN: usize = 0;
    let ready = Arc::new(Mutex::new(Ready::default()));
    let mut tasks = BTreeMap::<usize, (Pin<Box<dyn Future<Output = ()> + '_>>, Waker)>::new();
    let mut next = MAIN;
    let mut main: Option<Pin<Box<dyn Future<Output = ()> + '_>>> = Some(Box::pin(main));
    poll_fn(move |context| {
        for _ in 0..POLLS {
            let waiting = std::mem::take(&mut *lock(&spawner.0));
            for task in main.take().into_iter().chain(waiting.into_iter().map(|task| task as _)) {
                let waker = Waker::from(Arc::new(TaskWaker { task: next, ready: ready.clone() }));
                waker.wake_by_ref();
                tasks.insert(next, (task, waker));
                next += 1;
            }
            let Some(id) = pick(choices, &ready, context) else { return Poll::Pending };
            let Some((task, waker)) = tasks.get_mut(&id) else { continue };
            if task.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                tasks.remove(&id);
                if id == MAIN {
                    return Poll::Ready(());
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn pick(choices: &Choices, ready: &Mutex<Ready>, context: &Context<'_>) -> Option<usize> {
    let mut ready = lock(ready);
    let at = match ready.tasks.len() {
        0 => {
            ready.executor = Some(context.waker().clone());
            return None;
        }
        1 => 0,
        several => choices.mostly_first(several),
    };
    ready.tasks.remove(at)
}

/// Lets other tasks continue first, if the choice sequence says so.
pub(crate) async fn turn() {
    let mut passed = false;
    poll_fn(|context| {
        if std::mem::replace(&mut passed, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a handler is a finding, and ends the run anyway.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
