//! A target, its regions, and a clock that the tests move.

use std::collections::BTreeMap;
use std::time::Duration;

use alerting::{
    Ailment, Control, Decision, Disposition, Event, FleetEvent, FleetState, Incident, Monitored, Notification, Policy,
    TargetState, decide, decide_fleet, silence,
};
use jiff::{SignedDuration, Timestamp};
use model::SCHEMA_VERSION;
use model::config::{self, Channel, ChannelKind, Quorum, Reminders, Schedule};
use model::error::{Category, ErrorType, Failure, RunError};
use model::journey::{Outcome, Request, Step};
use model::names::Region;
use model::run_result::RunResult;

const REGIONS: [&str; 5] = ["us-east-1", "us-east-2", "us-west-1", "eu-west-1", "eu-central-1"];

/// 10:00, and so many minutes.
pub(crate) fn at(minute: i64) -> Timestamp {
    at_second(minute * 60)
}

pub(crate) fn at_second(second: i64) -> Timestamp {
    "2026-11-25T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

pub(crate) fn region(number: usize) -> Region {
    REGIONS[number].parse().unwrap()
}

pub(crate) fn rules() -> config::Policy {
    config::Policy {
        reminders: Reminders { interval: Duration::from_mins(10), amount: 2 },
        ..config::Policy::default()
    }
}

/// Everything but the phone takes everything.
pub(crate) fn channel(id: &str, kind: ChannelKind) -> Channel {
    let phone = matches!(kind, ChannelKind::Phone { .. });
    Channel {
        id: id.parse().unwrap(),
        kind,
        send_failure: true,
        send_recovery: !phone,
        send_degraded: !phone,
        send_certificate: !phone,
    }
}

pub(crate) fn email() -> Channel {
    channel("email", ChannelKind::Email { address: "team@example.com".to_owned() })
}

pub(crate) fn slack() -> Channel {
    channel("slack", ChannelKind::Slack { secret_parameter: "/slack".to_owned() })
}

pub(crate) fn phone() -> Channel {
    let number = "+31201234567".to_owned();
    channel("phone", ChannelKind::Phone { origination: number.clone(), number })
}

pub(crate) fn pagerduty() -> Channel {
    let url = "https://events.pagerduty.com/v2/enqueue".parse().unwrap();
    channel("pagerduty", ChannelKind::PagerDuty { url, secret_parameter: "/pd".to_owned() })
}

pub(crate) fn policy(regions: usize) -> Policy {
    Policy {
        regions: (0..regions).map(region).collect(),
        interval: SignedDuration::from_mins(1),
        schedule: Schedule::Parallel,
        rules: rules(),
        targets: vec![Monitored {
            id: "bank".parse().unwrap(),
            name: "The bank".to_owned(),
            tags: vec!["open-banking".to_owned()],
            muted: false,
            runbook_url: None,
        }],
        channels: vec![email(), slack(), phone(), pagerduty()],
        maintenances: Vec::new(),
    }
}

pub(crate) fn http_503() -> RunError {
    let failure = Failure::new(ErrorType::HttpStatus, "the API answered with status 503").with_status(503);
    RunError::new(failure, Some(Step::EncryptedResponses), Some(Request::ChooseInterface))
}

pub(crate) fn api_error(category: &str) -> RunError {
    let failure = Failure::api_error(Category::parse(category).unwrap(), "the API reports an error");
    RunError::new(failure, Some(Step::GetConsent), Some(Request::GetConsent))
}

pub(crate) fn result(minute: i64, region_number: usize, error: Option<RunError>) -> RunResult {
    let verdict = error.as_ref().map(|error| error.failure.verdict());
    RunResult {
        schema_version: SCHEMA_VERSION,
        target: "bank".parse().unwrap(),
        region: Some(region(region_number)),
        scheduled_at: at(minute),
        run_id: format!("{minute:016x}{region_number:016x}"),
        started_at: at(minute),
        duration_ms: Duration::from_millis(900).into(),
        outcome: verdict.map_or(Outcome::Passed, |verdict| verdict.outcome),
        told_as: verdict.map(|verdict| verdict.told_as),
        recovered: false,
        error,
        steps: Vec::new(),
        certificates: Vec::new(),
        session_left_open: false,
        report: None,
    }
}

/// P passed, D degraded, F failed, N failed on the network, M told as monitor error.
pub(crate) fn error_of(letter: char) -> Option<RunError> {
    let network = || Failure::new(ErrorType::Timeout, "the answer took longer than 10 s");
    match letter {
        'P' => None,
        'D' => Some(api_error("MAINTENANCE")),
        'F' => Some(http_503()),
        'N' => Some(RunError::new(network(), Some(Step::GetConsent), Some(Request::GetConsent))),
        'M' => Some(RunError::new(
            Failure::new(ErrorType::Credentials, "the API refused the token").with_status(401),
            Some(Step::StartSession),
            Some(Request::StartSession),
        )),
        other => panic!("no run is called {other}"),
    }
}

pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) state: TargetState,
    pub(crate) fleet: FleetState,
    /// The channels that fail.
    pub(crate) ailing: BTreeMap<String, Ailment>,
    /// Everything that was told.
    pub(crate) told: Vec<Notification>,
    /// Everything that ended.
    pub(crate) ended: Vec<Incident>,
    /// The next minute to play.
    pub(crate) minute: i64,
}

