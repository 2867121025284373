//! The payment provider of this machine: the sandbox, with the keys that the functions are given.

use std::path::PathBuf;

use anyhow::Result;
use sandbox::{Options, Webhooks};

use crate::{secrets::Secrets, template::Deployment};

/// How to start the sandbox beside a gateway: it reports to the route that its webhooks are for.
pub(crate) fn options(
    deployment: &Deployment,
    secrets: &Secrets,
    gateway: &str,
    folder: Option<PathBuf>,
) -> Result<Options> {
    let given = |name: &str| {
        let value = deployment.functions.iter().find_map(|function| function.environment.get(name));
        value.map(|value| secrets.resolve(value)).transpose()
    };
    let secret = given("STRIPE_WEBHOOK_SECRET")?;
    let url = format!("{gateway}/v1/webhooks/payments");
    Ok(Options {
        api_key: given("STRIPE_API_KEY")?.unwrap_or_default(),
        webhooks: secret.map(|secret| Webhooks { url, secret }),
        folder,
    })
}
