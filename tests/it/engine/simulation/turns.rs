//! Turns, as the ledger tells them.

use std::collections::BTreeSet;

use whatsmassive::domain::{
    message::{Message, MessageState},
    pacing::Caps,
    pool::Strategy,
};

use super::{Rotation, Scenario};

/// Where nobody is away for longer than the grace time or capped, turns follow their rule to the letter, over every crash. A message that
/// was proved absent waits for its own session: it may go in that one's turn or out of turn.
pub(super) fn were_fair(seed: u64, messages: &[Message], pool: Rotation, scenario: &Scenario) {
    let calm = scenario.faults.disconnects == 0 && scenario.faults.restricts == 0 && scenario.caps == Caps::NONE;
    if pool.strategy == Strategy::Competitive || pool.sticky || !calm {
        return;
    }
    let mut claims = Vec::new();
    for message in messages {
        let mut own = false;
        for happening in &message.history {
            own |= happening.reason.as_deref() == Some("proved_absent");
            if happening.state == MessageState::Sending {
                claims.push((happening.at, happening.session_id.expect("a claim names its session").0, own));
            }
        }
    }
    claims.sort_unstable();
    let rounds = pool.rounds();
    let begins: BTreeSet<(usize, usize)> = (0..rounds.len()).map(|round| (round, 0)).collect();
    // Where in which round it may be.
    let mut places = begins.clone();
    for (index, &(_, session, own)) in claims.iter().enumerate() {
        let mut next = if own { places.clone() } else { BTreeSet::new() };
        for &(round, place) in places.iter().filter(|(round, place)| rounds[*round][*place] == session) {
            if place + 1 < rounds[round].len() {
                next.insert((round, place + 1));
            } else {
                next.extend(&begins);
            }
        }
        assert!(
            !next.is_empty(),
            "seed {seed}: number {index} is not in turn ({}, {rounds:?}): {claims:?}",
            pool.strategy
        );
        places = next;
    }
}
