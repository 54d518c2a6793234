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

/// A password on its way to being hashed. It is never shown, not even for debugging.
#[derive(Clone)]
pub struct NewPassword(String);

/// A password that is too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has {} to {} characters", NewPassword::MIN, NewPassword::MAX)]
pub struct PasswordLengthError;

impl NewPassword {
    /// The shortest password; NIST SP 800-63B asks for 8 or more.
    pub const MIN: usize = 10;
    /// The longest password, so that hashing cannot be made to work for long.
    pub const MAX: usize = 200;

    /// A password within the limits.
    pub fn new(text: &str) -> Result<Self, PasswordLengthError> {
        if (Self::MIN..=Self::MAX).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PasswordLengthError)
        }
    }

    /// The password itself, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}
