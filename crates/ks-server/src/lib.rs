//! The HTTP edge of ks: listeners, limits, headers, logs and health.
