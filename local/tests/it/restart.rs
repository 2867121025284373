//! What was there before a stop is there after a start.

use local::{Options, Stack, demo, shopper::made};

use crate::shop::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_finds_everything_as_it_was() {
    let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
    let options = || Options { data: Some(folder.clone()), demo: true, ..Options::default() };
    let stack = Stack::start(options()).await.unwrap();
    assert!(stack.first_start());
    let before = made(stack.client().get("/v1/products?limit=100").await.unwrap()).unwrap();
    assert!(before["items"].as_array().unwrap().len() >= 40, "a shop worth looking at");
    stack.stop().await;

    let stack = Stack::start(options()).await.unwrap();
    assert!(!stack.first_start());
    let after = made(stack.client().get("/v1/products?limit=100").await.unwrap()).unwrap();
    assert_eq!(after, before);
    let merchant = demo::sign_in(&stack.client(), "merchant").await.unwrap();
    let sku = local::shopper::stocked(&merchant, 100, 1).await.unwrap();
    let look = async || merchant.get(&format!("/v1/stock/{sku}")).await.unwrap();
    eventually(look, |answer| answer.status == 200).await;
    stack.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_has_one_stack() {
    let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
    let options = || Options { data: Some(folder.clone()), ..Options::default() };
    let stack = Stack::start(options()).await.unwrap();
    let error = Stack::start(options()).await.unwrap_err();
    assert!(format!("{error:#}").contains("in use"), "{error:#}");
    stack.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_of_another_version_is_refused() {
    let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
    let options = || Options { data: Some(folder.clone()), ..Options::default() };
    Stack::start(options()).await.unwrap().stop().await;
    for older in [Some("1"), None] {
        match older {
            Some(format) => std::fs::write(folder.join("format"), format).unwrap(),
            None => std::fs::remove_file(folder.join("format")).unwrap(),
        }
        let error = format!("{:#}", Stack::start(options()).await.unwrap_err());
        assert!(error.contains("is of another version of Souk") && error.contains("delete it"), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
