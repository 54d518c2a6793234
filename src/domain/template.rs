//! A template: a message text with variables.

use chrono::{DateTime, Utc};

use super::id::TemplateId;

/// A template as stored; its body has been checked to parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    /// Unique, chosen by a person.
    pub name: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
