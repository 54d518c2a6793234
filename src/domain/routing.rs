//! Which session of a pool sends the next message: pure, so that every strategy can be tested without a clock or a browser.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, seq::SliceRandom as _};
use serde::{Deserialize, Serialize};

use super::{
    id::SessionId,
    pool::{Grace, Rules, Strategy, Weight},
};

/// What a member of a pool can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Online and rested since that instant.
    Free { since: DateTime<Utc> },
    /// Online, but sending or resting.
    Busy,
    /// Online, but its caps keep it from sending until that instant: not part of the pool until then.
    Capped { until: DateTime<Utc> },
    /// On its way to being online since that instant.
    Away { since: DateTime<Utc> },
    /// Stopped, unlinked or restricted: not part of the pool for now.
    Out,
}

impl Availability {
    const fn is_out(self) -> bool {
        matches!(self, Self::Out | Self::Capped { .. })
    }

    /// When it changes by itself in a pool with that grace time, if it does.
    pub fn changes_at(self, grace: Grace) -> Option<DateTime<Utc>> {
        match self {
            Self::Capped { until } => Some(until),
            // The first instant at which its turn passes on.
            Self::Away { since } => Some(since + grace.span() + TimeDelta::milliseconds(1)),
            Self::Free { .. } | Self::Busy | Self::Out => None,
        }
    }
}

/// A member of a pool, in the pool's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub session: SessionId,
    pub weight: Weight,
    pub availability: Availability,
}

/// Who sends the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This session, now.
    Send(SessionId),
    /// Nobody yet: wait until a member is free, or until an absent one has been away for the pool's grace time.
    Wait,
    /// Nobody: no member is online or coming back.
    Nobody,
}

/// Whose turn it is. Stored with the pool, so that a turn survives a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// Members that still have their turn in this round; the first one holds it.
    round: VecDeque<i64>,
    /// Messages the holder has sent in this turn.
    sent: u16,
}

impl Turns {
    /// Chooses who sends the next message, and gives the turns as they will be once that message is claimed.
    pub fn next(&self, rules: Rules, members: &[Member], now: DateTime<Utc>, rng: &mut impl Rng) -> (Choice, Self) {
        match rules.strategy {
            Strategy::Competitive => (longest_idle(members), Self::default()),
            Strategy::FixedTurns => self.take_turn(rules, members, now, |_| {}),
            Strategy::RandomTurns => self.take_turn(rules, members, now, |round| round.shuffle(rng)),
        }
    }

    fn take_turn(
        &self,
        Rules { turn_size, grace, .. }: Rules,
        members: &[Member],
        now: DateTime<Utc>,
        mut arrange: impl FnMut(&mut [i64]),
    ) -> (Choice, Self) {
        let mut turns = self.clone();
        // What is left of this round, then at most one whole round: who is out in both is out.
        for new_round in [false, true] {
            if new_round {
                let mut round: Vec<i64> = members.iter().map(|member| member.session.0).collect();
                arrange(&mut round);
                turns = Self { round: round.into(), sent: 0 };
            }
            while let Some(&holder) = turns.round.front() {
                let Some(member) = members.iter().find(|member| member.session.0 == holder) else {
                    turns.pass_on();
                    continue;
                };
                match member.availability {
                    Availability::Free { .. } => {
                        turns.count_message(member.weight.turn(turn_size));
                        return (Choice::Send(member.session), turns);
                    }
                    Availability::Busy => return (Choice::Wait, turns),
                    Availability::Away { since } if now - since <= grace.span() => return (Choice::Wait, turns),
                    Availability::Away { .. } | Availability::Capped { .. } | Availability::Out => turns.pass_on(),
                }
            }
        }
        (Choice::Nobody, turns)
    }

    fn count_message(&mut self, of_turn: u16) {
        self.sent += 1;
        if self.sent >= of_turn {
            self.pass_on();
        }
    }

    fn pass_on(&mut self) {
        self.round.pop_front();
        self.sent = 0;
    }
}

/// The members that are free, longest idle first.
pub fn idle(members: &[Member]) -> Vec<SessionId> {
    let free = members.iter().filter_map(|member| match member.availability {
        Availability::Free { since } => Some((since, member.session)),
        _ => None,
    });
    let mut free: Vec<_> = free.collect();
    free.sort_unstable();
    free.into_iter().map(|(_, session)| session).collect()
}

