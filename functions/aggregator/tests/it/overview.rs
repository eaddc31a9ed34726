//! The overview: what was told to the aggregator is on the page.

use jiff::SignedDuration;
use model::error::{ErrorType, Failure, RunError};
use model::journey::Request;
use model::run_result::RunResult;
use serde_json::{Value, json};

use crate::cloud::{Cloud, REGIONS};
use crate::events::{at, config, result, run, sns, tick};

#[test]
fn the_fifth_minute_leaves_a_page_with_everything_that_was_told() {
    let cloud = Cloud::start();
    cloud.create_table("overview");
    let file = config(&cloud, "overview.toml", 1, "");
    let mut function = cloud.function("overview", &file);
    let mut invoke = |event| cloud.invoke(&mut function, &event).unwrap();
    for (minute, letters) in ["PPP", "PFF", "PFF", "PPP", "PPP"].into_iter().enumerate() {
        let minute = i64::try_from(minute).unwrap();
        for (region, letter) in REGIONS.into_iter().zip(letters.chars()) {
            invoke(result(&cloud, 0, region, minute, letter));
        }
        assert_eq!(cloud.overview(), None);
        if minute < 4 {
            invoke(tick(minute + 1));
        }
    }
    invoke(tick(5));
    let page = text(&cloud);
    for expected in [
        "Bank 0 is passing",
        "Made 25 November 2026, 10:05 UTC",
        "us-east-1 100 % 5 runs: 5 passed",
        "us-east-2 60.00 % 5 runs: 2 failed, 3 passed",
        "us-west-1 60.00 % 5 runs: 2 failed, 3 passed",
        "No open incident.",
        "25 Nov 10:01 25 Nov 10:04 3 min Bank 0 failing Step 4 (Encrypted responses), request 5: \
         the API answered with status 503 (http_status) (us-east-2, us-west-1)",
        "25 Nov 10:04 recovery bank-0.availability.20261125T1001Z slack sent HTTP 200",
        "25 Nov 10:01 failure bank-0.availability.20261125T1001Z alert-topic sent message",
    ] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[test]
fn regions_that_fail_in_different_ways_are_told_apart_and_the_fault_is_that_of_the_alert() {
    let reset = |region: &str| (region.to_owned(), ErrorType::Connection, None, 1);
    let refused = |region: &str, status| (region.to_owned(), ErrorType::HttpStatus, Some(status), 5);
    for (name, runs, expected) in [
        (
            "differ",
            vec![refused("us-east-1", 503), refused("us-east-2", 502), reset("us-west-1")],
            "Step 4 (Encrypted responses), request 5: no luck in us-east-1 (http_status) (us-east-1); \
             Step 4 (Encrypted responses), request 5: no luck in us-east-2 (http_status) (us-east-2); \
             Step 1 (Start session), request 1: no luck in us-west-1 (connection) (us-west-1) \
             It looks like the provider's fault. Look at the answer in the report, then ask the provider.",
        ),
        (
            "most",
            vec![refused("us-east-1", 503), reset("us-east-2"), reset("us-west-1")],
            "Step 1 (Start session), request 1: no luck in us-east-2 (connection) (us-east-2, us-west-1); \
             Step 4 (Encrypted responses), request 5: no luck in us-east-1 (http_status) (us-east-1) \
             It looks like the provider's fault. See in the report how far the answer got;",
        ),
        (
            "alone",
            vec![reset("us-west-1")],
            "Step 1 (Start session), request 1: no luck in us-west-1 (connection) (us-west-1) \
             It looks like a fault of the network on the way. See in the report how far the answer got;",
        ),
    ] {
        let cloud = Cloud::start();
        cloud.create_table(name);
        let mut function = cloud.function(name, &config(&cloud, &format!("{name}.toml"), 1, ""));
        for minute in 1..4 {
            for region in REGIONS {
                let failed = runs.iter().find(|(failed, ..)| failed == region);
                cloud.invoke(&mut function, &failed_as(&cloud, region, minute, failed)).unwrap();
            }
        }
        cloud.invoke(&mut function, &tick(5)).unwrap();
        let page = text(&cloud);
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

type Way = (String, ErrorType, Option<u16>, u8);

/// The result of a run that failed in this way; none: it passed.
fn failed_as(cloud: &Cloud, region: &str, minute: i64, way: Option<&Way>) -> Value {
    let Some((_, error_type, http_status, request)) = way else { return result(cloud, 0, region, minute, 'P') };
    let failure = Failure { http_status: *http_status, ..Failure::new(*error_type, format!("no luck in {region}")) };
    let request = Request::from_number(*request).unwrap();
    let error = Some(RunError::new(failure, Some(request.step()), Some(request)));
    let text = serde_json::to_string(&RunResult { error, ..run(0, region, minute, 'F') }).unwrap();
    sns(&cloud.topics[region], &format!("{region}-{minute}"), at(minute) + SignedDuration::from_secs(7), &text)
}

#[test]
fn the_first_result_of_a_minute_counts_and_a_late_one_appears() {
    let cloud = Cloud::start();
    cloud.create_table("late");
    let file = config(&cloud, "late.toml", 1, "");
    let mut function = cloud.function("late", &file);
    let mut invoke = |event| cloud.invoke(&mut function, &event).unwrap();
    for region in REGIONS {
        invoke(result(&cloud, 0, region, 3, 'P'));
    }
    let again = |minute: i64, letter: char, told: i64, id: &str| {
        let page = "s3://xs2a-monitor-reports-us-east-2/reports/bank-0/us-east-2/20261125T100100Z.html";
        let run = run(0, "us-east-2", minute, letter).with_report(page.parse().ok());
        let text = serde_json::to_string(&run).unwrap();
        sns(&cloud.topics["us-east-2"], id, at(told) + SignedDuration::from_secs(9), &text)
    };
    invoke(again(3, 'F', 3, "again"));
    let other = RunResult { run_id: "another".to_owned(), ..run(0, "us-east-1", 3, 'F') };
    invoke(sns(&cloud.topics["us-east-1"], "other", at(3), &serde_json::to_string(&other).unwrap()));
    invoke(tick(5));
    for region in REGIONS {
        assert!(text(&cloud).contains(&format!("{region} 100 % 1 run: 1 passed")), "{}", text(&cloud));
    }

    // Its minute left the window long ago: it casts no vote any more.
    invoke(again(1, 'F', 50, "late"));
    invoke(tick(55));
    assert!(text(&cloud).contains("us-east-2 50.00 % 2 runs: 1 failed, 1 passed"), "{}", text(&cloud));
    let page = cloud.overview().unwrap();
    let link = "https://us-east-2.console.aws.amazon.com/s3/object/xs2a-monitor-reports-us-east-2?region=us-east-2\
                &amp;prefix=reports%2Fbank-0%2Fus-east-2%2F20261125T100100Z.html";
    assert!(page.contains(link), "{page}");
}

#[test]
fn what_was_quiet_does_not_count_and_a_page_that_is_refused_holds_nothing_up() {
    let cloud = Cloud::start();
    cloud.create_table("quiet");
    let window = "[[maintenance]]\ncron = \"0 10 * * *\"\nduration = \"6m\"\n";
    let file = config(&cloud, "quiet.toml", 1, window);
    let mut function = cloud.function("quiet", &file);
    let mut invoke = |event| cloud.invoke(&mut function, &event).unwrap();
    for minute in 2..8 {
        for region in REGIONS {
            invoke(result(&cloud, 0, region, minute, if minute < 4 { 'F' } else { 'P' }));
        }
        if minute == 4 {
            cloud.control("PUT", "/local/faults", &json!({"S3.PutObject": {"status": 403, "times": 1}}));
            let answer = invoke(tick(5));
            assert_eq!(answer["targets"][0]["target"], "bank-0", "{answer}");
            assert_eq!(cloud.overview(), None);
        }
    }
    invoke(tick(10));
    let page = text(&cloud);
    for expected in ["us-east-1 100 % 6 runs: 2 failed, 4 passed; 4 of them while muted", "nobody was told"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[test]
fn a_target_that_cannot_be_read_is_shown_as_such_and_hides_no_other() {
    let cloud = Cloud::start();
    cloud.create_table("unread");
    let mut function = cloud.function("unread", &config(&cloud, "unread.toml", 2, ""));
    for target in 0..2 {
        for region in REGIONS {
            cloud.invoke(&mut function, &result(&cloud, target, region, 4, 'P')).unwrap();
        }
    }
    spoil(&cloud, "unread", 1);
    cloud.invoke(&mut function, &tick(5)).unwrap_err();
    let page = text(&cloud);
    for expected in [
        "Bank 1 could not be read",
        "1 target could not be read: whether anything is wrong there is not known.",
        "Bank 0 ● passing 100 %",
        "Bank 1 ? could not be read 100 %",
    ] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    assert!(!page.contains("No open incident."), "{page}");

    // With no target at all the page before says more.
    spoil(&cloud, "unread", 0);
    cloud.invoke(&mut function, &tick(10)).unwrap_err();
    assert_eq!(text(&cloud), page);
}

#[test]
fn a_removed_target_that_cannot_be_read_leaves_the_others_as_they_are() {
    let cloud = Cloud::start();
    cloud.create_table("removed");
    let mut function = cloud.function("removed", &config(&cloud, "two.toml", 2, ""));
    cloud.invoke(&mut function, &tick(1)).unwrap();
    // Two at once would share the events.
    drop(function);
    let mut function = cloud.function("removed", &config(&cloud, "one.toml", 1, ""));
    for region in REGIONS {
        cloud.invoke(&mut function, &result(&cloud, 0, region, 4, 'P')).unwrap();
    }
    spoil(&cloud, "removed", 1);
    cloud.invoke(&mut function, &tick(5)).unwrap_err();
    let page = text(&cloud);
    assert!(page.contains("Bank 0 is passing") && page.contains("No open incident."), "{page}");
}

#[test]
fn a_target_is_not_called_passing_while_every_run_is_our_own_fault() {
    let cloud = Cloud::start();
    cloud.create_table("unmeasured");
    let mut function = cloud.function("unmeasured", &config(&cloud, "unmeasured.toml", 1, ""));
    for minute in 0..10 {
        for region in REGIONS {
            let letter = if minute < 2 { 'P' } else { 'M' };
            cloud.invoke(&mut function, &result(&cloud, 0, region, minute, letter)).unwrap();
        }
        cloud.invoke(&mut function, &tick(minute + 1)).unwrap();
    }
    let page = text(&cloud);
    for expected in ["? Bank 0 is not measured; 1 open incident", "Bank 0 ? not measured", "Bank 0: monitor error"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[test]
fn a_run_that_the_history_does_not_take_is_missing_from_the_page_and_nothing_else() {
    let cloud = Cloud::start();
    cloud.create_table("full");
    let mut function = cloud.function("full", &config(&cloud, "full.toml", 1, ""));
    // An item has no room beyond some 400 KB (Amazon DynamoDB Developer Guide, Constraints).
    let filler = "x".repeat(404_930);
    let full = json!({
        "pk": {"S": "HISTORY#bank-0#us-east-1"},
        "sk": {"S": "2026-11-25T10"},
        "filler": {"S": filler},
    });
    cloud.dynamodb("PutItem", &json!({"TableName": "full", "Item": full}));
    for minute in 1..5 {
        for region in REGIONS {
            cloud.invoke(&mut function, &result(&cloud, 0, region, minute, 'F')).unwrap();
        }
    }
    cloud.invoke(&mut function, &tick(5)).unwrap();
    let page = text(&cloud);
    for expected in ["Bank 0 is failing", "us-east-2 0.00 % 4 runs: 4 failed", "us-east-1 no runs"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

/// Makes a target's state something that nobody can read.
fn spoil(cloud: &Cloud, table: &str, target: usize) {
    let key = json!({"pk": {"S": format!("TARGET#bank-{target}")}, "sk": {"S": "STATE"}});
    let update = json!({
        "TableName": table,
        "Key": key,
        "UpdateExpression": "SET #state = :state",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":state": {"S": "{"}},
    });
    cloud.dynamodb("UpdateItem", &update);
}

/// What a reader sees of the page.
fn text(cloud: &Cloud) -> String {
    let page = cloud.overview().expect("there is no page");
    let (_, body) = page.split_once("<body>").unwrap();
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [(" ,", ","), (" ;", ";"), (" :", ":"), ("( ", "("), (" )", ")")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
