//! Files in messages: taken from pages that upload them, kept by the hash of their content, and given to those who download them.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::BytesRejection},
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::IntoResponse,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::world::{self, World, WorldError};

/// The largest file, in bytes.
pub(super) const LARGEST: usize = 64 << 20;
/// How much is kept in memory where there is no state file, in bytes; the oldest files make room for new ones.
const HELD: usize = 256 << 20;
/// Where pages upload, and download by the hash.
const PATH: &str = "/page/media";

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route(PATH, post(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/page/media/{sha256}", get(download))
        .route("/phone/media/{sha256}", get(show))
}

/// How a message shows its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    /// A voice note.
    Ptt,
    Document,
    Sticker,
}

/// The file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    pub kind: MediaKind,
    pub mime: String,
    /// Documents have one.
    pub name: Option<String>,
    /// In bytes, as they arrived.
    pub size: u64,
    /// Of the bytes that arrived, in hexadecimal.
    pub sha256: String,
}

impl Media {
    /// The file as a page is told of it.
    pub(super) fn for_page(&self) -> Value {
        json!({
            "kind": self.kind, "mimetype": self.mime, "filename": self.name, "size": self.size,
            "filehash": base64_of(&self.sha256), "directPath": format!("{PATH}/{}", self.sha256),
        })
    }
}

/// A file that a person attaches to a message.
#[derive(Debug, Clone)]
pub struct Attachment {
    pub kind: MediaKind,
    pub mime: String,
    pub name: Option<String>,
    pub content: Vec<u8>,
}

/// What a page says of the file in a message: it has been uploaded before.
#[derive(Deserialize, Clone)]
pub(super) struct Uploaded {
    kind: MediaKind,
    mime: String,
    name: Option<String>,
    path: String,
}

/// What was asked for cannot be done with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("a file may have {} MB at the most", LARGEST >> 20)]
    TooLarge,
    #[error("the file was not read: {0}")]
    Unread(String),
    #[error("the file is not base64")]
    NotBase64,
    #[error("no phone has this device linked")]
    NoDevice,
    #[error("the upload is refused")]
    Refused,
    #[error("the file is not there, or not any more")]
    Gone,
    #[error("the file cannot be kept: {0}")]
    NotKept(String),
}

impl FileError {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(_) => StatusCode::BAD_REQUEST,
            Self::NotBase64 => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoDevice => StatusCode::UNAUTHORIZED,
            Self::Refused => StatusCode::FORBIDDEN,
            Self::Gone => StatusCode::NOT_FOUND,
            Self::NotKept(_) => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

/// Files by the hash of their content: in a folder beside the state file, and where there is none in memory.
#[derive(Default)]
pub(super) struct Files {
    folder: Option<PathBuf>,
    held: VecDeque<(String, Bytes)>,
}

impl Files {
    /// Those of a world that a state file remembers.
    pub(super) fn beside(state: &std::path::Path) -> Self {
        Self { folder: Some(state.with_extension("media")), ..Self::default() }
    }

    fn hold(&mut self, sha256: &str, content: Bytes) {
        self.held.retain(|(known, _)| known != sha256);
        self.held.push_back((sha256.to_owned(), content));
        while self.held.iter().map(|(_, content)| content.len()).sum::<usize>() > HELD {
            self.held.pop_front();
        }
    }

    fn find(&self, sha256: &str) -> Option<Bytes> {
        self.held.iter().find(|(known, _)| known == sha256).map(|(_, content)| content.clone())
    }

    /// The size of a file that is there.
    fn size(&self, sha256: &str) -> Option<u64> {
        match &self.folder {
            Some(folder) => std::fs::metadata(folder.join(sha256)).ok().map(|file| file.len()),
            None => self.find(sha256).map(|content| content.len() as u64),
        }
    }
}

impl World {
    /// Keeps a file, and gives its hash. May write to the disk.
    pub(super) fn keep(&self, content: Bytes) -> Result<String, FileError> {
        if content.len() > LARGEST {
            return Err(FileError::TooLarge);
        }
        let sha256 = hex(&Sha256::digest(&content));
        let folder = self.lock().files.folder.clone();
        match folder {
            None => self.lock().files.hold(&sha256, content),
            Some(folder) => {
                // Under a name of its own first: two who upload the same must not see half of it.
                let new = folder.join(format!("{sha256}.{:016x}", rand::random::<u64>()));
                std::fs::create_dir_all(&folder)
                    .and_then(|()| std::fs::write(&new, &content))
                    .and_then(|()| std::fs::rename(&new, folder.join(&sha256)))
                    .map_err(|error| FileError::NotKept(error.to_string()))?;
            }
        }
        Ok(sha256)
    }

