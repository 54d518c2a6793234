//! Linking: who has an account, and how long a code is on show.

use tokio::time::{Instant, sleep_until};

use super::{Fleet, Report, Shared};
use crate::{
    domain::{id::SessionId, phone::Phone},
    store::{Linked, StoreError},
};

impl Fleet {
    /// Somebody is there who may scan codes: they are shown for some time more.
    pub fn somebody_looks(&self) {
        self.0.looked.send_replace(Some(Instant::now()));
    }

    /// When somebody was last there who may scan codes.
    pub fn last_look(&self) -> Option<Instant> {
        *self.0.looked.borrow()
    }
}

impl Shared {
    /// Gives the name of another session that is linked to this account: two would send twice what one may. Notes that this one has it, if
    /// there is none.
    pub async fn link(&self, session: SessionId, phone: &Phone) -> Result<Option<String>, StoreError> {
        let _one_at_a_time = self.linking.lock().await;
        let Linked { other, doubted } = self.store.link_session(session, phone, self.clock.now()).await?;
        if !doubted.is_empty() {
            tracing::warn!(
                session = session.0,
                messages = doubted.len(),
                "linked anew; what waited for it is uncertain"
            );
            drop(self.reports.send(Report::Doubted(doubted)));
        }
        Ok(other)
    }

    /// The session shows a code: whatever account it had, it has none now.
    pub async fn has_no_account(&self, session: SessionId) {
        if let Err(error) = self.store.unlink_session(session, self.clock.now()).await {
            tracing::error!(session = session.0, error = &error as &dyn std::error::Error, "number not stored");
        }
        self.roster.set_linked(session, false);
    }

    /// Waits until a code that is on show since then has been there for long enough without anybody to look at it; for ever, without one.
    pub async fn nobody_looks(&self, on_show_since: Option<Instant>) {
        let Some(since) = on_show_since else { return std::future::pending().await };
        let mut looked = self.looked.subscribe();
        loop {
            let seen = looked.borrow_and_update().map_or(since, |at| at.max(since));
            tokio::select! {
                () = sleep_until(seen + self.settings.qr_patience) => return,
                // The sender is ours: it is there.
                _ = looked.changed() => {}
            }
        }
    }
}
