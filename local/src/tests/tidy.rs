//! Files, function tables and templates say the same; whatever was forgotten is named.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use lambda::{Function, Trigger};
use serde_json::Value;

use crate::{
    services::{self, Service},
    stack,
    template::{Deployment, FunctionSpec, name_in_arn},
};

/// The longest file.
const LONGEST: usize = 400;

pub(super) static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned());

fn deployment() -> Deployment {
    stack::read_templates(Some(&ROOT.join("template.yaml")), &[]).unwrap()
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The stems of the files in a folder, with hyphens.
fn stems(folder: &Path, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|given| given == extension));
    files.map(|file| file.file_stem().unwrap().to_str().unwrap().replace('_', "-")).collect()
}

fn functions(service: &Service) -> impl Iterator<Item = Function> {
    service.functions.iter().map(|make| make())
}

/// Asserts that two lists of a service's functions are one.
fn same(service: &str, one: (&str, &BTreeSet<String>), other: (&str, &BTreeSet<String>)) {
    let only: Vec<_> = one.1.difference(other.1).collect();
    assert!(only.is_empty(), "{service}: in {}, but not in {}: {only:?}", one.0, other.0);
    let only: Vec<_> = other.1.difference(one.1).collect();
    assert!(only.is_empty(), "{service}: in {}, but not in {}: {only:?}", other.0, one.0);
}

#[test]
fn files_tables_templates_and_samples_name_the_same_functions() {
    let deployment = deployment();
    for service in services::ALL {
        let folder = ROOT.join("functions").join(service.name);
        let table = names(functions(service).map(|function| function.name()));
        assert_eq!(table.len(), service.functions.len(), "{}: a function is twice in FUNCTIONS", service.name);
        let of_service = deployment.functions.iter().filter(|function| function.service == service.name);
        let template = names(of_service.map(|function| function.binary.as_str()));
        let table = ("FUNCTIONS", &table);
        same(service.name, table, ("template.yaml", &template));
        same(service.name, table, ("src/operations", &stems(&folder.join("src/operations"), "rs")));
        same(service.name, table, ("src/bin", &stems(&folder.join("src/bin"), "rs")));
        same(service.name, table, ("events", &stems(&ROOT.join("events").join(service.name), "json")));
    }
    let known: BTreeSet<_> = services::ALL.iter().map(|service| service.name.to_owned()).collect();
    let folders = fs::read_dir(ROOT.join("functions")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir());
    let folders = folders.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect();
    same("functions/", ("local/src/services.rs", &known), ("folders", &folders));
}

#[test]
fn a_binary_runs_its_own_operation_and_says_so() {
    for service in services::ALL {
        for function in functions(service) {
            let name = function.name();
            let file = format!("functions/{}/src/bin/{name}.rs", service.name);
            let text = fs::read_to_string(ROOT.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let call = format!("{}::operations::{}::function", service.name, name.replace('-', "_"));
            assert!(text.contains(&call), "{file} does not run {call}");
            assert!(text.starts_with("//! Lambda: "), "{file} does not say what it is");
            assert!(text.lines().count() <= 5, "{file}: nothing but the call belongs there");
        }
    }
}

#[test]
fn an_operation_says_first_what_it_does() {
    for service in services::ALL {
        for file in rust_files(&ROOT.join("functions").join(service.name).join("src/operations")) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//! "), "{} does not begin with what it does", file.display());
        }
    }
}

#[test]
fn a_template_describes_a_function_as_its_file_does() {
    for spec in deployment().functions {
        let file = format!("functions/{}/src/operations/{}.rs", spec.service, spec.binary.replace('-', "_"));
        let text = fs::read_to_string(ROOT.join(&file)).unwrap();
        let said: Vec<_> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let said = said.join(" ");
        let first = said.split_inclusive(". ").next().unwrap_or_default().trim();
        assert_eq!(spec.summary, first, "{file} and its Description");
    }
}

#[test]
fn no_file_is_too_long_to_hold_in_the_head() {
    for folder in ["functions", "shared", "local"] {
        for file in rust_files(&ROOT.join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= LONGEST, "{}: {lines} lines", file.display());
        }
    }
}

/// What a crate of ours depends on of ours, tests aside.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(ROOT.join(manifest).join("Cargo.toml")).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
    let named = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    let ours = ["contracts", "dynamo", "emulators", "lambda", "local", "sandbox", "simulation"].into_iter();
    let ours: BTreeSet<_> = ours.chain(services::ALL.iter().map(|service| service.name)).collect();
    names(named.filter(|name| ours.contains(name)))
}

#[test]
fn crates_depend_downwards_only() {
    for service in services::ALL {
        let of_service = dependencies(&format!("functions/{}", service.name));
        assert_eq!(of_service, names(["contracts", "dynamo", "lambda"]), "{}", service.name);
    }
    assert_eq!(dependencies("shared/contracts"), names([]));
    assert_eq!(dependencies("shared/dynamo"), names(["contracts"]));
    assert!(!dependencies("local/emulators").contains("lambda"), "the emulators know no service");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
    let files = files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files
        .chain(folders.iter().filter(|folder| !folder.ends_with("target")).flat_map(|folder| rust_files(folder)))
        .collect()
}

/// The events that a rule takes: sources and names.
fn events(pattern: &Value) -> BTreeSet<(String, String)> {
    let texts = |key: &str| {
        let texts = pattern[key].as_array().into_iter().flatten();
        texts.map(|text| text.as_str().expect("our rules name events exactly").to_owned()).collect::<Vec<_>>()
    };
    let (sources, names) = (texts("source"), texts("detail-type"));
    sources.iter().flat_map(|source| names.iter().map(|name| (source.clone(), name.clone()))).collect()
}

