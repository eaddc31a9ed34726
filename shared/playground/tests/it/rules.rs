//! The grammar of fault rules.

use playground::FaultRule;

#[test]
fn every_rule_reads_back_as_it_was_written() {
    let rules = [
        "1:status=503",
        "11:delay=15s*1",
        "all:drip=200ms",
        "accept:reset",
        "cleanup:truncate",
        "2:not-json",
        "3:empty*4294967295",
        "4:huge",
        "5:missing=result.key",
        "6:type=bias.apis",
        "7:state=EXCEPTION@us-west-1",
        "7:state=ABORTED",
        "8:state=PROCESSING*2@eu-central-1",
        "9:category=USER.SESSION.TIMEOUT",
        "10:rate-limit=30",
        "4:bad-key",
        "all:redirect",
        "9:foreign-url",
    ];
    for rule in rules {
        let parsed: FaultRule = rule.parse().unwrap();
        assert_eq!(parsed.to_string(), rule);
    }
}

#[test]
fn the_region_can_be_asked_for() {
    let region = |rule: &str| rule.parse::<FaultRule>().unwrap().region().map(str::to_owned);

    assert_eq!(region("7:state=EXCEPTION@us-west-1").as_deref(), Some("us-west-1"));
    assert_eq!(region("7:state=EXCEPTION"), None);
}

#[test]
fn a_wrong_rule_is_told_what_is_wrong_and_what_is_allowed() {
    let cases = [
        ("status=503", "fault rule \"status=503\" has no colon: write REQUEST:KIND[*N][@REGION]"),
        ("12:reset", "unknown request \"12\" in a fault rule: use 1 to 11, cleanup, all or accept"),
        ("0:reset", "unknown request \"0\""),
        ("1:explode", "unknown fault \"explode\": use status=N, delay=D, drip=D, reset, truncate"),
        ("1:status", "fault status cannot take \"\": write an HTTP status from 200 to 599"),
        ("1:status=99", "fault status cannot take \"99\""),
        ("1:delay=15", "fault delay cannot take \"15\": write whole seconds or milliseconds"),
        ("1:delay=0s", "fault delay cannot take \"0s\""),
        ("1:drip=61m", "fault drip cannot take \"61m\""),
        ("1:missing=", "fault missing cannot take \"\": name a field"),
        ("1:state=FINISHED", "fault state cannot take \"FINISHED\": use EXCEPTION, ABORTED or PROCESSING"),
        ("1:category=bank", "fault category cannot take \"bank\": name an error category"),
        ("1:rate-limit=soon", "fault rate-limit cannot take \"soon\": write the seconds"),
        ("1:reset=1", "fault reset cannot take \"1\": it takes no value"),
        ("1:reset*0", "\"0\" is no limit for a fault: write *N"),
        ("1:reset*x", "\"x\" is no limit for a fault"),
        ("1:reset@", "\"\" is no region of a fault"),
        ("1:reset@US", "\"US\" is no region of a fault: use lower-case letters"),
        ("accept:status=503", "fault status is not possible for request accept: accept knows reset"),
        ("1:bad-key", "fault bad-key is not possible for request 1: only the answers 3 to 7"),
        ("11:foreign-url", "fault foreign-url is not possible for request 11: only the answers"),
    ];
    for (rule, message) in cases {
        let error = rule.parse::<FaultRule>().unwrap_err().to_string();
        assert!(error.starts_with(message), "{rule}: {error}");
    }
}
