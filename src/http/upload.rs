//! A file on its way in: streamed to disk, never held in memory, and gone when it is dropped.

use std::path::{Path, PathBuf};

use axum::extract::{Multipart, multipart::Field};
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::problem::{Kind, Problem};

/// The longest file name kept, in characters.
const NAME_LIMIT: usize = 200;

/// A received file.
#[derive(Debug)]
pub(super) struct Upload {
    /// The name it had on the sender's machine, without folders.
    pub file_name: String,
    path: PathBuf,
}

impl Upload {
    /// Receives the form's field `file`, of at most `limit` bytes, into `folder`.
    pub async fn receive(mut form: Multipart, folder: &Path, limit: u64) -> Result<Self, Problem> {
        loop {
            let Some(field) = form.next_field().await.map_err(malformed)? else {
                return Err(Problem::new(Kind::Validation).at("/file", "required", ""));
            };
            if field.name() == Some("file") {
                return Self::save(field, folder, limit).await;
            }
        }
    }

    async fn save(mut field: Field<'_>, folder: &Path, limit: u64) -> Result<Self, Problem> {
        let broken = |error: std::io::Error| Problem::internal(&error);
        tokio::fs::create_dir_all(folder).await.map_err(broken)?;
        let file_name = base_name(field.file_name().unwrap_or_default());
        // Made before the first byte, so that dropping it removes what has arrived by then.
        let upload = Self { file_name, path: folder.join(format!("upload-{:032x}", rand::random::<u128>())) };
        let mut file = File::create_new(&upload.path).await.map_err(broken)?;
        let mut size: u64 = 0;
        while let Some(chunk) = field.chunk().await.map_err(malformed)? {
            size += chunk.len() as u64;
            if size > limit {
                return Err(Problem::new(Kind::TooLarge).with(format!("(max. {} MB)", limit / 1024 / 1024)));
            }
            file.write_all(&chunk).await.map_err(broken)?;
        }
        file.flush().await.map_err(broken)?;
        if size == 0 {
            return Err(Problem::new(Kind::EmptyFile));
        }
        Ok(upload)
    }

    /// Where the file is, until this is dropped.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // It may have been moved to where it is kept.
        drop(std::fs::remove_file(&self.path));
    }
}

fn malformed(error: axum::extract::multipart::MultipartError) -> Problem {
    Problem::new(Kind::BodyMalformed).with(error.body_text())
}

/// The last part of a path in either system's style.
fn base_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_lose_their_folders() {
        for (sent, kept) in
            [("a.csv", "a.csv"), ("C:\\x\\a.csv", "a.csv"), ("../../etc/passwd", "passwd"), ("a\n.csv", "a.csv")]
        {
            assert_eq!(base_name(sent), kept);
        }
    }
}
