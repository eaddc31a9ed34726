//! What a deployment is told of the configuration.

use serde_json::Value;

use crate::support::{command, config_file, project, told};

fn document(name: &str, text: &str) -> Value {
    let mut run = command(&["deployment", "--config"]);
    let told = told(run.arg(config_file(name, text)));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    serde_json::from_str(&told.out).unwrap()
}

const TARGET: &str = "[[target]]\nid = \"bank\"\n";

#[test]
fn the_regions_take_turns_as_the_file_says() {
    for (name, text, expected) in [
        ("p1.toml", "", ["cron(* * * * ? *)", "cron(* * * * ? *)", "cron(* * * * ? *)"]),
        ("p5.toml", "interval = \"5m\"\n", ["cron(0/5 * * * ? *)", "cron(0/5 * * * ? *)", "cron(0/5 * * * ? *)"]),
        (
            "r1.toml",
            "schedule = \"round-robin\"\n",
            ["cron(0/3 * * * ? *)", "cron(1/3 * * * ? *)", "cron(2/3 * * * ? *)"],
        ),
        (
            "r5.toml",
            "schedule = \"round-robin\"\ninterval = \"5m\"\n",
            ["cron(0/15 * * * ? *)", "cron(5/15 * * * ? *)", "cron(10/15 * * * ? *)"],
        ),
    ] {
        let document = document(name, &format!("{text}{TARGET}"));
        let told = ["us-east-1", "us-east-2", "us-west-1"].map(|region| document["schedule"][region].as_str().unwrap());
        assert_eq!(told, expected, "{name}");
        assert_eq!(document["watch_region"], "us-east-2");
    }
}

#[test]
fn an_interval_that_does_not_divide_the_hour_is_refused() {
    let mut run = command(&["deployment", "--config"]);
    let told = told(run.arg(config_file("p7.toml", &format!("interval = \"7m\"\n{TARGET}"))));
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.err.contains("every 7 min"), "{told:?}");
}

#[test]
fn every_channel_is_told_with_where_it_leads_and_no_secret() {
    let text = system::read_text(&project().join("infra/examples/drill.toml")).unwrap();
    let document = document("channels.toml", &text);
    let channels = document["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 9);
    for channel in channels {
        let subscribed = !channel["protocol"].is_null();
        assert_eq!(subscribed, !channel["endpoint"].is_null() && !channel["filter_policy"].is_null(), "{channel}");
        let direct = !channel["secret_parameter"].is_null() || !channel["phone"].is_null();
        assert!(subscribed != direct, "{channel}");
    }
}
