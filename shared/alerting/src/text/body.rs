//! The long text: everything that a person needs at night, and no console.

use model::names::Region;
use url::Url;

use super::Links;
use super::beside::advice_beside;
use super::short::{headline, opening_sentence};
use super::words::{concerned, count, fault, kind, lasting, moment, names, place, plain, sentence};
use crate::notice::{Notice, RegionFacts, Rule, RuleKind};
use crate::notification::AlertEvent;
use crate::vote::Vote;

/// The width of the labels.
const LABEL: usize = 15;

/// The whole story, as lines of plain text.
pub(super) fn body(notice: &Notice, links: &Links) -> String {
    let mut text = Lines(format!("{}\n{}\n\n", headline(notice), opening_sentence(notice)));
    text.add_error(notice);
    text.add_times(notice);
    text.add_advice(notice);
    text.add_links(notice, links);
    text.add("Target", &notice.target);
    text.add_some("Tags", (!notice.tags.is_empty()).then(|| plain(&notice.tags.join(", "))));
    text.add("Incident", &notice.incident_key);
    text.0
}

struct Lines(String);

impl Lines {
    fn add(&mut self, label: &str, text: &str) {
        let padding = LABEL.saturating_sub(label.len()).max(1);
        self.0 += label;
        self.0.extend(std::iter::repeat_n(' ', padding));
        self.0 += text;
        self.0 += "\n";
    }

    fn add_some(&mut self, label: &str, text: Option<String>) {
        if let Some(text) = text {
            self.add(label, &text);
        }
    }

    fn add_error(&mut self, notice: &Notice) {
        let over = notice.is_over();
        if let Some(error) = &notice.error {
            let what = format!("{}: {} ({})", place(error), plain(&error.failure.message), kind(error));
            self.add(if over { "What failed" } else { "What fails" }, &sentence(&what));
        }
        let regions = concerned(notice);
        if !regions.is_empty() {
            self.add("Where", &names(regions.iter().map(|facts| &facts.region)));
        }
        let differs = |facts: &&&RegionFacts| facts.error() != notice.error.as_ref() || facts.stale;
        for facts in regions.iter().filter(differs).filter(|_| !over) {
            self.add(&format!("  {}", facts.region), &region(facts));
        }
        self.add_some("Rule", notice.rule.filter(|_| !over).map(|rule| rule_text(&rule)));
        let answer = notice.channel.as_ref().filter(|_| !over).map(|channel| plain(&channel.answer));
        self.add_some("Last answer", answer.filter(|answer| !answer.trim().is_empty()));
        self.add_some("Silent", notice.silent_region.as_ref().map(Region::to_string));
    }

    fn add_times(&mut self, notice: &Notice) {
        if matches!(notice.event, AlertEvent::Test | AlertEvent::CertificateExpiring | AlertEvent::CertificateRenewed) {
            let ends = notice.certificate.as_ref().map(|certificate| moment(certificate.not_after));
            self.add_some("Ends", ends);
            return;
        }
        match notice.ended_at {
            Some(end) => {
                let (from, to) = (moment(notice.since), moment(end));
                self.add("Lasted", &format!("{} ({from} to {to})", lasting(notice.since, end)));
            }
            None => self.add("Since", &moment(notice.since)),
        }
        if notice.failed_runs > 0 {
            self.add("Failed runs", &count(notice.failed_runs, "run"));
        }
        let passed = notice.last_passed.as_ref();
        self.add_some("Last passed", passed.map(|passed| format!("{} in {}", moment(passed.at), passed.region)));
        let number = notice.reminder.map(|(number, of)| format!("{number} of {of}"));
        self.add_some("Reminder", number);
    }

    fn add_advice(&mut self, notice: &Notice) {
        let beside = advice_beside(notice).filter(|_| !notice.event.closes());
        if notice.is_over() {
            self.add_some("What to do", beside);
            self.add_some(
                "Still wrong",
                notice.still.map(|_| "The target is degraded; its end will be told.".to_owned()),
            );
            return;
        }
        self.add_some("Whose fault", notice.blame.map(|blame| fault(blame, notice.spread())));
        let advice = notice.error.as_ref().map(|error| sentence(error.failure.advice()));
        let silent = notice.silent_region.as_ref().map(|region| {
            format!("Look at the schedule and the log of the probe in {region}, then at the status of AWS there.")
        });
        self.add_some("What to do", beside.or(advice).or(silent));
    }

    fn add_links(&mut self, notice: &Notice, links: &Links) {
        let text = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
        self.add_some("Run-book", text(&notice.runbook_url));
        self.add_some("Report", text(&links.report));
        self.add_some("  its link", links.report_hours.filter(|_| links.report.is_some()).map(opens_for));
        self.add_some("Dashboard", text(&links.dashboard));
        self.add_some("Log lines", text(&links.logs));
    }
}

/// What a signed link is, and how long it lives.
fn opens_for(hours: u8) -> String {
    format!("Opens without a login, for whoever has it, for {} at most.", count(hours.into(), "hour"))
}

/// A region whose story differs from the leading one.
fn region(facts: &RegionFacts) -> String {
    let word = match facts.vote {
        Vote::Failing => "failing",
        Vote::Degraded => "degraded",
        Vote::Passing => "passing",
    };
    let error = facts.error().map(|error| format!(": {} ({})", place(error), kind(error)));
    let stale = if facts.stale { "; it has not reported since" } else { "" };
    format!("{word} since {}{}{stale}", moment(facts.since), error.unwrap_or_default())
}

fn rule_text(rule: &Rule) -> String {
    let Rule { failing, degraded, needed, configured, runs, .. } = rule;
    match rule.kind {
        RuleKind::Failing => {
            let after = in_a_row(*runs, "failed");
            format!("{failing} of {configured} regions vote failing ({needed} needed), each after {after}.")
        }
        RuleKind::Degraded => {
            let bad = failing + degraded;
            let after = in_a_row(*runs, "degraded or failed");
            format!("{bad} of {configured} regions vote degraded or failing ({needed} needed), each after {after}.")
        }
        RuleKind::Partial => {
            let after = in_a_row(*runs, "failed");
            format!("1 of {configured} regions had {after}; for an outage {needed} must vote failing.")
        }
    }
}

fn in_a_row(runs: u32, how: &str) -> String {
    if runs == 1 { format!("1 {how} run") } else { format!("{runs} {how} runs in a row") }
}
