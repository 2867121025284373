//! Hand out again what was forgotten of imports.

use lambda::{Function, Problem, Tick};

use crate::Importer;

/// This function.
pub fn function() -> Function {
    Function::schedule("resume-imports", handle)
}

/// Chunks can be handed out twice: whoever comes second finds the result.
async fn handle(importer: Importer, tick: Tick) -> Result<(), Problem> {
    for overdue in importer.store.overdue_imports(tick.cause.now).await? {
        let Some((import, results)) = importer.store.import(overdue.id).await? else { continue };
        let (import, tasks) = import.resume(&results, tick.cause.now);
        importer.queue.send(&tasks).await?;
        importer.store.table().commit(&tick.cause).save(&import).run().await?;
    }
    Ok(())
}
