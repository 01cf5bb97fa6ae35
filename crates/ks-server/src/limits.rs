//! Reading a body that may be too large or never end.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Limits;

/// Bodies up to this size never wait, so that a few large ones that come slowly hold nobody else up.
const SMALL: usize = 64 * 1024;

/// A permit stands for this many bytes of a body.
const UNIT: usize = 1024;

/// The memory that bodies may take in all.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

/// What a body takes of the room, given back when the request has been answered.
pub(crate) type Taken = Option<OwnedSemaphorePermit>;

impl Room {
    /// So many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Waits until a body of this size fits in.
    async fn take(&self, bytes: usize) -> Taken {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        Arc::clone(&self.0).acquire_many_owned(units).await.ok()
    }
}

/// The whole body, and what it takes of the room.
///
/// # Errors
/// HTTP 413 for one that is too large, 408 for one that does not come to its end, 400 for one that breaks off.
pub(crate) async fn read_body(body: Incoming, limits: &Limits, room: &Room) -> Result<(Bytes, Taken), StatusCode> {
    if body.is_end_stream() {
        return Ok((Bytes::new(), None));
    }
    let too_large = u64::try_from(limits.body_bytes).unwrap_or(u64::MAX);
    if body.size_hint().lower() > too_large {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    // Without a Content-Length it may become as large as any.
    let size = body.size_hint().upper().and_then(|size| usize::try_from(size).ok()).unwrap_or(limits.body_bytes);
    let taken = if size <= SMALL { None } else { room.take(size.min(limits.body_bytes)).await };
    let mut whole = pin!(collect(body, limits.body_bytes));
    // Most bodies came with their head: for those no timer is set.
    let body = match whole.as_mut().now_or_never() {
        Some(body) => body,
        None => tokio::time::timeout(limits.body_timeout, whole).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT)),
    };
    Ok((body?, taken))
}

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, StatusCode> {
    let mut whole = BytesMut::new();
    while let Some(piece) = next(&mut body).await? {
        if piece.len() > most.saturating_sub(whole.len()) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if whole.is_empty() && body.is_end_stream() {
            // It came in one piece, and need not be copied.
            return Ok(piece);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of a body; what comes behind a body is none.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, StatusCode> {
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}
