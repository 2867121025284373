//! The payment provider of this machine: the sandbox, with the keys that the functions get.

use std::path::PathBuf;

use anyhow::Result;
use payments::webhook::SUBSCRIBED;
use sandbox::{Options, Webhooks};

use crate::{secrets::Secrets, template::Deployment};

/// The configuration of the sandbox of a gateway: it sends its webhooks to the gateway's route.
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
        pages: format!("{gateway}{}", sandbox::PAGES),
        webhooks: secret.map(|secret| Webhooks { url, secret, events: SUBSCRIBED }),
        folder,
    })
}
