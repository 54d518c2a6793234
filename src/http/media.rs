//! Files that messages carry: upload, and a look at them.
//!
//! A file is shown by what its content was found to be, never by its name; and whatever it is, it runs nothing and loads nothing.

use axum::{
    extract::{DefaultBodyLimit, Multipart, State},
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::MediaKind,
    extract::Path,
    problem::{Kind, Problem},
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
    upload::Upload,
};
use crate::domain::{
    id::MediaId,
    media::{LARGEST, Media, MediaError, MediaFile, MediaKind as K},
};

/// Nothing at all: not a script, not an image, not a form.
const POWERLESS: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// A file never changes, but who may see it can.
const KEPT_BY_THE_BROWSER: HeaderValue = HeaderValue::from_static("private, max-age=3600");

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// The upload, which has its own limits of size and time.
pub(super) fn upload_route() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(upload)).layer(DefaultBodyLimit::disable())
}

/// A file that messages carry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Media)]
pub(super) struct MediaView {
    id: i64,
    kind: MediaKind,
    mime_type: String,
    file_name: String,
    /// In bytes.
    size: u64,
    created_at: DateTime<Utc>,
}

/// A file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form, which is read as a stream")]
struct MediaForm {
    /// A JPEG or PNG picture of up to 5 MB; or up to 16 MB of MP4 video, of AAC, AMR, M4A, MP3 or OGG sound, or a PDF, Word, Excel or
    /// PowerPoint document.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Keeps a file for templates. The same file twice is one file.
#[utoipa::path(post, path = "/media", tag = "media",
    request_body(content = MediaForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = MediaView)))]
async fn upload(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    form: Multipart,
) -> Result<(StatusCode, axum::Json<MediaView>), Problem> {
    let upload = Upload::receive(form, state.importer.folder(), LARGEST).await?;
    let content = tokio::fs::read(upload.path()).await.map_err(|error| Problem::internal(&error))?;
    let file = MediaFile::to_send(&upload.file_name, content)?;
    let entry = audit(&user, "media.upload", "media");
    let media = state.store.add_media(&file, state.clock.now(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(media.into())))
}

/// A file's content. Documents are to be saved, all else is to be shown.
#[utoipa::path(get, path = "/media/{id}", tag = "media", params(("id" = i64, Path)),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read(_: SignedIn, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Problem> {
    let file = state.store.media_file(MediaId(id)).await?.ok_or_else(Problem::not_found)?;
    let shown = if file.kind == K::Document { "attachment" } else { "inline" };
    let disposition = format!("{shown}; filename*=UTF-8''{}", percent_encoded(&file.file_name));
    let disposition = HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment"));
    // One that a debtor has sent may say of itself whatever it likes: what a browser could run is only to be saved.
    let mime_type = HeaderValue::try_from(&file.mime_type).ok().filter(|_| is_harmless(&file.mime_type));
    let headers = [
        (CONTENT_TYPE, mime_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, POWERLESS),
        (CACHE_CONTROL, KEPT_BY_THE_BROWSER),
    ];
    Ok((headers, file.content.to_vec()).into_response())
}

/// Whether a browser shows it without running anything in it; SVG is a program.
fn is_harmless(mime_type: &str) -> bool {
    let (class, name) = mime_type.split_once('/').unwrap_or_default();
    matches!(class, "image" | "video" | "audio") && !name.contains("svg") && !name.contains("xml")
        || mime_type == "application/pdf"
}

/// A name for a header, by RFC 5987.
fn percent_encoded(name: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(encoded).collect()
}

impl From<Media> for MediaView {
    fn from(Media { id, kind, mime_type, file_name, size, created_at }: Media) -> Self {
        Self { id: id.0, kind: kind.into(), mime_type, file_name, size, created_at }
    }
}

impl From<MediaError> for Problem {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Empty => Self::new(Kind::EmptyFile),
            MediaError::TooLarge { limit } => {
                Self::new(Kind::TooLarge).with(format!("(max. {} MB)", limit / 1024 / 1024))
            }
            MediaError::Unsupported => Self::new(Kind::MediaUnsupported),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_could_run_is_not_shown() {
        for (mime_type, harmless) in [
            ("image/jpeg", true),
            ("audio/ogg", true),
            ("application/pdf", true),
            ("image/svg+xml", false),
            ("text/html", false),
            ("application/xhtml+xml", false),
            ("", false),
        ] {
            assert_eq!(is_harmless(mime_type), harmless, "{mime_type}");
        }
        assert_eq!(percent_encoded("año \"1\".pdf"), "a%C3%B1o%20%221%22.pdf");
    }
}
