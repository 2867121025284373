use aws_sdk_eventbridge::types::{DeadLetterConfig, InputTransformer, PutEventsRequestEntry, RuleState, Target};
use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::{Value, json};

use super::{Clients, cloud, frozen_cloud};

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:eu-west-1:000000000000:{queue}")
}

fn event(detail_type: &str, detail: &Value) -> PutEventsRequestEntry {
    let entry = PutEventsRequestEntry::builder().event_bus_name("souk").source("souk.orders").detail_type(detail_type);
    entry.detail(detail.to_string()).build()
}

impl Clients {
    /// A bus, a queue, and a rule between them.
    pub(super) async fn route(&self, rule: &str, pattern: &Value, queue: &str) -> String {
        // The bus may be there already.
        let _ = self.events.create_event_bus().name("souk").send().await;
        let url = self.create_queue(queue, &[]).await;
        let put = self.events.put_rule().name(rule).event_bus_name("souk").event_pattern(pattern.to_string());
        put.send().await.unwrap();
        let target = Target::builder().id("queue").arn(arn(queue)).build().unwrap();
        self.events.put_targets().rule(rule).event_bus_name("souk").targets(target).send().await.unwrap();
        url
    }

    pub(super) async fn put_event(&self, detail_type: &str, detail: &Value) {
        let put = self.events.put_events().entries(event(detail_type, detail)).send().await.unwrap();
        assert_eq!(put.failed_entry_count(), 0, "{put:?}");
    }
}

#[tokio::test]
async fn an_event_arrives_in_the_queues_of_the_rules_that_match_it() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let placed = clients.route("placed", &json!({ "detail-type": ["OrderPlaced.v1"] }), "placed").await;
    let dear = json!({ "source": ["souk.orders"], "detail": { "data": { "total": [{ "numeric": [">=", 100] }] } } });
    let dear = clients.route("dear", &dear, "dear").await;
    clients.put_event("OrderPlaced.v1", &json!({ "data": { "total": 99 } })).await;
    clients.put_event("OrderCancelled.v1", &json!({ "data": { "total": 100 } })).await;

    let mut placed = clients.bodies(&placed).await;
    assert_eq!(placed.len(), 1);
    let mut envelope: Value = serde_json::from_str(&placed.remove(0)).unwrap();
    assert_eq!(envelope["id"].take().as_str().unwrap().len(), 36);
    assert_eq!(
        envelope,
        json!({
            "version": "0", "id": null, "detail-type": "OrderPlaced.v1", "source": "souk.orders",
            "account": "000000000000", "time": "2026-01-01T12:00:00Z", "region": "eu-west-1", "resources": [],
            "detail": { "data": { "total": 99 } },
        })
    );
    let dear: Vec<_> = clients.bodies(&dear).await;
    assert_eq!(dear.len(), 1);
    assert!(dear[0].contains("OrderCancelled.v1"));
}

#[tokio::test]
async fn entries_fail_one_by_one() {
    let (_cloud, clients) = cloud();
    let queue = clients.route("all", &json!({ "source": ["souk.orders"] }), "all").await;
    let entry = PutEventsRequestEntry::builder;
    let put = clients
        .events
        .put_events()
        .entries(event("Good.v1", &json!({})))
        .entries(event("Bad.v1", &json!([1])))
        .entries(entry().source("souk.orders").detail_type("NoDetail.v1").build())
        .entries(entry().source("s").detail_type("t").detail("{}").event_bus_name("nowhere").build())
        .send()
        .await
        .unwrap();
    assert_eq!(put.failed_entry_count(), 3);
    let codes: Vec<_> = put.entries().iter().map(|entry| entry.error_code().unwrap_or("")).collect();
    assert_eq!(codes, ["", "MalformedDetail", "InvalidArgument", "ResourceNotFoundException"]);
    assert!(put.entries()[0].event_id().is_some());
    assert_eq!(clients.bodies(&queue).await.len(), 1);
}

#[tokio::test]
async fn a_call_keeps_to_ten_entries_and_256_kilobytes() {
    let (_cloud, clients) = cloud();
    let code = async |entries: Vec<_>| {
        let put = clients.events.put_events().set_entries(Some(entries)).send().await;
        put.unwrap_err().into_service_error().meta().code().unwrap().to_owned()
    };
    assert_eq!(code(vec![event("T", &json!({})); 11]).await, "ValidationException");
    assert_eq!(code(vec![event("T", &json!({ "x": "x".repeat(262_144) }))]).await, "ValidationException");
}

