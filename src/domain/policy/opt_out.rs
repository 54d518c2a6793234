//! How a debtor says that they want no more messages.

use crate::domain::text::words;

/// Words that end all messages when they are the whole message, compared without case, accents and punctuation.
///
/// Source: 12 CFR 1006.42(b)(1) and its commentary name "stop", "end", "quit", "unsubscribe"; the Spanish and Portuguese words
/// are those that operators in Latin America use.
const OPT_OUT_WORDS: &[&str] = &[
    "stop",
    "end",
    "quit",
    "unsubscribe",
    "cancel",
    "baja",
    "darme de baja",
    "salir",
    "parar",
    "no mas",
    "no molestar",
    "alto",
    "sair",
    "pare",
    "descadastrar",
    "cancelar",
    "remover",
];

/// Whether a text from a debtor asks for no more messages.
pub fn is_opt_out(text: &str) -> bool {
    OPT_OUT_WORDS.contains(&words(text).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opt_out_words_are_understood_as_people_write_them() {
        for text in ["STOP", " stop! ", "Baja.", "¡BAJA!", "no más", "SAIR", "Darme de baja"] {
            assert!(is_opt_out(text), "{text}");
        }
        for text in ["", "stop calling me at work", "no puedo bajar", "ok"] {
            assert!(!is_opt_out(text), "{text}");
        }
    }
}
