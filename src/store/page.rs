//! Pages of long lists: by the key of the last row seen, so that a page costs the same however far down it is.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows at the most.
    pub limit: u32,
    /// Where the page before ended: its `next_cursor`. A cursor that is not one of ours starts from the top.
    pub cursor: Option<String>,
}

/// One page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    pub items: Vec<T>,
    /// Asks for the next page; none on the last.
    pub next_cursor: Option<String>,
    /// How many rows all pages have together, where it was counted.
    pub total: Option<u64>,
}

impl Page {
    /// The id after which the page begins.
    pub(super) fn after(&self) -> Option<i64> {
        let bytes = URL_SAFE_NO_PAD.decode(self.cursor.as_deref()?).ok()?;
        Some(i64::from_be_bytes(bytes.try_into().ok()?))
    }

    /// How many rows to ask for: one more than wanted tells whether there is another page.
    pub(super) fn probe(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes a page of the rows that were found; `id` gives the key of one.
    pub(super) fn of<T>(&self, mut items: Vec<T>, total: Option<i64>, id: impl Fn(&T) -> i64) -> Paged<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last).to_be_bytes()));
        Paged { items, next_cursor, total: total.map(i64::cast_unsigned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_row_after_the_last() {
        let page = Page { limit: 2, cursor: None };
        let first = page.of(vec![9, 8, 7], Some(3), |id| *id);
        assert_eq!(first.items, [9, 8]);
        let next = Page { limit: 2, cursor: first.next_cursor };
        assert_eq!(next.after(), Some(8));
        assert_eq!(next.of(vec![7], None, |id| *id).next_cursor, None);
    }

    #[test]
    fn a_cursor_of_somebody_else_is_no_cursor() {
        for cursor in ["", "x", "AAAA", "not base64!"] {
            assert_eq!(Page { limit: 1, cursor: Some(cursor.to_owned()) }.after(), None);
        }
    }
}
