//! What waits to be sent. An entry is claimed for [`LEASE`] before it is sent
//! and taken out together with the note of the answer.

use alerting::{Notification, PhoneState};
use aws::{Change, Condition, Item, Key, Write};
use jiff::{SignedDuration, Timestamp};

use super::keys::{self, attribute};
use super::states::Stored;
use super::trail::{Attempt, Trail};
use super::{Store, StoreError, Written, json, parsed, written};

/// How long a claim holds: longer than the claim, the secret, the channel's
/// answer and the notes about it may take together, each at its longest (24 s).
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// A notification that waits.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) notification: Notification,
    /// The tries that failed.
    pub(crate) tries: i64,
    /// Not before this, on the clock of the events.
    pub(crate) due_at: Timestamp,
    /// Until when somebody is at it, on the wall clock.
    lease_until: i64,
    /// Who is or was at it.
    claim: Option<String>,
    /// Whether the call was begun.
    pub(crate) calling: bool,
}

/// The right to send an entry.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) entry: &'a Entry,
    id: String,
}

/// Who claims, and when, on the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimant<'a> {
    /// Unlike every other's, another try of the same invocation included.
    pub(crate) id: &'a str,
    pub(crate) wall_clock: Timestamp,
}

impl From<Notification> for Entry {
    /// An entry that was only just put there.
    fn from(notification: Notification) -> Self {
        Self { notification, tries: 0, due_at: Timestamp::MIN, lease_until: 0, claim: None, calling: false }
    }
}

impl Entry {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let due_at = item.number(attribute::DUE_AT).and_then(|due| Timestamp::from_millisecond(due).ok());
        Ok(Self {
            notification: parsed(item, attribute::NOTIFICATION)?,
            tries: item.number(attribute::TRIES).unwrap_or_default(),
            due_at: due_at.unwrap_or(Timestamp::MIN),
            lease_until: item.number(attribute::LEASE_UNTIL).unwrap_or_default(),
            claim: item.text(attribute::CLAIM).map(str::to_owned),
            calling: item.number(attribute::CALLING).is_some(),
        })
    }

    /// Whether somebody is at it.
    pub(crate) fn is_leased(&self, wall_clock: Timestamp) -> bool {
        self.lease_until >= wall_clock.as_millisecond()
    }

    fn key(&self) -> Key {
        keys::of_waiting(&self.notification.notification_id)
    }
}

/// The write of a notification that is to be sent. Its id is that of an event
/// of a version of the state, so there cannot be another one.
pub(super) fn put_waiting(notification: &Notification) -> Result<Write, StoreError> {
    let key = keys::of_waiting(&notification.notification_id);
    let item = Item::new(key).with(attribute::NOTIFICATION, json(notification)?);
    Ok(Write::Put { item, when: Vec::new() })
}

impl Store {
    /// Everything that waits, or what waits of one incident. An entry that
    /// cannot be read does not hold back the others.
    pub(crate) async fn waiting(
        &self,
        incident_key: Option<&str>,
    ) -> Result<Vec<Result<Entry, StoreError>>, StoreError> {
        let prefix = incident_key.map(|key| format!("{key}."));
        let items = self.table.query(keys::OUTBOX, prefix.as_deref()).await.map_err(StoreError::Aws)?;
        Ok(items.iter().map(Entry::read).collect())
    }

    /// Puts notifications there that follow from no state.
    pub(crate) async fn put(&self, notifications: &[Notification]) -> Result<(), StoreError> {
        for notification in notifications {
            written(self.table.write(put_waiting(notification)?).await)?;
        }
        Ok(())
    }

