//! Comparing texts the way people mean them.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// `text` in lower case and without accents, so that "José" and "JOSE" are found alike.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    each_folded(text, |letter| folded.push(letter));
    folded
}

/// The words of `text`, folded, without punctuation, one space apart.
pub fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut parted = false;
    each_folded(text, |letter| {
        if !letter.is_alphanumeric() {
            parted = true;
            return;
        }
        if std::mem::take(&mut parted) && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter);
    });
    words
}

/// The letters of the folded text. Each is decomposed by itself: in what order its accents would come does not matter where they are dropped.
fn each_folded(text: &str, mut take: impl FnMut(char)) {
    for letter in text.chars() {
        decompose_canonical(letter, |part| {
            if !is_combining_mark(part) {
                part.to_lowercase().for_each(&mut take);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(fold("JOSÉ Núñez Ção"), "jose nunez cao");
        assert_eq!(words("  ¡No  más, por favor! "), "no mas por favor");
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_folded_as_unicode_decomposes_it(text in r"(\PC|[A-Za-zÀ-ž\u{300}-\u{315}Ա-ևა-ჿ가-힣 .-]){0,40}") {
            use unicode_normalization::UnicodeNormalization as _;
            let letters = text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
            let folded: String = letters.collect();
            proptest::prop_assert_eq!(fold(&text), folded.as_str());
            let parts = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
            proptest::prop_assert_eq!(words(&text), parts.collect::<Vec<_>>().join(" "));
        }
    }
}
