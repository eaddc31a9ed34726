use super::*;
use crate::names::TopicArn;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:run-results";

fn environment(pairs: &[(&str, &str)]) -> Result<Environment, String> {
    let map = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment::parse(&map).map_err(|error| error.to_string())
}

fn parse(text: &str) -> Result<Config, String> {
    let environment = environment(&[("KOSMA_AUTH_TOKEN", "canary")]).unwrap();
    Config::parse(Some(text), &environment).map_err(|error| error.to_string())
}

#[test]
fn with_no_file_there_is_klarnas_playground() {
    let config = parse("").unwrap();
    let [target] = config.targets.as_slice() else { panic!("{:?}", config.targets) };
    assert_eq!(target.id.as_str(), "klarna-playground");
    assert_eq!((target.country_code.as_str(), target.bank_code.as_str()), ("DE", "00000"));
    assert_eq!((target.interface.as_str(), target.user_name.as_str()), ("de_testbank_bias", "redirect"));
    assert_eq!(target.min_available, Some(0));
    assert!(target.confirm && !target.attended && !target.auth_token_on_wizard);
    assert_eq!(config.home_region.as_str(), "us-east-1");
}

#[test]
fn the_shipped_example_parses() {
    let config = parse(include_str!("../../../../infra/monitor.toml")).unwrap();
    assert_eq!(config.regions.len(), 3);
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let target = |line: &str| format!("[[target]]\nid = \"a\"\n{line}\n");
    let cases = [
        ("interval = \"90s\"\n", "interval: must be whole minutes"),
        ("intervall = \"1m\"\n", "line 1, column 1: unknown field `intervall`"),
        ("interval = \"soon\"\n", "line 1, column 12: `soon` is not a duration"),
        ("regions = [\"us-east-1\", \"us-east-1\"]\n", "regions: `us-east-1` stands there twice"),
        ("regions = []\n", "regions: is empty"),
        ("home_region = \"eu-west-1\"\n", "home_region: is not one of `regions`"),
        ("regions = [\"useast\"]\n", "`useast` is not an AWS region code"),
        ("schedule = \"sometimes\"\n", "line 1, column 12: unknown variant `sometimes`"),
        (&target("usr_name = \"x\""), "line 3, column 1: unknown field `usr_name`"),
        (&target("password = \"x\""), "line 3, column 1: unknown field `password`"),
        (&target("api_base_url = \"http://bank.example\""), "line 3, column 16: plain http is only for loopback"),
        (&target("api_base_url = \"bank\""), "line 3, column 16: not an absolute URL"),
        (&target("api_base_url = \"https://bank.example\""), "target `a`: psu_ip_address: is required"),
        (&target("country_code = \"Germany\""), "line 3, column 16: `Germany` is not a country code"),
        (&target("psu_user_agent = \"ü\""), "line 3, column 18: a user agent is printable ASCII"),
        (&target("min_available = \"low\""), "min_available is a number of minor units"),
        (&target("degraded_after = { steps = { login = \"1s\" } }"), "table of step name = duration"),
        (&target("allowed_origins = [{ origin = \"https://a.example/x\", role = \"api\" }]"), "without a path"),
        ("[timeouts]\nrun = \"8s\"\n", "timeouts.run: leaves no time"),
        ("[[target]]\nid = \"a\"\n[[target]]\nid = \"a\"\n", "target.id: `a` stands there twice"),
        ("[[target]]\nname = \"x\"\n", "missing field `id`"),
        ("[[target\n", "line 1"),
    ];
    assert_refused(&cases);
}

