//! A campaign: one template to an audience through a pool, and the life it goes through.

pub mod forecast;
mod plan;
pub mod prospect;
mod shares;

use chrono::{DateTime, Utc};

pub use self::{
    plan::{Content, ERROR_MINIMUM, ERROR_WINDOW, IfLate, LATE_AFTER, Plan, Step, Steps},
    shares::Shares,
};
use super::{
    id::{CampaignId, MediaId, PoolId, SegmentId, TemplateId, UserId},
    text_enum,
};

text_enum! {
    /// Where a campaign is in its life.
    pub enum CampaignStatus {
        /// Being prepared; nothing is frozen.
        Draft = "draft",
        /// Begins by itself at its time; nothing is frozen yet.
        Scheduled = "scheduled",
        /// Sending.
        Running = "running",
        /// Held by a person, or by the engine, which then says why; messages in flight still settle.
        Paused = "paused",
        /// Every message is settled.
        Finished = "finished",
        /// Stopped for good by a person; what was not sent never will be.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What a person, or the engine, asks of a campaign.
    pub enum CampaignAction {
        Schedule = "schedule",
        /// Back to a draft.
        Unschedule = "unschedule",
        Start = "start",
        Pause = "pause",
        Resume = "resume",
        Cancel = "cancel",
        Finish = "finish",
        /// Send once more what has failed.
        Retry = "retry",
    }
}

/// An action that the campaign's status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {status} campaign cannot {action}")]
pub struct IllegalAction {
    pub status: CampaignStatus,
    pub action: CampaignAction,
}

impl CampaignStatus {
    /// The status after `action`.
    pub fn apply(self, action: CampaignAction) -> Result<Self, IllegalAction> {
        use CampaignAction as A;
        match (self, action) {
            (Self::Draft, A::Schedule) => Ok(Self::Scheduled),
            (Self::Scheduled, A::Unschedule) => Ok(Self::Draft),
            (Self::Draft | Self::Scheduled, A::Start) | (Self::Paused, A::Resume) => Ok(Self::Running),
            (Self::Running | Self::Paused | Self::Finished, A::Retry) => Ok(Self::Running),
            (Self::Running, A::Pause) => Ok(Self::Paused),
            (Self::Draft | Self::Scheduled | Self::Running | Self::Paused, A::Cancel) => Ok(Self::Cancelled),
            (Self::Running, A::Finish) => Ok(Self::Finished),
            (status, action) => Err(IllegalAction { status, action }),
        }
    }

    /// Whether nothing can happen to the campaign any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

/// Who gets a campaign's message: active debtors with any of `tags`, or all of them where there is no tag, that are in the segment, if
/// there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    pub tags: Vec<String>,
    pub segment: Option<SegmentId>,
}

/// A campaign as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    /// Unique, chosen by a person.
    pub name: String,
    /// The pools it goes through, the first of them the one it was made with; never empty.
    pub pools: Vec<PoolId>,
    pub template_id: TemplateId,
    /// The first message's text as it was at launch; empty in a draft. A later edit of the template does not change a running campaign.
    pub body: String,
    /// The file it carries, as it was at launch.
    pub media_id: Option<MediaId>,
    pub audience: Audience,
    pub plan: Plan,
    /// What follows the first message.
    pub steps: Steps,
    pub status: CampaignStatus,
    /// Why the engine has paused it: a stable code such as `too_many_errors`, perhaps followed by `: detail`.
    pub pause_reason: Option<String>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// When it was finished or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Campaign {
    /// What a step says, as it was at launch.
    pub fn content_of(&self, step: usize) -> Content<'_> {
        self.steps.content(step).unwrap_or(Content { body: &self.body, media: self.media_id })
    }
}

#[cfg(test)]
mod tests {
    use super::{CampaignAction as A, CampaignStatus as S, *};

    #[test]
    fn each_action_is_allowed_where_it_makes_sense_and_nowhere_else() {
        // In the order of the actions; none is refused.
        let matrix: [(S, [Option<S>; 8]); 6] = [
            (S::Draft, [Some(S::Scheduled), None, Some(S::Running), None, None, Some(S::Cancelled), None, None]),
            (S::Scheduled, [None, Some(S::Draft), Some(S::Running), None, None, Some(S::Cancelled), None, None]),
            (
                S::Running,
                [None, None, None, Some(S::Paused), None, Some(S::Cancelled), Some(S::Finished), Some(S::Running)],
            ),
            (S::Paused, [None, None, None, None, Some(S::Running), Some(S::Cancelled), None, Some(S::Running)]),
            (S::Finished, [None, None, None, None, None, None, None, Some(S::Running)]),
            (S::Cancelled, [None; 8]),
        ];
        let order = [A::Schedule, A::Unschedule, A::Start, A::Pause, A::Resume, A::Cancel, A::Finish, A::Retry];
        assert_eq!((matrix.map(|(status, _)| status).as_slice(), order.as_slice()), (S::ALL, A::ALL));
        for (status, row) in matrix {
            for (action, expected) in order.into_iter().zip(row) {
                assert_eq!(status.apply(action), expected.ok_or(IllegalAction { status, action }), "{status} {action}");
            }
        }
    }
}
