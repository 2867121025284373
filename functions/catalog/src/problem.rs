//! Converts rejections into problems for the caller.

use contracts::ProductId;
use lambda::{FieldError, Problem};

use crate::{category, list_prices, price, price_list, product, sheet};

impl From<product::Rejection> for Problem {
    fn from(rejection: product::Rejection) -> Self {
        use product::Rejection;
        match rejection {
            Rejection::Archived => Self::not_found("product"),
            Rejection::NoSuchVariant => Self::not_found("variant"),
            Rejection::Status { from, to } => {
                Self::invalid("/status", format_args!("cannot become {}: it is {}", to.as_str(), from.as_str()))
            }
            Rejection::UnknownCategory { at } => Self::invalid(format!("/categoryIds/{at}"), "is not a category"),
            Rejection::RepeatedSku { at } => {
                Self::invalid(format!("/variants/{at}/sku"), "is the SKU of another variant of the product")
            }
            Rejection::Price { variant, at, why } => {
                let variant = variant.map_or_else(String::new, |variant| format!("/variants/{variant}"));
                wrong_price(&format!("{variant}/prices/{at}"), why)
            }
            Rejection::TooManySkus { most } => Self::invalid(
                "/variants",
                format_args!("must have at most {most} SKUs, counting all that the product has ever had"),
            ),
            Rejection::TooLarge { bytes, most } => {
                Self::invalid("", format_args!("must have at most {most} bytes as JSON, and has {bytes}"))
            }
        }
    }
}

fn wrong_price(pointer: &str, why: price::Rejection) -> Problem {
    match why {
        price::Rejection::EndsBeforeItBegins => {
            Problem::invalid(format!("{pointer}/validTo"), "must be later than validFrom")
        }
        price::Rejection::Overlaps { other } => {
            Problem::invalid(pointer, format_args!("is valid at the same time as price {other} of the same currency"))
        }
    }
}

impl From<price_list::Rejection> for Problem {
    fn from(rejection: price_list::Rejection) -> Self {
        use price_list::Rejection;
        match rejection {
            Rejection::EndsBeforeItBegins => Self::invalid("/validTo", "must be later than validFrom"),
            Rejection::NoGroup => Self::invalid("/customerGroups", "must name a group, because the kind is group"),
            Rejection::TooMany => Self::new(409, "too-many-price-lists", "There are too many price lists")
                .detail(format_args!("There can be at most {} lists. Delete one first.", price_list::MOST_LISTS)),
        }
    }
}

impl From<list_prices::Rejection> for Problem {
    fn from(rejection: list_prices::Rejection) -> Self {
        use list_prices::Rejection;
        match rejection {
            Rejection::UnknownSku { at } => Self::invalid(format!("/prices/{at}/sku"), "is not the SKU of a product"),
            Rejection::Repeated { at, other } => {
                let detail = format_args!("has the same SKU and minQuantity as /prices/{other}");
                Self::invalid(format!("/prices/{at}"), detail)
            }
            Rejection::TooManyTiers { at } => {
                let most = list_prices::MOST_TIERS;
                Self::invalid(format!("/prices/{at}"), format_args!("is one of more than {most} prices of the SKU"))
            }
        }
    }
}

impl From<category::Rejection> for Problem {
    fn from(rejection: category::Rejection) -> Self {
        match rejection {
            category::Rejection::TooDeep => {
                let most = category::MOST_LEVELS;
                Self::invalid(
                    "/parentId",
                    format_args!("is on the lowest of {most} levels, which can have no categories below it"),
                )
            }
        }
    }
}

impl From<sheet::Rejection> for Problem {
    fn from(rejection: sheet::Rejection) -> Self {
        use sheet::Rejection;
        match rejection {
            Rejection::Empty => Self::invalid("", "must have at least one row"),
            Rejection::TooManyRows => Self::invalid("", format_args!("must have at most {} rows", sheet::MOST_ROWS)),
            Rejection::Workbook => Self::invalid(
                "",
                "is the workbook of a spreadsheet program. Save it as CSV in UTF-8 (in Excel: CSV UTF-8), and send that \
                 file",
            ),
            Rejection::Encoding { line } => Self::invalid(
                "",
                format_args!(
                    "has characters in line {line} that are not UTF-8. Save the file as UTF-8 (in Excel: CSV UTF-8), or \
                     name its encoding, as in Content-Type: application/csv; charset=windows-1251"
                ),
            ),
            Rejection::UnknownColumns(names) => Self::invalid_fields(unknown_columns(&names)),
            Rejection::NoCurrency { of } => Self::invalid(
                "/currency",
                format_args!("is required, because an export of {of} does not name the currency of its prices"),
            ),
            Rejection::RepeatedColumn(name) => {
                Self::invalid("", format_args!("has the column {name:?} more than once"))
            }
        }
    }
}

/// The maximum number of unknown columns that a response names, and the maximum length of a name, in characters.
const MOST_COLUMNS: usize = 50;
const LONGEST_COLUMN: usize = 50;

fn unknown_columns(names: &[String]) -> Vec<FieldError> {
    let cut = |name: &String| name.chars().take(LONGEST_COLUMN).collect::<String>();
    let unknown = names
        .iter()
        .take(MOST_COLUMNS)
        .map(|name| format!("has the unknown column {:?}: rename or remove it", cut(name)));
    let known = "must name the columns in the first line, separated by commas, semicolons, tabs or pipes: title, description, \
                 status, taxClass, categoryIds, images, sku, price.CURRENCY (CHF, EUR, GBP, JPY, KWD, USD), option.NAME, \
                 attribute.NAME";
    let details = unknown.chain([known.to_owned()]);
    details.map(|detail| FieldError { pointer: String::new(), detail }).collect()
}

/// The problem of a product that was not stored. A SKU may belong to another product.
pub(crate) fn not_stored(error: dynamo::Error) -> Problem {
    match error {
        dynamo::Error::Taken { key, holder } => {
            let sku = key.strip_prefix("sku#").unwrap_or(&key);
            match holder.read::<ProductId>() {
                Ok(product) => Problem::new(409, "sku-taken", "A SKU is in use")
                    .detail(format_args!("{sku} belongs to {product}.")),
                Err(error) => error.into(),
            }
        }
        error => error.into(),
    }
}
