//! Queue chunks of imports again that were lost.

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
    let found = importer.store.import(import.id).await?;
    // Another tick may have resumed it since the scan.
    let found = found.filter(|(import, _)| import.is_overdue(tick.context.now));
    let (import, results) = found.ok_or(Problem::AlreadyDone)?;
    let (import, tasks) = import.resume(&results, tick.context.now);
    importer.queue.send(&tasks).await?;
    importer.store.table().commit(&tick.context).save(&import).run().await?;
    Ok(())
}
