//! The Kaltura Session token: parse, verify, generate, privileges. No I/O, no clock, no ambient randomness.
