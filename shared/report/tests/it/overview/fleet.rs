//! Many targets: what the page leaves out, and that it says so.

use report::overview::{MOST_TARGETS_IN_DETAIL, State, overview};

use super::scene::{assert_shows, fleet, incident, notification, text};

#[test]
fn a_fleet_has_its_hours_and_not_every_run() {
    let twenty = overview(&fleet(MOST_TARGETS_IN_DETAIL));
    assert_eq!(twenty.matches("<svg class=\"day\"").count(), 60);
    let hundreds = overview(&fleet(300));
    assert_eq!(
        (hundreds.matches("<svg class=\"day\"").count(), hundreds.matches("<svg class=\"strip\"").count()),
        (0, 300)
    );
    assert_shows(&twenty, &["Below it each cell is one run, and the rows are hours."]);
    let hours =
        "With more than 20 targets runs are not drawn one by one, nor are reports linked: each cell is one hour";
    assert_shows(&hundreds, &["All 300 targets are passing", hours]);
    assert!(!text(&hundreds).contains("each cell is one run"));
    assert!(hundreds.len() < 1_000_000, "{}", hundreds.len());
    let mut one_fails = fleet(30);
    one_fails.targets[25].state = State::Failing;
    assert_shows(&overview(&one_fails), &["✖ Bank 25 is failing", "By the hour Bank 25 ✖ failing"]);
}

#[test]
fn of_a_larger_fleet_the_page_says_what_it_leaves_out() {
    let mut page = fleet(40);
    for target in &mut page.targets[10..] {
        target.day = None;
    }
    page.targets[39].state = State::NotMeasured;
    let page = overview(&page);
    let left_out = "Left out: the runs of 30 targets, of which only the state is shown.";
    assert_shows(&page, &[left_out, "Bank 39 ? not measured runs left out", "Its runs are left out."]);
    assert_eq!(page.matches("<svg class=\"strip\"").count(), 10);
}

#[test]
fn when_a_whole_fleet_fails_the_page_says_how_much_it_leaves_out() {
    let mut page = fleet(2);
    page.incidents = vec![incident(); 300];
    page.notifications = vec![notification(); 101];
    page.untold = 280;
    let page = overview(&page);
    let left_out =
        ["288 more open incidents not shown.", "100 older incidents not shown.", "1 older notification not shown."];
    assert_shows(&page, &left_out);
    assert_shows(&page, &["Those about 280 more of the incidents and certificates are not shown."]);
    assert_eq!(page.matches("Not acknowledged.").count(), 12);
}
