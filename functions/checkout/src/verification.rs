//! Calculates all kept quotes again.

use contracts::QuoteId;
use dynamo::{Error, Table};

use crate::store::Store;

/// The result for all kept quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifiedQuotes {
    /// The number of kept quotes.
    pub count: usize,
    /// The quotes whose lines or totals are others than the recalculated ones.
    pub different: Vec<QuoteId>,
}

/// Calculates every kept quote in the table again. This reads the whole table.
///
/// # Errors
/// As for every call of the store, and if a quote cannot be read.
pub async fn verify_quotes(table: Table) -> Result<VerifiedQuotes, Error> {
    let (store, mut verified, mut after) = (Store::new(table), VerifiedQuotes::default(), None);
    loop {
        let (quotes, next) = store.kept_quotes(after.as_ref()).await?;
        // What cannot be calculated is not what was quoted.
        let different = quotes.iter().filter(|quote| !quote.verify().is_ok_and(|(_, same)| same));
        verified.different.extend(different.map(|quote| quote.id));
        verified.count += quotes.len();
        after = next;
        if after.is_none() {
            verified.different.sort();
            return Ok(verified);
        }
    }
}
