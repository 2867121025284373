//! Files, function tables and templates say the same; whatever was forgotten is named.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use lambda::{Function, Trigger};
use serde_json::{Value, json};

use crate::{
    services::{self, Service},
    stack,
    template::{Deployment, FunctionSpec, Route},
};

/// The longest file.
const LONGEST: usize = 400;

pub(crate) static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned());

pub(super) fn deployment() -> Deployment {
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

/// The source of the binary, if services share it.
fn shared(binary: &str) -> Option<PathBuf> {
    let file = ROOT.join(format!("shared/lambda/src/bin/{binary}.rs"));
    file.exists().then_some(file)
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
fn files_tables_and_templates_name_the_same_functions() {
    let deployment = deployment();
    for service in services::ALL {
        let folder = ROOT.join("functions").join(service.name);
        let table = names(functions(service).map(|function| function.name()));
        assert_eq!(table.len(), service.functions.len(), "{}: a function is twice in FUNCTIONS", service.name);
        let of_service = deployment.functions.iter().filter(|function| function.service == service.name);
        let template = names(of_service.clone().map(|function| function.binary.as_str()));
        assert_eq!(template.len(), of_service.count(), "{}: a function is twice in template.yaml", service.name);
        same(service.name, ("FUNCTIONS", &table), ("template.yaml", &template));
        let own = table.into_iter().filter(|name| shared(name).is_none()).collect();
        let own = ("FUNCTIONS", &own);
        same(service.name, own, ("src/operations", &stems(&folder.join("src/operations"), "rs")));
        same(service.name, own, ("src/bin", &stems(&folder.join("src/bin"), "rs")));
    }
    let known: BTreeSet<_> = services::ALL.iter().map(|service| service.name.to_owned()).collect();
    let folders = fs::read_dir(ROOT.join("functions")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir());
    let folders = folders.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect();
    same("functions/", ("local/src/services.rs", &known), ("folders", &folders));
}

/// Cargo puts all binaries into one folder.
#[test]
fn no_two_services_have_a_binary_of_one_name() {
    let mut owners = BTreeMap::new();
    for service in services::ALL {
        for name in stems(&ROOT.join("functions").join(service.name).join("src/bin"), "rs") {
            let other = owners.insert(name.clone(), service.name);
            assert_eq!(other, None, "{name} is also a binary of {}", service.name);
        }
    }
}

#[test]
fn a_binary_runs_its_own_operation_and_says_so() {
    for service in services::ALL {
        for function in functions(service) {
            let name = function.name();
            let own = ROOT.join(format!("functions/{}/src/bin/{name}.rs", service.name));
            let (file, call, says) = match shared(name) {
                Some(file) => (file, format!("lambda::Function::{name})"), "//! "),
                None => {
                    (own, format!("{}::operations::{}::function", service.name, name.replace('-', "_")), "//! Lambda: ")
                }
            };
            let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let file = file.display();
            assert!(text.contains(&call), "{file} does not run {call}");
            assert!(text.starts_with(says), "{file} does not say what it is");
            assert!(text.lines().count() <= 5, "{file}: nothing but the call belongs there");
        }
    }
}

/// The operations in the table of a service's README: the first column, with hyphens.
fn listed_operations(readme: &str) -> BTreeSet<String> {
    let rows = readme.lines().skip_while(|line| !line.starts_with("| operation |")).skip(2);
    let names = rows.map_while(|row| row.strip_prefix('|')).filter_map(|row| row.split('|').next());
    names.map(|name| name.trim().replace('_', "-")).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_readme_of_a_service_lists_its_operations() {
    for service in services::ALL {
        let table = names(functions(service).map(|function| function.name()));
        let file = format!("functions/{}/README.md", service.name);
        let listed = listed_operations(&fs::read_to_string(ROOT.join(&file)).unwrap());
        same(service.name, ("FUNCTIONS", &table), (&file, &listed));
    }
}

#[test]
fn an_operation_that_a_readme_does_not_list_is_noticed() {
    let readme =
        "Text.\n\n| operation | does |\n|---|---|\n| get_it | gets it |\n| | also |\n| put_it | puts it |\n\n| x | y |";
    assert_eq!(listed_operations(readme), names(["get-it", "put-it"]));
}

#[test]
fn no_binary_of_a_function_is_built_a_second_time_for_tests() {
    for service in services::ALL {
        let file = format!("functions/{}/Cargo.toml", service.name);
        let manifest = fs::read_to_string(ROOT.join(&file)).unwrap();
        let line = |line: &str| {
            line.trim().strip_prefix("{ name = \"")?.strip_suffix("\", test = false },").map(str::to_owned)
        };
        let listed = manifest.lines().filter_map(line).collect();
        let files = stems(&ROOT.join("functions").join(service.name).join("src/bin"), "rs");
        same(service.name, ("src/bin", &files), (&format!("`bin` of {file} with `test = false`"), &listed));
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
        let own = format!("functions/{}/src/operations/{}.rs", spec.service, spec.binary.replace('-', "_"));
        let file = shared(&spec.binary).unwrap_or_else(|| ROOT.join(own));
        let text = fs::read_to_string(&file).unwrap();
        let said: Vec<_> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let said = said.join(" ");
        let first = said.split_inclusive(". ").next().unwrap_or_default().trim();
        assert_eq!(spec.summary, first, "{} and the Description of {}", file.display(), spec.id());
    }
}

#[test]
fn a_function_is_built_from_the_package_of_its_binary() {
    for service in services::ALL {
        let folder = ROOT.join("functions").join(service.name);
        let template = super::templates::read(&folder.join("template.yaml"));
        let everywhere = &template["Globals"]["Function"]["CodeUri"];
        for (name, function) in template["Resources"].as_object().unwrap() {
            if function["Type"] == "AWS::Serverless::Function" {
                let package = function["Properties"]["CodeUri"].as_str().or(everywhere.as_str()).unwrap();
                let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
                let file = folder.join(package).join("src/bin").join(format!("{binary}.rs"));
                assert!(file.exists(), "{}: {name}: there is no {}", service.name, file.display());
            }
        }
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
    let ours = ["addresses", "contracts", "dynamo", "emulators", "lambda", "local", "sandbox", "search", "simulation"]
        .into_iter();
    let ours: BTreeSet<_> = ours.chain(services::ALL.iter().map(|service| service.name)).collect();
    names(named.filter(|name| ours.contains(name)))
}

#[test]
fn crates_depend_downwards_only() {
    for service in services::ALL {
        let of_service = dependencies(&format!("functions/{}", service.name));
        let below = names(["addresses", "contracts", "dynamo", "lambda", "search"]);
        assert!(of_service.is_subset(&below), "{}: {of_service:?}", service.name);
    }
    assert_eq!(dependencies("shared/addresses"), names(["contracts", "lambda"]));
    assert_eq!(dependencies("shared/contracts"), names([]));
    assert_eq!(dependencies("shared/search"), names(["contracts"]), "the engine knows no store");
    assert_eq!(dependencies("shared/dynamo"), names(["contracts"]));
    assert!(!dependencies("local/emulators").contains("lambda"), "the emulators know no service");
}

pub(super) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    files(folder, "rs")
}

/// The files of a kind in a folder and the folders in it.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
    let folders = folders.iter().filter(|folder| !folder.ends_with("target"));
    let inside = folders.flat_map(|folder| self::files(folder, extension));
    files.into_iter().filter(|file| file.extension().is_some_and(|given| given == extension)).chain(inside).collect()
}

/// One of the lists in a rule's pattern, without what would match more than it says.
fn listed(pattern: &Value, key: &str) -> BTreeSet<String> {
    let texts = pattern[key].as_array().into_iter().flatten();
    texts.map(|text| text.as_str().expect("our rules name events exactly").to_owned()).collect()
}

/// The events that a rule takes, as source and name: those that are published with one of its sources and one of its
/// names. Each event has a name of its own, so the pairs of a source with another's event match nothing.
fn events(pattern: &Value) -> BTreeSet<(String, String)> {
    let (sources, names) = (listed(pattern, "source"), listed(pattern, "detail-type"));
    let published = contracts::events::all().map(|event| (event.source.to_owned(), event.name.to_owned()));
    published.filter(|(source, name)| sources.contains(source) && names.contains(name)).collect()
}

/// The sources and names in a rule's pattern by which it takes no event.
fn idle(pattern: &Value) -> Vec<String> {
    let (sources, names): (BTreeSet<_>, BTreeSet<_>) = events(pattern).into_iter().unzip();
    let idle = |key: &str, taken| listed(pattern, key).difference(&taken).cloned().collect::<Vec<_>>();
    [idle("source", sources), idle("detail-type", names)].concat()
}

#[test]
fn every_rule_takes_events_that_are_published() {
    for rule in deployment().rules {
        let fields: Vec<_> = rule.pattern.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["detail-type", "source"], "{}", rule.place.resource);
        let (idle, place) = (idle(&rule.pattern), &rule.place);
        assert!(idle.is_empty(), "{}: {}: nothing is published as {idle:?}", place.file, place.resource);
    }
}

#[test]
fn a_source_or_a_name_that_no_event_has_is_noticed() {
    let of = |source: &[&str], names: &[&str]| idle(&json!({"source": source, "detail-type": names}));
    let (sources, names) = (["souk.inventory", "souk.payments"], ["StockReserved.v1", "PaymentVoided.v1"]);
    assert!(of(&sources, &names).is_empty());
    assert_eq!(of(&sources, &names[..1]), ["souk.payments"]);
    assert_eq!(of(&sources[..1], &names), ["PaymentVoided.v1"]);
    assert_eq!(of(&sources, &["StockReserved.v2", names[1]]), ["souk.inventory", "StockReserved.v2"]);
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

    fn routes(&self) -> impl Iterator<Item = &Route> {
        self.deployment.routes.iter().filter(|route| route.function == self.spec.name)
    }

    fn has_token(&self) -> bool {
        self.routes().any(|route| route.authorizer.is_some())
    }

    fn has_post(&self) -> bool {
        self.routes().any(|route| route.method == "POST")
    }

    fn has_queue(&self) -> bool {
        self.deployment.queue_sources.iter().any(|source| source.function == self.spec.name)
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
                assert_eq!(invoked.is_public(), http.public, "{}: public here and not there", spec.id());
                assert!(!http.public || http.roles.is_empty(), "{}: public, and for some roles only", spec.id());
            }
            Trigger::Page(page) => {
                route = true;
                assert!(!invoked.has_token(), "{}: a visitor has no token", spec.id());
                assert_eq!(invoked.has_post(), page.has_form, "{}: a form here and not there", spec.id());
            }
            Trigger::Events { events, .. } => {
                queue = true;
                let names: BTreeSet<_> = events.iter().map(|(_, name)| *name).collect();
                assert_eq!(deployment.events_of(spec), names, "{}: its rule and its code differ", spec.id());
            }
            Trigger::Messages { .. } => {
                queue = true;
                assert!(deployment.events_of(spec).is_empty(), "{}: no rule fills its queue", spec.id());
            }
            Trigger::Stream => stream = true,
            Trigger::Schedule => schedule = true,
            Trigger::Invoke => {}
            Trigger::Authorizer => authorizer = true,
        }
        let expected = (route, queue, stream, schedule, authorizer);
        let found = (
            invoked.has_route(),
            invoked.has_queue(),
            invoked.has_stream(),
            invoked.has_schedule(),
            invoked.authorizes(),
        );
        assert_eq!(found, expected, "{}: route, queue, stream, schedule, authorizer", spec.id());
        assert!(!spec.summary.is_empty(), "{} has no description", spec.id());
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
