//! WhatsApp Web in a headless Chromium, one process a session.
