//! How campaigns share a pool: by priority, and among equals by weight.

use std::collections::HashMap;

use super::Plan;
use crate::domain::id::CampaignId;

/// Weighted fair queueing: each campaign has a clock that its messages move on, the slower the more weight it has; the campaign goes next
/// whose clock is behind. In memory only: after a restart all begin as equals.
#[derive(Debug, Clone, Default)]
pub struct Shares(HashMap<CampaignId, u64>);

/// What a message moves the clock on at weight 1; a multiple of 1 to 10, so that small weights share exactly.
const MESSAGE: u64 = 2_520_000;

impl Shares {
    /// Whoever is running now. One that is new begins where the last of the others is, so that it catches up on nothing.
    pub fn enter(&mut self, running: impl Iterator<Item = CampaignId> + Clone) {
        let known = running.clone().filter_map(|campaign| self.0.get(&campaign).copied()).min().unwrap_or(0);
        let clocks = running.map(|campaign| (campaign, self.0.get(&campaign).copied().unwrap_or(known)));
        self.0 = clocks.collect();
    }

    /// Who of those with something to send goes next.
    pub fn next<'plan>(&self, waiting: impl Iterator<Item = (CampaignId, &'plan Plan)>) -> Option<CampaignId> {
        let rank = |(campaign, plan): &(CampaignId, &Plan)| {
            (std::cmp::Reverse(plan.priority), self.0.get(campaign).copied().unwrap_or(0), *campaign)
        };
        waiting.min_by_key(rank).map(|(campaign, _)| campaign)
    }

    /// The campaign has sent a message.
    pub fn charge(&mut self, campaign: CampaignId, plan: &Plan) {
        *self.0.entry(campaign).or_default() += MESSAGE / u64::from(plan.weight.max(1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Who sends, one message at a time, while all have something to send.
    fn order(plans: &[(u32, u32)], messages: usize) -> Vec<i64> {
        let plans: Vec<(CampaignId, Plan)> = (1..)
            .zip(plans)
            .map(|(id, &(weight, priority))| (CampaignId(id), Plan { weight, priority, ..Plan::default() }))
            .collect();
        let mut shares = Shares::default();
        (0..messages)
            .map(|_| {
                shares.enter(plans.iter().map(|(id, _)| *id));
                let next = shares.next(plans.iter().map(|(id, plan)| (*id, plan))).unwrap();
                shares.charge(next, &plans.iter().find(|(id, _)| *id == next).unwrap().1);
                next.0
            })
            .collect()
    }

    #[test]
    fn equals_alternate_and_a_higher_priority_goes_first() {
        assert_eq!(order(&[(1, 0), (1, 0)], 4), [1, 2, 1, 2]);
        assert_eq!(order(&[(1, 0), (1, 3), (1, 3)], 4), [2, 3, 2, 3]);
    }

    #[test]
    fn one_that_comes_later_catches_up_on_nothing() {
        let plan = Plan::default();
        let mut shares = Shares::default();
        let (old, new) = (CampaignId(1), CampaignId(2));
        for _ in 0..100 {
            shares.enter([old].into_iter());
            shares.charge(old, &plan);
        }
        let mut sent = Vec::new();
        for _ in 0..6 {
            shares.enter([old, new].into_iter());
            let next = shares.next([(old, &plan), (new, &plan)].into_iter()).unwrap();
            shares.charge(next, &plan);
            sent.push(next.0);
        }
        assert_eq!(sent, [1, 2, 1, 2, 1, 2]);
    }

    proptest! {
        #[test]
        fn shares_are_as_the_weights(weights in proptest::collection::vec(1..10_u32, 1..5)) {
            let plans: Vec<(u32, u32)> = weights.iter().map(|weight| (*weight, 0)).collect();
            let total: u32 = weights.iter().sum();
            let sent = order(&plans, total as usize * 20);
            for (id, weight) in (1..).zip(&weights) {
                let count = sent.iter().filter(|sender| **sender == id).count();
                prop_assert!(count.abs_diff(*weight as usize * 20) <= 1, "{count} of {weight}");
            }
        }
    }
}
