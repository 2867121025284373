//! Pages of a list that is read whole, because it is one item of the table, or small.

use contracts::Sealed;
use serde::{Deserialize, Serialize};

use crate::{DEFAULT_LIMIT, Error, Page, Paging, Table};

/// The place between two pages: the keys of the last item of the one and of the first item of the other.
#[derive(Serialize, Deserialize)]
struct Place {
    last: String,
    next: String,
}

impl Table {
    /// One page of a list that was read whole. `name` is that of the list: a cursor can be opened only for the list
    /// that it was made for. `key` identifies an item in the list. Each page continues with the item that followed the
    /// previous page. If that item was removed meanwhile, it continues after the last item of the previous page, and if
    /// that was removed too, at the beginning: items are rather repeated than left out.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] if the cursor was not made for this list.
    pub fn slice<T>(
        &self,
        name: &str,
        mut items: Vec<T>,
        key: impl Fn(&T) -> String,
        paging: &Paging,
    ) -> Result<Page<T>, Error> {
        let purpose = format!("cursor of {name}");
        let limit = paging.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        if let Some(cursor) = &paging.cursor {
            let sealed = Sealed::<Place>::from_ciphertext(cursor.clone());
            let place = self.sealer().open(&purpose, &sealed).map_err(|_| Error::InvalidCursor)?;
            let find = |wanted: &str| items.iter().position(|item| key(item) == wanted);
            let start = find(&place.next).or_else(|| find(&place.last).map(|last| last + 1)).unwrap_or_default();
            items.drain(..start);
        }
        let next = match (items[..limit.min(items.len())].last(), items.get(limit)) {
            (Some(last), Some(next)) => {
                let place = Place { last: key(last), next: key(next) };
                let sealed = self.sealer().seal(&purpose, &place).map_err(Error::malformed)?;
                Some(sealed.ciphertext().to_owned())
            }
            _ => None,
        };
        items.truncate(limit);
        Ok(Page { items, next })
    }
}
