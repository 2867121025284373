//! Queue chunks of imports again that were lost.

use lambda::{Function, Problem, Tick};

use crate::{Importer, import::Import};

pub fn function() -> Function {
    Function::schedule("resume-imports", handle)
}

async fn handle(importer: Importer, tick: Tick) -> Result<(), Problem> {
    let overdue = importer.store.overdue_imports(tick.cause.now);
    tick.each(overdue, |import| resume(&importer, import, &tick)).await
}

/// Chunks can be handed out twice: whoever comes second finds the result.
async fn resume(importer: &Importer, import: Import, tick: &Tick) -> Result<(), Problem> {
    let (import, results) = importer.store.import(import.id).await?.ok_or(Problem::AlreadyDone)?;
    let (import, tasks) = import.resume(&results, tick.cause.now);
    importer.queue.send(&tasks).await?;
    importer.store.table().commit(&tick.cause).save(&import).run().await?;
    Ok(())
}
