use std::collections::BTreeSet;

use alerting::{Decision, Disposition, Event, FleetEvent, Notification, TargetState, minute_of};
use jiff::{SignedDuration, Timestamp};
use model::names::{Region, TargetId};
use model::run_result::RunResult;
use report::overview::Cell;
use serde_json::Value;
use system::log;

use crate::event::{Content, Incoming, Message};
use crate::outbox::Round;
use crate::store::{Aside, Entry};
use crate::{Aggregator, Answer, HandlerError, MessageAnswer, NotificationAnswer, TargetAnswer};

/// The most that a Lambda invocation lasts (AWS Lambda Developer Guide, Quotas).
/// A deadline beyond it is an emulator's, and no time at all.
const LONGEST_INVOCATION: SignedDuration = SignedDuration::from_mins(15);
/// The time of an invocation whose end is not known.
const USUAL: SignedDuration = SignedDuration::from_secs(60);
/// Nothing is begun so shortly before the end: what is begun is also answered
/// and noted.
const RESERVE: SignedDuration = SignedDuration::from_secs(20);

/// One invocation, as Lambda describes it.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// Its id; the same when Lambda repeats it.
    pub id: String,
    /// When Lambda ends it, in milliseconds since 1970.
    pub deadline: u64,
}

impl Aggregator {
    /// One invocation: messages, the schedule's tick, or something unknown,
    /// which is set aside.
    ///
    /// # Errors
    /// When something of ours failed, after everything else was tried. Lambda
    /// then repeats the invocation; what was done already is not done again.
    pub async fn handle(&self, event: Value, invocation: &Invocation) -> Result<Answer, HandlerError> {
        let started_at = system::now();
        let round = Round::new(invocation, started_at, end(invocation.deadline, started_at));
        match Incoming::read(&event, &self.topics) {
            Incoming::Messages(messages) => self.take_messages(&messages, &round).await,
            Incoming::Tick(minute) => self.tick(minute, &round).await,
            Incoming::Unknown(reason) => {
                let text = event.to_string();
                let aside = Aside { id: &invocation.id, received_at: started_at, topic: None, reason, text: &text };
                self.store.set_aside(&aside).await?;
                let message = MessageAnswer { reason: Some(reason.to_owned()), ..unknown() };
                Ok(Answer { at: None, messages: vec![message], notifications: Vec::new(), targets: Vec::new() })
            }
        }
    }

    async fn take_messages(&self, messages: &[Message], round: &Round) -> Result<Answer, HandlerError> {
        let mut answer = Answer { at: None, messages: Vec::new(), notifications: Vec::new(), targets: Vec::new() };
        let mut faults = Vec::new();
        for (index, message) in messages.iter().enumerate() {
            // One bad message does not take the others with it.
            if let Err(error) = self.take_message(message, index, round, &mut answer).await {
                faults.push(error.to_string());
            }
        }
        if faults.is_empty() { Ok(answer) } else { Err(HandlerError::Several(faults)) }
    }

    async fn take_message(
        &self,
        message: &Message,
        index: usize,
        round: &Round,
        answer: &mut Answer,
    ) -> Result<(), HandlerError> {
        let mut cell = None;
        let (at, notifications) = match &message.content {
            Content::Run(at, result) => {
                let decision = self.take_run((message, index), *at, result, (round, answer)).await?;
                cell = decision.as_ref().and_then(|decision| self.cell(result, decision));
                (*at, decision.map(|decision| decision.notifications).unwrap_or_default())
            }
            Content::MissingRuns { at, region, firing } => {
                (*at, self.take_alarm((message, index), *at, (region, *firing), (round, answer)).await?)
            }
            Content::Aside(reason) => {
                self.set_aside(message, index, round, reason).await?;
                let reason = Some(reason.clone());
                answer.messages.push(MessageAnswer { message_id: message.id.clone(), reason, ..unknown() });
                return Ok(());
            }
        };
        answer.at = Some(at);
        let sent = self.send_with_predecessors(notifications, at, round).await;
        // After the sends, and also when they failed: a page about runs can wait, an alert cannot.
        self.keep(message, cell).await;
        answer.notifications.extend(sent?);
        Ok(())
    }

    /// What the history keeps of a run: also of one that came too late to
    /// count, and of one that comes again because its first try was cut short.
    fn cell(&self, result: &RunResult, decision: &Decision<TargetState>) -> Option<Cell> {
        let results = result.region.as_ref().and_then(|region| decision.state.regions.get(region))?;
        let minute = minute_of(result.scheduled_at);
        let counts = || results.run(minute).is_some_and(|run| run.run_id == result.run_id);
        let kept = match decision.disposition {
            Disposition::Duplicate => counts(),
            other => matches!(other, Disposition::Taken | Disposition::Late | Disposition::TooOld),
        };
        let quiet = decision.state.quiet(&self.policy, minute).is_some();
        kept.then(|| Cell::of(result, quiet))
    }

