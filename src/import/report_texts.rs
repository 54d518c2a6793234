//! What the file of rejected rows says, in the languages of the product.

use super::Reason;
use crate::domain::text::words;

/// The headers of the columns that the file has beyond those of the spreadsheet: row, reason, column and proposed phone.
const HEADERS: [(&str, [&str; 4]); 3] = [
    ("es", ["Fila original", "Motivo del aviso", "Columna del aviso", "Teléfono propuesto"]),
    ("pt", ["Linha original", "Motivo do aviso", "Coluna do aviso", "Telefone proposto"]),
    ("en", ["Original row", "Reason for the notice", "Column of the notice", "Proposed phone"]),
];

/// The headers in a language; English where it is none of the product's.
pub(super) fn headers(language: &str) -> [&'static str; 4] {
    HEADERS.iter().find(|(code, _)| *code == language).unwrap_or(&HEADERS[2]).1
}

/// Whether a header is one of ours, as in a file that was corrected and comes back.
pub(super) fn is_ours(header: &str) -> bool {
    let header = words(header);
    HEADERS.iter().flat_map(|(_, headers)| headers).any(|ours| words(ours) == header)
}

/// A reason in a language; English where it is none of the product's.
#[expect(
    clippy::too_many_lines,
    reason = "a text in three languages for each reason, which the compiler misses none of"
)]
pub(super) const fn reason(reason: Reason, language: &str) -> &'static str {
    let (es, pt, en) = match reason {
        Reason::PhoneMissing => ("Falta el teléfono", "Falta o telefone", "The phone is missing"),
        Reason::PhoneInvalid => ("El teléfono no es válido", "O telefone não é válido", "The phone is not valid"),
        Reason::PhoneTooShort => {
            ("Al teléfono le faltan dígitos", "Faltam dígitos no telefone", "The phone has too few digits")
        }
        Reason::PhoneTooLong => {
            ("Al teléfono le sobran dígitos", "O telefone tem dígitos demais", "The phone has too many digits")
        }
        Reason::PhoneLetters => (
            "El teléfono tiene letras donde van los dígitos",
            "O telefone tem letras no lugar de dígitos",
            "The phone has letters where digits should be",
        ),
        Reason::PhoneRounded => (
            "La hoja de cálculo redondeó el teléfono y perdió dígitos",
            "A planilha arredondou o telefone e perdeu dígitos",
            "The spreadsheet has rounded the phone and lost digits",
        ),
        Reason::PhoneMistyped => {
            ("El teléfono parece mal escrito", "O telefone parece digitado errado", "The phone looks mistyped")
        }
        Reason::NameMissing => ("Falta el nombre", "Falta o nome", "The name is missing"),
        Reason::AmountInvalid => {
            ("El monto no se entiende", "O valor não é compreensível", "The amount cannot be read")
        }
        Reason::DueDateInvalid => ("La fecha no se entiende", "A data não é compreensível", "The date cannot be read"),
        Reason::CurrencyInvalid => ("La moneda no existe", "A moeda não existe", "There is no such currency"),
        Reason::CountryUnknown => ("El país no se entiende", "O país não é compreensível", "The country is not known"),
        Reason::DuplicateInFile => (
            "El teléfono ya está en otra fila, sin otra referencia",
            "O telefone já está em outra linha, sem outra referência",
            "The phone is in another row already, without another reference",
        ),
        Reason::PhoneDoubtful => (
            "Entró, pero el teléfono parece incompleto",
            "Entrou, mas o telefone parece incompleto",
            "Imported, but the phone looks incomplete",
        ),
        Reason::SecondPhoneInvalid => (
            "Entró sin el segundo teléfono, que no es válido",
            "Entrou sem o segundo telefone, que não é válido",
            "Imported without the second phone, which is not valid",
        ),
        Reason::PhonesLeftOut => (
            "Entró con dos teléfonos; los demás de la celda no",
            "Entrou com dois telefones; os demais da célula não",
            "Imported with two phones; the others in the cell were left out",
        ),
        Reason::LanguageUnknown => (
            "Entró sin el idioma, que no se entiende",
            "Entrou sem o idioma, que não é compreensível",
            "Imported without the language, which is not known",
        ),
        Reason::TimeZoneUnknown => (
            "Entró sin la zona horaria, que no se entiende",
            "Entrou sem o fuso horário, que não é compreensível",
            "Imported without the time zone, which is not known",
        ),
        Reason::FormulaFailed => (
            "Entró sin este dato: su fórmula falló",
            "Entrou sem este dado: sua fórmula falhou",
            "Imported without this value: its formula failed",
        ),
    };
    match language.as_bytes() {
        b"es" => es,
        b"pt" => pt,
        _ => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_headers_are_known_when_they_come_back() {
        for language in ["es", "pt", "en"] {
            assert!(headers(language).into_iter().all(is_ours));
        }
        assert_eq!(headers("fr"), headers("en"));
        for header in ["", "Teléfono", "Motivo", "Fila"] {
            assert!(!is_ours(header), "{header}");
        }
    }
}
