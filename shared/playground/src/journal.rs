//! What the bank was asked, for tests and rehearsals to look at.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::Value;

use crate::bank::lock;

/// The oldest records go when there are more, so that a long run cannot fill the memory.
const MAX_RECORDS: usize = 10_000;

/// Which request of the journey it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// One of the eleven, 1 to 11.
    Number(u8),
    /// The repeat of one of them that was answered `PROCESSING`.
    Poll(u8),
    /// The DELETE of the session.
    CleanUp,
    /// Anything else: reading a session or a flow, ending a flow, an unknown path.
    Other,
}

impl RequestKind {
    /// The number of the request that this is or repeats.
    pub(crate) fn number(self) -> Option<u8> {
        match self {
            Self::Number(number) | Self::Poll(number) => Some(number),
            Self::CleanUp | Self::Other => None,
        }
    }
}

/// One request that reached the bank, recorded when its body had been read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Which one it was.
    pub kind: RequestKind,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The names of its headers, in lower case and in their order.
    pub header_names: Vec<String>,
    /// The status it was answered with; `None` while it is worked on, after a reset, or when the
    /// client went away.
    pub status: Option<u16>,
    /// The form that it carried, decrypted.
    pub form: Option<Value>,
}

/// The last requests, oldest first.
#[derive(Default)]
pub(crate) struct Journal {
    records: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    kept: VecDeque<RecordedRequest>,
    dropped: usize,
}

impl Journal {
    /// Adds a request; the place is for [`Journal::complete`].
    pub(crate) fn begin(&self, request: RecordedRequest) -> usize {
        let mut records = lock(&self.records);
        if records.kept.len() == MAX_RECORDS {
            records.kept.pop_front();
            records.dropped += 1;
        }
        records.kept.push_back(request);
        records.dropped + records.kept.len() - 1
    }

    pub(crate) fn complete(&self, place: usize, status: u16, form: Option<Value>) {
        let mut records = lock(&self.records);
        let index = place.checked_sub(records.dropped);
        if let Some(record) = index.and_then(|index| records.kept.get_mut(index)) {
            record.status = Some(status);
            record.form = form;
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.records).kept.iter().cloned().collect()
    }
}