fn longest_idle(members: &[Member]) -> Choice {
    match idle(members).first() {
        Some(session) => Choice::Send(*session),
        None if members.iter().all(|member| member.availability.is_out()) => Choice::Nobody,
        None => Choice::Wait,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;
    use crate::domain::pool::{Strategy, TurnSize};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const GRACE: TimeDelta = TimeDelta::seconds(60);

    fn rules(strategy: Strategy, turn_size: i64) -> Rules {
        Rules { strategy, turn_size: TurnSize::new(turn_size).unwrap(), grace: Grace::default() }
    }

    fn free(id: i64) -> Member {
        with(id, Availability::Free { since: NOW - TimeDelta::seconds(id) })
    }

    fn with(id: i64, availability: Availability) -> Member {
        Member { session: SessionId(id), weight: Weight::ONE, availability }
    }

    /// Lets `messages` be sent and lists who sent them.
    fn senders(strategy: Strategy, turn_size: i64, members: &[Member], messages: usize, seed: u64) -> Vec<i64> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut turns = Turns::default();
        (0..messages)
            .map(|_| {
                let (choice, next) = turns.next(rules(strategy, turn_size), members, NOW, &mut rng);
                turns = next;
                match choice {
                    Choice::Send(session) => session.0,
                    other => panic!("nobody sent: {other:?}"),
                }
            })
            .collect()
    }

    #[test]
    fn fixed_turns_go_in_order() {
        let members = [free(3), free(1), free(2)];
        assert_eq!(senders(Strategy::FixedTurns, 2, &members, 8, 0), [3, 3, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_heavier_member_has_longer_turns() {
        let members = [Member { weight: Weight::new(3).unwrap(), ..free(1) }, free(2)];
        assert_eq!(senders(Strategy::FixedTurns, 1, &members, 8, 0), [1, 1, 1, 2, 1, 1, 1, 2]);
    }

    #[test]
    fn competitive_takes_the_longest_idle() {
        assert_eq!(senders(Strategy::Competitive, 1, &[free(1), free(9), free(4)], 1, 0), [9]);
    }

    #[test]
    fn a_turn_waits_for_its_busy_holder() {
        let members = [with(1, Availability::Busy), free(2)];
        let (choice, _) =
            Turns::default().next(rules(Strategy::FixedTurns, 1), &members, NOW, &mut StdRng::seed_from_u64(0));
        assert_eq!(choice, Choice::Wait);
    }

    #[test]
    fn a_holder_that_is_away_keeps_its_turn_for_the_grace_time_and_rejoins_at_its_place() {
        let next = |turns: &Turns, members: &[Member]| {
            turns.next(rules(Strategy::FixedTurns, 1), members, NOW, &mut StdRng::seed_from_u64(0))
        };
        let just_left = [with(1, Availability::Away { since: NOW - GRACE }), free(2)];
        assert_eq!(next(&Turns::default(), &just_left).0, Choice::Wait);

        let long_gone = [with(1, Availability::Away { since: NOW - GRACE * 2 }), free(2)];
        let (choice, turns) = next(&Turns::default(), &long_gone);
        assert_eq!(choice, Choice::Send(SessionId(2)));

        let (choice, _) = next(&turns, &[free(1), free(2)]);
        assert_eq!(choice, Choice::Send(SessionId(1)));
    }

    #[test]
    fn a_pool_without_grace_time_waits_for_nobody() {
        let members = [with(1, Availability::Away { since: NOW - TimeDelta::seconds(1) }), free(2)];
        let impatient = Rules { grace: Grace::new(0).unwrap(), ..rules(Strategy::FixedTurns, 1) };
        let (choice, _) = Turns::default().next(impatient, &members, NOW, &mut StdRng::seed_from_u64(0));
        assert_eq!(choice, Choice::Send(SessionId(2)));
    }

    #[test]
    fn nobody_sends_when_all_are_out() {
        let members = [with(1, Availability::Out), with(2, Availability::Out)];
        for &strategy in Strategy::ALL {
            let (choice, _) = Turns::default().next(rules(strategy, 1), &members, NOW, &mut StdRng::seed_from_u64(0));
            assert_eq!(choice, Choice::Nobody, "{strategy}");
        }
    }

    #[test]
    fn turns_survive_being_stored() {
        let (_, turns) = Turns::default().next(
            rules(Strategy::RandomTurns, 2),
            &[free(1), free(2)],
            NOW,
            &mut StdRng::seed_from_u64(7),
        );
        let stored = serde_json::to_value(&turns).unwrap();
        assert_eq!(serde_json::from_value::<Turns>(stored).unwrap(), turns);
    }

    proptest! {
        #[test]
        fn random_turns_give_each_member_one_turn_a_round(size in 1..6_i64, turn in 1..4_i64, rounds in 1..5_usize, seed: u64) {
            let members: Vec<Member> = (1..=size).map(free).collect();
            let per_round = usize::try_from(size * turn).unwrap();
            let sent = senders(Strategy::RandomTurns, turn, &members, per_round * rounds, seed);
            for round in sent.chunks(per_round) {
                for turn_of_one in round.chunks(usize::try_from(turn).unwrap()) {
                    prop_assert!(turn_of_one.iter().all(|id| *id == turn_of_one[0]));
                }
                let mut holders: Vec<i64> = round.chunks(usize::try_from(turn).unwrap()).map(|turn| turn[0]).collect();
                holders.sort_unstable();
                prop_assert_eq!(holders, (1..=size).collect::<Vec<_>>());
            }
        }

        #[test]
        fn whoever_is_chosen_is_free(kinds in proptest::collection::vec(0..5_u8, 1..8), seed: u64, strategy in 0..3_usize) {
            let members: Vec<Member> = kinds.iter().zip(1..).map(|(kind, id)| with(id, match kind {
                0 => Availability::Free { since: NOW },
                1 => Availability::Busy,
                2 => Availability::Away { since: NOW - GRACE * 2 },
                3 => Availability::Capped { until: NOW + GRACE },
                _ => Availability::Out,
            })).collect();
            let (choice, _) = Turns::default().next(rules(Strategy::ALL[strategy], 1), &members, NOW, &mut StdRng::seed_from_u64(seed));
            match choice {
                Choice::Send(id) => {
                    let chosen = members.iter().find(|member| member.session == id).unwrap();
                    let is_free = matches!(chosen.availability, Availability::Free { .. });
                    prop_assert!(is_free);
                }
                Choice::Wait => prop_assert!(kinds.contains(&1) || kinds.contains(&2)),
                Choice::Nobody => prop_assert!(!kinds.contains(&0)),
            }
        }
    }
}
