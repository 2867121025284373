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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_with_other_files_is_refused_and_left_as_it_is() {
    let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
    let options = || Options { data: Some(folder.clone()), ..Options::default() };
    let names = || {
        let entries = std::fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    // The second file has the name of the version mark, but not its content.
    for (name, content) in [("thesis.txt", "mine"), ("format", "A4 paper")] {
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(name), content).unwrap();
        let error = format!("{:#}", Stack::start(options()).await.unwrap_err());
        assert!(error.contains("has files that are not Souk's") && error.contains("--data"), "{error}");
        assert_eq!(
            (names(), std::fs::read_to_string(folder.join(name)).unwrap().as_str()),
            (vec![name.to_owned()], content)
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
    // An empty folder is used, and so is one where a stack without data wrote the variables of `cargo lambda watch`.
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("watch.env"), "").unwrap();
    Stack::start(options()).await.unwrap().stop().await;
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    Stack::start(options()).await.unwrap().stop().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