    /// Claims an entry; none when somebody else is at it or it is gone.
    pub(crate) async fn claim<'a>(
        &self,
        entry: &'a Entry,
        claimant: Claimant<'_>,
    ) -> Result<Option<Claim<'a>>, StoreError> {
        let result = written(self.table.write(claiming(entry, claimant, &[])).await)?;
        let is_mine = result == Written::Done || self.is_claimed_by(entry, claimant.id).await?;
        Ok(is_mine.then(|| Claim { entry, id: claimant.id.to_owned() }))
    }

    /// Claims a call, which is then never begun again, and notes it for its number.
    pub(crate) async fn claim_call<'a>(
        &self,
        entry: &'a Entry,
        claimant: Claimant<'_>,
        (before, after): (&Stored<PhoneState>, &PhoneState),
    ) -> Result<Option<Claim<'a>>, StoreError> {
        let calling = Change::Set(attribute::CALLING.to_owned(), 1.into());
        let mut claim = claiming(entry, claimant, &[calling]);
        if let Write::Update { when, .. } = &mut claim {
            when.push(Condition::Missing(attribute::CALLING.to_owned()));
        }
        let result = written(self.table.write_all(vec![claim, before.write(after)?]).await)?;
        Ok((result == Written::Done).then(|| Claim { entry, id: claimant.id.to_owned() }))
    }

    /// When the answer to a write is lost, the SDK writes again, and is in its own way.
    async fn is_claimed_by(&self, entry: &Entry, id: &str) -> Result<bool, StoreError> {
        let item = self.table.get(&entry.key()).await.map_err(StoreError::Aws)?;
        Ok(item.map(|item| Entry::read(&item)).transpose()?.is_some_and(|entry| entry.claim.as_deref() == Some(id)))
    }

    /// Takes a claimed entry out, with what became of it. When the lease was
    /// over and somebody else took it, only the attempt is noted.
    pub(crate) async fn finish(
        &self,
        claim: &Claim<'_>,
        status: crate::Status,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let notification = &claim.entry.notification;
        let delete = Write::Delete { key: claim.entry.key(), when: vec![claim.holds()] };
        let trail = Trail::note(notification, Some(status), attempt)?;
        self.unless_overtaken(vec![delete, trail], notification, attempt).await
    }

    /// Takes an entry out that is not sent at all.
    pub(crate) async fn drop_entry(
        &self,
        entry: &Entry,
        (status, attempt): (crate::Status, &Attempt),
        wall_clock: Timestamp,
    ) -> Result<Written, StoreError> {
        let delete = Write::Delete { key: entry.key(), when: vec![free(wall_clock)] };
        let trail = Trail::note(&entry.notification, Some(status), attempt)?;
        written(self.table.write_all(vec![delete, trail]).await)
    }

    /// A call was begun and nobody knows whether it rang: takes it out and puts
    /// in its place what tells the others.
    pub(crate) async fn give_up_call(
        &self,
        entry: &Entry,
        attempt: &Attempt,
        instead: &[Notification],
        wall_clock: Option<Timestamp>,
    ) -> Result<Written, StoreError> {
        let when = std::iter::once(Condition::Exists).chain(wall_clock.map(free)).collect();
        let delete = Write::Delete { key: entry.key(), when };
        let trail = Trail::note(&entry.notification, Some(crate::Status::Unknown), attempt)?;
        let mut writes = vec![delete, trail];
        for notification in instead {
            writes.push(put_waiting(notification)?);
        }
        written(self.table.write_all(writes).await)
    }

    /// Gives a claimed entry back after a failed try.
    pub(crate) async fn put_back(
        &self,
        claim: &Claim<'_>,
        due_at: Timestamp,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let notification = &claim.entry.notification;
        let changes = vec![
            Change::Add(attribute::TRIES.to_owned(), 1),
            Change::Set(attribute::DUE_AT.to_owned(), due_at.as_millisecond().into()),
            Change::Remove(attribute::LEASE_UNTIL.to_owned()),
            Change::Remove(attribute::CLAIM.to_owned()),
            Change::Remove(attribute::CALLING.to_owned()),
        ];
        let update = Write::Update { key: claim.entry.key(), changes, when: vec![claim.holds()] };
        let trail = Trail::note(notification, Some(crate::Status::Failed), attempt)?;
        self.unless_overtaken(vec![update, trail], notification, attempt).await
    }

    /// Puts an entry off that nobody is at.
    pub(crate) async fn put_off(
        &self,
        entry: &Entry,
        due_at: Timestamp,
        wall_clock: Timestamp,
    ) -> Result<(), StoreError> {
        let changes = vec![Change::Set(attribute::DUE_AT.to_owned(), due_at.as_millisecond().into())];
        let update = Write::Update { key: entry.key(), changes, when: vec![Condition::Exists, free(wall_clock)] };
        written(self.table.write(update).await).map(|_| ())
    }

    async fn unless_overtaken(
        &self,
        writes: Vec<Write>,
        notification: &Notification,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        if written(self.table.write_all(writes).await)? == Written::Overtaken {
            written(self.table.write(Trail::note(notification, None, attempt)?).await)?;
        }
        Ok(())
    }
}

impl Claim<'_> {
    fn holds(&self) -> Condition {
        Condition::Equals(attribute::CLAIM.to_owned(), self.id.as_str().into())
    }
}

fn claiming(entry: &Entry, claimant: Claimant<'_>, more: &[Change]) -> Write {
    let until =
        claimant.wall_clock.as_millisecond().saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX));
    let mut changes = vec![
        Change::Set(attribute::LEASE_UNTIL.to_owned(), until.into()),
        Change::Set(attribute::CLAIM.to_owned(), claimant.id.into()),
    ];
    changes.extend_from_slice(more);
    Write::Update { key: entry.key(), changes, when: vec![Condition::Exists, free(claimant.wall_clock)] }
}

/// Nobody is at it.
fn free(wall_clock: Timestamp) -> Condition {
    Condition::AbsentOrBelow(attribute::LEASE_UNTIL.to_owned(), wall_clock.as_millisecond())
}