#[test]
fn every_rule_takes_events_that_are_published() {
    let published: BTreeSet<_> = contracts::events::all().map(|event| (event.source, event.name)).collect();
    for rule in deployment().rules {
        let fields: Vec<_> = rule.pattern.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["detail-type", "source"], "{}", rule.place.resource);
        for (source, name) in events(&rule.pattern) {
            let place = &rule.place;
            let known = published.contains(&(source.as_str(), name.as_str()));
            assert!(known, "{}: {}: nobody publishes {source} {name}", place.file, place.resource);
        }
    }
}

/// What the templates say invokes a function.
struct Invoked<'a> {
    deployment: &'a Deployment,
    spec: &'a FunctionSpec,
}

impl Invoked<'_> {
    fn has_route(&self) -> bool {
        self.deployment.routes.iter().any(|route| route.function == self.spec.name)
    }

    fn is_public(&self) -> bool {
        self.deployment.routes.iter().any(|route| route.function == self.spec.name && route.authorizer.is_none())
    }

    fn queues(&self) -> BTreeSet<&str> {
        let sources = self.deployment.queue_sources.iter().filter(|source| source.function == self.spec.name);
        sources.map(|source| source.queue.as_str()).collect()
    }

    /// The events that rules put into its queues.
    fn events(&self) -> BTreeSet<(String, String)> {
        let queues = self.queues();
        let goes_there = |target: &Value| target["Arn"].as_str().is_some_and(|arn| queues.contains(name_in_arn(arn)));
        let rules = self.deployment.rules.iter().filter(|rule| rule.targets.iter().any(goes_there));
        rules.flat_map(|rule| events(&rule.pattern)).collect()
    }

    fn has_stream(&self) -> bool {
        self.deployment.stream_sources.iter().any(|source| source.function == self.spec.name)
    }

    fn has_schedule(&self) -> bool {
        self.deployment.schedules.iter().any(|schedule| schedule.function == self.spec.name)
    }

    fn authorizes(&self) -> bool {
        let authorizers = self.deployment.apis.iter().flat_map(|api| api.authorizers.values());
        authorizers.into_iter().any(|authorizer| authorizer.function == self.spec.name)
    }
}

#[test]
fn what_invokes_a_function_is_what_its_code_is_for() {
    let deployment = deployment();
    for spec in &deployment.functions {
        let function = services::find(services::ALL, &spec.service, &spec.binary);
        let function = function.unwrap_or_else(|| panic!("{} has no function {}", spec.service, spec.binary));
        let invoked = Invoked { deployment: &deployment, spec };
        let (mut route, mut queue, mut stream, mut schedule, mut authorizer) = (false, false, false, false, false);
        match function.trigger() {
            Trigger::Http(http) => {
                route = true;
                assert_eq!(invoked.is_public(), http.public, "{}: public here and not there", spec.binary);
            }
            Trigger::Events(names) => {
                queue = true;
                let names = names.iter().map(|(source, name)| ((*source).to_owned(), (*name).to_owned())).collect();
                assert_eq!(invoked.events(), names, "{}: its rule and its code differ", spec.binary);
            }
            Trigger::Messages => {
                queue = true;
                assert!(invoked.events().is_empty(), "{}: no rule fills its queue", spec.binary);
            }
            Trigger::Stream => stream = true,
            Trigger::Schedule => schedule = true,
            Trigger::Invoke => {}
            Trigger::Authorizer => authorizer = true,
        }
        let expected = (route, queue, stream, schedule, authorizer);
        let found = (
            invoked.has_route(),
            !invoked.queues().is_empty(),
            invoked.has_stream(),
            invoked.has_schedule(),
            invoked.authorizes(),
        );
        assert_eq!(found, expected, "{}: route, queue, stream, schedule, authorizer", spec.binary);
        assert!(!spec.summary.is_empty(), "{} has no description", spec.binary);
    }
}

#[test]
fn a_function_under_the_watch_is_given_its_own_table() {
    let deployment = deployment();
    for service in services::ALL {
        let manifest = fs::read_to_string(ROOT.join("functions").join(service.name).join("Cargo.toml")).unwrap();
        let function = deployment.functions.iter().find(|function| function.service == service.name).unwrap();
        for variable in ["SERVICE", "TABLE"] {
            let line = format!("{variable} = {:?}", function.environment[variable]);
            assert!(manifest.lines().any(|known| known == line), "functions/{}/Cargo.toml lacks {line}", service.name);
        }
    }
}

#[test]
fn the_edge_sends_every_route_to_its_service() {
    let deployment = deployment();
    let root = super::templates::read(&ROOT.join("template.yaml"));
    let edge = &root["Resources"]["Edge"]["Properties"]["DistributionConfig"];
    let behaviours: BTreeMap<_, _> = edge["CacheBehaviors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|behaviour| (behaviour["PathPattern"].as_str().unwrap(), behaviour["TargetOriginId"].as_str().unwrap()))
        .collect();
    for route in &deployment.routes {
        let service = &deployment.function(&route.function).unwrap().service;
        let matching = behaviours.iter().filter(|(pattern, _)| route.path.starts_with(pattern.trim_end_matches('*')));
        let origins: Vec<_> = matching.map(|(_, origin)| *origin).collect();
        assert_eq!(origins, [service.as_str()], "{} {}", route.method, route.path);
    }
}
