//! Whether a debtor may be written to now: one pure function that campaigns, the API and people all go through.

use super::{debtor::DebtorStatus, text::words};

/// What the policy says of one message to one debtor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Allowed,
    /// Never send it; the debtor's status says why.
    Refused(DebtorStatus),
}

/// Decides on a message to a debtor with `status`. It is asked at the moment of sending, whatever was planned before.
pub const fn decide(status: DebtorStatus) -> Decision {
    match status {
        DebtorStatus::Active => Decision::Allowed,
        stopped => Decision::Refused(stopped),
    }
}

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

    #[test]
    fn only_an_active_debtor_is_written_to() {
        for &status in DebtorStatus::ALL {
            assert_eq!(decide(status) == Decision::Allowed, status == DebtorStatus::Active, "{status}");
        }
    }
}
