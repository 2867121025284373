//! EventBridge: buses, rules and their targets, which are queues.

mod put_events;
mod rules;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use quamina::Quamina;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::{
    clock::Clock,
    journal::Journal,
    queues::Queues,
    wire::{ACCOUNT, Fault, REGION, input},
};

pub use put_events::BusEvent;

/// The EventBridge emulator. Buses, rules and targets are recorded, as in AWS: whoever puts rules at each start should also
/// delete those that are no longer wanted.
pub(crate) struct Bus {
    clock: Arc<dyn Clock>,
    journal: Journal,
    queues: Arc<Queues>,
    buses: RwLock<BTreeMap<String, Rules>>,
    live: broadcast::Sender<BusEvent>,
}

/// The rules of one bus.
#[derive(Default)]
struct Rules {
    by_name: BTreeMap<String, Rule>,
    /// The patterns of the enabled rules, by rule name.
    patterns: Quamina<String>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Rule {
    pattern: String,
    description: Option<String>,
    enabled: bool,
    /// By `Id`.
    targets: BTreeMap<String, Target>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Target {
    id: String,
    arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
    /// A queue in the same process takes a message or does not exist: there is nothing to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_policy: Option<serde_json::Value>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeadLetterConfig {
    arn: Option<String>,
}

impl Bus {
    pub(crate) fn open(clock: Arc<dyn Clock>, journal: Journal, queues: Arc<Queues>) -> Result<Self, Fault> {
        let mut buses = BTreeMap::from([("default".to_owned(), Rules::default())]);
        let (named, rules) = journal
            .read(|file| {
                let mut named = file.prepare("SELECT name FROM buses")?;
                let named = named.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
                let mut rules = file.prepare("SELECT bus, name, rule FROM rules")?;
                let rules = rules.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                Ok((named, rules.collect::<rusqlite::Result<Vec<(String, String, String)>>>()?))
            })
            .map_err(Fault::internal)?;
        for name in named {
            buses.entry(name).or_default();
        }
        for (bus, name, rule) in rules {
            let rule = serde_json::from_str(&rule).map_err(Fault::internal)?;
            buses.entry(bus).or_default().set(name, rule)?;
        }
        let live = broadcast::Sender::new(1024);
        Ok(Self { clock, journal, queues, buses: RwLock::new(buses), live })
    }

    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, Fault> {
        match operation {
            "PutEvents" => self.put_events(&read(body)?),
            "PutRule" => self.put_rule(read(body)?),
            "PutTargets" => self.put_targets(read(body)?),
            "RemoveTargets" => self.remove_targets(&read(body)?),
            "DeleteRule" => self.delete_rule(&read(body)?),
            "DescribeRule" => self.describe_rule(&read(body)?),
            "ListRules" => self.list_rules(&read(body)?),
            "ListTargetsByRule" => self.list_targets_by_rule(&read(body)?),
            "CreateEventBus" => self.create_event_bus(&read(body)?),
            "ListEventBuses" => self.list_event_buses(&read(body)?),
            _ => Err(Fault::unknown_operation(&format!("AWSEvents.{operation}"))),
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<BusEvent> {
        self.live.subscribe()
    }

    fn buses(&self) -> RwLockReadGuard<'_, BTreeMap<String, Rules>> {
        self.buses.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn buses_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Rules>> {
        self.buses.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    /// Adds or replaces a rule. Its pattern must be one that [`check_pattern`] passed.
    fn set(&mut self, name: String, rule: Rule) -> Result<(), Fault> {
        let old = self.by_name.get(&name);
        if old.is_none_or(|old| old.pattern != rule.pattern || old.enabled != rule.enabled) {
            if old.is_some() {
                // The matcher only hides what it deletes, and shows it again when the same name is added: make it forget.
                self.patterns.delete_patterns(&name).map_err(Fault::internal)?;
                self.patterns.rebuild();
            }
            if rule.enabled {
                self.patterns.add_pattern(name.clone(), &rule.pattern).map_err(Fault::internal)?;
            }
        }
        self.by_name.insert(name, rule);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), Fault> {
        self.patterns.delete_patterns(&name.to_owned()).map_err(Fault::internal)?;
        self.patterns.rebuild();
        self.by_name.remove(name);
        Ok(())
    }
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    input(body, "ValidationException")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// The name of a bus that is given by name or ARN, or not at all.
fn bus_name(given: Option<&str>) -> &str {
    given.map_or("default", |given| given.rsplit('/').next().unwrap_or(given))
}

fn no_bus(name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}

fn bus_arn(bus: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}")
}

fn rule_arn(bus: &str, rule: &str) -> String {
    let bus = if bus == "default" { String::new() } else { format!("{bus}/") };
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{bus}{rule}")
}

/// Refuses what the matcher cannot do, and what it can but EventBridge cannot: such a rule would fail when it is deployed.
fn check_pattern(pattern: &str) -> Result<(), Fault> {
    let refused = |reason: &str| {
        Fault::new("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {reason}"))
    };
    let parsed: serde_json::Value = serde_json::from_str(pattern).map_err(|error| refused(&error.to_string()))?;
    if let Some(operator) = foreign_operator(&parsed) {
        return Err(refused(&format!("Unrecognized match type {operator}")));
    }
    Quamina::new().add_pattern((), pattern).map_err(|error| refused(&error.to_string()))
}

/// An operator in a list of alternatives that only our matcher knows.
fn foreign_operator(pattern: &serde_json::Value) -> Option<&'static str> {
    match pattern {
        serde_json::Value::Object(fields) => fields.values().find_map(foreign_operator),
        serde_json::Value::Array(alternatives) => {
            let has = |operator: &str| alternatives.iter().any(|one| one.get(operator).is_some());
            ["regexp", "shellstyle"].into_iter().find(|operator| has(operator))
        }
        _ => None,
    }
}
