//! The queue of categories whose products are indexed anew.

use std::sync::Arc;

use aws_sdk_sqs::Client;
use contracts::{CategoryId, ProductId};
use dynamo::Table;
use lambda::{Env, Problem, Service, StartError};
use serde::{Deserialize, Serialize};

use crate::store::Store;

/// A message: the products of a category to index, as one page.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CategoryPage {
    pub(crate) category: CategoryId,
    /// The last product of the previous page. Absent for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<ProductId>,
}

/// The handle of the functions that send pages of categories to the queue. Its URL is in `SEARCH_CATEGORY_QUEUE_URL`.
#[derive(Debug, Clone)]
pub(crate) struct CategoryIndexer {
    pub(crate) store: Store,
    client: Client,
    url: Arc<str>,
}

impl Service for CategoryIndexer {
    fn start(env: &Env) -> Result<Self, StartError> {
        let url = env.variable("SEARCH_CATEGORY_QUEUE_URL")?.into();
        Ok(Self { store: Store::new(env.table()?), client: env.sqs(), url })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl CategoryIndexer {
    pub(crate) async fn send(&self, page: &CategoryPage) -> Result<(), Problem> {
        let body = serde_json::to_string(page).map_err(Problem::internal)?;
        let call = self.client.send_message().queue_url(&*self.url).message_body(body);
        call.send().await.map_err(Problem::internal)?;
        Ok(())
    }
}
