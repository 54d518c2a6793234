//! What the rows of a file would change, asked before anything is written.

use super::{
    Store,
    debtors_bulk::{CHUNK, Lock, People, Told, Upserted, known},
    error::StoreError,
    import_rows::FileRow,
};
use crate::domain::{
    id::DebtorId,
    phone::Phone,
    revision::{Change, Revision},
};

/// What would become of rows if known debtors were updated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreseen {
    pub upserted: Upserted,
    /// How many rows would leave somebody otherwise if they are updated than if they are not.
    pub differing: u64,
    /// The first of these.
    pub examples: Vec<Differing>,
}

/// A row that says otherwise than is known of a debtor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// From 1, as in the sheet.
    pub row: u64,
    pub debtor: DebtorId,
    pub phone: Phone,
    /// As it is known.
    pub name: String,
    pub changes: Vec<Change>,
}

impl Store {
    /// Looks at rows beside the debtors who are known, a thousand at once, and writes nothing; `examples` is how many of those that differ
    /// are given. Rows of a person in other calls are not known of here: what an earlier one would change is told again where a later one
    /// says the same.
    pub async fn foresee(&self, rows: &[FileRow], examples: usize) -> Result<Foreseen, StoreError> {
        let mut conn = self.db.read().await?;
        let mut foreseen = Foreseen::default();
        for chunk in rows.chunks(CHUNK) {
            let told: Vec<Told<'_>> = chunk.iter().map(FileRow::told).collect();
            let known = known(&mut conn, &told, Lock::Look).await?;
            let mut people = People::new(&known, told.len());
            told.iter().for_each(|row| foreseen.look(&mut people, row, examples));
        }
        Ok(foreseen)
    }
}

impl Foreseen {
    fn look<'rows>(&mut self, people: &mut People<'rows>, row: &Told<'rows>, examples: usize) {
        let Some(person) = people.meet(row.details) else {
            // Whom an earlier chunk would have added is not in the database yet.
            *(if row.another { &mut self.upserted.debts_added } else { &mut self.upserted.inserted }) += 1;
            return;
        };
        let left = person.left(row.details);
        self.upserted += person.take(row.details, true);
        let Some(known) = person.known.filter(|_| *person.details != left) else { return };
        self.differing += 1;
        if self.examples.len() < examples {
            self.examples.push(Differing {
                row: row.number,
                debtor: known.id,
                phone: known.details.phone.clone(),
                name: known.details.name.clone(),
                changes: Revision::between(&left, &person.details).changes(),
            });
        }
    }
}

impl std::ops::AddAssign for Foreseen {
    fn add_assign(&mut self, other: Self) {
        self.upserted += other.upserted;
        self.differing += other.differing;
        self.examples.extend(other.examples);
    }
}
