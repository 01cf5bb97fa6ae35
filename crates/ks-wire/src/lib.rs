//! Bytes to calls and answers to bytes: forms, JSON, multipart and paths; XML, JSON, JSONP and PHP; multirequest.
