//! Hostile requests to every operation: each is refused in a way that says why, nothing has changed after them,
//! and the shop goes on.

mod inputs;

use std::time::Duration;

use futures::{
    future::join_all,
    stream::{self, StreamExt},
};
use local::{
    Answer, Client, Options, Stack,
    scenarios::{Request, Scenario, Who},
    services,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    shop::eventually,
    world::{World, settled},
};
use inputs::{Hostile, Operation};

/// Requests at once.
const AT_ONCE: usize = 8;
/// Longer than any answer takes.
const HANGS: Duration = Duration::from_mins(1);

/// What is wrong with an answer to a hostile request, if anything is.
fn fault(hostile: &Hostile, answer: &Answer, contract: &Value) -> Option<String> {
    let body = answer.json();
    if !hostile.expected.contains(&answer.status) {
        return Some(format!("{} instead of {:?}: {:.300}", answer.status, hostile.expected, answer.text()));
    }
    // The gateway answers by itself what does not reach a function.
    if [413, 431].contains(&answer.status) && body["type"].is_null() {
        return None;
    }
    if answer.header("content-type") != Some("application/problem+json") {
        return (body["message"] != "Not Found").then(|| format!("no problem: {}", answer.text()));
    }
    if contract["responses"].get(answer.status.to_string()).is_none() {
        return Some(format!("the contract knows of no {}", answer.status));
    }
    let whole = ["type", "title", "detail", "instance", "requestId"].iter().all(|name| body[*name].is_string());
    if !whole || body["status"] != answer.status {
        return Some(format!("half a problem: {body}"));
    }
    if let Some(word) = word_of_the_program(&body) {
        return Some(format!("{word:?} is not a word of the API: {body}"));
    }
    if answer.body.len() > 64 * 1024 {
        return Some(format!("an answer of {} bytes", answer.body.len()));
    }
    let at = hostile.at.as_ref().filter(|_| body["type"] == "/problems/invalid-input")?;
    let errors = body["errors"].as_array().into_iter().flatten();
    let mut pointers = errors.filter_map(|error| error["pointer"].as_str());
    let named = pointers.any(|pointer| at.starts_with(pointer) || pointer.starts_with(at.as_str()));
    (!named).then(|| format!("{at} is not among {}", body["errors"]))
}

/// A word in a problem that speaks of the program instead of the API.
fn word_of_the_program(problem: &Value) -> Option<&'static str> {
    const WORDS: [&str; 13] = [
        "expected",
        "u16",
        "u32",
        "u64",
        "i64",
        "f64",
        "invalid type",
        "invalid value",
        "variant",
        "sequence",
        "map",
        "struct",
        "serde",
    ];
    let errors = problem["errors"].as_array().into_iter().flatten();
    let texts = errors.map(|error| &error["detail"]).chain([&problem["title"], &problem["detail"]]);
    let texts: Vec<_> = texts.filter_map(Value::as_str).map(|text| format!(" {text} ").to_lowercase()).collect();
    let says = |text: &String, word: &str| {
        text.match_indices(word).any(|(at, _)| {
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            apart(text[..at].chars().next_back()) && apart(text[at + word.len()..].chars().next())
        })
    };
    WORDS.into_iter().find(|word| texts.iter().any(|text| says(text, word)))
}

