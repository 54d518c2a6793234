//! The store, every test on both databases.

mod bench;
mod campaigns;
mod debtor_timeline;
mod debtors;
mod debtors_at_once;
mod debtors_list;
mod debts;
mod diagnoses;
mod doubts;
mod hidden;
mod import_forecast;
mod import_undo;
mod imports;
mod leases;
mod ledger;
mod media;
mod promises;
mod races;
mod sessions;
mod users;

/// Makes two tests of one: `on_both! { async fn name(store: Bench) { … } }`.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($bench:ident: Bench) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn check($bench: Bench) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                check(Bench::sqlite().await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                check(Bench::postgres().await).await;
            }
        }
    )+};
}
use on_both;
