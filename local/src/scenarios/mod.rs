//! The successful call of each operation, and the steps that lead to each event.
//!
//! A scenario is written once and feeds everything that calls every operation: the samples in `events/`, the budgets,
//! the crash matrix, the access matrix and the hostile requests. It is a request with placeholders, called names,
//! such as `{cartId}`. The reply of another scenario gives the value of a name, so a [`Run`] of a scenario first runs
//! those that give the names it needs.

pub(crate) mod catalog;
pub(crate) mod checkout;
pub(crate) mod delivery;
pub(crate) mod inventory;
pub(crate) mod orders;
pub(crate) mod payments;
pub mod record;
mod request;
mod run;
pub mod samples;
mod stack;
pub(crate) mod storefront;
pub(crate) mod users;

use std::{sync::LazyLock, time::Duration};

use anyhow::{Result, bail};
use contracts::Role;
use serde_json::{Value, json};

use crate::services::{self, Service};

pub use request::Request;
pub use run::{Reply, Run, World};
pub use stack::StackWorld;

/// Every scenario, by service.
pub static ALL: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let of_service = |service: &Service| {
        let name = service.name;
        let mut scenarios = (service.scenarios)();
        let usual = scenarios.iter().find(|scenario| scenario.name == "republish").cloned();
        scenarios.extend(usual.iter().flat_map(|usual| [republish_since(usual), republish_dead_letters(usual)]));
        scenarios.into_iter().map(move |scenario| Scenario { service: name, ..scenario })
    };
    services::ALL.iter().flat_map(of_service).collect()
});

/// The key of every scenario.
pub static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| ALL.iter().map(Scenario::key).collect());

/// The scenario with this key, with or without its service: `orders/place-order`, `place-order`.
///
/// # Errors
/// If there is none, or several services have one with this name.
pub fn find(key: &str) -> Result<&'static Scenario> {
    let found = ALL.iter().filter(|scenario| {
        let own = scenario.key();
        own == key || own.split_once('/').is_some_and(|(_, own)| own == key)
    });
    match found.collect::<Vec<_>>()[..] {
        [scenario] => Ok(scenario),
        [] => bail!("local/src/scenarios has no scenario {key}"),
        _ => bail!("several services have a scenario {key}"),
    }
}

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A caller without a token.
    Anyone,
    /// A guest, who buys.
    Shopper,
    /// A customer with an account.
    Customer,
    /// The merchant's demo account.
    Merchant,
    /// The courier's demo account.
    Courier,
    /// The demo account of support.
    Support,
    /// The administrator's demo account.
    Admin,
}

/// Who may call an operation, beyond what its function and its route declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Every caller that the function and the route allow.
    Declared,
    /// The owner of what the path names, and these roles. Other callers get 404.
    Owner(&'static [Role]),
    /// The owner of what the body names. Other callers get 422.
    Holder,
    /// Every caller with an account: guests are refused.
    Account,
    /// Every caller with an account, for an entry of their own list. Another caller's entry does not exist.
    Own,
    /// The payment provider, which signs the request.
    Signature,
}

/// What a scenario does after its steps.
#[derive(Debug, Clone)]
pub enum Act {
    /// Calls the operation's route.
    Call {
        /// Who calls.
        who: Who,
        /// The query, without the question mark.
        query: &'static str,
        /// Headers beside those that every request has.
        headers: &'static [(&'static str, &'static str)],
        /// The body, if there is one.
        body: Option<Body>,
    },
    /// Invokes a function that has a schedule, or that is invoked with IAM only.
    Invoke(Value),
    /// Nothing: its steps lead to the event, or to the message with this body.
    Arrives(Option<Value>),
}

/// The body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// JSON. A text that is nothing but a name is replaced by the name's value.
    Json(Value),
    /// A media type, and text of it.
    Text(&'static str, String),
}

