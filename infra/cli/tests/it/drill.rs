//! An outage as a team would rehearse it: what stands on the terminal, and the
//! exit code.

use std::path::Path;

use crate::local_cloud::{content, folder, local, search};
use crate::support::{Told, command, config_file, flat, told};

/// The channels of the example, and what each gets of an outage: failure, reminder, recovery.
const CHANNELS: [(&str, [bool; 3]); 9] = [
    ("email-team", [true; 3]),
    ("sms-on-call", [true; 3]),
    ("https-hub", [true; 3]),
    ("phone-on-call", [true, false, false]),
    ("slack-ops", [true; 3]),
    ("teams-ops", [true; 3]),
    ("pagerduty", [true; 3]),
    ("opsgenie", [true; 3]),
    ("webhook", [true; 3]),
];

#[test]
fn an_outage_is_told_on_every_channel_with_a_reminder_and_its_recovery() {
    let folder = folder("drill-outage");
    // The shipped policy but for the wait.
    let config = config_file("soon.toml", "[policy]\nreminders = { interval_minutes = 5 }\n");
    let told = drill("drill-outage", &["--fault", "5:status=503", "--config", config.to_str().unwrap()]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("Drill passed in "), "{}", told.out);
    assert!(told.out.contains("those of infra/examples/drill.toml"), "{}", told.out);

    let (events, rows) = table(&told);
    assert_eq!(events, ["failure", "reminder", "recovery"], "{}", told.out);
    let expected = CHANNELS.map(|(channel, gets)| (channel.to_owned(), gets.to_vec()));
    let got: Vec<_> =
        rows.iter().map(|(name, cells)| (name.clone(), cells.iter().map(|cell| cell != "-").collect())).collect();
    assert_eq!(got, expected, "{}", told.out);

    let text = flat(&told.out);
    for words in [
        "✗ step 4 503",
        "failing, 3 of 3 vote failing",
        "nothing new to tell",
        " failure DOWN klarna-playground: step 4 encrypted_responses, http_status, HTTP 503",
        " reminder STILL DOWN klarna-playground: ",
        " recovery UP klarna-playground: after ",
        "email-team to team@example.com",
        "│ Whose fault",
        "\"This is the open banking monitor. ",
        "slack-ops DOWN klarna-playground, ",
        "teams-ops DOWN klarna-playground, Adaptive Card, Attention",
        "pagerduty DOWN klarna-playground, trigger critical",
        "pagerduty resolve klarna-playground.availability.",
        "opsgenie DOWN klarna-playground, create P1",
        "opsgenie UP klarna-playground, close",
        "slack-ops STILL DOWN klarna-playground",
    ] {
        assert!(text.contains(words), "{words} is missing in\n{}", told.out);
    }
    assert!(text.contains(" bytes, signed"), "{}", told.out);
    let (rest, page) = told.out.trim_end().rsplit_once("\nPage     ").expect("the path of the page");
    assert!(content(Path::new(page)).contains("503"), "{page}");
    let (rest, overview) = rest.rsplit_once("\nOverview ").expect("the path of the overview");
    let overview = content(Path::new(overview));
    for words in ["klarna-playground", "Encrypted responses", "slack-ops", "recovery"] {
        assert!(overview.contains(words), "{words} is missing in the overview");
    }
    let (rest, outage) = rest.rsplit_once("\nOutage   ").expect("the path of the overview of the outage");
    let of_outage = content(Path::new(outage));
    assert!(of_outage.contains("klarna-playground is failing"), "{outage}");
    let pages: Vec<_> = of_outage.split("href=\"klarna-playground/").skip(1).collect();
    assert!(!pages.is_empty(), "it leads to the runs' pages");
    for page in pages {
        let page = folder.join("reports/klarna-playground").join(page.split('"').next().unwrap());
        assert!(content(&page).contains("503"), "{}", page.display());
    }
    assert!(!of_outage.contains("/s3/object/"), "no link leads into a console that has no such object");
    assert!(rest.contains("\nThe minutes are simulated: "), "{}", told.out);
    assert!(rest.lines().last().unwrap().starts_with("Drill passed in "), "{}", told.out);
    search(&folder, &told);
}

