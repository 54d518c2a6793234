//! What survives a restart of the simulator, and the file that keeps it. Files in messages are in a folder of the same name beside it.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    media::Files,
    messages::{LedgerEntry, Reply},
    world::{Phone, State, World},
};

/// How often the state file is written at the most.
const SAVE_EVERY: Duration = Duration::from_millis(200);

/// What survives a restart.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    pub phones: BTreeMap<String, Phone>,
    pub ledger: Vec<LedgerEntry>,
    pub replies: Vec<Reply>,
    /// Numbers by `@lid` user, as far as pages have asked for them.
    pub people: BTreeMap<String, String>,
}

impl World {
    /// What the file remembers, or an empty world that will be remembered there.
    pub(super) fn load(file: &Path) -> std::io::Result<Self> {
        let memory = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Memory::default(),
            Err(error) => return Err(error),
        };
        let world = Self::default();
        let files = Files::beside(file);
        *world.lock() = State { memory, file: Some(file.to_owned()), files, ..State::default() };
        Ok(world)
    }

    /// Keeps the state file up to date, a little behind: what happens together is written together.
    pub(super) async fn keep_saved(self) {
        let mut changed = self.watch();
        loop {
            let version = *changed.borrow_and_update();
            let world = self.clone();
            drop(tokio::task::spawn_blocking(move || world.save()).await);
            self.saved().send_replace(version);
            tokio::time::sleep(SAVE_EVERY).await;
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until what has happened so far is in the state file, where there is one: WhatsApp forgets nothing that it has acknowledged,
    /// even where the simulator ends with the server that it is a part of.
    pub(super) async fn kept(&self) {
        let version = *self.watch().borrow();
        if self.lock().file.is_some() {
            drop(self.saved().subscribe().wait_for(|&saved| saved >= version).await);
        }
    }

    /// Writes the state file, where there is one.
    pub(super) fn save(&self) {
        let state = self.lock();
        let Some(file) = state.file.clone() else { return };
        let memory = serde_json::to_vec(&state.memory).map_err(std::io::Error::from);
        drop(state);
        let written = memory
            .and_then(|bytes| std::fs::write(file.with_extension("new"), bytes))
            .and_then(|()| std::fs::rename(file.with_extension("new"), &file));
        if let Err(error) = written {
            tracing::error!(error = &error as &dyn std::error::Error, "simulator state not saved");
        }
    }
}
