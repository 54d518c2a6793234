//! Comparing texts the way people mean them.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// `text` in lower case and without accents, so that "José" and "JOSE" are found alike.
pub fn fold(text: &str) -> String {
    text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// The words of `text`, folded, without punctuation, one space apart.
pub fn words(text: &str) -> String {
    let letters: String =
        fold(text).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(fold("JOSÉ Núñez Ção"), "jose nunez cao");
        assert_eq!(words("  ¡No  más, por favor! "), "no mas por favor");
    }
}
