//! `cargo lambda watch`: which functions it is asked for, and when.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::Uri};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use super::tidy::ROOT;
use crate::{Functions, Options, Stack, cloud::call, quiet::settled, template::queue_url};

/// Serves what `answer` says as the answer of every function.
async fn watch<F>(answer: impl FnOnce(String) -> F + Clone + Send + Sync + 'static) -> Functions
where
    F: Future<Output = &'static str> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(async move |uri: Uri| answer(uri.path().to_owned()).await);
    tokio::spawn(async { axum::serve(listener, routes).await });
    Functions::Watch(address)
}

/// A folder of a test, which is deleted on drop.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("souk-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// Starts a stack from a root template of functions alone, each with its events.
    async fn start(&self, functions: &[(&str, &str)], more: &str, watch: Functions) -> Stack {
        let function = |(name, events): &(&str, &str)| {
            format!(
                "  {name}Function:\n    Type: AWS::Serverless::Function\n    \
                 Metadata: {{ BuildProperties: {{ Binary: {name} }} }}\n    \
                 Properties: {{ Timeout: 1, Events: {{ Event: {{ {events} }} }} }}\n"
            )
        };
        let template = self.0.join("template.yaml");
        let functions: String = functions.iter().map(function).collect();
        std::fs::write(&template, format!("Resources:\n{functions}{more}")).unwrap();
        let (template, data) = (Some(template), Some(self.0.join("data")));
        Stack::start(Options { template, data, functions: watch, services: &[], ..Options::default() }).await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, the operating system cleans up the folder.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn the_watch_runs_every_function_but_those_whose_binary_services_share() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let known = asked.clone();
    let functions = watch(async move |path| {
        known.lock().unwrap().push(path);
        "\"watched\""
    })
    .await;
    let folder = Folder::new();
    let (template, data) = (Some(ROOT.join("template.yaml")), Some(folder.0.clone()));
    let stack = Stack::start(Options { template, data, functions, ..Options::default() }).await.unwrap();

    let since = json!({"since": "9999-01-01T00:00:00Z"});
    for function in ["orders/republish", "payments/republish"] {
        assert_eq!(stack.invoke(function, &since).await.unwrap(), json!({"published": 0}), "{function}");
    }
    assert_eq!(stack.invoke("users/get-jwks", &Value::Null).await.unwrap(), "watched");
    stack.stop().await;
    let asked = asked.lock().unwrap();
    assert!(asked.contains(&"/2015-03-31/functions/get-jwks/invocations".to_owned()), "{asked:?}");
    assert!(!asked.iter().any(|path| path.contains("/republish/") || path.contains("/relay/")), "{asked:?}");
}

#[tokio::test]
async fn the_watch_compiles_the_functions_of_schedules_one_after_the_other() {
    let (running, (tell, mut told)) = (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
    let functions = watch(async move |_| {
        let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
        // The time of a compilation.
        tokio::time::sleep(Duration::from_millis(50)).await;
        running.fetch_sub(1, Ordering::SeqCst);
        tell.send(at_once).unwrap();
        "null"
    })
    .await;
    let schedule = "Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute) }";
    let folder = Folder::new();
    let stack = folder.start(&[("one", schedule), ("two", schedule), ("three", schedule)], "", functions).await;
    for _ in 0..3 {
        assert_eq!(told.recv().await, Some(1));
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_message_waits_for_a_function_that_is_still_compiled() {
    let (invocations, (tell, mut told)) = (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
    let count = invocations.clone();
    let functions = watch(async move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        tell.send(()).unwrap();
        // A compilation that takes longer than the visibility timeout.
        tokio::time::sleep(Duration::from_secs(3)).await;
        "null"
    })
    .await;
    let queue = "Type: SQS, Properties: { Queue: !GetAtt Queue.Arn }";
    let more = "  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: queue, VisibilityTimeout: 1 } }\n";
    let folder = Folder::new();
    let stack = folder.start(&[("consume", queue)], more, functions).await;
    let message = json!({"QueueUrl": queue_url("queue"), "MessageBody": "{}"});
    call(stack.cloud(), "AmazonSQS.SendMessage", &message).await.unwrap();
    told.recv().await.unwrap();
    settled(&stack).await.unwrap();
    stack.stop().await;
    assert_eq!(invocations.load(Ordering::SeqCst), 1);
}
