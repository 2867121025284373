//! Replace the synonyms of the search.

use contracts::Role;
use lambda::{Call, Committed, Found, Function, Problem};

use crate::{
    Catalog,
    synonyms::{Groups, SynonymSet},
};

pub fn function() -> Function {
    Function::http("set-synonyms", handle)
        .about(
            "A search for one term of a group also finds products with its other terms. They rank slightly lower. The \
             request replaces all groups. Searches use the new groups after about a second.",
        )
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(catalog: Catalog, call: Call<Groups>) -> Result<Committed<Found<Groups>>, Problem> {
    let before = catalog.store.synonyms().await?;
    call.expects(SynonymSet::number(&before.version))?;
    let set = SynonymSet { groups: call.input.groups, version: before.version };
    let commit = catalog.store.table().commit(&call.context).save(&set);
    let reply = Found::new(Groups { groups: set.groups.clone() }).version(SynonymSet::number(&commit.version()));
    Ok(commit.answer(reply).run().await?)
}