    /// A file's content, by its hash. May read from the disk.
    pub fn file(&self, sha256: &str) -> Option<Bytes> {
        // What is no hash must not become a path.
        if !is_hash(sha256) {
            return None;
        }
        let folder = self.lock().files.folder.clone();
        match folder {
            None => self.lock().files.find(sha256),
            Some(folder) => std::fs::read(folder.join(sha256)).ok().map(Bytes::from),
        }
    }

    async fn file_of(&self, sha256: String) -> Result<Bytes, FileError> {
        let world = self.clone();
        let found = tokio::task::spawn_blocking(move || world.file(&sha256)).await;
        found.ok().flatten().ok_or(FileError::Gone)
    }
}

impl world::State {
    /// The file that a page has uploaded, as it arrived; none where it never did.
    pub(super) fn arrived(&self, uploaded: &Uploaded) -> Option<Media> {
        let sha256 = uploaded.path.strip_prefix(PATH)?.trim_start_matches('/');
        let size = is_hash(sha256).then(|| self.files.size(sha256)).flatten()?;
        let Uploaded { kind, mime, name, .. } = uploaded.clone();
        Some(Media { kind, mime, name, size, sha256: sha256.to_owned() })
    }
}

/// Who uploads or downloads.
#[derive(Deserialize)]
struct By {
    #[serde(default)]
    device: String,
}

async fn upload(
    State(world): State<Arc<World>>,
    Query(By { device }): Query<By>,
    content: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, WorldError> {
    let refused = {
        let state = world.lock();
        let phone = state.phone_of(&device).ok_or(FileError::NoDevice)?;
        state.faults_of(phone).media_error
    };
    if refused {
        return Err(FileError::Refused.into());
    }
    let content = content.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => FileError::TooLarge,
        _ => FileError::Unread(rejection.body_text()),
    })?;
    let keeper = World::clone(&world);
    let kept = tokio::task::spawn_blocking(move || keeper.keep(content)).await;
    let sha256 = kept.map_err(|error| FileError::NotKept(error.to_string()))??;
    Ok(Json(json!({ "directPath": format!("{PATH}/{sha256}"), "filehash": base64_of(&sha256) })))
}

async fn download(
    State(world): State<Arc<World>>,
    Path(sha256): Path<String>,
    Query(By { device }): Query<By>,
) -> Result<impl IntoResponse, WorldError> {
    let gone = {
        let state = world.lock();
        let phone = state.phone_of(&device).ok_or(FileError::NoDevice)?;
        state.faults_of(phone).media_gone
    };
    if gone {
        return Err(FileError::Gone.into());
    }
    let content = world.file_of(sha256).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "no-store")], content))
}

/// A file for the person at the phones.
async fn show(State(world): State<Arc<World>>, Path(sha256): Path<String>) -> Result<impl IntoResponse, WorldError> {
    let mime = world.lock().memory.file(&sha256).map(|media| media.mime.clone());
    let mime = mime.and_then(|mime| HeaderValue::from_str(&mime).ok()).ok_or(FileError::Gone)?;
    let content = world.file_of(sha256).await?;
    let headers = [
        (CONTENT_TYPE, mime),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Somebody else's file: a picture within the page, but never a page of ours.
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    ];
    Ok((headers, content))
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash as WhatsApp writes it.
fn base64_of(hex: &str) -> String {
    let bytes: Vec<u8> =
        (0..hex.len() / 2).filter_map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()).collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_a_hash_in_both_forms() {
        let sha256 = World::default().keep(Bytes::from_static(b"abc")).unwrap();
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(base64_of(&sha256), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn memory_is_bounded_and_the_newest_stay() {
        let mut files = Files::default();
        for name in ["a", "b", "c", "d", "a", "e"] {
            files.hold(name, Bytes::from(vec![0; LARGEST]));
        }
        let held: Vec<&str> = files.held.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(held, ["c", "d", "a", "e"]);
    }

    #[test]
    fn what_is_no_hash_is_no_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let world = World::load(&folder.path().join("state.json")).unwrap();
        let sha256 = world.keep(Bytes::from_static(b"abc")).unwrap();
        assert_eq!(world.file(&sha256).unwrap(), "abc");
        for path in ["../secret", "secret", "", &sha256.to_uppercase()] {
            assert!(world.file(path).is_none(), "{path}");
        }
    }
}
