//! The audit trail: who changed what, and when.

use super::id::UserId;

/// One change to record, in the transaction that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who did it; none for the product itself.
    pub actor: Option<UserId>,
    /// `noun.verb`, for example `campaign.start`.
    pub action: &'static str,
    /// What it was done to, for example `campaign:12`.
    pub subject: String,
    /// What changed, without secrets, phone numbers or message texts.
    pub detail: serde_json::Value,
}
