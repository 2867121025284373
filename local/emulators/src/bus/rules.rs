//! Operations on buses, rules and targets.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bus, Rule, Rules, Target, bus_arn, bus_name, check_pattern, invalid, no_bus, rule_arn};
use crate::{
    queues,
    wire::{Fault, output},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateEventBus {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListEventBuses {
    #[serde(default)]
    name_prefix: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutRule {
    name: String,
    event_pattern: Option<String>,
    state: Option<String>,
    description: Option<String>,
    event_bus_name: Option<String>,
}

/// `DescribeRule`, `DeleteRule`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfRule {
    name: String,
    event_bus_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListRules {
    #[serde(default)]
    name_prefix: String,
    event_bus_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutTargets {
    rule: String,
    event_bus_name: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RemoveTargets {
    rule: String,
    event_bus_name: Option<String>,
    ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTargetsByRule {
    rule: String,
    event_bus_name: Option<String>,
}

impl Bus {
    pub(super) fn create_event_bus(&self, request: &CreateEventBus) -> Result<Vec<u8>, Fault> {
        check_name(&request.name, 256)?;
        let mut buses = self.buses_mut();
        if buses.contains_key(&request.name) {
            let message = format!("Event bus {} already exists.", request.name);
            return Err(Fault::new("ResourceAlreadyExistsException", message));
        }
        self.write("INSERT INTO buses VALUES (?1)", [&request.name])?;
        buses.insert(request.name.clone(), Rules::default());
        output(&json!({ "EventBusArn": bus_arn(&request.name) }))
    }

    pub(super) fn list_event_buses(&self, request: &ListEventBuses) -> Result<Vec<u8>, Fault> {
        let buses = self.buses();
        let names = buses.keys().filter(|name| name.starts_with(&request.name_prefix));
        let listed: Vec<_> = names.map(|name| json!({ "Name": name, "Arn": bus_arn(name) })).collect();
        output(&json!({ "EventBuses": listed }))
    }

    /// A rule that exists keeps its targets.
    pub(super) fn put_rule(&self, request: PutRule) -> Result<Vec<u8>, Fault> {
        check_name(&request.name, 64)?;
        let pattern = request
            .event_pattern
            .ok_or_else(|| invalid("Parameter EventPattern must be specified: the local emulator has no schedules."))?;
        check_pattern(&pattern)?;
        let enabled = match request.state.as_deref() {
            None | Some("ENABLED") => true,
            Some("DISABLED") => false,
            Some(other) => return Err(invalid(format!("The local emulator does not support the rule state {other}."))),
        };
        let bus = bus_name(request.event_bus_name.as_deref());
        let mut buses = self.buses_mut();
        let rules = buses.get_mut(bus).ok_or_else(|| no_bus(bus))?;
        let targets = rules.by_name.get(&request.name).map(|rule| rule.targets.clone()).unwrap_or_default();
        let rule = Rule { pattern, description: request.description, enabled, targets };
        self.record(bus, &request.name, &rule)?;
        let answer = output(&json!({ "RuleArn": rule_arn(bus, &request.name) }));
        rules.set(request.name, rule)?;
        answer
    }

    pub(super) fn put_targets(&self, request: PutTargets) -> Result<Vec<u8>, Fault> {
        for target in &request.targets {
            check_name(&target.id, 64)?;
            if queues::name_in(&target.arn).is_none() {
                let message =
                    format!("The local emulator delivers to SQS queues of its own only, not to {}.", target.arn);
                return Err(invalid(message));
            }
        }
        self.change_rule(request.event_bus_name.as_deref(), &request.rule, |rule| {
            rule.targets.extend(request.targets.into_iter().map(|target| (target.id.clone(), target)));
            if rule.targets.len() > 5 {
                let message = "The requested resource exceeds the maximum number allowed: 5 targets a rule.";
                return Err(Fault::new("LimitExceededException", message));
            }
            Ok(())
        })?;
        output(&json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
    }

    pub(super) fn remove_targets(&self, request: &RemoveTargets) -> Result<Vec<u8>, Fault> {
        let mut failed = Vec::new();
        self.change_rule(request.event_bus_name.as_deref(), &request.rule, |rule| {
            for id in &request.ids {
                if rule.targets.remove(id).is_none() {
                    let message = format!("Target {id} does not exist on the rule.");
                    failed.push(json!({
                        "TargetId": id, "ErrorCode": "ResourceNotFoundException", "ErrorMessage": message,
                    }));
                }
            }
            Ok(())
        })?;
        output(&json!({ "FailedEntryCount": failed.len(), "FailedEntries": failed }))
    }

    /// Deleting a rule that does not exist is no error, as in EventBridge.
    pub(super) fn delete_rule(&self, request: &OfRule) -> Result<Vec<u8>, Fault> {
        let bus = bus_name(request.event_bus_name.as_deref());
        let mut buses = self.buses_mut();
        let rules = buses.get_mut(bus).ok_or_else(|| no_bus(bus))?;
        if rules.by_name.get(&request.name).is_some_and(|rule| !rule.targets.is_empty()) {
            return Err(invalid("Rule can't be deleted since it has targets."));
        }
        self.write("DELETE FROM rules WHERE bus = ?1 AND name = ?2", [bus, &request.name])?;
        rules.remove(&request.name)?;
        Ok(b"{}".to_vec())
    }

    pub(super) fn describe_rule(&self, request: &OfRule) -> Result<Vec<u8>, Fault> {
        let bus = bus_name(request.event_bus_name.as_deref());
        let buses = self.buses();
        output(&buses.get(bus).ok_or_else(|| no_bus(bus))?.rule(&request.name)?.describe(bus, &request.name))
    }

    pub(super) fn list_rules(&self, request: &ListRules) -> Result<Vec<u8>, Fault> {
        let bus = bus_name(request.event_bus_name.as_deref());
        let buses = self.buses();
        let rules = buses.get(bus).ok_or_else(|| no_bus(bus))?.by_name.iter();
        let listed: Vec<_> = rules
            .filter(|(name, _)| name.starts_with(&request.name_prefix))
            .map(|(name, rule)| rule.describe(bus, name))
            .collect();
        output(&json!({ "Rules": listed }))
    }

    pub(super) fn list_targets_by_rule(&self, request: &ListTargetsByRule) -> Result<Vec<u8>, Fault> {
        let bus = bus_name(request.event_bus_name.as_deref());
        let buses = self.buses();
        let rule = buses.get(bus).ok_or_else(|| no_bus(bus))?.rule(&request.rule)?;
        output(&json!({ "Targets": rule.targets.values().collect::<Vec<_>>() }))
    }

    fn change_rule(
        &self,
        bus: Option<&str>,
        name: &str,
        change: impl FnOnce(&mut Rule) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let bus = bus_name(bus);
        let mut buses = self.buses_mut();
        let rules = buses.get_mut(bus).ok_or_else(|| no_bus(bus))?;
        let mut rule = rules.rule(name)?.clone();
        change(&mut rule)?;
        self.record(bus, name, &rule)?;
        rules.by_name.insert(name.to_owned(), rule);
        Ok(())
    }

    fn record(&self, bus: &str, name: &str, rule: &Rule) -> Result<(), Fault> {
        let rule = serde_json::to_string(rule).map_err(Fault::internal)?;
        self.write("INSERT OR REPLACE INTO rules VALUES (?1, ?2, ?3)", [bus, name, &rule])
    }

    fn write(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), Fault> {
        self.journal.write(|file| file.execute(sql, values).map(drop)).map_err(Fault::internal)
    }
}

impl Rules {
    fn rule(&self, name: &str) -> Result<&Rule, Fault> {
        let missing = || Fault::new("ResourceNotFoundException", format!("Rule {name} does not exist."));
        self.by_name.get(name).ok_or_else(missing)
    }
}

impl Rule {
    fn describe(&self, bus: &str, name: &str) -> Value {
        let mut described = json!({
            "Name": name,
            "Arn": rule_arn(bus, name),
            "EventPattern": self.pattern,
            "State": if self.enabled { "ENABLED" } else { "DISABLED" },
            "EventBusName": bus,
        });
        if let Some(description) = &self.description {
            described["Description"] = description.as_str().into();
        }
        described
    }
}

fn check_name(name: &str, longest: usize) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > longest || !name.chars().all(allowed) {
        return Err(invalid(format!(
            "'{name}' is not a valid name: 1 to {longest} letters, digits, '.', '-' and '_'."
        )));
    }
    Ok(())
}
