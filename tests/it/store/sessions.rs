//! Sessions: which of them has an account.

use whatsmassive::domain::{phone::Phone, session::SessionStatus};

use super::{
    bench::{Bench, at},
    on_both,
};

on_both! {
    async fn an_account_has_one_session(bench: Bench) {
        let (one, two) = (bench.session("One").await.id, bench.session("Two").await.id);
        let phone = Phone::from_e164("573000000001").unwrap();
        let link = async |id, seconds| bench.store.link_session(id, &phone, at(seconds)).await.unwrap().other;
        assert_eq!(link(two, 1).await, None);
        assert_eq!(link(one, 2).await.as_deref(), Some("Two"));
        assert_eq!(bench.store.session(one).await.unwrap().unwrap().phone, None);
        assert_eq!(link(two, 3).await, None, "it comes online again");

        // Unlinked on the phone; the number is still shown.
        bench.store.set_observed(two, SessionStatus::LoggedOut, None, at(4)).await.unwrap();
        assert_eq!(link(one, 5).await, None);
        assert_eq!(bench.store.session(two).await.unwrap().unwrap().phone, Some(phone.clone()));
        // Linked to both before anybody looked: the older one has it.
        bench.store.set_observed(two, SessionStatus::Online, None, at(6)).await.unwrap();
        assert_eq!(link(two, 7).await.as_deref(), Some("One"));
        assert_eq!(link(one, 8).await, None);
        bench.store.unlink_session(one, at(9)).await.unwrap();
        assert_eq!(link(two, 10).await, None);
    }
}
