//! Phone numbers, as people write them and as WhatsApp wants them.

/// A phone number in E.164, for example `+573001234567`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

/// Why a text is not a phone number we can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("there is no phone number")]
    Empty,
    #[error("this is not a valid phone number")]
    Invalid,
}

impl Phone {
    /// A number already in E.164, with or without the plus sign; for texts that a machine wrote.
    pub fn from_e164(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() {
            return Err(PhoneError::Empty);
        }
        // E.164 allows 15 digits; the shortest national plans in use give 7 with their country code.
        if !(7..=15).contains(&digits.len())
            || !digits.bytes().all(|b| b.is_ascii_digit())
            || digits.starts_with('0')
        {
            return Err(PhoneError::Invalid);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// With the plus sign: `+573001234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the plus sign, as in a WhatsApp id: `573001234567`.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// For logs: only the last three digits.
    pub fn masked(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 3..])
    }
}