#[test]
fn a_mistake_about_alerts_is_named_with_its_place() {
    let channel = |lines: &str| format!("[[channel]]\nid = \"a\"\n{lines}\n");
    let maintenance = |lines: &str| format!("[[maintenance]]\n{lines}\nduration = \"2h\"\n");
    let cases = [
        ("[policy]\nfailed_run = 1\n", "line 2, column 1: unknown field `failed_run`"),
        ("[policy]\nfailed_runs = 0\n", "line 2, column 15: 0 is not a number of runs in a row from 1 to 60"),
        ("[policy]\nrecovery_runs = 61\n", "line 2, column 17: 61 is not a number of runs"),
        ("[policy]\nmin_regions = 0\n", "line 2, column 15: min_regions is a number of regions, a percentage"),
        ("[policy]\nmin_regions = \"101%\"\n", "line 2, column 15: min_regions is"),
        ("[policy]\nmin_regions = 4\n", "policy.min_regions: asks for 4 regions, and there are 3"),
        ("[policy]\nreminders = { interval_minutes = 0 }\n", "0 is not a number of minutes from 1 to 10080"),
        ("[policy]\nreminders = { every = 5 }\n", "line 2, column 15: unknown field `every`"),
        (&channel("type = \"fax\""), "line 3, column 8: unknown variant `fax`"),
        (&channel("type = \"email\""), "channel `a`: address: is required"),
        (&channel("type = \"email\"\naddress = \"me\""), "channel `a`: address: is not an e-mail address"),
        (&channel("type = \"email\"\naddres = \"a@b\""), "line 4, column 1: unknown field `addres`"),
        (&channel("type = \"sms\"\nnumber = \"0612\""), "line 4, column 10: `0612` is not a phone number"),
        (&channel("type = \"sms\"\nnumber = \"+3161234567\"\nurl = \"https://a.example\""), "url: does not belong"),
        (&channel("type = \"phone\"\nnumber = \"+3161234567\""), "channel `a`: origination: is required"),
        (&channel("type = \"phone\"\nsend_degraded = true"), "channel `a`: type: a phone rings for failures and"),
        (&channel("type = \"phone\"\nsend_certificate = true"), "channel `a`: type: a phone rings for failures and"),
        (&channel("type = \"webhook\"\nurl = \"http://a.example\""), "line 4, column 7: plain http is only for"),
        (&channel("type = \"slack\""), "channel `a`: secret_parameter: is required"),
        ("[[channel]]\nid = \"A B\"\ntype = \"slack\"\n", "line 2, column 6: `A B` is not a channel id"),
        ("[[channel]]\nid = \"alert-topic\"\ntype = \"slack\"\n", "line 2, column 6: `alert-topic` is not"),
        (
            &format!("{0}{0}", channel("type = \"teams\"\nsecret_parameter = \"/t\"")),
            "channel.id: `a` stands there twice",
        ),
        (&maintenance("cron = \"0 2 * *\""), "line 2, column 8: cron has five fields"),
        (&maintenance("cron = \"0 2 * * *\"\ntime_zone = \"Berlin\""), "`Berlin` is not a time zone"),
        (&maintenance("cron = \"0 2 * * *\"\ntargets = [\"b\"]"), "maintenance.targets: `b` is not a target"),
        (&maintenance("cron = \"0 2 * * *\"\nzone = \"UTC\""), "unknown field `zone`"),
        ("[[maintenance]]\ncron = \"0 2 * * *\"\n", "missing field `duration`"),
        ("[[maintenance]]\ncron = \"0 2 * * *\"\nduration = \"25h\"\n", "maintenance.duration: is longer than 24h"),
    ];
    assert_refused(&cases);
}

fn assert_refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = parse(text).unwrap_err();
        assert!(error.contains(expected), "{text}\n  said: {error}\n  not:  {expected}");
    }
}

