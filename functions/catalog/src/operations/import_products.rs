//! Import products from a file (JSON lines or CSV) in the background.

use std::collections::HashMap;

use contracts::{ProductId, Role, Sku};
use lambda::{Accepted, Call, Committed, Function, Input, Problem, RawBody};
use serde_json::Value;

use crate::{
    Importer,
    import::{Import, Row, RowContent},
    input::CreateProduct,
    sheet::{self, Format, Line},
    view::ImportView,
};

pub fn function() -> Function {
    Function::http("import-products", handle)
        .about(
            "Each line or row is a product. The reply comes before the products are created: `GET \
             /v1/imports/{importId}` shows the progress. A row that is invalid is left out, and the others are \
             imported. A file that cannot be read, for example because of its encoding or an unknown column, is \
             refused as a whole (422). A file has at most 20,000 rows, and 6 MB (4.5 MB of JSON lines).",
        )
        .roles(&[Role::Merchant])
        .takes(&["application/x-ndjson", "text/csv"])
        .problems(&[(415, "unsupported-media-type")])
}

async fn handle(importer: Importer, call: Call<RawBody>) -> Result<Committed<Accepted<ImportView>>, Problem> {
    let merchant = call.caller.principal()?;
    let media_type = call.input.headers.get("content-type").and_then(|value| value.to_str().ok());
    let format = media_type.and_then(Format::of).ok_or_else(unsupported)?;
    let mut skus = HashMap::new();
    let lines = format.read(&call.input.bytes, media_type.and_then(sheet::charset))?.into_iter();
    let rows: Vec<_> = lines.map(|line| row(line, format, call.new_id(), &mut skus)).collect();
    let (import, chunks) = Import::begin(call.new_id(), merchant, &call.context.correlation, &rows, call.now())
        .map_err(Problem::internal)?;
    let reply = Accepted::at(format!("/v1/imports/{}", import.id), ImportView::of(&import, &[], 0));
    importer.store.add_chunks(&chunks, &call.context).await?;
    let reply = importer.store.table().commit(&call.context).save(&import).answer(reply).run().await?;
    // The import is stored. resume-imports sends the chunks that are not sent now.
    if let Err(error) = importer.queue.send(&import.tasks(&[])).await {
        tracing::error!(error = &error as &dyn std::error::Error, import = %import.id, "not all chunks are handed out");
    }
    Ok(reply)
}

/// Checks a row, and that no earlier row has one of its SKUs. Chunks are processed in any order, so SKUs are checked
/// here, in the order of the file.
fn row(line: Line, format: Format, id: ProductId, skus: &mut HashMap<Sku, u32>) -> Row {
    let product = line.content.and_then(|product| checked(product, line.number, format, skus));
    Row { number: line.number, id, content: RowContent::of(product) }
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
