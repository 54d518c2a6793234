//! When a campaign sends, how it shares its pools, and what follows its first message.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::domain::{hours::Hours, id::MediaId, text_enum};

/// When a campaign sends and how it shares its pools with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The clock of `hours`.
    pub clock: Tz,
    /// When it sends; the contact policy holds besides.
    pub hours: Hours,
    /// When it begins by itself; none is when a person says so.
    pub starts_at: Option<DateTime<Utc>>,
    /// What happens to a start that fell into a time when the server was down.
    pub if_late: IfLate,
    /// When it ends: what has not been sent by then never is.
    pub ends_at: Option<DateTime<Utc>>,
    /// Its share of a pool among campaigns of the same priority, 1 to 100: one of 2 sends twice as often as one of 1.
    pub weight: u32,
    /// 0 to 9; while a campaign of a higher priority has messages that may go out, those of a lower one wait.
    pub priority: u32,
    /// How many of the last [`ERROR_WINDOW`] messages may fail, in per cent, before it is paused, 1 to 100; none is any number.
    pub max_error_percent: Option<u32>,
}

text_enum! {
    /// What happens to a scheduled start that the server has missed.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum IfLate {
        /// It begins as soon as the server is there.
        #[default]
        Run = "run",
        /// It becomes a draft again and says why; a person decides.
        Report = "report",
    }
}

/// A start is late when it is this much behind its time.
pub const LATE_AFTER: TimeDelta = TimeDelta::minutes(15);
/// The messages of which [`Plan::max_error_percent`] counts the failed ones.
pub const ERROR_WINDOW: usize = 50;
/// No campaign is paused before it has this many outcomes.
pub const ERROR_MINIMUM: usize = 20;

impl Default for Plan {
    /// At once, at any hour the contact policy allows, paused when a third of its messages fail: product policy.
    fn default() -> Self {
        Self {
            clock: Tz::UTC,
            hours: Hours::ANY,
            starts_at: None,
            if_late: IfLate::Run,
            ends_at: None,
            weight: 1,
            priority: 0,
            max_error_percent: Some(33),
        }
    }
}

impl Plan {
    /// Whether it sends at `now`.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.hours.open(now, &[self.clock]) && self.ends_at.is_none_or(|end| now < end)
    }

    /// When it next sends, if it does not send at `now`.
    pub fn opens_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(now) {
            return None;
        }
        let opens = self.hours.next_open(now, &[self.clock], |_| true)?;
        self.ends_at.is_none_or(|end| opens < end).then_some(opens)
    }
}

/// A message after the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Step {
    /// Another text, some time after the message before has left.
    FollowUp {
        template_id: i64,
        /// As it was at launch; empty in a draft.
        #[serde(default)]
        body: String,
        /// The file it carries, as it was at launch.
        #[serde(default)]
        media_id: Option<i64>,
        /// After the message before, in minutes, 1 to 525,600 (a year).
        after_minutes: u32,
        /// Whether a debtor who has written since the campaign began is left alone.
        stop_if_replied: bool,
        /// Whether a debtor who has promised to pay is left alone, see [`Promised::spares`](crate::domain::promise::Promised::spares);
        /// absent in campaigns from before there was such a thing.
        #[serde(default)]
        stop_if_promised: bool,
    },
    /// What has failed in step `of`, once more.
    Retry { of: usize },
}

/// What a message says, as it was at launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content<'a> {
    /// A template; empty only beside a file.
    pub body: &'a str,
    /// The file that it carries.
    pub media: Option<MediaId>,
}

