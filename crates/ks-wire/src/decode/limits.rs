//! Bounds on what one request may ask for.

use ks_schema::ApiError;

/// Bounds on one request. The protocol itself has none; each of these answers
/// `PARAMETER_VALUE_OUT_OF_RANGE` with its own name when it is passed.
///
/// The size of the body is bounded by whoever reads it from the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep parameters may nest: `a` is 1 deep, `a:b` is 2. Values above 100 count as 100.
    pub max_depth: usize,
    /// How many values a request may carry in all, lists and maps included.
    pub max_params: usize,
    /// How many parts a multirequest may have.
    pub max_sub_requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_depth: 64, max_params: 20_000, max_sub_requests: 500 }
    }
}

/// The JSON parser has a depth limit of its own, at 128, which would look like a malformed body.
const DEEPEST: usize = 100;

/// Texts that every part of a multirequest inherits may multiply to this many bytes.
pub(super) const MOST_COPIED: usize = 8 << 20;

/// Room for as many parameters as calls usually have, so that maps need not grow.
pub(super) const USUAL_COUNT: usize = 14;

/// What is left of the [`Limits`] while a request is read.
pub(super) struct Budget {
    max_depth: usize,
    max_params: usize,
    used: usize,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { max_depth: limits.max_depth.min(DEEPEST), max_params: limits.max_params, used: 0 }
    }

    /// How deep values may nest.
    pub(super) fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// Whether as many values may still come; counts none.
    pub(super) fn has_room(&self, values: usize) -> Result<(), ApiError> {
        if values > self.max_params - self.used {
            return Err(out_of_range("parameters", self.max_params));
        }
        Ok(())
    }

    /// Counts one value at this depth.
    pub(super) fn node(&mut self, depth: usize) -> Result<(), ApiError> {
        if depth > self.max_depth {
            return Err(out_of_range("depth", self.max_depth));
        }
        if self.used >= self.max_params {
            return Err(out_of_range("parameters", self.max_params));
        }
        self.used += 1;
        Ok(())
    }
}

pub(super) fn out_of_range(name: &str, max: usize) -> ApiError {
    ApiError::parameter_value_out_of_range(name, 0, max)
}
