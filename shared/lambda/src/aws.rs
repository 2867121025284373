//! AWS clients: built straight from the environment's credentials, over one shared HTTP client.
//!
//! Loading the system's trust store costs 21 million instructions at a cold start; the pinned store
//! below costs 2 million. It holds all Amazon Trust Services roots, as published on
//! <https://www.amazontrust.com/repository/>, which every AWS endpoint chains to.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::{
    Builder,
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::Env;

const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// One attempt at most; a Lambda function that waits longer is better off trying again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The HTTPS client of a deployed function. Plain HTTP works as well, for an endpoint on this machine.
pub(crate) fn https_client() -> SharedHttpClient {
    let trust = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let context = TlsContext::builder().with_trust_store(trust).build().expect("the pinned roots are well formed");
    Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).tls_context(context).build_https()
}

/// One builder per SDK crate: they share no trait.
macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        impl Env {
            $(#[$doc])*
            pub fn $name(&self) -> $sdk::Client {
                use $sdk::config::{BehaviorVersion, Region, timeout::TimeoutConfig, retry::RetryConfig};
                let timeouts = TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build();
                let config = $sdk::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new(self.find("AWS_REGION").unwrap_or("eu-west-1").to_owned()))
                    .credentials_provider(self.credentials())
                    .http_client(self.http())
                    .timeout_config(timeouts)
                    .retry_config(RetryConfig::standard());
                let config = match self.find("AWS_ENDPOINT_URL") {
                    Some(url) => config.endpoint_url(url),
                    None => config,
                };
                $sdk::Client::from_conf(config.build())
            }
        }
    };
}

client!(
    /// A `DynamoDB` client. Services use [`Env::table`].
    dynamodb, aws_sdk_dynamodb
);
client!(
    /// An SQS client.
    sqs, aws_sdk_sqs
);
client!(
    /// An `EventBridge` client.
    eventbridge, aws_sdk_eventbridge
);

impl Env {
    /// Lambda sets the role's credentials for as long as the execution environment lives.
    fn credentials(&self) -> Credentials {
        let variable = |name| self.find(name).unwrap_or_default().to_owned();
        let token = self.find("AWS_SESSION_TOKEN").map(str::to_owned);
        Credentials::new(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), token, None, "environment")
    }
}
