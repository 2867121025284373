#![doc = include_str!("../README.md")]

mod decline;
pub mod event;
pub mod operations;
pub mod order;
mod problem;
mod quotes;
pub mod saga;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use operations::FUNCTIONS;

use std::sync::Arc;

use contracts::OrderId;
use dynamo::{RequestContext, Table};
use http::Uri;
use jiff::Timestamp;
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    order::{Decision, Order},
    quotes::Quotes,
    store::Store,
};

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Orders {
    store: Store,
    quotes: Quotes,
    sealer: Sealer,
    /// The origins that a customer may return to, for the operation that needs them.
    return_origins: Arc<[String]>,
}

impl Service for Orders {
    fn start(env: &Env) -> Result<Self, StartError> {
        let table = env.table()?.creating::<OrderId>("order", env.derived_ids()?);
        let quotes = Quotes::new(table.clone(), env.variable("STAGE")?);
        let origins = env.find("ALLOWED_ORIGINS").unwrap_or_default();
        let return_origins = origins.split(',').map(str::to_owned).collect();
        Ok(Self { quotes, store: Store::new(table), sealer: env.sealer()?, return_origins })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Orders {
    /// Whether a customer may be sent to a URL: an absolute one, whose origin is allowed.
    pub(crate) fn is_return_url(&self, url: &str) -> bool {
        let origin =
            url.parse::<Uri>().ok().and_then(|url| Some(format!("{}://{}", url.scheme_str()?, url.authority()?)));
        origin.is_some_and(|origin| self.return_origins.iter().any(|allowed| origin.eq_ignore_ascii_case(allowed)))
    }

    /// Makes a decision with the stored order and saves it.
    pub(crate) async fn commit_decision(
        &self,
        order: Order,
        context: &RequestContext,
        decide: impl FnOnce(Order, Timestamp) -> Decision + Send,
    ) -> Result<(), Problem> {
        let (order, events) = decide(order, context.now)?;
        self.store.commit(&order, &events, context).run().await?;
        Ok(())
    }
}