#[tokio::test]
async fn a_rule_can_be_changed_disabled_and_deleted() {
    let (_cloud, clients) = cloud();
    let queue = clients.route("rule", &json!({ "detail-type": ["A"] }), "queue").await;
    let put = || clients.events.put_rule().name("rule").event_bus_name("souk");
    put().event_pattern(r#"{"detail-type":["B"]}"#).send().await.unwrap();
    clients.put_event("A", &json!({})).await;
    clients.put_event("B", &json!({})).await;
    assert_eq!(clients.bodies(&queue).await.len(), 1);
    put().event_pattern(r#"{"detail-type":["B"]}"#).state(RuleState::Disabled).send().await.unwrap();
    clients.put_event("B", &json!({})).await;
    assert_eq!(clients.bodies(&queue).await.len(), 0);

    let described = clients.events.describe_rule().name("rule").event_bus_name("souk").send().await.unwrap();
    assert_eq!(described.state(), Some(&RuleState::Disabled));
    assert_eq!(described.arn(), Some("arn:aws:events:eu-west-1:000000000000:rule/souk/rule"));
    let targets = clients.events.list_targets_by_rule().rule("rule").event_bus_name("souk").send().await.unwrap();
    assert_eq!(targets.targets()[0].arn(), arn("queue"));
    let delete = || clients.events.delete_rule().name("rule").event_bus_name("souk").send();
    assert!(delete().await.is_err(), "it has targets");
    clients.events.remove_targets().rule("rule").event_bus_name("souk").ids("queue").send().await.unwrap();
    delete().await.unwrap();
    assert_eq!(clients.events.list_rules().event_bus_name("souk").send().await.unwrap().rules().len(), 0);
}

#[tokio::test]
async fn an_event_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue_of_the_target() {
    let (_cloud, clients) = cloud();
    let queue = clients.route("rule", &json!({ "source": ["souk.orders"] }), "queue").await;
    let dead = clients.create_queue("dead", &[]).await;
    let dead_letters = DeadLetterConfig::builder().arn(arn("dead")).build();
    let target = Target::builder().id("queue").arn(arn("queue")).dead_letter_config(dead_letters).build().unwrap();
    clients.events.put_targets().rule("rule").event_bus_name("souk").targets(target).send().await.unwrap();
    clients.sqs.delete_queue().queue_url(&queue).send().await.unwrap();
    clients.put_event("A", &json!({})).await;
    assert_eq!(clients.bodies(&dead).await.len(), 1);
}

#[tokio::test]
async fn what_would_not_work_in_aws_or_here_is_refused() {
    let (_cloud, clients) = cloud();
    clients.route("rule", &json!({ "source": ["souk.orders"] }), "queue").await;
    for pattern in ["no json", r#"{"source":"text"}"#, r#"{"source":[{"regexp":"a"}]}"#] {
        let put = clients.events.put_rule().name("bad").event_bus_name("souk").event_pattern(pattern).send().await;
        let error = put.unwrap_err().into_service_error();
        assert!(error.is_invalid_event_pattern_exception(), "{pattern}: {error:?}");
    }
    let schedule = clients.events.put_rule().name("bad").schedule_expression("rate(1 day)").send().await;
    let error = schedule.unwrap_err().into_service_error();
    assert!(error.meta().message().unwrap().contains("ScheduleExpression"), "{error:?}");
    let transformer = InputTransformer::builder().input_template("x").build().unwrap();
    let target = Target::builder().id("t").arn(arn("queue")).input_transformer(transformer).build().unwrap();
    let put = clients.events.put_targets().rule("rule").event_bus_name("souk").targets(target).send().await;
    let error = put.unwrap_err().into_service_error();
    assert!(error.meta().message().unwrap().contains("InputTransformer"), "{error:?}");
}

#[tokio::test]
async fn a_live_view_sees_every_event_and_the_rules_it_matched() {
    let (cloud, clients) = cloud();
    clients.route("rule", &json!({ "detail-type": ["A"] }), "queue").await;
    let mut live = cloud.subscribe_events();
    clients.put_event("A", &json!({})).await;
    clients.put_event("B", &json!({})).await;
    let (a, b) = (live.recv().await.unwrap(), live.recv().await.unwrap());
    assert_eq!((&*a.bus, &*a.rules, b.rules.len()), ("souk", &["rule".to_owned()][..], 0));
    assert!(b.envelope.contains(r#""detail-type":"B""#));
}

#[tokio::test]
async fn the_trace_of_an_event_goes_on_with_its_message() {
    let (_clock, _cloud, clients) = frozen_cloud();
    let queue = clients.route("placed", &json!({ "detail-type": ["OrderPlaced.v1"] }), "placed").await;
    let trace = "Root=1-69a6df38-02a03d80dc2c129f91241948;Parent=2a2be25f77ed28ec;Sampled=1";
    let entry = PutEventsRequestEntry::builder().event_bus_name("souk").source("souk.orders");
    let entry = entry.detail_type("OrderPlaced.v1").detail("{}").trace_header(trace).build();
    assert_eq!(clients.events.put_events().entries(entry).send().await.unwrap().failed_entry_count(), 0);
    let message = clients.receive(&queue).await.remove(0);
    assert_eq!(message.attributes().unwrap()[&MessageSystemAttributeName::AwsTraceHeader], trace);
}
