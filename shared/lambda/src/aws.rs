//! AWS clients. They use the environment's credentials and share one HTTP client.

use aws_credential_types::Credentials;
use dynamo::Table;

use crate::{Env, StartError};

/// One builder per SDK crate, because the crates share no trait.
macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        impl Env {
            $(#[$doc])*
            pub fn $name(&self) -> $sdk::Client {
                use $sdk::config::{
                    BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
                };
                let timeouts = TimeoutConfig::builder().operation_attempt_timeout(self.attempt_timeout()).build();
                let config = $sdk::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new(self.find("AWS_REGION").unwrap_or("eu-west-1").to_owned()))
                    .credentials_provider(self.credentials())
                    .http_client(self.http())
                    .timeout_config(timeouts)
                    // Bodies are small, and the attempt's timeout ends one that stalls.
                    .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
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
    /// The service's own table, named by `TABLE`.
    pub fn table(&self) -> Result<Table, StartError> {
        Ok(Table::new(self.dynamodb(), self.variable("TABLE")?, self.sealer()?))
    }

    /// Lambda sets the role's credentials for as long as the execution environment lives.
    fn credentials(&self) -> Credentials {
        let variable = |name| self.find(name).unwrap_or_default().to_owned();
        let token = self.find("AWS_SESSION_TOKEN").map(str::to_owned);
        Credentials::new(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), token, None, "environment")
    }
}
