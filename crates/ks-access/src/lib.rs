//! May this session do this? Permissions, roles and entitlement as pure decisions.
