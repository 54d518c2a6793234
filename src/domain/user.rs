//! People who sign in, and what each role may do.

use chrono::{DateTime, Utc};

use super::{id::UserId, text_enum};

text_enum! {
    /// What a person may do; each role may do all that the ones after it may.
    pub enum Role {
        /// Manages users and settings.
        Admin = "admin",
        /// Connects numbers, builds pools, launches campaigns.
        Supervisor = "supervisor",
        /// Answers debtors.
        Agent = "agent",
    }
}

impl Role {
    /// Whether this role includes `needed`.
    pub fn includes(self, needed: Self) -> bool {
        self <= needed
    }
}

/// A user as stored, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// Unique without regard to case; what one signs in with.
    pub username: String,
    /// What others see.
    pub name: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
}
