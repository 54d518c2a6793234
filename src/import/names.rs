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
            "nombres y apellidos",
            "apellidos y nombres",
            "nombre y apellidos",
            "nombre y apellido",
            "apellido y nombre",
            "apellidos y nombre",
            "nome e sobrenome",
            "nombre completo",
            "nome completo",
            "full name",
            "nombre",
            "nombres",
            "nome",
            "name",
            "first name",
            "given name",
            "cliente",
            "deudor",
            "devedor",
            "titular",
            "debtor",
            "customer",
            "razon social",
            "persona",
            // Where nobody is named in full or by a first name.
            "apellidos",
            "apellido",
            "sobrenome",
            "surname",
        ],
    ),
];

/// The fields that say more of a debtor, as [`NAMES`]; a table has none of them for a header by itself, since titles have such words too.
/// A second phone is not here: it is called as the first one, and by one of [`SECOND`].
pub(super) const FURTHER: &[(Field, &[&str])] = &[
    (
        Field::Surname,
        &[
            "apellidos",
            "apellido",
            "apellido paterno",
            "apellido materno",
            "primer apellido",
            "segundo apellido",
            "sobrenome",
            "surname",
            "last name",
            "family name",
            "lastname",
        ],
    ),
    (
        Field::TimeZone,
        &["zona horaria", "huso horario", "fuso horario", "fuso", "time zone", "timezone", "tz", "utc", "gmt"],
    ),
    (Field::Language, &["idioma", "language", "lengua", "lingua", "lang", "locale"]),
    (Field::Country, &["pais", "country", "pais de residencia", "country code", "codigo de pais", "codigo do pais"]),
    (
        Field::Company,
        &[
            "empresa",
            "company",
            "compania",
            "companhia",
            "acreedor",
            "credor",
            "creditor",
            "marca",
            "brand",
            "entidad",
            "entidade",
            "banco",
            "bank",
            "portafolio",
            "portfolio",
        ],
    ),
];

/// Words that make a phone the second one.
pub(super) const SECOND: &[&str] = &[
    "2",
    "3",
    "alterno",
    "alternativo",
    "alternativa",
    "alternative",
    "alternate",
    "secundario",
    "secondary",
    "second",
    "segundo",
    "adicional",
    "additional",
    "otro",
    "outro",
    "other",
    "casa",
    "fijo",
    "fixo",
    "residencial",
    "residencia",
    "home",
    "oficina",
    "trabajo",
    "trabalho",
    "comercial",
    "work",
    "office",
    "referencia",
    "recado",
    "recados",
];

/// Words that make a name one with its surname: there is nothing to add to it.
const WHOLE_NAME: &[&str] =
    &["apellido", "apellidos", "sobrenome", "surname", "completo", "completa", "full", "razon social", "fullname"];

/// Words that tell of a column that it is not of the field after all.
const NOT: &[(Field, &[&str])] = &[
    // Both names in one column, or the surname of somebody else.
    (
        Field::Surname,
        &[
            "nombre",
            "nombres",
            "nome",
            "first",
            "madre",
            "padre",
            "mae",
            "pai",
            "mother",
            "maiden",
            "soltera",
            "casada",
            "conyuge",
            "spouse",
            "aval",
            "codeudor",
            "fiador",
            "avalista",
            "guarantor",
            "referencia",
            "contacto",
            "asesor",
            "gestor",
        ],
    ),
    (Field::DueDate, &["nacimiento", "nascimento", "birth"]),
    // Where somebody is from does not tell where their phone is.
    (Field::Country, &["nacimiento", "nascimento", "birth", "origen", "origem", "origin"]),
];

/// The names of a field.
pub(super) fn names(field: Field) -> &'static [&'static str] {
    let known = NAMES.iter().chain(FURTHER).find(|(other, _)| *other == field);
    known.map_or(&[], |(_, names)| names)
}

/// How well a header matches a field; smaller is better.
pub(super) fn rank(header: &str, field: Field) -> Option<usize> {
    let names = names(field);
    let is_not = |(other, words): &(Field, &[&str])| *other == field && position(header, words).is_some();
    position(header, names).filter(|_| !NOT.iter().any(is_not))
}

/// Whether a header is that of a surname alone.
pub(super) fn is_surname(header: &str) -> bool {
    rank(header, Field::Surname).is_some()
}

/// Whether a header is that of names with their surnames.
pub(super) fn is_whole_name(header: &str) -> bool {
    position(header, WHOLE_NAME).is_some() && !is_surname(header)
}

/// Whether a header is that of a phone to try after the first.
pub(super) fn is_second(header: &str) -> bool {
    rank(header, Field::Phone).is_some() && position(header, SECOND).is_some()
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
