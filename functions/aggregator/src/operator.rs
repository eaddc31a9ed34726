//! What a person does at the command line: the same table, the same decisions.

use std::collections::BTreeMap;

use alerting::{
    Control, Decision, Disposition, Event, FleetEvent, Mute, Policy, decide, decide_fleet, test_notifications,
};
use aws::Clients;
use jiff::Timestamp;
use model::names::TargetId;
use serde::Serialize;

use crate::decide::{ROUNDS, pause};
use crate::store::{Store, Stored, Written};
use crate::{StoreError, Trail};

/// A person's hand on the state. What it writes holds from the next event on;
/// what follows is sent by the aggregator's next tick.
pub struct Operator {
    policy: Policy,
    store: Store,
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The table cannot be read or written.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The configuration has no such target.
    #[error("no target `{0}`; the configuration has {1}")]
    UnknownTarget(String, String),
    /// Nothing like it is open.
    #[error("no open incident `{key}`; {open}")]
    UnknownIncident {
        /// What was asked for.
        key: String,
        /// What is open.
        open: String,
    },
    /// Others kept changing the item first.
    #[error("the state was changed by others again and again; try it once more")]
    Contended,
}

/// Whom a wish is about.
enum Subject {
    Fleet,
    Target(TargetId),
}

impl Operator {
    /// For the table of a deployment, in its home region.
    #[must_use]
    pub fn new(policy: Policy, aws: &Clients, table: &str) -> Self {
        Self { policy, store: Store::new(aws.table(table)) }
    }

    /// Holds the notifications of a target back, or all of them (none).
    ///
    /// # Errors
    /// When the target is not configured, or the table refuses.
    pub async fn mute(&self, target: Option<&TargetId>, mute: &Mute, now: Timestamp) -> Result<(), OperatorError> {
        self.control_each(target, &Control::Mute(mute.clone()), now).await
    }

    /// Lets them through again.
    ///
    /// # Errors
    /// As [`mute`](Self::mute).
    pub async fn unmute(&self, target: Option<&TargetId>, now: Timestamp) -> Result<(), OperatorError> {
        self.control_each(target, &Control::Unmute, now).await
    }

    /// Takes an incident: no more reminders, no more calls.
    ///
    /// # Errors
    /// When there is none open with this key, or the table refuses.
    pub async fn acknowledge(&self, key: &str, now: Timestamp) -> Result<(), OperatorError> {
        let control = Control::Acknowledge { incident_key: key.to_owned() };
        let subject = key.split('.').next().unwrap_or_default();
        let taken = match self.policy.targets.iter().find(|target| target.id.as_str() == subject) {
            Some(target) => self.control(&Subject::Target(target.id.clone()), &control, now).await?,
            None if subject == TargetId::ALL => self.control(&Subject::Fleet, &control, now).await?,
            None => Disposition::UnknownIncident,
        };
        if taken == Disposition::Taken {
            return Ok(());
        }
        let open = self.open_incidents().await?;
        let open = if open.is_empty() { "nothing is open".to_owned() } else { format!("open: {}", open.join(", ")) };
        Err(OperatorError::UnknownIncident { key: key.to_owned(), open })
    }

    /// Puts a test notification for every channel into the outbox, and answers
    /// their ids by channel, with the key of their trail.
    ///
    /// # Errors
    /// When the table refuses.
    pub async fn test(&self, now: Timestamp) -> Result<(String, BTreeMap<String, String>), OperatorError> {
        let notifications = test_notifications(&self.policy, now);
        self.store.put(&notifications).await?;
        let key = notifications.first().map(|notification| notification.incident_key.clone()).unwrap_or_default();
        let ids = notifications.into_iter().map(|notification| (notification.channel, notification.notification_id));
        Ok((key, ids.collect()))
    }

    /// What became of the notifications of an incident so far.
    ///
    /// # Errors
    /// When the table refuses.
    pub async fn trail(&self, incident_key: &str) -> Result<Vec<Trail>, OperatorError> {
        Ok(self.store.trail(incident_key).await?)
    }

    /// The keys of what is open.
    ///
    /// # Errors
    /// When the table refuses.
    pub async fn open_incidents(&self) -> Result<Vec<String>, OperatorError> {
        let ids: Vec<TargetId> = self.policy.targets.iter().map(|target| target.id.clone()).collect();
        let targets = self.store.targets(&ids).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let fleet = self.store.fleet().await?.state.incidents;
        let of_targets = targets.into_iter().map(|stored| stored.state.incidents);
        let keys = of_targets.chain([fleet]).flat_map(|incidents| incidents.open.into_values());
        Ok(keys.map(|incident| incident.key).collect())
    }

    async fn control_each(
        &self,
        target: Option<&TargetId>,
        control: &Control,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let known: Vec<&TargetId> = self.policy.targets.iter().map(|target| &target.id).collect();
        let subjects: Vec<Subject> = match target {
            Some(id) if known.contains(&id) => vec![Subject::Target(id.clone())],
            Some(id) => {
                let known: Vec<&str> = known.into_iter().map(TargetId::as_str).collect();
                return Err(OperatorError::UnknownTarget(id.to_string(), known.join(", ")));
            }
            None => known.into_iter().cloned().map(Subject::Target).chain([Subject::Fleet]).collect(),
        };
        for subject in subjects {
            self.control(&subject, control, now).await?;
        }
        Ok(())
    }

    async fn control(
        &self,
        subject: &Subject,
        control: &Control,
        now: Timestamp,
    ) -> Result<Disposition, OperatorError> {
        for round in 0..ROUNDS {
            let saved = match subject {
                Subject::Target(id) => {
                    let stored = self.store.target(id).await?;
                    let decision = decide(&self.policy, &stored.state, &Event::Control(control.clone()), now);
                    self.save(&stored, &decision).await?
                }
                Subject::Fleet => {
                    let stored = self.store.fleet().await?;
                    let decision =
                        decide_fleet(&self.policy, &stored.state, &FleetEvent::Control(control.clone()), now);
                    self.save(&stored, &decision).await?
                }
            };
            if let Some(disposition) = saved {
                return Ok(disposition);
            }
            pause(round).await;
        }
        Err(OperatorError::Contended)
    }

    async fn save<S: Serialize + PartialEq>(
        &self,
        from: &Stored<S>,
        decision: &Decision<S>,
    ) -> Result<Option<Disposition>, OperatorError> {
        let written = self.store.save(from, decision).await?;
        Ok((written == Written::Done).then_some(decision.disposition))
    }
}
