//! The lease: of all servers on a database, one at a time claims.

use chrono::TimeDelta;
use whatsmassive::{
    domain::campaign::Shares,
    store::{Order, StoreError, Token},
};

use super::{
    bench::{Bench, TOKEN, at, send_all},
    on_both,
};

on_both! {
    async fn one_server_at_a_time_has_it(bench: Bench) {
        let take = |holder, seconds| bench.store.take_lease(holder, TimeDelta::seconds(15), at(seconds), |_| false);
        let held = take("other", 5).await.unwrap().unwrap_err();
        assert_eq!(held.holder, "test");
        assert!(bench.store.renew_lease(TOKEN, TimeDelta::seconds(15), at(5)).await.unwrap());
        assert!(take("other", 19).await.unwrap().is_err(), "it was renewed");
        assert_eq!(take("other", 20).await.unwrap(), Ok(Token(2)));
        assert!(!bench.store.renew_lease(TOKEN, TimeDelta::seconds(15), at(21)).await.unwrap());
        bench.store.give_back_lease(TOKEN).await.unwrap();
        assert!(take("third", 22).await.unwrap().is_err(), "what is lost cannot be given back");
        bench.store.give_back_lease(Token(2)).await.unwrap();
        assert_eq!(take("third", 22).await.unwrap(), Ok(Token(3)));
        let from_the_dead = bench.store.take_lease("fourth", TimeDelta::seconds(15), at(23), |holder| holder == "third");
        assert_eq!(from_the_dead.await.unwrap(), Ok(Token(4)));
    }

    async fn a_server_that_was_asleep_claims_nothing(bench: Bench) {
        let (campaign, session) = bench.running(3).await;
        bench.claim(&campaign, &[session], 1).await;
        bench.store.take_lease("other", TimeDelta::seconds(15), at(2), |_| true).await.unwrap().unwrap();
        let order = Order { token: TOKEN, pool: campaign.pools[0], now: at(3), picks: &[session], holders: None, routing_state: None };
        let claim = bench.store.claim(order, &mut Shares::default(), send_all).await;
        assert!(matches!(claim, Err(StoreError::LeaseLost)), "{claim:?}");
        let order = Order { token: Token(2), ..order };
        assert_eq!(bench.store.claim(order, &mut Shares::default(), send_all).await.unwrap().claimed.len(), 1);
    }

    async fn of_two_servers_that_start_at_once_one_gets_it(bench: Bench) {
        bench.store.give_back_lease(TOKEN).await.unwrap();
        let take = |holder: &'static str| {
            let store = bench.store.clone();
            tokio::spawn(async move { store.take_lease(holder, TimeDelta::seconds(15), at(1), |_| false).await.unwrap().is_ok() })
        };
        let (one, two) = (take("one"), take("two"));
        assert!(one.await.unwrap() ^ two.await.unwrap());
    }
}
