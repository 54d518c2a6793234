//! Passwords are kept as argon2id hashes. Hashing is slow on purpose, so it runs on the blocking threads.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::domain::user::NewPassword;

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("the password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    #[error("the hashing was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Verified against when there is no such user, so that the answer takes as long as for one who exists.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// The argon2id hash of a password, in the PHC format, with the crate's parameters (OWASP's first choice of 2024: 19 MiB, 2 passes).
pub async fn hash_password(password: &NewPassword) -> Result<String, PasswordError> {
    let password = password.clone();
    tokio::task::spawn_blocking(move || hash(password.expose())).await?.map_err(PasswordError::Hash)
}

/// Whether `password` is the one behind `hash`. Without a hash the answer is no, after the same work.
pub(super) async fn verify(password: String, hash: Option<String>) -> Result<bool, PasswordError> {
    let right = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    });
    Ok(right.await?)
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}
