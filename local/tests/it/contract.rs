//! The examples of the published contract are what the stack takes and answers.

use local::{Options, Stack, examples, scenarios::record};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_what_the_stack_takes_and_answers() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let recorded = record::record(&stack).await.unwrap();
    let kept = examples::kept();
    assert!(kept.keys().eq(recorded.keys()), "run `cargo run -- openapi --record --write`");
    for (name, example) in kept {
        let now = &recorded[name];
        assert!(example.parameters.keys().eq(now.parameters.keys()), "{name}: {:?}", now.parameters);
        assert!(example.body.keys().eq(now.body.keys()), "{name}: {:?}", now.body);
        for (kind, body) in &example.body {
            assert!(alike(body, &now.body[kind]), "{name}: {body} was recorded, and {} is sent now", now.body[kind]);
        }
        assert!(alike(&example.reply, &now.reply), "{name}: {} was recorded, and {} now", example.reply, now.reply);
    }
    stack.stop().await;
}

/// Whether two values have the same fields of the same types. A value may be null in one of them.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(a), Value::Object(b)) => {
            // Names that the caller chooses.
            let free = |name: &String| matches!(name.as_str(), "attributes" | "options");
            a.keys().eq(b.keys()) && a.iter().all(|(name, value)| free(name) || alike(value, &b[name]))
        }
        (Value::Array(a), Value::Array(b)) => a.first().zip(b.first()).is_none_or(|(a, b)| alike(a, b)),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
