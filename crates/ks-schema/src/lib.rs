//! The Kaltura API as data: services, actions, objects, enums and errors, as generated types and descriptors.
