//! Campaigns that begin and end by themselves.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::{EngineError, Shared};
use crate::{
    domain::{
        audit::AuditEntry,
        campaign::{Campaign, CampaignAction, CampaignStatus, IfLate, LATE_AFTER},
        id::CampaignId,
    },
    store::StoreError,
};

/// It looks around at least this often, should a wake-up call be lost or the clock be changed.
const TICK: Duration = Duration::from_secs(60);

/// Works until the server shuts down.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let now = shared.clock.now();
        let next = match step(&shared, now).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the schedule was not looked at");
                None
            }
        };
        let wait = next.map_or(TICK, |next| (next - now).to_std().unwrap_or_default().min(TICK));
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.scheduled.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Begins and ends what is due, each whatever becomes of the others; gives when something else is.
async fn step(shared: &Arc<Shared>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    use CampaignStatus::{Paused, Running, Scheduled};
    let mut next: Option<DateTime<Utc>> = None;
    for campaign in shared.store.campaigns_that_are(&[Scheduled, Running, Paused]).await? {
        let due = if campaign.status == Scheduled { campaign.plan.starts_at } else { campaign.plan.ends_at };
        let done = match due {
            Some(at) if at > now => {
                next = Some(next.map_or(at, |next| next.min(at)));
                Ok(())
            }
            Some(at) if campaign.status == Scheduled => begin(shared, campaign.id, at, now).await,
            Some(_) => end(shared, &campaign, now).await,
            None => Ok(()),
        };
        if let Err(error) = done {
            let error = &error as &dyn std::error::Error;
            tracing::error!(campaign = campaign.id.0, error, "what was due of a campaign was not done");
        }
    }
    Ok(next)
}

/// Launches a campaign whose time has come, or says why it cannot.
async fn begin(shared: &Arc<Shared>, id: CampaignId, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), StoreError> {
    // To launch those before it may have taken a while, in which a person may have thought better of it.
    let campaign = shared.store.campaign(id).await?;
    let unchanged =
        |campaign: &Campaign| campaign.status == CampaignStatus::Scheduled && campaign.plan.starts_at == Some(at);
    let Some(campaign) = campaign.as_ref().filter(|campaign| unchanged(campaign)) else { return Ok(()) };
    let reason = if now - at >= LATE_AFTER && campaign.plan.if_late == IfLate::Report {
        "missed_start"
    } else {
        let entry = by_itself("campaign.start", campaign);
        match shared.store.launch_campaign(id, now, entry).await.map_err(EngineError::from) {
            Ok(launched) => {
                tracing::info!(campaign = id.0, messages = launched.planned, "campaign began at its time");
                shared.took_up(&launched.campaign);
                return Ok(());
            }
            Err(EngineError::EmptyAudience) => "empty_audience",
            Err(EngineError::EmptyPool) => "empty_pool",
            // A person was quicker.
            Err(EngineError::Illegal(_) | EngineError::NotFound) => return Ok(()),
            Err(EngineError::Store(StoreError::Foreign)) => "template_deleted",
            Err(EngineError::Store(error)) => return Err(error),
        }
    };
    tracing::warn!(campaign = id.0, reason, "campaign did not begin at its time");
    let entry = by_itself("campaign.unschedule", campaign);
    let action = CampaignAction::Unschedule;
    let campaign = shared.store.transition_campaign(id, action, Some(reason), now, entry).await?;
    shared.progress.touch(campaign.id);
    Ok(())
}

/// Whether there is something to end.
async fn ends(shared: &Shared, campaign: &Campaign, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let counts = shared.store.message_counts(campaign.id).await?;
    let waiting = counts.open() - counts.get(crate::domain::message::MessageState::Sending);
    Ok(waiting > 0 || campaign.status == CampaignStatus::Paused && campaign.plan.ends_at.is_some_and(|at| at <= now))
}

async fn end(shared: &Arc<Shared>, campaign: &Campaign, now: DateTime<Utc>) -> Result<(), StoreError> {
    // Ended already, and waiting for what is on its way.
    if !ends(shared, campaign, now).await? {
        return Ok(());
    }
    if let Some(campaign) = shared.store.end_campaign(campaign.id, now).await? {
        tracing::info!(campaign = campaign.id.0, "campaign ended at its time");
        shared.progress.touch(campaign.id);
    }
    Ok(())
}

fn by_itself(action: &'static str, campaign: &Campaign) -> AuditEntry {
    let subject = format!("campaign:{}", campaign.id);
    AuditEntry { actor: None, action, subject, detail: serde_json::Value::Null }
}
