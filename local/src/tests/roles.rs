//! Roles: a function does what its template allows, and nothing else.

use serde_json::json;

use super::probe;
use crate::Permission;

#[tokio::test]
async fn a_function_may_do_only_what_its_role_allows() {
    let stack = probe::start().await;
    let used = |function: &str| {
        let spec = stack.deployment().functions.iter().find(|spec| spec.binary == function).unwrap();
        stack.ledger().used(&spec.name).into_iter().collect::<Vec<_>>()
    };
    stack.invoke("seen", &json!({})).await.unwrap();
    let table = &stack.deployment().tables[0].name;
    let resource = format!("arn:aws:dynamodb:eu-west-1:000000000000:table/{table}");
    assert_eq!(used("seen"), [Permission { action: "dynamodb:Query".to_owned(), resource }]);
    stack.invoke("trespass", &json!({})).await.unwrap_err();
    assert_eq!(used("trespass"), []);
    stack.stop().await;
}
