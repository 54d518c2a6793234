//! What becomes of messages that may have left, and of which attempt that is said.

use whatsmassive::{
    domain::{
        failure::{Cause, Doubt},
        message::{Finding, MessageState, Receipt, Settlement},
        phone::Phone,
    },
    store::MessageFilter,
};

use super::{
    bench::{Bench, all, at, audit},
    on_both,
};

on_both! {
    async fn what_is_never_there_has_failed_after_its_attempts(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        for attempt in 1..=3 {
            let claimed = bench.claim(&campaign, &[session], attempt).await.claimed.remove(0);
            bench.settle(&claimed, Settlement::Uncertain(Doubt::PageError), attempt).await.unwrap();
            let absent = bench.store.requeue_absent(claimed.message_id, 3, at(attempt)).await.unwrap().unwrap();
            if attempt < 3 {
                assert_eq!((absent.state, i64::from(absent.attempts)), (MessageState::Queued, attempt));
            } else {
                assert_eq!((absent.state, absent.reason.as_deref()), (MessageState::Failed, Some("never_left")));
                assert_eq!(absent.claimed_at, None, "it is no contact");
            }
        }
    }

    async fn an_attempt_that_says_nothing_of_the_message_does_not_count(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        for round in 1..=5 {
            let claimed = bench.claim(&campaign, &[session], 30 * round).await.claimed.remove(0);
            assert_eq!(claimed.attempts, 1);
            if round % 2 == 0 {
                bench.settle(&claimed, Settlement::Retry(Cause::SessionDown.into()), 30 * round).await.unwrap();
            } else {
                bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(30 * round)).await.unwrap();
                let absent = bench.store.requeue_absent(claimed.message_id, 1, at(30 * round)).await.unwrap().unwrap();
                assert_eq!((absent.state, absent.attempts), (MessageState::Queued, 0));
            }
        }
    }

    async fn an_attempt_ends_only_itself(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let first = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        // Another server takes over, and repeats it under the same id.
        bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
        bench.store.requeue_absent(first.message_id, 3, at(3)).await.unwrap().unwrap();
        let second = bench.claim(&campaign, &[session], 4).await.claimed.remove(0);
        assert_eq!((second.attempts, &second.wire_id), (first.attempts, &first.wire_id));
        assert!(bench.settle(&first, Settlement::Retry(Cause::LeaseExpired.into()), 5).await.is_none());
        assert_eq!(bench.settle(&second, Settlement::Sent, 6).await.unwrap().state, MessageState::Sent);
    }

    async fn what_was_taken_for_absent_is_a_contact_once_it_has_arrived(bench: Bench) {
        let (campaign, session) = bench.running(2).await;
        for (number, by_person) in [(0, false), (1, true)] {
            let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
            bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
            let absent = bench.store.requeue_absent(claimed.message_id, 3, at(3)).await.unwrap().unwrap();
            assert_eq!(absent.claimed_at, None);
            if by_person {
                bench.run("UPDATE messages SET state = 'uncertain' WHERE state = 'queued'").await;
                bench.store.decide_uncertain(absent.id, Finding::Arrived, at(4), audit()).await.unwrap().unwrap();
            } else {
                bench.receive(&claimed.wire_id, Receipt::Delivered, 4).await.unwrap();
            }
            let messages = bench.store.messages(campaign.id, MessageFilter::default(), all()).await.unwrap().items;
            let message = messages.iter().map(|row| &row.message).find(|message| message.id == absent.id).unwrap();
            assert_eq!(message.claimed_at, Some(at(4)), "{number}: {message:?}");
        }
    }

    async fn what_a_session_has_in_doubt_is_for_a_person_to_decide_once_it_is_linked_anew(bench: Bench) {
        let (campaign, session) = bench.running(2).await;
        let link = async |last, seconds| {
            let phone = Phone::from_e164(&format!("57300000000{last}")).unwrap();
            bench.store.link_session(session, &phone, at(seconds)).await.unwrap()
        };
        link(1, 0).await;
        let waits = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
        bench.store.requeue_absent(waits.message_id, 3, at(3)).await.unwrap().unwrap();
        bench.run("UPDATE messages SET due_at = '2099-01-01T00:00:00.000000Z' WHERE state = 'queued'").await;
        let in_doubt = bench.claim(&campaign, &[session], 4).await.claimed.remove(0);
        bench.settle(&in_doubt, Settlement::Uncertain(Doubt::NoAck), 5).await.unwrap();
        // It comes online again, as the same account.
        assert_eq!(link(1, 6).await.doubted, []);
        assert_eq!(bench.store.uncertain_of_session(session).await.unwrap().len(), 1);
        // Its code is scanned, with whichever phone.
        bench.store.unlink_session(session, at(7)).await.unwrap();
        let doubted = link(1, 8).await.doubted;
        assert_eq!(doubted.iter().map(|moved| moved.message_id).collect::<Vec<_>>(), [waits.message_id]);
        assert_eq!(link(2, 9).await.doubted, []);
        assert_eq!(bench.store.uncertain_of_session(session).await.unwrap(), [], "nobody looks them up");
        let messages = bench.store.messages(campaign.id, MessageFilter::default(), all()).await.unwrap().items;
        for message in messages.into_iter().map(|row| row.message) {
            assert_eq!((message.state, message.reason.as_deref()), (MessageState::Uncertain, Some("session_linked_anew")));
            assert_eq!(message.session_id, Some(session), "a person sees which phone to look at");
            let again = bench.store.decide_uncertain(message.id, Finding::SendAgain, at(10), audit()).await.unwrap().unwrap();
            assert_eq!((again.state, again.wire_id, again.session_id), (MessageState::Queued, None, None));
        }
    }
}
