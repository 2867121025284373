//! Every function and every event that is consumed has a scenario, and the samples are made of them.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, path::Path};

use contracts::Role;
use lambda::Trigger;

use crate::{
    scenarios::{ALL, Access, Act, Scenario, Who, find, samples},
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
                Trigger::Http(_) | Trigger::Page(_) => is_right(|act| matches!(act, Act::Call { .. })),
                Trigger::Messages { .. } => is_right(|act| matches!(act, Act::Arrives(Some(_)))),
                Trigger::Schedule | Trigger::Invoke => is_right(|act| matches!(act, Act::Invoke(_))),
                Trigger::Events { events, .. } => events
                    .iter()
                    .all(|(_, event)| find(event).is_ok_and(|scenario| matches!(scenario.act, Act::Arrives(None)))),
                // They run in every other scenario.
                Trigger::Stream | Trigger::Authorizer => true,
            };
            assert!(right, "{}/{} has no scenario of its kind in local/src/scenarios", service.name, function.name());
        }
    }
}

/// Who may call is declared on the function, and the matrix of access follows from that. So a declaration that is
/// missing or wrong shows here: a scenario is called by whom the operation is for.
#[test]
fn a_function_declares_the_role_by_which_its_scenario_calls_it() {
    for scenario in ALL.iter().filter(|one| one.access == Access::Declared && one.variant.is_none()) {
        let Some(function) = services::find(services::ALL, scenario.service, scenario.name) else { continue };
        let Trigger::Http(http) = *function.trigger() else { continue };
        let role = match scenario.who() {
            Some(Who::Merchant) => Some(Role::Merchant),
            Some(Who::Courier) => Some(Role::Courier),
            Some(Who::Support) => Some(Role::Support),
            Some(Who::Admin) => Some(Role::Admin),
            Some(Who::Anyone | Who::Shopper | Who::Customer) | None => None,
        };
        let declared = role.map_or(http.roles.is_empty(), |role| http.roles.contains(&role));
        assert!(declared, "{} is called by {:?}, and declares {:?}", scenario.key(), scenario.who(), http.roles);
    }
}

/// Which roles each operation is for, beside what the functions declare: a role that is added or missing by mistake
/// shows.
#[test]
fn the_roles_of_every_operation_are_those_in_the_golden_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/roles.txt");
    let mut made = String::new();
    for service in services::ALL {
        for function in service.functions.iter().map(|make| make()) {
            let Trigger::Http(http) = *function.trigger() else { continue };
            let roles: Vec<_> = http.roles.iter().map(|role| role.as_str()).collect();
            let callers = match roles[..] {
                [] if http.public => "everyone".to_owned(),
                [] => "every caller with a token".to_owned(),
                _ => roles.join(", "),
            };
            let _ = writeln!(made, "{}/{}: {callers}", service.name, function.name());
        }
    }
    if env::var_os("SOUK_WRITE").is_some() {
        fs::write(&golden, &made).unwrap();
    }
    let kept = fs::read_to_string(&golden).unwrap();
    assert!(kept == made, "if the change is meant: SOUK_WRITE=1 cargo test -p local --lib golden_file; made:\n{made}");
}

#[test]
fn every_name_of_the_samples_is_in_one() {
    let used = samples::names().unwrap();
    let unused: Vec<_> = samples::NAMES.iter().filter(|(name, _)| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn scenarios_have_keys_of_their_own() {
    let mut keys: Vec<_> = ALL.iter().map(Scenario::key).collect();
    keys.sort_unstable();
    let twice: Vec<_> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
