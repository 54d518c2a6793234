//! Texts from hidden numbers, and whose they are.

use whatsmassive::{
    domain::{
        conversation::{HiddenInbound, Lid},
        media::{InboundMedia, MediaKind},
        phone::Phone,
    },
    store::{Entry, HiddenText},
};

use super::{
    bench::{Bench, at, audit},
    on_both,
};

on_both! {
    async fn a_text_waits_until_it_is_known_whose_it_is(bench: Bench) {
        let session = bench.session("One").await.id;
        let lid = Lid::from_chat("123@lid").unwrap();
        let media = InboundMedia { wire_key: "false_123@lid_IN1".to_owned(), kind: MediaKind::Image, file_name: String::new() };
        let first = HiddenInbound { lid: lid.clone(), wire_id: "IN1".to_owned(), body: "«Baja» 👋".to_owned(), media: Some(media), at: at(1) };
        let second = HiddenInbound { wire_id: "IN2".to_owned(), media: None, ..first.clone() };
        for hidden in [&first, &second, &first] {
            bench.store.keep_hidden(session, hidden).await.unwrap();
        }
        assert_eq!(bench.store.hidden_lids().await.unwrap(), std::slice::from_ref(&lid));
        let texts = bench.store.hidden_texts(&lid).await.unwrap();
        let [one, two] = texts.as_slice() else { panic!("{texts:?}") };
        assert_eq!(*one, HiddenText { id: one.id, session_id: Some(session), inbound: first });
        assert_eq!(two.inbound, second);
        bench.store.drop_hidden(one.id).await.unwrap();
        assert!(bench.store.delete_session(session, at(2), audit()).await.unwrap());
        let left = bench.store.hidden_texts(&lid).await.unwrap();
        assert_eq!(left.iter().map(|text| (text.id, text.session_id)).collect::<Vec<_>>(), [(two.id, None)]);

        assert_eq!(bench.store.phone_of_lid(&lid).await.unwrap(), None);
        // Somebody may have another number by now.
        for number in ["573001000001", "573001000001", "573001000002"] {
            let phone = Phone::from_e164(number).unwrap();
            bench.store.record(&[Entry::Lid { lid: lid.clone(), phone: phone.clone() }], at(3)).await.unwrap();
            assert_eq!(bench.store.phone_of_lid(&lid).await.unwrap(), Some(phone));
        }
    }
}
