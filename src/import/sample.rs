//! A workbook to try an import with: as messy as real ones, and made up from beginning to end.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::ImportError;

/// Data rows, the bad ones included.
const ROWS: u32 = 200;

const NAMES: [&str; 12] = [
    "Ana María",
    "Luis Alberto",
    "José",
    "Carmen Rosa",
    "João",
    "Beatriz",
    "Miguel Ángel",
    "Sofía",
    "Íñigo",
    "Lucía",
    "Pedro",
    "Thaís",
];
const SURNAMES: [&str; 11] =
    ["Gómez", "Rodríguez", "Núñez", "Pérez", "da Silva", "Souza", "Muñoz", "Quiñones", "Torres", "Conceição", "Ávila"];

struct Texts {
    title: &'static str,
    headers: [&'static str; 6],
}

const SPANISH: Texts = Texts {
    title: "Cartera vencida — datos de ejemplo",
    headers: ["Nombre del cliente", "Teléfono celular", "Saldo", "Fecha de vencimiento", "N° de crédito", "Ciudad"],
};
const PORTUGUESE: Texts = Texts {
    title: "Carteira vencida — dados de exemplo",
    headers: ["Nome do cliente", "Celular", "Saldo", "Vencimento", "Contrato", "Cidade"],
};
const ENGLISH: Texts = Texts {
    title: "Overdue accounts — sample data",
    headers: ["Customer name", "Mobile phone", "Balance", "Due date", "Loan number", "City"],
};

/// A workbook of 200 rows, ten of which are bad on purpose; headers in `language` (`es`, `pt`, else English).
pub fn sample_workbook(language: &str) -> Result<Vec<u8>, ImportError> {
    let texts = match language {
        "es" => SPANISH,
        "pt" => PORTUGUESE,
        _ => ENGLISH,
    };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let title = Format::new().set_bold().set_font_size(14);
    sheet.merge_range(0, 0, 0, 5, texts.title, &title)?;
    let bold = Format::new().set_bold();
    for (column, header) in (0..).zip(texts.headers) {
        sheet.write_with_format(2, column, header, &bold)?;
    }
    for row in 0..ROWS {
        write_row(sheet, row)?;
    }
    sheet.autofit();
    Ok(workbook.save_to_buffer()?)
}

fn write_row(sheet: &mut Worksheet, index: u32) -> Result<(), XlsxError> {
    let row = index + 3;
    let name = format!("{} {}", NAMES[index as usize % NAMES.len()], SURNAMES[index as usize % SURNAMES.len()]);
    sheet.write(row, 0, if index == 63 { "" } else { &name })?;
    match index {
        // The bad ones: no phone, too short, not a phone, one number and its account twice (three times over).
        20 | 140 => sheet.write(row, 1, "")?,
        41 => sheet.write(row, 1, "12345")?,
        82 => sheet.write(row, 1, "no tiene")?,
        _ if is_repeated(index) => sheet.write(row, 1, phone(index - 1))?,
        // As Excel keeps a number that somebody typed.
        _ if index.is_multiple_of(6) => sheet.write(row, 1, national(index) as f64)?,
        _ => sheet.write(row, 1, phone(index))?,
    };
    match index {
        104 => sheet.write(row, 2, "por definir")?,
        _ if index.is_multiple_of(3) => sheet.write(row, 2, f64::from(index) * 7_350.0 + 45_000.0)?,
        _ => sheet.write(row, 2, format!("$ {}.{:03}", 45 + index * 7, index * 5 % 1000))?,
    };
    let (day, month) = (index % 28 + 1, index % 12 + 1);
    let due = if index == 120 { "31/02/2026".to_owned() } else { format!("{day:02}/{month:02}/2026") };
    sheet.write(row, 3, due)?;
    sheet.write(row, 4, format!("CR-{}", 20_000 + index - u32::from(is_repeated(index))))?;
    sheet.write(row, 5, ["Bogotá", "Medellín", "Cali", "Barranquilla"][index as usize % 4])?;
    Ok(())
}

/// Whether the row is that of somebody who is in the row before.
const fn is_repeated(index: u32) -> bool {
    matches!(index, 100 | 150 | 199)
}

/// A mobile number in the form of Colombia's plan.
const fn national(index: u32) -> u64 {
    3_001_230_000 + index as u64 * 37
}

/// The number, written one of five ways; whole numbers are the sixth.
fn phone(index: u32) -> String {
    let digits = national(index).to_string();
    let (area, first, last) = (&digits[..3], &digits[3..6], &digits[6..]);
    match index % 5 {
        0 => format!("+57 {area} {first} {last}"),
        1 => format!("({area}) {first}-{last}"),
        2 => format!("{area}.{first}.{last}"),
        3 => format!("0057{digits}"),
        _ => format!("57{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::import::{CommitPlan, DateOrder, Field, Mapping, Row, check, header, line::Line, workbook};

    #[test]
    fn the_sample_reads_as_two_hundred_rows_with_ten_bad_ones_in_every_language() {
        for language in ["es", "pt", "en"] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(&file, sample_workbook(language).unwrap()).unwrap();
            let mut read = Vec::new();
            let take = &mut |line: &Line| {
                read.push(Row::from(line));
                Ok(())
            };
            workbook::read(file.path(), None, take).unwrap();
            let layout = header::find(&read);
            let detected: Vec<Option<Field>> = layout.columns.iter().map(|column| column.detected).collect();
            use Field::{Amount, DueDate, Name, Phone, Reference};
            assert_eq!(
                detected,
                [Some(Name), Some(Phone), Some(Amount), Some(DueDate), Some(Reference), None],
                "{language}"
            );
            let mapping = layout
                .columns
                .iter()
                .filter_map(|column| Some(Mapping { index: column.index, field: column.detected?, variable: None }));
            let plan = CommitPlan {
                mapping: mapping.collect(),
                country: "CO".parse().unwrap(),
                currency: "COP".parse().unwrap(),
                date_order: DateOrder::Dmy,
                decimal: crate::domain::money::Decimal::Auto,
                tags: [].into(),
                duplicates: crate::domain::duplicates::Duplicates::all(true),
                ask: false,
                corrections: [].into(),
            };
            let checked = check(layout.body(&read), &BTreeMap::new(), &plan);
            assert_eq!(
                (checked.debtors.len(), checked.rejected, checked.duplicates),
                (190, 7, 3),
                "{:?}",
                checked.problems
            );
        }
    }
}
