//! Pages of long lists.

use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Kind, Problem};
use crate::store::{Page, Paged};

/// The largest page.
const LIMIT: u32 = 200;

/// The page for the store, from a query; an error if the limit is out of range.
pub fn page(limit: Option<u32>, cursor: Option<&str>) -> Result<Page, Problem> {
    let limit = limit.unwrap_or(50);
    if !(1..=LIMIT).contains(&limit) {
        return Err(Problem::new(Kind::Validation).at("/limit", "out_of_range", format!("1–{LIMIT}")));
    }
    Ok(Page { limit, cursor: cursor.filter(|cursor| !cursor.is_empty()).map(str::to_owned) })
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Asks for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How many items all pages have together, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> List<T> {
    /// A page of the store, item by item as clients see it.
    pub fn of<S>(page: Paged<S>, view: impl FnMut(S) -> T) -> Self {
        Self { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor, total: page.total }
    }
}

/// A list that is never long.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items<T> {
    pub items: Vec<T>,
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}