    /// A run that is missing from the page is no reason to repeat what was
    /// decided and sent, or to wake anybody: it is told in the log only.
    async fn keep(&self, message: &Message, cell: Option<Cell>) {
        let (Content::Run(_, result), Some(cell)) = (&message.content, cell) else { return };
        let Some(region) = &result.region else { return };
        if let Err(error) = self.store.keep_run((&result.target, region), result.scheduled_at, &cell).await {
            log::fault(&format!("a run of {} in {region} is not in the overview: {error}", result.target));
        }
    }

    async fn send_with_predecessors(
        &self,
        notifications: Vec<Notification>,
        at: Timestamp,
        round: &Round,
    ) -> Result<Vec<NotificationAnswer>, HandlerError> {
        let entries = self.with_predecessors(notifications).await?;
        self.send(entries, at, round).await
    }

    async fn take_alarm(
        &self,
        (message, index): (&Message, usize),
        at: Timestamp,
        (region, firing): (&Region, bool),
        (round, answer): (&Round, &mut Answer),
    ) -> Result<Vec<Notification>, HandlerError> {
        let decision = self.decide_fleet(&FleetEvent::Alarm { region: region.clone(), firing }, at).await?;
        if decision.disposition != Disposition::Taken {
            self.set_aside(message, index, round, disposition_reason(decision.disposition)).await?;
        }
        answer.messages.push(MessageAnswer {
            message_id: message.id.clone(),
            target: Some(TargetId::ALL.to_owned()),
            region: Some(region.clone()),
            disposition: Some(decision.disposition),
            reason: None,
        });
        Ok(decision.notifications)
    }

    async fn take_run(
        &self,
        (message, index): (&Message, usize),
        at: Timestamp,
        result: &RunResult,
        (round, answer): (&Round, &mut Answer),
    ) -> Result<Option<Decision<TargetState>>, HandlerError> {
        let mut told = MessageAnswer {
            message_id: message.id.clone(),
            target: Some(result.target.to_string()),
            region: result.region.clone(),
            disposition: Some(Disposition::UnknownTarget),
            reason: None,
        };
        let mut decided = None;
        if self.policy.target(&result.target).is_some() {
            let event = Event::Result(Box::new(result.clone()));
            let decision = self.decide_target(&result.target, &event, at).await?;
            told.disposition = Some(decision.disposition);
            answer.targets.push(TargetAnswer::of(&decision.state, &self.policy, at));
            decided = Some(decision);
        }
        let counted = [Disposition::Taken, Disposition::Late, Disposition::Duplicate];
        if let Some(disposition) = told.disposition.filter(|disposition| !counted.contains(disposition)) {
            self.set_aside(message, index, round, disposition_reason(disposition)).await?;
        }
        answer.messages.push(told);
        Ok(decided)
    }

    async fn set_aside(
        &self,
        message: &Message,
        index: usize,
        round: &Round,
        reason: &str,
    ) -> Result<(), HandlerError> {
        // A record without an id is known by the invocation, which keeps its id when it is repeated.
        let own_id = format!("{}.{index}", round.id);
        let aside = Aside {
            id: message.id.as_deref().unwrap_or(&own_id),
            received_at: message.at.unwrap_or_else(system::now),
            topic: message.topic.as_deref(),
            reason,
            text: &message.text,
        };
        Ok(self.store.set_aside(&aside).await?)
    }

    /// What is to be sent, behind what waits of the same incidents: a channel
    /// is told in order.
    async fn with_predecessors(&self, notifications: Vec<Notification>) -> Result<Vec<Entry>, HandlerError> {
        if notifications.iter().all(|notification| notification.ordinal == 1) {
            return Ok(notifications.into_iter().map(Entry::from).collect());
        }
        let incidents: BTreeSet<String> = notifications.into_iter().map(|told| told.incident_key).collect();
        let mut entries = Vec::new();
        for incident in incidents {
            let waiting = self.store.waiting(Some(&incident)).await?;
            entries.extend(waiting.into_iter().collect::<Result<Vec<_>, _>>()?);
        }
        Ok(entries)
    }
}

const fn unknown() -> MessageAnswer {
    MessageAnswer { message_id: None, target: None, region: None, disposition: None, reason: None }
}

/// Why a result does not count, for whoever looks through what was set aside.
const fn disposition_reason(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::TooOld => "its minute left the window",
        Disposition::FromTheFuture => "its minute has not begun",
        Disposition::UnknownTarget => "its target is not configured",
        Disposition::UnknownRegion => "its region is not configured",
        Disposition::OtherSchemaVersion => "its schema_version is not known",
        Disposition::UnknownIncident => "its incident is not open",
        Disposition::Taken | Disposition::Late | Disposition::Duplicate => "it counts",
    }
}

/// When nothing more may be begun, on the wall clock.
fn end(deadline: u64, now: Timestamp) -> Timestamp {
    let deadline = i64::try_from(deadline).ok().and_then(|deadline| Timestamp::from_millisecond(deadline).ok());
    let sane = deadline.filter(|deadline| *deadline > now && deadline.duration_since(now) <= LONGEST_INVOCATION);
    let end = sane.or_else(|| now.checked_add(USUAL).ok()).unwrap_or(now);
    end.checked_sub(RESERVE).unwrap_or(now)
}
