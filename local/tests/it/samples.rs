//! The samples in `events/`: each function can be invoked with its own.

use std::{fs, path::Path};

use local::{Options, Stack};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_answers_its_sample() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"));
    let mut invoked = 0;
    for service in fs::read_dir(root).unwrap() {
        for sample in fs::read_dir(service.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let function = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let payload: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let answer = stack.invoke(&function, &payload).await;
            let answer = answer.unwrap_or_else(|fault| panic!("{function}: {fault:#}"));
            let status = answer["statusCode"].as_u64();
            assert!(status.is_none_or(|status| status < 500), "{function}: {answer}");
            if payload["Records"].is_array() {
                assert!(answer["batchItemFailures"].is_array(), "{function}: {answer}");
            }
            invoked += 1;
        }
    }
    assert_eq!(invoked, stack.deployment().functions.len(), "a sample for each function");
    stack.stop().await;
}
