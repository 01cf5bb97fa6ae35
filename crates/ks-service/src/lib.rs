//! What each action of the API does: one module per service.
