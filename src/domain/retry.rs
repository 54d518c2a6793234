//! When something that failed is tried again.

use std::time::Duration;

use rand::{Rng, RngExt as _};

/// Exponential backoff with jitter: `base`, twice that, four times … up to `limit`, each between half and the whole of it, so that
/// things that failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub base: Duration,
    pub limit: Duration,
}

impl Backoff {
    /// The pause after failure number `failures`, which counts from 1.
    pub fn after(self, failures: u32, rng: &mut impl Rng) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let whole = self.base.saturating_mul(1 << doublings).min(self.limit);
        whole.mul_f64(rng.random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    proptest! {
        #[test]
        fn a_pause_is_at_most_the_limit_and_at_least_half_the_base(failures in 0..u32::MAX, seed: u64) {
            let backoff = Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(60) };
            let pause = backoff.after(failures, &mut StdRng::seed_from_u64(seed));
            prop_assert!(pause >= backoff.base / 2 && pause <= backoff.limit);
        }
    }
}
