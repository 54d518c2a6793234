//! What people call a column, in Spanish, Portuguese and English.

use super::Field;
use crate::domain::text::words;

/// Texts longer than this, in letters, are titles or values and not headers.
const LONGEST: usize = 40;
/// The same of texts with digits.
const LONGEST_WITH_DIGITS: usize = 20;

/// The fields, those first that take a column from the others, and what people call each: folded, the surest first. A header matches
/// a whole name, or some of its words do; names that begin with `=` have to be the whole header.
pub(super) const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Phone,
        &[
            "telefono",
            "telefone",
            "phone",
            "celular",
            "movil",
            "whatsapp",
            "whats",
            "fone",
            "cel",
            "tel",
            "mobile",
            "numero de contacto",
            "telemovel",
            "cell",
        ],
    ),
    (
        Field::DueDate,
        &[
            "vencimiento",
            "vencimento",
            "due date",
            "due",
            "fecha de pago",
            "fecha pago",
            "data de pagamento",
            "fecha limite",
            "vence",
            "=fecha",
            "=data",
            "=date",
        ],
    ),
    (
        Field::Amount,
        &[
            "saldo", "monto", "valor", "deuda", "amount", "importe", "balance", "total", "debt", "divida", "montante",
            "cuota", "adeudo",
        ],
    ),
    (Field::Currency, &["moneda", "moeda", "currency", "divisa"]),
    (
        Field::Reference,
        &[
            "referencia",
            "reference",
            "credito",
            "obligacion",
            "contrato",
            "factura",
            "fatura",
            "cedula",
            "documento",
            "identificacion",
            "cpf",
            "dni",
            "rut",
            "loan",
            "account",
            "cuenta",
            "conta",
            "prestamo",
            "emprestimo",
            "invoice",
            "nit",
            "id",
            "ref",
        ],
    ),
    (Field::Tags, &["etiqueta", "etiquetas", "tag", "tags", "grupo", "segmento", "group", "cartera", "carteira"]),
    (
        Field::Name,
        &[
            "nombre",
            "nome",
            "name",
            "cliente",
            "deudor",
            "devedor",
            "titular",
            "debtor",
            "customer",
            "apellido",
            "razon social",
            "persona",
        ],
    ),
];

/// Words that tell of a column that it is not of the field after all.
const NOT: &[(Field, &[&str])] = &[(Field::DueDate, &["nacimiento", "nascimento", "birth"])];

/// How well a header matches a field; smaller is better.
pub(super) fn rank(header: &str, field: Field) -> Option<usize> {
    let (_, names) = NAMES.iter().find(|(other, _)| *other == field)?;
    let is_not = |(other, words): &(Field, &[&str])| *other == field && position(header, words).is_some();
    position(header, names).filter(|_| !NOT.iter().any(is_not))
}

/// The place of the name that a header matches, or, where only some of its words do, that place and the number of names.
pub(super) fn position(header: &str, names: &[&str]) -> Option<usize> {
    let header = words(header);
    let longest = if header.bytes().any(|byte| byte.is_ascii_digit()) { LONGEST_WITH_DIGITS } else { LONGEST };
    if header.is_empty() || header.len() > longest {
        return None;
    }
    let padded = format!(" {header} ");
    let has = |word: &&str| padded.contains(&format!(" {word} "));
    let whole = names.iter().position(|name| name.trim_start_matches('=') == header);
    whole.or_else(|| names.iter().position(has).map(|at| at + names.len()))
}
