//! Import products from a file (JSON lines, CSV, or an export of another shop) in the background.

use std::collections::HashMap;

use contracts::{Currency, ProductId, Role, Sku};
use dynamo::Error;
use garde::Validate;
use lambda::{Accepted, Call, Committed, Function, Input, Problem, RawBody};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Importer,
    adjustment::{Adjustment, Adjustments},
    import::{Import, Mode, Row, RowContent, in_short},
    input::CreateProduct,
    sheet::{self, Format, Line, Sheet},
    shelf::Shelf,
    store::Store,
    view::ImportView,
};

/// How a file is imported.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportProducts {
    /// `create` refuses a row whose SKU exists. `upsert` changes the product that has it. Defaults to `create`.
    #[garde(skip)]
    #[serde(default)]
    mode: Option<Mode>,
    /// The currency of the prices. Required for an export of Shopify or WooCommerce, which names none. Not used for
    /// other files, which name the currency of each price.
    #[garde(skip)]
    currency: Option<Currency>,
}

pub fn function() -> Function {
    Function::http("import-products", handle)
        .about(
            "Each line or row is a product; in an export of another shop, a product can have several rows. The \
             reply comes before the products are created: `GET /v1/imports/{importId}` shows the progress. A row \
             that is invalid is left out, and the others are imported. A file that cannot be read, for example \
             because of its encoding or an unknown column, is refused as a whole (422). A file has at most 20,000 \
             rows, and 6 MB (4.5 MB of JSON lines).",
        )
        .roles(&[Role::Merchant])
        .takes(&["application/x-ndjson", "text/csv"])
        .problems(&[(415, "unsupported-media-type")])
}

async fn handle(
    importer: Importer,
    call: Call<RawBody<ImportProducts>>,
) -> Result<Committed<Accepted<ImportView>>, Problem> {
    let merchant = call.caller.principal()?;
    let ImportProducts { mode, currency } = call.input.query;
    let media_type = call.input.headers.get("content-type").and_then(|value| value.to_str().ok());
    let format = media_type.and_then(Format::of).ok_or_else(unsupported)?;
    let mut sheet = format.read(&call.input.bytes, media_type.and_then(sheet::charset), currency)?;
    place(&mut sheet, &importer.store).await?;
    let (mut skus, mut stock) = (HashMap::new(), Vec::new());
    let rows: Vec<_> =
        sheet.lines.into_iter().map(|line| row(line, format, call.new_id(), &mut skus, &mut stock)).collect();
    let (id, correlation, now) = (call.new_id(), &call.context.correlation, call.now());
    let begun = Import::begin(id, merchant, correlation, mode.unwrap_or_default(), &rows, now);
    let (mut import, chunks) = begun.map_err(Problem::internal)?;
    let adjustments = Adjustments::of(import.id, &stock, import.kept_until).map_err(Problem::internal)?;
    import.adjustments = u32::try_from(adjustments.len()).unwrap_or(u32::MAX);
    import.warnings = sheet.warnings;
    let reply = Accepted::at(format!("/v1/imports/{}", import.id), ImportView::of(&import, &[], 0));
    importer.store.add_parts(&chunks, &adjustments, &call.context).await?;
    let reply = importer.store.table().commit(&call.context).save(&import).answer(reply).run().await?;
    // The import is stored. resume-imports sends the chunks that are not sent now.
    if let Err(error) = importer.queue.send(&import.tasks(&[])).await {
        tracing::error!(error = &error as &dyn std::error::Error, import = %import.id, "not all chunks are handed out");
    }
    Ok(reply)
}

/// Puts the products into the categories that the file names.
async fn place(sheet: &mut Sheet, store: &Store) -> Result<(), Error> {
    if sheet.lines.iter().all(|line| line.categories.is_empty()) {
        return Ok(());
    }
    let categories = store.all_categories().await?;
    let mut shelf = Shelf::new(&categories);
    sheet.lines.iter_mut().for_each(|line| shelf.place(line));
    sheet.warnings.extend(shelf.missing());
    Ok(())
}

/// Checks a row, and that no earlier row has one of its SKUs. Chunks are processed in any order, so SKUs are checked
/// here, in the order of the file. The units in stock of a good row are added to `stock`.
fn row(line: Line, format: Format, id: ProductId, skus: &mut HashMap<Sku, u32>, stock: &mut Vec<Adjustment>) -> Row {
    let number = line.number;
    let product = line.content.and_then(|product| checked(product, number, format, skus));
    if product.is_ok() {
        stock.extend(line.stock.into_iter().map(|(sku, delta)| Adjustment { row: number, sku, delta }));
    }
    Row { number, id, content: RowContent::of(product), warnings: in_short(line.warnings) }
}

fn checked(product: Value, row: u32, format: Format, skus: &mut HashMap<Sku, u32>) -> Result<Value, String> {
    let input = CreateProduct::from_json(product.clone()).map_err(|problem| format.reason(&problem, &product))?;
    if let Some((sku, first)) = input.skus().find_map(|sku| skus.get_key_value(sku)) {
        return Err(format!("the SKU {sku} is that of row {first}"));
    }
    skus.extend(input.skus().map(|sku| (sku.clone(), row)));
    Ok(product)
}

fn unsupported() -> Problem {
    Problem::new(415, "unsupported-media-type", "The media type is not supported")
        .detail("Send Content-Type: application/x-ndjson or text/csv.")
}
