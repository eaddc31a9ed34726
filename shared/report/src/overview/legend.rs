//! What the signs mean and how the figures are made.

use maud::{Markup, html};

use super::cell::Kind;
use super::{MOST_TARGETS_IN_DETAIL, Overview, grid};

const fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Passed => "passed",
        Kind::Recovered => "passed with its second attempt",
        Kind::MonitorError => "monitor error: our own fault",
        Kind::Degraded => "degraded",
        Kind::Failed => "failed",
    }
}

/// The legend.
pub(super) fn legend(overview: &Overview) -> Markup {
    html! {
        section class="card legend" {
            h2 { "How to read this page" }
            ul class="signs" {
                @for kind in Kind::ALL { li { (grid::sample(Some(kind), false)) (meaning(kind)) } }
                @if overview.is_in_detail() { li { (grid::sample(Some(Kind::Passed), true)) "while muted or in maintenance" } }
                li { (grid::sample(None, false)) "no run" }
            }
            p { (cells(overview)) }
            p {
                "Availability is the share of runs that passed or were degraded. "
                "It leaves out runs while muted or in maintenance, and runs that ended in a monitor error, which cast no vote. "
                "p50 and p95 are the times that half of the runs, and 19 of 20, stayed within; runs that failed, or were degraded and did "
                "not come to the last step, are left out."
            }
            p {
                "Runs, shares and times are those of the 24 hours before the page was made: "
                "of the first hour of the clock and the last only a part is among them."
            }
        }
    }
}

fn cells(overview: &Overview) -> Markup {
    let hour = "each cell is one hour: what was worst in it, as wide as its share";
    html! {
        @if overview.is_in_detail() {
            "In the table of all targets " (hour) ". Below it each cell is one run, and the rows are hours."
        } @else {
            "With more than " (MOST_TARGETS_IN_DETAIL) " targets runs are not drawn one by one, nor are reports linked: " (hour) "."
        }
    }
}
