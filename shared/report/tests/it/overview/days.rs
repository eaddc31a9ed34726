//! A target's day: its runs one by one, and what they come to.

use jiff::SignedDuration;
use model::names::{Region, ReportUri};
use report::overview::{Cell, Day, Kind, Run, Window, overview};

use super::scene::{REGIONS, assert_shows, cell, day, link, now, page_of, target, troubled};

#[test]
fn every_run_has_a_cell_of_its_kind() {
    let page = overview(&troubled());
    // Bad runs stand alone, each with its words and link; what is equal is one line.
    let cells = |class: &str| page.matches(&format!("<a class=\"{class}\" href=\"https://s3.console")).count();
    assert_eq!((cells("f"), cells("d"), cells("m")), (31, 5, 18));
    assert_eq!(page.matches("<path class=\"p every1\"").count(), 3);
    assert_eq!(page.matches("<path class=\"r every1\"").count(), 1);
    // The run of 22:25 recovered: the thirteenth row, for the first is that of 10:00.
    assert!(page.contains("<path class=\"r every1\" d=\"M304 197h8\"></path>"));
}

#[test]
fn the_hours_list_each_bad_run_with_its_cause_and_report() {
    let page = overview(&troubled());
    let cause = "http_status at step 4 (Encrypted responses), request 5:";
    assert_shows(
        &page,
        &[
            &format!(
                "Hour us-east-1 us-east-2 us-west-1 25 Nov 10:00 5 failed failed, {cause} 10:00 10:01 10:02 10:03 10:04 \
                 5 failed"
            ),
            "24 Nov 11:00 60 passed 60 passed 60 passed",
        ],
    );
    // Whatever is a link in the pictures is one in the tables too, which the keyboard reaches.
    let links = |mark: &str| page.matches(&format!("{mark} href=\"https://s3.console")).count();
    assert_eq!((links("<a class=\"f\""), links("<a class=\"d\""), links("<a class=\"m\"")), (31, 5, 18));
    assert_eq!(links("<a"), 31 + 5 + 18);
}

#[test]
fn a_long_outage_says_how_much_it_does_not_list() {
    let page = overview(&page_of(vec![target(day(true, |_, _| Some(Kind::Failed)))]));
    // Fifty of a region one by one, and of each of the 23 hours before them one.
    assert_eq!(page.matches("<a class=\"f\" href=").count(), 3 * (50 + 23));
    assert_eq!(page.matches("<a href=\"https://s3.console").count(), 3 * (50 + 23));
    let cause = "failed, http_status at step 4 (Encrypted responses), request 5:";
    assert_shows(&page, &[&format!("24 Nov 11:00 60 failed {cause} 11:59 59 more are only drawn 60 failed")]);
}

#[test]
fn reports_that_are_not_shown_are_let_go() {
    let window = Window::until(now());
    let runs = |region: usize| {
        let run = |ago: i64| {
            let report = format!("s3://reports-{region}/reports/a-bank/{ago}.html").parse().ok();
            Run { minute: now() - SignedDuration::from_mins(ago), cell: Cell { report, ..cell(Kind::Failed) } }
        };
        (REGIONS[region].parse().unwrap(), (1..=1440).map(run).collect())
    };
    for (one_by_one, most) in [(true, 3 * (50 + 23)), (false, 0)] {
        let asked = std::cell::Cell::new(0);
        let count = |_: &Region, _: &ReportUri| {
            asked.set(asked.get() + 1);
            None
        };
        Day::of(window, (0..3).map(runs).collect(), one_by_one, count);
        assert_eq!(asked.get(), most);
    }
}

#[test]
fn availability_leaves_out_what_was_quiet_and_our_own_faults() {
    let window = Window::until(now());
    let run = |ago: i64, kind: Kind, quiet: bool| Run {
        minute: now() - SignedDuration::from_mins(ago),
        cell: Cell { quiet, ..cell(kind) },
    };
    let runs = vec![
        run(1, Kind::Passed, false),
        run(2, Kind::Degraded, false),
        run(3, Kind::Recovered, false),
        run(4, Kind::Failed, false),
        run(5, Kind::Failed, true),
        run(6, Kind::MonitorError, false),
        run(1500, Kind::Failed, false),
    ];
    let day = Day::of(window, vec![("us-east-1".parse().unwrap(), runs)], true, link);
    let page = overview(&page_of(vec![target(day)]));
    let counts = "75.00 % 6 runs: 2 failed, 1 degraded, 1 monitor error, 1 recovered, 1 passed; 1 of them while muted";
    assert_shows(&page, &[counts, "Availability is the share of runs that passed or were degraded."]);
}

#[test]
fn what_is_older_than_24_hours_neither_counts_nor_is_drawn() {
    let run = |ago: i64| {
        let report = format!("s3://reports-1/{ago}.html").parse().ok();
        let steps = [Some(10 * u32::try_from(ago).unwrap()); 8];
        Run { minute: now() - SignedDuration::from_mins(ago), cell: Cell { report, steps, ..cell(Kind::Degraded) } }
    };
    let runs = [0, 1439, 1440, 1441, 1445].map(run).to_vec();
    let page = overview(&page_of(vec![target(Day::of(
        Window::until(now()),
        vec![("us-east-1".parse().unwrap(), runs)],
        true,
        link,
    ))]));
    assert_shows(
        &page,
        &[
            "Targets, last 24 hours since 24 Nov 10:06",
            "us-east-1 100 % 2 runs: 2 degraded",
            "1 Start session &lt;1 ms 14.4 s",
            "24 Nov 10:00 1 degraded",
            "are those of the 24 hours before the page was made",
        ],
    );
    assert_eq!(page.matches("<a class=\"d\"").count(), 2);
    // The grey line of "no run" begins and ends with the page's time.
    assert!(page.contains("<path class=\"track\" d=\"M114 29h538M54 43h598"), "{page}");
}

#[test]
fn times_are_those_of_runs_that_came_to_the_last_step() {
    let run = |ago: i64, kind: Kind, duration: u32, last: Option<u32>| {
        let mut steps = cell(kind).steps;
        steps[7] = last;
        Run { minute: now() - SignedDuration::from_mins(ago), cell: Cell { duration, steps, ..cell(kind) } }
    };
    let runs = vec![
        run(1, Kind::Degraded, 7, None),
        run(2, Kind::Degraded, 8, None),
        run(3, Kind::Degraded, 9_000, Some(60)),
        run(4, Kind::Passed, 800, Some(60)),
        run(5, Kind::Failed, 9, None),
    ];
    let day = Day::of(Window::until(now()), vec![("us-east-1".parse().unwrap(), runs)], true, link);
    let page = overview(&page_of(vec![target(day)]));
    assert_shows(&page, &["Whole run 800 ms 9000 ms 1 Start", "and did not come to the last step, are left out"]);
}

#[test]
fn the_page_stays_small() {
    let passing = overview(&page_of(vec![target(day(true, |_, _| Some(Kind::Passed)))]));
    assert!(passing.len() < 40_000, "{}", passing.len());
    let failing = overview(&page_of(vec![target(day(true, |_, _| Some(Kind::Failed)))]));
    assert!(failing.len() < 150_000, "{}", failing.len());
    // Every second run: nothing stands beside its like.
    let flapping = |_: usize, ago: i64| Some(if ago % 2 == 0 { Kind::Failed } else { Kind::Passed });
    let flapping = overview(&page_of(vec![target(day(true, flapping))]));
    assert!(flapping.len() < 220_000, "{}", flapping.len());
}
