//! The samples in `events/`: each function can be invoked with its own, and where several events invoke it, with each.

use local::{Options, Stack, scenarios::samples};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_answers_its_samples() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let kept = samples::kept().unwrap();
    for handler in stack.deployment().handlers() {
        let payload: Value = serde_json::from_str(&kept[&format!("{handler}.json")]).unwrap();
        let answer = stack.invoke(&handler.function_id(), &payload).await;
        let answer = answer.unwrap_or_else(|error| panic!("{handler}: {error:#}"));
        let status = answer["statusCode"].as_u64();
        assert!(status.is_none_or(|status| status < 500), "{handler}: {answer}");
        if payload["Records"].is_array() {
            assert!(answer["batchItemFailures"].is_array(), "{handler}: {answer}");
        }
    }
    stack.stop().await;
}