#[test]
fn one_region_alone_is_degraded_after_three_minutes_and_never_rings() {
    let told = drill("drill-partial", &["--fault", "5:status=503@us-west-1"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let (events, rows) = table(&told);
    assert_eq!(events, ["degraded", "well again"], "{}", told.out);
    let cells = |channel: &str| rows.iter().find(|(name, _)| name == channel).unwrap().1.clone();
    assert_eq!(cells("phone-on-call"), ["-", "-"]);
    assert_eq!(cells("pagerduty"), ["-", "-"], "a degraded target wakes nobody");
    let third = minutes_of(&told, "The fault begins").nth(2).unwrap();
    assert_eq!(cells("email-team")[0], third, "{}", told.out);
    assert!(told.out.contains("DEGRADED klarna-playground: step 4 encrypted_responses"), "{}", told.out);
    assert!(!told.out.contains("This is the open banking monitor."), "{}", told.out);
    assert!(!told.err.contains("never took effect"), "{}", told.err);
    let outage = told.out.lines().find_map(|line| line.strip_prefix("Outage   ")).expect("the overview of the outage");
    assert!(content(Path::new(outage)).contains(" is degraded; 1 open incident"), "{outage}");
}

#[test]
fn the_articles_set_up_tells_the_first_failed_run_and_the_first_good_one() {
    let without_effect = "9:missing=accounts@us-east-2";
    let faults = ["--fault", "5:status=503@us-west-1", "--fault", without_effect];
    let told = drill("drill-article", &[&["--config", "infra/examples/article.toml"], &faults[..]].concat());
    assert_eq!(told.code, Some(0), "{told:?}");
    let note = told.err.lines().filter(|line| line.contains("never took effect")).collect::<Vec<_>>();
    assert!(matches!(note[..], [note] if note.contains(without_effect)), "{}", told.err);
    let (events, rows) = table(&told);
    assert_eq!(events, ["failure", "recovery"], "{}", told.out);
    let first_bad = minutes_of(&told, "The fault begins").next().unwrap();
    let first_good = minutes_of(&told, "The fault is gone").next().unwrap();
    let cells = |email: [&str; 2], call: [&str; 2]| {
        [("email-1", email), ("call-1", call)].map(|(name, cells)| (name.to_owned(), cells.map(str::to_owned).to_vec()))
    };
    assert_eq!(rows, cells([&first_bad, &first_good], [&first_bad, "-"]), "{}", told.out);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a folder where the page would stand")]
fn an_overview_that_cannot_be_kept_costs_its_page_only() {
    let folder = folder("drill-no-overview");
    std::fs::create_dir_all(folder.join("reports/overview.html")).unwrap();
    let arguments = ["drill", "--config", "infra/examples/article.toml", "--fault", "5:status=503@us-west-1"];
    let told = told(&mut local(&folder, &arguments));
    assert_eq!(told.code, Some(0), "{told:?}");
    for note in ["that of an earlier drill cannot be removed: ", "the overview cannot be kept: "] {
        assert!(told.err.contains(&format!("xs2a-monitor: overview.html: {note}")), "{}", told.err);
    }
    assert!(!told.out.contains("\nOverview "), "{}", told.out);
    let (rest, page) = told.out.trim_end().rsplit_once("\nPage     ").expect("the path of the page");
    assert!(content(Path::new(page)).contains("503"), "{page}");
    assert!(rest.lines().any(|line| line.starts_with("Drill passed in ")), "{}", told.out);
}

#[test]
fn what_is_told_to_nobody_is_exit_code_1_and_says_why() {
    let muted = config_file("muted.toml", "[[target]]\nid = \"muted\"\nmuted = true\n");
    for (arguments, why) in [
        // The second attempt of the one run passes.
        (&["--fault", "5:status=503*1@us-west-1"][..], "klarna-playground is passing (all vote passing)"),
        (
            &["--fault", "5:status=503", "--config", muted.to_str().unwrap()],
            "muted is failing (3 of 3 vote failing), and muted in the configuration",
        ),
    ] {
        let folder = folder("drill-untold");
        let outage = folder.join("reports/overview-outage.html");
        system::write_file(&outage, b"of an earlier drill").unwrap();
        let told = told(&mut local(&folder, &[&["drill"], arguments].concat()));
        assert_eq!(told.code, Some(1), "{told:?}");
        let reason = format!("  nothing was told within 6 minutes of the fault: {why}\n");
        assert!(told.out.contains(&reason), "{}", told.out);
        assert_eq!(outage.exists(), told.out.contains("\nOutage "), "what is there is of this drill: {}", told.out);
        assert!(!told.err.contains("never took effect"), "{}", told.err);
    }
}

#[test]
fn a_fault_that_cannot_be_played_is_bad_usage() {
    for (arguments, says) in [
        (&["drill"][..], "--fault <RULE>"),
        (&["drill", "--fault", "5"], "'--fault <RULE>'"),
        (&["drill", "--fault", "12:status=503"], "unknown request \"12\""),
        (&["drill", "--fault", "1:reset@mars-north-1"], "--fault: 1:reset@mars-north-1: the configuration has no such"),
        (&["drill", "--fault", "1:reset", "--config", "nope.toml"], "--config: cannot read "),
    ] {
        let told = told(&mut command(arguments));
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?}: {told:?}");
        assert!(told.err.contains(says), "{arguments:?} says {}", told.err);
    }
}

fn drill(name: &str, arguments: &[&str]) -> Told {
    told(&mut local(&folder(name), &[&["drill"], arguments].concat()))
}

/// The closing table: its columns, and by channel when it was told.
fn table(told: &Told) -> (Vec<String>, Vec<(String, Vec<String>)>) {
    let mut lines = told.out.lines().skip_while(|line| !line.starts_with("Who was told")).skip(1);
    let columns =
        |line: &str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    let events: Vec<String> = columns(lines.next().unwrap_or_else(|| panic!("no table in {}", told.out)));
    let rows = lines.take_while(|line| !line.is_empty() && !line.starts_with("Reports")).map(|line| {
        let cells: Vec<String> = columns(line);
        (cells[1].clone(), cells[2..].to_vec())
    });
    (events, rows.collect())
}

/// The times of the lines of minutes after a heading.
fn minutes_of<'a>(told: &'a Told, heading: &str) -> impl Iterator<Item = String> + use<'a> {
    let heading = heading.to_owned();
    let lines = told.out.lines().skip_while(move |line| !line.starts_with(&heading)).skip(1);
    lines.filter(|line| line.get(2..3) == Some(":") && !line.contains("..")).map(|line| line[..5].to_owned())
}
