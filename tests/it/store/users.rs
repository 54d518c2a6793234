//! Users, sign-ins, and the audit trail.

use whatsmassive::store::StoreError;

use super::{
    bench::{Bench, all, at, audit},
    on_both,
};

on_both! {
    async fn of_two_first_users_one_is_made(bench: Bench) {
        let first = |name: &'static str| {
            let store = bench.store.clone();
            tokio::spawn(async move { store.create_first_user(Bench::user_named(name), at(0), audit()).await.unwrap() })
        };
        let (ana, luis) = (first("ana"), first("luis"));
        let made = [ana.await.unwrap(), luis.await.unwrap()].into_iter().flatten().count();
        assert_eq!((made, bench.store.count_users().await.unwrap()), (1, 1));
    }

    async fn a_username_is_unique_without_regard_to_case_and_a_failed_change_leaves_no_audit(bench: Bench) {
        bench.store.create_user(Bench::user_named("Ana"), at(0), audit()).await.unwrap();
        let again = bench.store.create_user(Bench::user_named("ANA"), at(0), audit()).await;
        assert!(matches!(again, Err(StoreError::Unique { constraint: "users_username" })), "{again:?}");
        assert_eq!(bench.store.user_by_username("aNa").await.unwrap().unwrap().0.username, "Ana");
        let trail = bench.store.audit_trail(&all()).await.unwrap().items;
        assert_eq!(trail.len(), 1);
        assert_eq!((trail[0].action.as_str(), trail[0].detail["why"].as_str(), trail[0].at), ("test", Some("test"), at(0)));
    }

    async fn a_sign_in_ends_when_it_expires_or_is_deleted(bench: Bench) {
        let user = bench.user().await;
        bench.store.create_sign_in(b"one", user.id, at(60), at(0)).await.unwrap();
        bench.store.create_sign_in(b"two", user.id, at(600), at(0)).await.unwrap();
        assert_eq!(bench.store.sign_in_user(b"one", at(59)).await.unwrap(), Some(user.clone()));
        assert_eq!(bench.store.sign_in_user(b"one", at(60)).await.unwrap(), None);
        assert_eq!(bench.store.sign_in_user(b"other", at(0)).await.unwrap(), None);
        bench.store.delete_expired_sign_ins(at(61)).await.unwrap();
        bench.store.delete_sign_in(b"two").await.unwrap();
        assert_eq!(bench.store.sign_in_user(b"two", at(61)).await.unwrap(), None);
    }

    async fn names_are_unique(bench: Bench) {
        bench.session("One").await;
        let again = whatsmassive::store::NewSession {
            name: "One".to_owned(),
            channel: whatsmassive::domain::session::ChannelKind::Web,
            desired: whatsmassive::domain::session::DesiredState::Stopped,
            delay: Default::default(),
            caps: whatsmassive::domain::pacing::Caps::NONE,
        };
        let again = bench.store.create_session(again, at(0), audit()).await;
        assert!(matches!(again, Err(StoreError::Unique { constraint: "sessions_name" })), "{again:?}");
    }
}
