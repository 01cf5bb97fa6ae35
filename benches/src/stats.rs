//! Medians and spreads.

/// The middle of some figures, and the quartiles around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// Of at least one figure; of none, all is zero.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |numerator: usize| sorted.get((sorted.len().saturating_sub(1)) * numerator / 4).copied();
        let [low, median, high] = [1, 2, 3].map(|quarter| at(quarter).unwrap_or(0.0));
        Self { low, median, high }
    }

    /// Of the ratios of figures that were taken in the same round.
    pub(crate) fn of_ratios(upper: &[f64], lower: &[f64]) -> Self {
        Self::of(upper.iter().zip(lower).map(|(upper, lower)| upper / lower))
    }
}

/// A count as a figure; more than fits 32 bits does not come.
pub(crate) fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_an_odd_number_are_figures_themselves() {
        assert_eq!(Spread::of([5.0, 1.0, 2.0, 4.0, 3.0]), Spread { low: 2.0, median: 3.0, high: 4.0 });
        assert_eq!(Spread::of([7.0]), Spread { low: 7.0, median: 7.0, high: 7.0 });
        assert_eq!(Spread::of([]), Spread { low: 0.0, median: 0.0, high: 0.0 });
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let spread = Spread::of_ratios(&[2.0, 20.0, 200.0], &[1.0, 10.0, 50.0]);
        assert_eq!(spread, Spread { low: 2.0, median: 2.0, high: 2.0 });
    }
}
