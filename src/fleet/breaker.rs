//! The breaker: a session that WhatsApp restricts sends nothing until a person starts it again.
//!
//! It stays connected, since debtors may answer, and above all may ask not to be written to any more. When a restriction ends nobody tells:
//! WhatsApp's own screen on the phone does, and a person who has looked there.

use super::Fleet;
use crate::domain::{audit::AuditEntry, id::SessionId, session::SessionStatus};

impl Fleet {
    /// WhatsApp has refused something because it restricts the session: no pool gets it any more, from this instant on.
    pub async fn restrict(&self, session: SessionId, reason: &str) {
        self.0.roster.restrict(session, reason);
        let audit = AuditEntry {
            actor: None,
            action: "session.restricted",
            subject: format!("session:{session}"),
            detail: serde_json::json!({ "reason": reason }),
        };
        if let Err(error) = self.0.store.restrict_session(session, reason, self.0.clock.now(), audit).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(session = session.0, error, "restriction not stored; it holds until the server ends");
        }
        if self.0.roster.status(session) == Some(SessionStatus::Online) {
            self.0.show(session, SessionStatus::Restricted, Some(reason)).await;
        }
    }

    /// A person has started the session: once it is started anew it may send again, and what waits for it goes. Says whether it was
    /// restricted.
    pub fn lift_restriction(&self, session: SessionId) -> bool {
        self.0.roster.lift(session)
    }
}