/// One step on the way to the state that a scenario needs.
#[derive(Debug, Clone)]
pub enum Step {
    /// Runs another scenario.
    Run {
        /// Its key.
        key: &'static str,
        /// Names that are set before.
        with: Vec<(&'static str, Value)>,
        /// A name that its reply gives, and the name under which the value is stored instead.
        keep: Option<(&'static str, &'static str)>,
        /// The number of times. 0 means at most once in a run.
        times: usize,
    },
    /// Lets time pass.
    Pass(Duration),
    /// Repeats another scenario until its reply passes this check.
    Until(&'static str, fn(&Value) -> bool),
    /// Puts an event on the bus: its frozen sample, of this run's order.
    Publish(&'static str),
    /// Deletes items of a service's table by partition key and beginning of the sort key, as a lost message would
    /// leave it.
    Forget(&'static str, &'static str, &'static str),
    /// The customer approves the payment of this run's order on the bank's page.
    Approve,
    /// Puts a message into the relay's dead letters, as Lambda does when the relay fails for too long. It is about an
    /// event of the far future, so no stored event is newer.
    GiveUp,
}

/// The successful call of an operation, or the steps that lead to an event.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The service of the function, or of the event's source.
    pub service: &'static str,
    /// The function, such as `place-order`, or the event, such as `PaymentDeclined.v1`.
    pub name: &'static str,
    /// The difference from the usual call, if a function has several scenarios.
    pub variant: Option<&'static str>,
    /// The action after its steps.
    pub act: Act,
    /// Who may call it.
    pub access: Access,
    /// The steps before it.
    steps: Vec<Step>,
    /// The steps and checks after it.
    then: Vec<Step>,
    /// Values of names that no other scenario gives.
    defaults: Vec<(&'static str, Value)>,
    /// Names whose value is new in every run, and the prefix of the value.
    fresh: Vec<(&'static str, &'static str)>,
    /// Names that its reply gives, and the JSON pointers to their values.
    gives: Vec<(&'static str, &'static str)>,
    /// A name that a list in its reply gives: the entry whose field has the value of another name.
    finds: Option<Finds>,
    /// Whether the run then waits until its events are consumed.
    settles: bool,
    /// The status that refuses the call, if it is refused.
    refused: Option<u16>,
}

/// How an entry of a list is found.
#[derive(Debug, Clone, Copy)]
struct Finds {
    /// The name under which the entry's id is stored.
    name: &'static str,
    /// The field that tells entries apart.
    field: &'static str,
    /// The name whose value the field has.
    of: &'static str,
}

impl Scenario {
    fn new(name: &'static str, act: Act) -> Self {
        Self {
            service: "",
            name,
            variant: None,
            act,
            access: Access::Declared,
            steps: Vec::new(),
            then: Vec::new(),
            defaults: Vec::new(),
            fresh: Vec::new(),
            gives: Vec::new(),
            finds: None,
            settles: false,
            refused: None,
        }
    }

    /// Its key: service and name, with the variant if it has one.
    pub fn key(&self) -> String {
        let variant = self.variant.map(|variant| format!(" {variant}")).unwrap_or_default();
        format!("{}/{}{variant}", self.service, self.name)
    }

    /// Whether more than a minute passes before it.
    pub fn takes_time(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Pass(time) => *time > Duration::from_mins(1),
            Step::Run { key, .. } => find(key).is_ok_and(Self::takes_time),
            _ => false,
        })
    }

    /// Who calls, if it is a call.
    pub fn who(&self) -> Option<Who> {
        if let Act::Call { who, .. } = self.act { Some(who) } else { None }
    }

    fn variant(self, variant: &'static str) -> Self {
        Self { variant: Some(variant), ..self }
    }

    fn query(mut self, text: &'static str) -> Self {
        if let Act::Call { query, .. } = &mut self.act {
            *query = text;
        }
        self
    }

    fn headers(mut self, more: &'static [(&'static str, &'static str)]) -> Self {
        if let Act::Call { headers, .. } = &mut self.act {
            *headers = more;
        }
        self
    }

    fn body(mut self, content: Body) -> Self {
        if let Act::Call { body, .. } = &mut self.act {
            *body = Some(content);
        }
        self
    }

    fn json(self, content: Value) -> Self {
        self.body(Body::Json(content))
    }

    fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    fn after(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps.extend(steps);
        self
    }

    fn then(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.then.extend(steps);
        self
    }

    fn default(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.defaults.push((name, value.into()));
        self
    }

    fn fresh(mut self, name: &'static str, prefix: &'static str) -> Self {
        self.fresh.push((name, prefix));
        self
    }

    fn gives(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.gives.push((name, pointer));
        self
    }

    fn finds(self, name: &'static str, field: &'static str, of: &'static str) -> Self {
        Self { finds: Some(Finds { name, field, of }), ..self }
    }

    fn settles(self) -> Self {
        Self { settles: true, ..self }
    }

    fn refused(self, status: u16) -> Self {
        Self { refused: Some(status), ..self }
    }
}

/// A call of an operation.
fn call(who: Who, name: &'static str) -> Scenario {
    Scenario::new(name, Act::Call { who, query: "", headers: &[], body: None })
}

/// An invocation by a schedule, or with IAM.
fn invoke(name: &'static str, payload: Value) -> Scenario {
    Scenario::new(name, Act::Invoke(payload)).settles()
}

/// Like the usual scenario of `republish`, but for all events since a time. Without a time, no event is newer.
fn republish_since(usual: &Scenario) -> Scenario {
    let act = Act::Invoke(json!({"since": "{since}"}));
    Scenario { act, ..usual.clone() }.variant("since a time").default("since", "9999-01-01T00:00:00Z")
}

/// Like the usual scenario of `republish`, but for what the relay gave up on.
fn republish_dead_letters(usual: &Scenario) -> Scenario {
    let act = Act::Invoke(json!({"since": "dead-letters"}));
    Scenario { act, ..usual.clone() }.variant("dead letters").after([Step::GiveUp])
}

/// An event that steps lead to.
fn event(name: &'static str, steps: impl IntoIterator<Item = Step>) -> Scenario {
    Scenario::new(name, Act::Arrives(None)).after(steps).settles()
}

/// A message of the service to itself that steps lead to.
fn message(name: &'static str, body: Value, steps: impl IntoIterator<Item = Step>) -> Scenario {
    Scenario::new(name, Act::Arrives(Some(body))).after(steps).settles()
}

/// Runs another scenario before, unless it has run already.
fn run(key: &'static str) -> Step {
    Step::Run { key, with: Vec::new(), keep: None, times: 0 }
}

/// Runs another scenario before, as often as this.
fn again(key: &'static str, times: usize) -> Step {
    Step::Run { key, with: Vec::new(), keep: None, times }
}

/// Runs another scenario with another value for a name.
fn with(key: &'static str, name: &'static str, value: impl Into<Value>) -> Step {
    Step::Run { key, with: vec![(name, value.into())], keep: None, times: 1 }
}

/// Runs another scenario with another value for a name, unless it has run already.
fn once_with(key: &'static str, name: &'static str, value: impl Into<Value>) -> Step {
    Step::Run { key, with: vec![(name, value.into())], keep: None, times: 0 }
}

/// Runs another scenario, and stores the name that its reply gives under another one.
fn another(key: &'static str, given: &'static str, kept: &'static str) -> Step {
    Step::Run { key, with: Vec::new(), keep: Some((given, kept)), times: 1 }
}
