//! QR codes as images.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use qrcode::{QrCode, render::svg, types::QrError};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::domain::{id::SessionId, session::Qr};

/// The QR code that a session shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionQr {
    pub session_id: i64,
    /// What the phone reads. A secret.
    pub qr: String,
    /// The same as an SVG in a `data:` URI.
    pub image: String,
    /// When WhatsApp stops accepting it.
    pub expires_at: DateTime<Utc>,
}

impl SessionQr {
    /// The code as clients see it; an error if the text is longer than a QR code can hold.
    pub fn new(session: SessionId, qr: Qr) -> Result<Self, QrError> {
        let image = image(&qr.text)?;
        Ok(Self { session_id: session.0, qr: qr.text, image, expires_at: qr.expires_at })
    }
}

/// Black on white with its quiet zone, whatever the page's theme: scanners want it so.
fn image(text: &str) -> Result<String, QrError> {
    let code = QrCode::new(text)?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(256, 256).quiet_zone(true).build();
    Ok(format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(svg)))
}

impl From<QrError> for Problem {
    fn from(error: QrError) -> Self {
        Self::internal(&error)
    }
}