#[test]
fn a_malformed_variable_is_named_and_a_token_never_shown() {
    let cases = [
        ("XS2A_API_BASE_URL", "http://bank.example", "plain http is only for loopback"),
        ("XS2A_AUTH_BASE_URL", "bank", "not an absolute URL"),
        ("XS2A_API_BASE_URL", "", "is set but empty"),
        ("MONITOR_CONFIG", "", "is set but empty"),
        ("AWS_REGION", "somewhere", "not an AWS region code"),
        ("AWS_ENDPOINT_URL", "localhost:4566", "`localhost` is not the scheme"),
        ("AWS_ENDPOINT_URL", "http://aws.example", "plain http is only for loopback"),
        ("RUN_RESULT_TOPIC_ARN", "run-results", ": `run-results` is not the ARN of an SNS topic"),
        ("ALERT_TOPIC_ARN", "alerts", ": `alerts` is not the ARN of an SNS topic"),
        ("RUN_RESULT_TOPIC_ARNS", &format!("{TOPIC},results"), ": `results` is not the ARN of an SNS topic"),
        ("RUN_RESULT_TOPIC_ARNS", &format!("{TOPIC},"), ": `` is not the ARN of an SNS topic"),
        ("RUN_RESULT_TOPIC_ARNS", &format!("{TOPIC}, {TOPIC}"), "run-results` stands there twice"),
        ("STATE_TABLE", "ab", ": `ab` is not the name or ARN of a DynamoDB table"),
        ("STATE_TABLE", "my table", "is not the name or ARN"),
        ("STATE_TABLE", &"a".repeat(1025), "is not the name or ARN"),
        ("REPORT_BUCKET", "My.Bucket", ": `My.Bucket` is not a bucket name"),
        ("REPORT_LINK_HOURS", "0", ": `0` is not a number from 1 to 12"),
        ("REPORT_LINK_HOURS", "13", ": `13` is not a number from 1 to 12"),
        ("REPORT_LINK_HOURS", "a day", ": `a day` is not a number from 1 to 12"),
        ("KOSMA_AUTH_TOKEN", "", "is set but empty"),
        ("KOSMA_AUTH_TOKEN", "sec ret", "not shown"),
    ];
    for (name, value, expected) in cases {
        let error = environment(&[(name, value)]).unwrap_err();
        assert!(error.starts_with(name) && error.contains(expected), "{name}={value}: {error}");
        assert!(!error.contains("sec ret"));
    }
}

#[test]
fn environment_beats_file() {
    let text = "[[target]]\nid = \"a\"\napi_base_url = \"http://127.0.0.1:1\"\ntoken_parameter = \"/t\"\n";
    let with =
        |pairs: &[(&str, &str)]| Config::parse(Some(text), &environment(pairs).unwrap()).unwrap().targets.remove(0);
    assert_eq!(with(&[]).token, Some(Token::Parameter("/t".to_owned())));
    assert_eq!(with(&[("KOSMA_AUTH_TOKEN_PARAMETER", "/u")]).token, Some(Token::Parameter("/u".to_owned())));
    let target = with(&[("KOSMA_AUTH_TOKEN", "t"), ("XS2A_API_BASE_URL", "http://127.0.0.1:2")]);
    assert!(matches!(target.token, Some(Token::Value(_))));
    assert_eq!(target.api_base_url.as_url().as_str(), "http://127.0.0.1:2/");
}

#[test]
fn only_runs_need_a_token() {
    let bare = "[[target]]\nid = \"a\"\ntoken_parameter = \"/t\"\n[[target]]\nid = \"b\"\n[[target]]\nid = \"c\"\n";
    let whole = "[[target]]\nid = \"a\"\ntoken_parameter = \"/t\"\n";
    for (text, variables, missing) in [
        ("", &[][..], Some("klarna-playground")),
        ("", &[("KOSMA_AUTH_TOKEN", "t")], None),
        ("", &[("KOSMA_AUTH_TOKEN_PARAMETER", "/t")], None),
        (whole, &[], None),
        (bare, &[], Some("b")),
        (bare, &[("KOSMA_AUTH_TOKEN", "t")], None),
    ] {
        let config = Config::parse(Some(text), &environment(variables).unwrap()).unwrap();
        let expected = missing.map(|id| {
            format!(
                "target `{id}` has no API token: set KOSMA_AUTH_TOKEN, or KOSMA_AUTH_TOKEN_PARAMETER or \
                 token_parameter to the name of an SSM SecureString"
            )
        });
        assert_eq!(config.require_tokens().err().map(|error| error.to_string()), expected, "{text} {variables:?}");
    }
}

