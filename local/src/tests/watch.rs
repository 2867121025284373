//! `cargo lambda watch`: which functions it is asked for.

use std::sync::{Arc, Mutex};

use axum::{Router, http::Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::tidy::ROOT;
use crate::{Functions, Options, Stack};

#[tokio::test]
async fn the_watch_runs_every_function_but_those_whose_binary_services_share() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let functions = Functions::Watch(format!("http://{}", listener.local_addr().unwrap()));
    let known = asked.clone();
    let watch = Router::new().fallback(async move |uri: Uri| {
        known.lock().unwrap().push(uri.path().to_owned());
        "\"watched\""
    });
    tokio::spawn(async { axum::serve(listener, watch).await });
    let folder = std::env::temp_dir().join(format!("souk-test-{}", uuid::Uuid::new_v4()));
    let (template, data) = (Some(ROOT.join("template.yaml")), Some(folder.clone()));
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
    std::fs::remove_dir_all(folder).unwrap();
}
