//! Every function and every event that is consumed has a scenario, and the samples are made of them.

use std::collections::BTreeSet;

use lambda::Trigger;

use crate::{
    scenarios::{ALL, Act, Scenario, find, samples},
    services,
};

#[test]
fn the_samples_are_those_that_the_scenarios_make() {
    let (made, kept) = (samples::made().unwrap(), samples::kept().unwrap());
    let names: BTreeSet<_> = made.keys().chain(kept.keys()).collect();
    let differ: Vec<_> = names.into_iter().filter(|name| made.get(*name) != kept.get(*name)).collect();
    assert!(differ.is_empty(), "`cargo run -- samples --write` would change these files in events/: {differ:?}");
}

#[test]
fn every_function_and_every_consumed_event_has_a_scenario() {
    for service in services::ALL {
        for function in service.functions.iter().map(|make| make()) {
            let own = find(&format!("{}/{}", service.name, function.name()));
            let is_right = |right: fn(&Act) -> bool| own.as_ref().is_ok_and(|scenario| right(&scenario.act));
            let right = match function.trigger() {
                Trigger::Http(_) => is_right(|act| matches!(act, Act::Call { .. })),
                Trigger::Messages => is_right(|act| matches!(act, Act::Arrives(Some(_)))),
                Trigger::Schedule | Trigger::Invoke => is_right(|act| matches!(act, Act::Invoke(_))),
                Trigger::Events(events) => events
                    .iter()
                    .all(|(_, event)| find(event).is_ok_and(|scenario| matches!(scenario.act, Act::Arrives(None)))),
                // They run in every other scenario.
                Trigger::Stream | Trigger::Authorizer => true,
            };
            assert!(right, "{}/{} has no scenario of its kind in local/src/scenarios", service.name, function.name());
        }
    }
}

#[test]
fn scenarios_have_keys_of_their_own() {
    let mut keys: Vec<_> = ALL.iter().map(Scenario::key).collect();
    keys.sort_unstable();
    let twice: Vec<_> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
