//! What was seen when sessions broke.

use whatsmassive::{
    domain::{health::Diagnosis, id::SessionId},
    store::StoreError,
};

use super::{
    bench::{Bench, at, audit},
    on_both,
};

fn seen(seconds: i64, reason: &str, picture: Option<&[u8]>) -> Diagnosis {
    let console = vec!["error: «out of memory»".to_owned(), String::new()];
    Diagnosis { at: at(seconds), reason: reason.to_owned(), console, picture: picture.map(<[u8]>::to_vec) }
}

on_both! {
    async fn the_last_one_of_each_session_is_kept_until_the_session_goes(bench: Bench) {
        let (one, two) = (bench.session("One").await.id, bench.session("Two").await.id);
        assert_eq!(bench.store.diagnosis(one).await.unwrap(), None);
        let first = seen(1, "page_crashed", Some(&[0xFF, 0xD8, 0]));
        let other = seen(2, "profile_in_use: 7 host", None);
        bench.store.keep_diagnosis(one, &first).await.unwrap();
        bench.store.keep_diagnosis(two, &other).await.unwrap();
        assert_eq!(bench.store.diagnosis(one).await.unwrap(), Some(first));
        let second = seen(3, "browser_exited", None);
        bench.store.keep_diagnosis(one, &second).await.unwrap();
        assert_eq!(bench.store.diagnosis(one).await.unwrap(), Some(second));
        let mut diagnosed = bench.store.diagnosed().await.unwrap();
        diagnosed.sort();
        assert_eq!(diagnosed, [(one, at(3)), (two, at(2))]);

        assert!(bench.store.delete_session(one, at(4), audit()).await.unwrap());
        assert_eq!(bench.store.diagnosed().await.unwrap(), [(two, at(2))]);
        let nobody = bench.store.keep_diagnosis(SessionId(99), &other).await;
        assert!(matches!(nobody, Err(StoreError::Foreign)), "{nobody:?}");
    }
}
