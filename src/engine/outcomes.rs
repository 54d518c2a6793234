//! Watches how a campaign's messages end: one that fails too often is paused, and says why.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use super::Shared;
use crate::{
    domain::{
        audit::AuditEntry,
        campaign::{CampaignAction, ERROR_MINIMUM, ERROR_WINDOW},
        id::CampaignId,
    },
    store::StoreError,
};

/// The last outcomes of each campaign; `true` is a failure. In memory only: after a restart each begins anew.
#[derive(Default)]
pub(super) struct Outcomes(Mutex<HashMap<CampaignId, VecDeque<bool>>>);

impl Outcomes {
    /// Notes an outcome; gives how many of how many have failed, once there are enough to judge by.
    fn note(&self, campaign: CampaignId, failed: bool) -> Option<(usize, usize)> {
        let mut campaigns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = campaigns.entry(campaign).or_default();
        last.push_back(failed);
        if last.len() > ERROR_WINDOW {
            last.pop_front();
        }
        let failures = last.iter().filter(|failed| **failed).count();
        (last.len() >= ERROR_MINIMUM).then_some((failures, last.len()))
    }

    /// Begins anew: a person has looked at it.
    pub fn forget(&self, campaign: CampaignId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&campaign);
    }
}

/// Notes how a message ended; pauses its campaign if too many have failed.
pub(super) async fn note(shared: &Arc<Shared>, campaign: CampaignId, failed: bool) {
    let Some((failures, of)) = shared.outcomes.note(campaign, failed) else { return };
    if failed && let Err(error) = pause_if_bad(shared, campaign, failures, of).await {
        tracing::error!(campaign = campaign.0, error = &error as &dyn std::error::Error, "failing campaign not paused");
    }
}

async fn pause_if_bad(
    shared: &Arc<Shared>,
    campaign: CampaignId,
    failures: usize,
    of: usize,
) -> Result<(), StoreError> {
    let limit = shared.store.campaign(campaign).await?.and_then(|campaign| campaign.plan.max_error_percent);
    if limit.is_some_and(|percent| failures * 100 > percent as usize * of) {
        pause(shared, campaign, &format!("too_many_errors: {failures}/{of}")).await?;
    }
    Ok(())
}

/// Pauses a running campaign for a reason.
pub(super) async fn pause(shared: &Arc<Shared>, campaign: CampaignId, reason: &str) -> Result<(), StoreError> {
    let entry = AuditEntry {
        actor: None,
        action: "campaign.pause",
        subject: format!("campaign:{campaign}"),
        detail: serde_json::json!({ "reason": reason }),
    };
    let now = shared.clock.now();
    match shared.store.transition_campaign(campaign, CampaignAction::Pause, Some(reason), now, entry).await {
        Ok(_) => {
            tracing::warn!(campaign = campaign.0, reason, "campaign paused");
            shared.outcomes.forget(campaign);
            shared.progress.touch(campaign);
            Ok(())
        }
        // Paused or over already.
        Err(StoreError::IllegalAction(_) | StoreError::NotFound | StoreError::InUse(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
