//! What the overview is made from: runs, an item for each target, region and
//! hour, and incidents that are over.

use std::collections::BTreeMap;

use alerting::Incident;
use aws::{Attribute, Change, Condition, Item, Key, Write};
use jiff::{SignedDuration, Timestamp};
use model::names::{Region, TargetId};
use report::overview::{Cell, Window};

use super::keys::{self, attribute};
use super::{Store, StoreError, json, parsed, written};

/// How long runs are kept: the week and a day.
const RUNS_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How long incidents are kept, as long as their trail.
const INCIDENTS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A region's runs of a window, by minute.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub(crate) cells: Vec<(Timestamp, Cell)>,
    /// How many could not be read.
    pub(crate) unreadable: usize,
}

/// The write of an incident that is over. It ends once, so its key is free.
pub(super) fn put_ended(incident: &Incident) -> Result<Write, StoreError> {
    let ended_at = incident.ended_at.unwrap_or(incident.since);
    let key = Key { pk: keys::ended(ended_at), sk: incident.key.clone() };
    let item = Item::new(key)
        .with(attribute::INCIDENT, json(incident)?)
        .with(attribute::EXPIRES_AT, expiry(ended_at, INCIDENTS_KEPT));
    Ok(Write::Put { item, when: Vec::new() })
}

impl Store {
    /// Keeps a run; the first of its minute stays.
    pub(crate) async fn keep_run(
        &self,
        (target, region): (&TargetId, &Region),
        scheduled_at: Timestamp,
        cell: &Cell,
    ) -> Result<(), StoreError> {
        let minute = attribute_of(scheduled_at);
        let changes = vec![
            Change::Set(minute.clone(), cell.to_string().into()),
            Change::Set(attribute::EXPIRES_AT.to_owned(), hour_expiry(scheduled_at).into()),
        ];
        let key = keys::of_hour(target, region, scheduled_at);
        let update = Write::Update { key, changes, when: vec![Condition::Missing(minute)] };
        written(self.table.write(update).await).map(|_| ())
    }

    /// A target's runs of a window, region by region.
    pub(crate) async fn runs(
        &self,
        target: &TargetId,
        regions: &[Region],
        window: Window,
    ) -> Result<BTreeMap<Region, Runs>, StoreError> {
        let hours = |region: &Region| {
            let region = region.clone();
            window.hours().map(move |hour| (keys::of_hour(target, &region, hour), (region.clone(), hour)))
        };
        let places: BTreeMap<Key, (Region, Timestamp)> = regions.iter().flat_map(hours).collect();
        let wanted: Vec<Key> = places.keys().cloned().collect();
        let mut runs: BTreeMap<Region, Runs> = BTreeMap::new();
        for item in self.table.get_many(&wanted).await.map_err(StoreError::Aws)? {
            if let Some((region, hour)) = places.get(&item.key) {
                runs.entry(region.clone()).or_default().read(*hour, &item);
            }
        }
        Ok(runs)
    }

    /// The incidents that ended in the seven days before a moment, and on its day.
    pub(crate) async fn ended(&self, now: Timestamp) -> Result<Vec<Result<Incident, StoreError>>, StoreError> {
        let mut ended = Vec::new();
        for day in 0..8 {
            let partition = keys::ended(now.saturating_sub(DAY * day).unwrap_or(Timestamp::MIN));
            let items = self.table.query(&partition, None).await.map_err(StoreError::Aws)?;
            ended.extend(items.iter().map(|item| parsed(item, attribute::INCIDENT)));
        }
        Ok(ended)
    }
}

impl Runs {
    fn read(&mut self, hour: Timestamp, item: &Item) {
        for (name, value) in &item.attributes {
            let minute = name.parse().ok().filter(|minute| name.len() == 2 && *minute < 60);
            let (Some(minute), Attribute::Text(text)) = (minute, value) else { continue };
            let at = hour.saturating_add(SignedDuration::from_mins(minute)).unwrap_or(hour);
            match text.parse() {
                Ok(cell) => self.cells.push((at, cell)),
                Err(_) => self.unreadable += 1,
            }
        }
    }
}

/// The minute's attribute in its hour's item.
fn attribute_of(scheduled_at: Timestamp) -> String {
    scheduled_at.strftime("%M").to_string()
}

/// The same for all runs of an hour, so that the item does not depend on their order.
fn hour_expiry(scheduled_at: Timestamp) -> i64 {
    let hour = scheduled_at.as_second() - scheduled_at.as_second().rem_euclid(3600);
    hour.saturating_add(RUNS_KEPT.as_secs())
}

fn expiry(from: Timestamp, kept: SignedDuration) -> i64 {
    from.saturating_add(kept).map_or(i64::MAX, Timestamp::as_second)
}
