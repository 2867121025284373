//! Send lost chunks of imports to the queue again.

use lambda::{Function, Problem, Tick};

use crate::{Importer, import::Import};

pub fn function() -> Function {
    Function::schedule("resume-imports", handle)
}

async fn handle(importer: Importer, tick: Tick) -> Result<(), Problem> {
    let overdue = importer.store.overdue_imports(tick.context.now);
    tick.each(overdue, |import| resume(&importer, import, &tick)).await
}

/// A chunk can be sent twice: the second message finds the stored result.
async fn resume(importer: &Importer, import: Import, tick: &Tick) -> Result<(), Problem> {
    let (import, results) = importer.store.import(import.id).await?.ok_or(Problem::AlreadyDone)?;
    // Another tick may have resumed it since the scan.
    let (import, tasks) = import.resume(&results, tick.context.now).ok_or(Problem::AlreadyDone)?;
    importer.queue.send(&tasks).await?;
    importer.store.table().commit(&tick.context).save(&import).run().await?;
    Ok(())
}
