//! Files that messages carry: what WhatsApp shows of them, which are sent, and how large they may be.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{id::MediaId, text_enum};

/// The longest text under a file, in characters: WhatsApp's limit for a caption
/// (<https://developers.facebook.com/docs/whatsapp/cloud-api/messages/image-messages>).
pub const CAPTION_LIMIT: usize = 1024;
/// The largest file of any kind, in bytes. WhatsApp takes documents of 100 MB; a debtor's phone plan may not.
pub const LARGEST: u64 = 16 * 1024 * 1024;
/// The largest picture, in bytes: WhatsApp's limit, as all in [`TYPES`] from
/// <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types>.
const LARGEST_IMAGE: u64 = 5 * 1024 * 1024;

text_enum! {
    /// How WhatsApp shows a file.
    pub enum MediaKind {
        Image = "image",
        Video = "video",
        /// Played, not shown; WhatsApp has no text with it.
        Audio = "audio",
        /// Anything else, by its name.
        Document = "document",
    }
}

/// What can be sent: as found out from the content, for a name proves nothing, and as WhatsApp calls it.
const TYPES: &[(&str, &str, MediaKind)] = &[
    ("image/jpeg", "image/jpeg", MediaKind::Image),
    ("image/png", "image/png", MediaKind::Image),
    ("video/mp4", "video/mp4", MediaKind::Video),
    ("audio/aac", "audio/aac", MediaKind::Audio),
    ("audio/amr", "audio/amr", MediaKind::Audio),
    ("audio/m4a", "audio/mp4", MediaKind::Audio),
    ("audio/mpeg", "audio/mpeg", MediaKind::Audio),
    ("audio/ogg", "audio/ogg", MediaKind::Audio),
    ("audio/opus", "audio/ogg", MediaKind::Audio),
    ("application/pdf", "application/pdf", MediaKind::Document),
    ("application/msword", "application/msword", MediaKind::Document),
    ("application/vnd.ms-excel", "application/vnd.ms-excel", MediaKind::Document),
    ("application/vnd.ms-powerpoint", "application/vnd.ms-powerpoint", MediaKind::Document),
    (WORD, WORD, MediaKind::Document),
    (EXCEL, EXCEL, MediaKind::Document),
    (POWERPOINT, POWERPOINT, MediaKind::Document),
];
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// Why a file cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    #[error("the file is empty")]
    Empty,
    /// Larger than `limit` bytes.
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// None of the types that WhatsApp takes.
    #[error("WhatsApp takes no files of this type")]
    Unsupported,
}

/// A file with its content; cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    pub kind: MediaKind,
    pub mime_type: String,
    /// Without folders.
    pub file_name: String,
    pub content: Arc<[u8]>,
}

impl std::fmt::Debug for MediaFile {
    /// Without the content, which is a person's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MediaFile({}, {}, {} bytes)", self.kind, self.mime_type, self.content.len())
    }
}

impl MediaFile {
    /// A file to send; its type is found out from the content.
    pub fn to_send(file_name: &str, content: Vec<u8>) -> Result<Self, MediaError> {
        let size = content.len() as u64;
        if size == 0 {
            return Err(MediaError::Empty);
        }
        if size > LARGEST {
            return Err(MediaError::TooLarge { limit: LARGEST });
        }
        let found = infer::get(&content).ok_or(MediaError::Unsupported)?.mime_type();
        let known = TYPES.iter().find(|(content, ..)| *content == found);
        let (_, mime_type, kind) = known.ok_or(MediaError::Unsupported)?;
        if *kind == MediaKind::Image && size > LARGEST_IMAGE {
            return Err(MediaError::TooLarge { limit: LARGEST_IMAGE });
        }
        Ok(Self {
            kind: *kind,
            mime_type: (*mime_type).to_owned(),
            file_name: file_name.to_owned(),
            content: content.into(),
        })
    }
}

/// A file as stored, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub id: MediaId,
    pub kind: MediaKind,
    pub mime_type: String,
    pub file_name: String,
    /// In bytes.
    pub size: u64,
    pub created_at: DateTime<Utc>,
}

/// What came with a text: known before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMedia {
    /// The message's full key, by which the file is fetched.
    pub wire_key: String,
    pub kind: MediaKind,
    /// As its sender calls it; a picture has no name.
    pub file_name: String,
}

text_enum! {
    /// Whether we have a file that somebody has sent.
    pub enum Fetched {
        /// To be fetched when the session is online.
        Waiting = "waiting",
        Kept = "kept",
        /// WhatsApp does not have it any more.
        Gone = "gone",
        /// Larger than what is kept.
        TooLarge = "too_large",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_a_file_is() {
        let png = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 16]].concat();
        let file = MediaFile::to_send("factura.pdf", png).unwrap();
        assert_eq!((file.kind, file.mime_type.as_str()), (MediaKind::Image, "image/png"));
        let pdf = MediaFile::to_send("factura.pdf", b"%PDF-1.7\n".to_vec()).unwrap();
        assert_eq!((pdf.kind, pdf.mime_type.as_str()), (MediaKind::Document, "application/pdf"));
    }

    #[test]
    fn what_whatsapp_does_not_take_is_refused() {
        let refused = |content: Vec<u8>| MediaFile::to_send("picture.jpg", content).unwrap_err();
        assert_eq!(refused(Vec::new()), MediaError::Empty);
        assert_eq!(refused(b"<script>alert(1)</script>".to_vec()), MediaError::Unsupported);
        assert_eq!(refused(b"MZ\x90\x00".to_vec()), MediaError::Unsupported);
        let mut jpeg = b"\xff\xd8\xff\xe0".to_vec();
        jpeg.resize(6 * 1024 * 1024, 0);
        assert_eq!(refused(jpeg), MediaError::TooLarge { limit: LARGEST_IMAGE });
        let mut pdf = b"%PDF-1.7\n".to_vec();
        pdf.resize(17 * 1024 * 1024, 0);
        assert_eq!(refused(pdf), MediaError::TooLarge { limit: LARGEST });
    }
}
