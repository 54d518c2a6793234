//! What the numbers of a format are: Excel keeps dates as numbers, and only their format tells.

/// What a format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Number,
    /// A date, a time, or both.
    Moment,
    /// Hours, minutes or seconds that may be more than a day has.
    Duration,
}

/// A format by its id, and its code where it is one of the workbook's own ("Office Open XML", part 1, 18.8.30).
pub(super) fn format(id: &str, code: Option<&str>) -> Format {
    match (code, id.parse::<u16>()) {
        (Some(code), _) => of_code(code),
        (None, Ok(14..=22 | 27..=36 | 45 | 47 | 50..=58)) => Format::Moment,
        (None, Ok(46)) => Format::Duration,
        _ => Format::Number,
    }
}

/// The first section decides: whether a letter of a date or of a time is in it that is not quoted, or such a one alone in brackets.
fn of_code(code: &str) -> Format {
    let mut letters = code.chars();
    // Within AM/PM, and not yet sure.
    let mut noon = false;
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            ';' => return Format::Number,
            // The next one is shown, or is as wide, or fills the cell.
            '_' | '\\' | '*' => drop(letters.next()),
            '"' => drop(letters.by_ref().find(|letter| *letter == '"')),
            '[' => {
                let within: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                let within = within.to_ascii_lowercase();
                if ["h", "m", "s"].iter().any(|unit| !within.is_empty() && within.replace(unit, "").is_empty()) {
                    return Format::Duration;
                }
            }
            'a' if !noon => noon = true,
            'p' | 'm' | '/' if noon => return Format::Moment,
            'd' | 'm' | 'h' | 'y' | 's' if !noon => return Format::Moment,
            _ => {}
        }
    }
    Format::Number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers() {
        for code in ["dd/mm/yyyy", "[$-40A]d \"de\" mmmm", "h:mm AM/PM", "yyyy\\-mm\\-dd;@", "[Red]mmm", "ss"] {
            assert_eq!(of_code(code), Format::Moment, "{code}");
        }
        for code in ["0.00", "\"días\" 0", "#,##0 \\d", "[Red]0", "_(* #,##0_);dd", "General", "[$$-es-MX]#,##0", "@"]
        {
            assert_eq!(of_code(code), Format::Number, "{code}");
        }
        for code in ["[h]:mm", "[mm]:ss", "[SS].0"] {
            assert_eq!(of_code(code), Format::Duration, "{code}");
        }
        assert_eq!(
            [format("14", None), format("46", None), format("2", None)],
            [Format::Moment, Format::Duration, Format::Number]
        );
        assert_eq!(format("14", Some("0")), Format::Number, "a code of its own counts");
    }
}