impl World {
    pub(crate) fn new(policy: Policy) -> Self {
        let state = TargetState::new("bank".parse().unwrap());
        let (fleet, ailing) = (FleetState::default(), BTreeMap::new());
        let mut world = Self { policy, state, fleet, ailing, told: Vec::new(), ended: Vec::new(), minute: 0 };
        world.tick(0);
        world
    }

    /// Plays minutes: one letter for each region, `.` for none, then the tick.
    pub(crate) fn play(&mut self, minutes: &str) -> &mut Self {
        for letters in minutes.split_ascii_whitespace() {
            let minute = self.minute;
            for (number, letter) in letters.chars().enumerate().filter(|(_, letter)| *letter != '.') {
                let seconds = minute * 60 + 10 + i64::try_from(number).unwrap();
                self.result(&result(minute, number, error_of(letter)), at_second(seconds));
            }
            self.minute += 1;
            self.tick(self.minute);
        }
        self
    }

    pub(crate) fn result(&mut self, result: &RunResult, now: Timestamp) -> Disposition {
        self.event(&Event::Result(Box::new(result.clone())), now)
    }

    /// What the aggregator does every minute.
    pub(crate) fn tick(&mut self, minute: i64) {
        let now = at(minute);
        let silence = silence(&self.policy, &self.fleet, std::slice::from_ref(&self.state), now);
        self.fleet_event(&FleetEvent::Tick { silence: silence.clone(), ailing: self.ailing.clone() }, now);
        self.event(&Event::Tick(silence), now);
    }

    pub(crate) fn control(&mut self, control: Control) -> Disposition {
        let now = at_second(self.minute * 60 + 1);
        self.event(&Event::Control(control), now)
    }

    pub(crate) fn acknowledge(&mut self) -> Disposition {
        let incident_key = self.state.incidents.open.values().next().unwrap().key.clone();
        self.control(Control::Acknowledge { incident_key })
    }

    pub(crate) fn event(&mut self, event: &Event, now: Timestamp) -> Disposition {
        let Decision { state, notifications, disposition, ended } = decide(&self.policy, &self.state, event, now);
        // The state goes through the table between two events.
        self.state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        assert_eq!(self.state, state);
        self.told.extend(notifications);
        self.ended.extend(ended);
        disposition
    }

    pub(crate) fn fleet_event(&mut self, event: &FleetEvent, now: Timestamp) -> Disposition {
        let Decision { state, notifications, disposition, ended } = decide_fleet(&self.policy, &self.fleet, event, now);
        self.fleet = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        assert_eq!(self.fleet, state);
        self.told.extend(notifications);
        self.ended.extend(ended);
        disposition
    }

    /// What a channel was told: `failure@12` for a failure in minute 12.
    pub(crate) fn on(&self, channel: &str) -> Vec<String> {
        let reaches = |told: &&Notification| {
            told.channel == channel || told.subscribers.iter().any(|subscriber| subscriber.as_str() == channel)
        };
        let minute = |told: &Notification| told.decided_at.duration_since(at(0)).as_secs().div_euclid(60);
        self.told.iter().filter(reaches).map(|told| format!("{}@{}", told.event.name(), minute(told))).collect()
    }

    /// What the alert topic was told.
    pub(crate) fn topic(&self) -> Vec<String> {
        self.on("alert-topic")
    }

    pub(crate) fn with_quorum(mut self, quorum: Quorum) -> Self {
        self.policy.rules.min_regions = quorum;
        self
    }
}
