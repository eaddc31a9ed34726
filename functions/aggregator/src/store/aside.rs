//! What came and is not ours, or not understood: kept for a while, with the reason.

use aws::{Item, Key, Write};
use jiff::{SignedDuration, Timestamp};

use super::keys::attribute;
use super::{Store, StoreError, written};

/// How long it is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The most bytes of it that are kept.
const LONGEST: usize = 16 * 1024;

/// Something to set aside.
#[derive(Debug)]
pub(crate) struct Aside<'a> {
    /// The same whenever it comes again.
    pub(crate) id: &'a str,
    pub(crate) received_at: Timestamp,
    pub(crate) topic: Option<&'a str>,
    pub(crate) reason: &'a str,
    pub(crate) text: &'a str,
}

impl Store {
    pub(crate) async fn set_aside(&self, aside: &Aside<'_>) -> Result<(), StoreError> {
        let pk = format!("ASIDE#{}", aside.received_at.strftime("%Y-%m-%d"));
        let shown = aside.text.get(..aside.text.floor_char_boundary(LONGEST)).unwrap_or_default();
        let expires_at = aside.received_at.saturating_add(KEPT).map_or(i64::MAX, Timestamp::as_second);
        let item = Item::new(Key { pk, sk: aside.id.to_owned() })
            .with(attribute::REASON, aside.reason)
            .with(attribute::TOPIC, aside.topic.unwrap_or_default())
            .with(attribute::MESSAGE, shown)
            .with(attribute::RECEIVED_AT, aside.received_at.to_string())
            .with(attribute::EXPIRES_AT, expires_at);
        written(self.table.write(Write::Put { item, when: Vec::new() }).await).map(|_| ())
    }
}
