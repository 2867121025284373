#![doc = include_str!("../README.md")]

mod account;
mod address_book;
mod digests;
mod email;
mod groups;
pub mod operations;
mod password;
mod problem;
mod refresh_token;
mod session;
mod store;
mod subject;
#[cfg(test)]
mod tests;
mod throttle;
mod tokens;
mod view;
mod wallet;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Service, StartError};

use crate::{digests::Digests, password::Hasher, store::Store, throttle::Throttle, tokens::Tokens};

/// The default limit of attempts of each kind from one network address, for functions that do not limit attempts. The
/// template sets it for the others.
const ATTEMPTS_PER_MINUTE: u32 = 300;

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Users {
    store: Store,
    tokens: Tokens,
    digests: Digests,
    hasher: Hasher,
    throttle: Throttle,
}

impl Service for Users {
    fn start(env: &Env) -> Result<Self, StartError> {
        let (table, sealer) = (env.table()?, env.sealer()?);
        let digests = Digests::new(env.variable("SEAL_SECRET")?.as_bytes());
        let store = Store::new(table.clone(), sealer.clone(), digests.clone());
        Ok(Self {
            tokens: Tokens::new(table.clone(), sealer, env.variable("STAGE")?),
            throttle: Throttle::new(table, digests.clone(), attempts_per_minute(env)?),
            hasher: Hasher::new(),
            digests,
            store,
        })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

fn attempts_per_minute(env: &Env) -> Result<u32, StartError> {
    const NAME: &str = "ATTEMPTS_PER_MINUTE";
    let given = env.find(NAME).map(str::parse).transpose();
    let given = given.map_err(|_| StartError::Invalid { name: NAME.to_owned(), reason: "not a count".to_owned() })?;
    Ok(given.unwrap_or(ATTEMPTS_PER_MINUTE))
}
