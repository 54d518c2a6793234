//! A WhatsApp Web page and the phones that link to it, for demos, tests and training.
