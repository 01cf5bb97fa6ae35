//! Helpers of the tests: servers, clients and data.
