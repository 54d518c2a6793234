//! Pages of long lists: by the key of the last row seen, so that a page costs the same however far down it is.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

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

    /// The place after which the page begins, in lists that are in another order than that of their ids.
    pub(super) fn place<P: DeserializeOwned>(&self) -> Option<P> {
        let bytes = URL_SAFE_NO_PAD.decode(self.cursor.as_deref()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The cursor of a place.
    pub(super) fn cursor_at<P: Serialize>(place: &P) -> Option<String> {
        Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).ok()?))
    }

    /// Makes a page of the rows that were found; `place` says where one is.
    pub(super) fn by_place<T, P: Serialize>(&self, mut items: Vec<T>, place: impl Fn(&T) -> P) -> Paged<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).and_then(|last| Self::cursor_at(&place(last)));
        Paged { items, next_cursor, total: None }
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
    fn a_cursor_leads_to_the_place_after_the_last() {
        let page = Page { limit: 1, cursor: None };
        let place = |name: &&str| ((*name).to_owned(), 7);
        let first = page.by_place(vec!["a", "b"], place);
        let next = Page { limit: 1, cursor: first.next_cursor };
        assert_eq!(next.place(), Some(("a".to_owned(), 7)));
        assert_eq!(next.by_place(vec!["b"], place).next_cursor, None);
        assert_eq!(Page { limit: 1, cursor: Some("AAAA".to_owned()) }.place::<(String, i64)>(), None);
    }

    #[test]
    fn a_cursor_of_somebody_else_is_no_cursor() {
        for cursor in ["", "x", "AAAA", "not base64!"] {
            assert_eq!(Page { limit: 1, cursor: Some(cursor.to_owned()) }.after(), None);
        }
    }
}