/// The steps of a campaign after the first message, which is step 0: follow-ups first, then retries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    /// The step whose text step number `step` has: a retry's is that of what it tries again.
    pub fn root(&self, step: usize) -> usize {
        let mut root = step;
        // A retry is of an earlier step, so that this ends.
        while let Some(Step::Retry { of }) = root.checked_sub(1).and_then(|at| self.0.get(at))
            && *of < root
        {
            root = *of;
        }
        root
    }

    /// What a step says; none for the first message and its retries, which say what the campaign says.
    pub fn content(&self, step: usize) -> Option<Content<'_>> {
        match self.written(step)? {
            Step::FollowUp { body, media_id, .. } => Some(Content { body, media: media_id.map(MediaId) }),
            Step::Retry { .. } => None,
        }
    }

    /// Whether step number `step` is for those only who have not replied.
    pub fn stops_if_replied(&self, step: usize) -> bool {
        matches!(self.written(step), Some(Step::FollowUp { stop_if_replied: true, .. }))
    }

    /// Whether step number `step` is for those only who have not promised to pay.
    pub fn stops_if_promised(&self, step: usize) -> bool {
        matches!(self.written(step), Some(Step::FollowUp { stop_if_promised: true, .. }))
    }

    /// What step number `step` was made as, or what it tries again; none for the first message and its retries.
    fn written(&self, step: usize) -> Option<&Step> {
        self.0.get(self.root(step).checked_sub(1)?)
    }

    /// The follow-up of step number `step`, and how long after it.
    pub fn follow_up(&self, step: usize) -> Option<(usize, TimeDelta)> {
        let next = self.root(step) + 1;
        match self.0.get(next - 1)? {
            Step::FollowUp { after_minutes, .. } => Some((next, TimeDelta::minutes((*after_minutes).into()))),
            Step::Retry { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hours::Span;

    fn follow_up(body: &str) -> Step {
        Step::FollowUp {
            template_id: 1,
            body: body.to_owned(),
            media_id: (body == "second").then_some(7),
            after_minutes: 60,
            stop_if_replied: body == "second",
            stop_if_promised: body == "first",
        }
    }

    #[test]
    fn retries_have_the_text_and_the_follow_up_of_what_they_try_again() {
        let steps = Steps(vec![
            follow_up("first"),
            follow_up("second"),
            Step::Retry { of: 0 },
            Step::Retry { of: 2 },
            Step::Retry { of: 4 },
        ]);
        let bodies = [0, 1, 2, 3, 4, 5].map(|step| steps.content(step).map(|content| content.body));
        assert_eq!(bodies, [None, Some("first"), Some("second"), None, Some("second"), Some("second")]);
        let media = [0, 1, 2, 4].map(|step| steps.content(step).and_then(|content| content.media));
        assert_eq!(media, [None, None, Some(MediaId(7)), Some(MediaId(7))]);
        let next = [0, 1, 2, 3, 4, 9].map(|step| steps.follow_up(step).map(|(step, _)| step));
        assert_eq!(next, [Some(1), Some(2), None, Some(1), None, None]);
        assert_eq!([0, 1, 2, 5].map(|step| steps.stops_if_replied(step)), [false, false, true, true]);
        let again = Steps([steps.0.as_slice(), &[Step::Retry { of: 1 }]].concat());
        assert_eq!([0, 1, 2, 3, 6].map(|step| again.stops_if_promised(step)), [false, true, false, false, true]);
        let circle = Steps(vec![Step::Retry { of: 1 }]);
        assert_eq!(circle.root(1), 1, "a damaged list does no harm");
    }

    #[test]
    fn a_follow_up_from_before_promises_counted_stops_at_none() {
        let stored =
            r#"[{"kind":"follow_up","template_id":1,"body":"first","after_minutes":60,"stop_if_replied":true}]"#;
        let steps: Steps = serde_json::from_str(stored).unwrap();
        assert!(steps.stops_if_replied(1) && !steps.stops_if_promised(1));
        let new = Steps(vec![follow_up("first")]);
        assert_eq!(serde_json::from_value::<Steps>(serde_json::to_value(&new).unwrap()).unwrap(), new);
    }

    #[test]
    fn a_plan_is_open_in_its_hours_and_before_its_end() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let span = Span { days: vec![1, 2, 3, 4, 5], from: 9 * 60, until: 18 * 60 };
        let plan = Plan {
            clock: chrono_tz::America::Bogota,
            hours: Hours::new(vec![span]).unwrap(),
            ends_at: Some(at("2026-11-24T00:00:00Z")),
            ..Plan::default()
        };
        assert!(plan.is_open(at("2026-11-20T14:00:00Z")));
        assert_eq!(plan.opens_at(at("2026-11-20T23:30:00Z")), Some(at("2026-11-23T14:00:00Z")));
        assert_eq!(plan.opens_at(at("2026-11-23T23:30:00Z")), None, "it ends before");
        assert!(!plan.is_open(at("2026-11-24T14:00:00Z")));
        assert_eq!(serde_json::from_str::<Plan>("{}").unwrap(), Plan::default(), "campaigns from before there was one");
    }
}