#[test]
fn the_aggregator_is_told_its_table_and_topics() {
    let arn = |region: &str| format!("arn:aws:sns:{region}:123456789012:t");
    let (east, west) = (arn("us-east-1"), arn("us-west-1"));
    let table = "arn:aws:dynamodb:us-east-1:123456789012:table/xs2a-monitor";
    for (topics, expected) in [
        (east.clone(), vec![&east]),
        (format!("{west},{east}"), vec![&west, &east]),
        (format!(" {east} ,\t{west} "), vec![&east, &west]),
        (String::new(), vec![]),
    ] {
        let pairs = [("STATE_TABLE", table), ("ALERT_TOPIC_ARN", &west), ("RUN_RESULT_TOPIC_ARNS", &topics)];
        let environment = environment(&pairs).unwrap();
        assert_eq!(environment.state_table.as_deref(), Some(table));
        assert_eq!(environment.alert_topic_arn.unwrap().as_str(), west);
        let told: Vec<_> = environment.run_result_topic_arns.iter().map(TopicArn::as_str).collect();
        assert_eq!(told, expected, "{topics:?}");
    }
    let pairs = [("STATE_TABLE", ""), ("ALERT_TOPIC_ARN", ""), ("RUN_RESULT_TOPIC_ARN", "")];
    assert_eq!(environment(&pairs).unwrap(), Environment::default(), "empty is unset");
}

#[test]
fn reports_go_where_the_environment_says() {
    let set = environment(&[("REPORT_BUCKET", "reports-1"), ("REPORT_LINK_HOURS", "12")]).unwrap();
    assert_eq!((set.report_bucket.unwrap().as_str(), set.report_link_hours), ("reports-1", Some(12)));
    let empty = environment(&[("REPORT_BUCKET", ""), ("REPORT_LINK_HOURS", "")]).unwrap();
    assert_eq!(empty, Environment::default(), "empty is unset");
}

#[test]
fn an_unknown_target_is_told_with_those_there_are() {
    let config = parse("").unwrap();
    let error = config.target(&"nope".parse().unwrap()).unwrap_err().to_string();
    assert_eq!(error, "unknown target `nope`; the configuration has: klarna-playground");
}

#[test]
fn a_commented_section_of_the_shipped_example_is_valid_once_it_is_used() {
    let shipped = include_str!("../../../../infra/monitor.toml");
    let (before, sections) = shipped.split_once("# [[channel]]").unwrap();
    let is_toml = |line: &&str| line.starts_with("[[") || line.contains(" = ");
    let used: Vec<_> = sections.lines().filter_map(|line| line.strip_prefix("# ").filter(is_toml)).collect();
    let config = parse(&format!("{before}[[channel]]\n{}", used.join("\n"))).unwrap();
    assert_eq!(config.policy, Policy::default());
    let kinds: Vec<_> = config.channels.iter().map(|channel| channel.kind.name()).collect();
    assert_eq!(kinds, ["email", "sms", "https", "phone", "slack", "teams", "pagerduty", "opsgenie", "webhook"]);
    assert_eq!(config.maintenances.len(), 1);
}

#[test]
fn channels_tell_failures_and_recoveries_unless_told_otherwise() {
    let flags = |kind: &str| {
        let config = parse(&format!("[[channel]]\nid = \"a\"\n{kind}\n")).unwrap();
        let channel = &config.channels[0];
        (channel.send_failure, channel.send_recovery, channel.send_degraded, channel.send_certificate)
    };
    assert_eq!(flags("type = \"email\"\naddress = \"a@b.example\""), (true, true, false, true));
    let phone = "type = \"phone\"\nnumber = \"+3161234567\"\norigination = \"+3161234568\"";
    assert_eq!(flags(phone), (true, false, false, false));
    assert_eq!(flags(&format!("{phone}\nsend_recovery = true")), (true, true, false, false));
}