async fn attack(hostile: Hostile, operation: &Operation<'_>, client: &Client) -> Option<String> {
    let fault = match timeout(HANGS, hostile.send(client)).await {
        Ok(Ok(answer)) => fault(&hostile, &answer, operation.contract),
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some("no answer".to_owned()),
    };
    fault.map(|fault| format!("{}, {}: {fault}", operation.name, hostile.what))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_requests_are_refused_and_change_nothing() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let world = World::of(&stack).await;
    let (requests, contract) = (world.requests(&stack).await, local::openapi(stack.deployment(), services::ALL));
    let operations: Vec<_> = requests
        .iter()
        .map(|(scenario, _, request)| {
            let client = world.caller(scenario.who().unwrap());
            (Operation::of(scenario.name, request, &contract), client)
        })
        .collect();
    let raw = operations.iter().filter(|(operation, _)| operation.takes_bytes());
    let raw: Vec<_> = raw.map(|(operation, _)| operation.name).collect();
    assert_eq!(raw, ["import-products", "receive-webhook"], "the bodies of all others are known field by field");
    let mut sent = 0;
    let attacks = operations.iter().flat_map(|(operation, client)| {
        operation.hostile().into_iter().map(move |hostile| attack(hostile, operation, client))
    });
    let attacks = attacks.inspect(|_| sent += 1);
    let before = settled(&stack).await;
    let faults: Vec<_> =
        stream::iter(attacks).buffer_unordered(AT_ONCE).filter_map(async |fault| fault).collect().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(sent > 2000, "the contract yields no more than {sent} requests");
    let after = settled(&stack).await;
    let changed: Vec<_> = after.iter().filter(|(key, item)| before.get(*key) != Some(item)).collect();
    assert!(changed.is_empty() && after.len() == before.len(), "{changed:?}");
    // Another purchase, by people who sign in anew.
    World::of(&stack).await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hostile_file_every_line_is_refused() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (world, contract) = (World::of(&stack).await, local::openapi(stack.deployment(), services::ALL));
    let requests = world.requests(&stack).await;
    let (scenario, _, request) = requests.iter().find(|(scenario, ..)| scenario.name == "import-products").unwrap();
    let operation = Operation::of(scenario.name, request, &contract);
    let mut lines: Vec<_> = operation.bodies().into_iter().map(|hostile| hostile.body).collect();
    // An empty line is none. Of one that is too long so much is read that it is as deep as before.
    lines.retain(|line| !line.is_empty());
    let (mut lines, undecodable): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| std::str::from_utf8(line).is_ok());
    for line in &mut lines {
        line.truncate(
            (0..=line.len().min(40_000)).rev().find(|end| std::str::from_utf8(&line[..*end]).is_ok()).unwrap(),
        );
    }
    let merchant = &world.callers["merchant"];
    let import = async |key: &str, lines: &[Vec<u8>]| {
        let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", key)];
        merchant.send("POST", &request.route, &headers, lines.join(&b'\n')).await.unwrap()
    };
    let before = settled(&stack).await;
    // A file with a line that is not UTF-8 is refused whole, wherever the line is.
    assert!(!undecodable.is_empty());
    let sample = request.content().into_bytes();
    for (key, file) in [
        ("undecodable", undecodable.clone()),
        ("undecodable-first", [&undecodable[..], std::slice::from_ref(&sample)].concat()),
        ("undecodable-last", [std::slice::from_ref(&sample), &undecodable[..]].concat()),
    ] {
        let refused = import(key, &file).await;
        assert_eq!((refused.status, &refused.json()["type"]), (422, &"/problems/invalid-input".into()), "{key}");
        assert!(refused.text().contains("not UTF-8"), "{key}: {}", refused.text());
    }
    assert!(settled(&stack).await == before, "a file that was refused has changed something");
    let accepted = import("hostile-lines", &lines).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let look = async || merchant.get(accepted.header("location").unwrap()).await.unwrap();
    let done = eventually(look, |answer| answer.json()["status"] == "done").await.json();
    assert_eq!((&done["imported"], &done["failed"]), (&0.into(), &lines.len().into()), "{done}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_good_for_its_own_list_and_owner_only() {
    let stack = Stack::start(Options { demo: true, ..Options::default() }).await.unwrap();
    let (world, contract) = (World::of(&stack).await, local::openapi(stack.deployment(), services::ALL));
    let requests = world.requests(&stack).await;
    let parameters = |request: &Request| {
        let operation = &contract["paths"][&request.route][request.method.to_lowercase()];
        operation["parameters"].as_array().into_iter().flatten()
    };
    let pages = |request: &Request| parameters(request).any(|parameter| parameter["name"] == "cursor");
    let needed = |request: &Request| {
        let required = |name: &str| parameters(request).any(|known| known["name"] == name && known["required"] == true);
        request.query.iter().filter(|(name, _)| required(name)).cloned().collect()
    };
    let lists: Vec<_> = requests.iter().filter(|(_, _, request)| pages(request)).collect();
    let page = async |scenario: &Scenario, request: &Request, cursor: Option<&str>| {
        // Without the filters that may be absent, most have a page after the first.
        let mut request = Request { query: needed(request), ..(*request).clone() };
        let mut who = scenario.who().unwrap();
        if scenario.name == "list-shipments" {
            who = Who::Courier;
            request.query.push(("status".to_owned(), "scheduled".to_owned()));
        }
        request.query.push(("limit".to_owned(), "1".to_owned()));
        request.query.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.to_owned())));
        world.caller(who).get(&request.path()).await.unwrap()
    };
    let mut found = 0;
    for (list, _, request) in &lists {
        let first = page(list, request, None).await;
        assert_eq!(first.status, 200, "{}: {}", list.name, first.text());
        let body = first.json();
        let Some(cursor) = body["nextCursor"].as_str() else { continue };
        found += 1;
        for (other, _, of_other) in &lists {
            let answer = page(other, of_other, Some(cursor)).await;
            if other.name == list.name {
                assert_eq!(answer.status, 200, "{}: {}", list.name, answer.text());
            } else {
                let refused = (answer.status, answer.json()["type"].clone());
                assert_eq!(refused, (400, "/problems/invalid-cursor".into()), "{} in {}", list.name, other.name);
            }
        }
        let changed = if cursor.starts_with('A') { 'B' } else { 'A' };
        let changed = format!("{changed}{}", &cursor[1..]);
        assert_eq!(page(list, request, Some(&changed)).await.status, 400, "{}", list.name);
    }
    assert!(found >= 7, "only {found} lists have a second page");
    stack.stop().await;
}

/// Sends a request whose body never ends, a byte at a time, until there is an answer.
async fn trickle(stack: &Stack, request: &Request, client: &Client) -> String {
    let address = stack.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = client.token().map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nidempotency-key: k\r\n{token}\
         content-length: 1000000\r\n\r\n{{",
        request.method,
        request.path(),
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answer = vec![0; 4096];
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            read = reader.read(&mut answer) => {
                answer.truncate(read.unwrap());
                return String::from_utf8(answer).unwrap();
            }
            // Where the connection is closed already, the answer is there to be read.
            _ = pace.tick() => drop(writer.write_all(b" ").await),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_not_waited_for() {
    let options = Options { demo: true, patience: Duration::from_secs(2), ..Options::default() };
    let stack = Stack::start(options).await.unwrap();
    let world = World::of(&stack).await;
    let requests = world.requests(&stack).await;
    let slow = requests.iter().map(async |(scenario, _, request)| {
        let client = world.caller(scenario.who().unwrap());
        let answer = timeout(HANGS, trickle(&stack, request, client)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{} waits for ever", scenario.name));
        assert!(answer.starts_with("HTTP/1.1 408 "), "{}: {answer}", scenario.name);
    });
    join_all(slow).await;
    World::of(&stack).await;
    stack.stop().await;
}
