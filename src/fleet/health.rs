//! How a session is: what it uses, when it was last alive, and when it last broke.

use chrono::{DateTime, Utc};

use crate::domain::health::Usage;

/// How a session is, as far as this run of the server knows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Health {
    /// Since when it has the status it has.
    pub since: Option<DateTime<Utc>>,
    /// How often its channel was opened again.
    pub restarts: u32,
    /// The page's last sign of life.
    pub last_beat: Option<DateTime<Utc>>,
    pub load: Option<Load>,
    /// When the last failure was that a [`Diagnosis`](crate::domain::health::Diagnosis) tells of, in this run of the server or one before.
    pub diagnosed: Option<DateTime<Utc>>,
}

/// What a session's browser uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    pub usage: Usage,
    /// Processor time per time between the last two looks; 1.0 is one core. Nothing, after the first look.
    pub cpu: Option<f64>,
    pub at: DateTime<Utc>,
}

impl Load {
    /// The load at a look, after an earlier one.
    pub fn after(before: Option<Self>, usage: Usage, at: DateTime<Utc>) -> Self {
        let cpu = before.and_then(|before| {
            let time = (at - before.at).to_std().ok().filter(|time| !time.is_zero())?;
            Some(usage.cpu.saturating_sub(before.usage.cpu).as_secs_f64() / time.as_secs_f64())
        });
        Self { usage, cpu, at }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_load_is_the_processor_time_between_two_looks() {
        let usage = |seconds| Usage { memory_bytes: 1, cpu: Duration::from_secs(seconds), processes: 1 };
        let start = DateTime::UNIX_EPOCH;
        let first = Load::after(None, usage(10), start);
        assert_eq!(first.cpu, None);
        let second = Load::after(Some(first), usage(13), start + Duration::from_secs(30));
        assert_eq!(second.cpu, Some(0.1));
        // Another browser, which has used less so far.
        assert_eq!(Load::after(Some(second), usage(1), start + Duration::from_secs(60)).cpu, Some(0.0));
        assert_eq!(Load::after(Some(second), usage(20), start).cpu, None, "the clock was put back");
    }
}
