//! The imports that are being stored now, so that a person can end one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::{audit::AuditEntry, id::ImportId};

/// Handles to them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Running(Arc<Mutex<HashMap<ImportId, Arc<Handle>>>>);

#[derive(Debug, Default)]
struct Handle {
    /// What to record of whoever was the first to ask for its end.
    asked: OnceLock<AuditEntry>,
    stop: CancellationToken,
    ended: CancellationToken,
}

/// Held by whoever stores an import, until that has ended in one way or another.
#[derive(Debug)]
pub(super) struct Storing {
    running: Running,
    id: ImportId,
    handle: Arc<Handle>,
}

impl Running {
    /// Notes that an import is about to be stored; none if it is being stored.
    pub fn begin(&self, id: ImportId) -> Option<Storing> {
        let handle = Arc::<Handle>::default();
        let mut all = self.all();
        if all.contains_key(&id) {
            return None;
        }
        all.insert(id, Arc::clone(&handle));
        drop(all);
        Some(Storing { running: self.clone(), id, handle })
    }

    /// Asks for the end of an import and waits for it; nothing to do if it is not being stored.
    pub async fn end(&self, id: ImportId, audit: AuditEntry) {
        let Some(handle) = self.all().get(&id).cloned() else { return };
        // Of two who ask, the first is on record.
        drop(handle.asked.set(audit));
        handle.stop.cancel();
        handle.ended.cancelled().await;
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ImportId, Arc<Handle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storing {
    /// Waits until somebody asks for its end.
    pub async fn asked_to_end(&self) {
        self.handle.stop.cancelled().await;
    }

    /// What to record of whoever asked for its end.
    pub fn ended_by(&self) -> Option<&AuditEntry> {
        self.handle.asked.get()
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        self.running.all().remove(&self.id);
        self.handle.ended.cancel();
    }
}
