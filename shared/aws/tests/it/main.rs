//! The clients against a stand-in for AWS: real requests over a socket.

#![expect(clippy::expect_used, reason = "a broken set-up fails the test that it is for")]

mod bucket;
mod metrics;
mod parameter;
mod stub;
mod table;
mod topic;
mod voice;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Clients, Settings};
use stub::Stub;
use url::Url;

/// Clients that speak to the stub, with the credentials that Lambda would hand over.
async fn clients(stub: &Stub) -> Clients {
    clients_at(stub.url.clone(), Duration::from_secs(10)).await
}

async fn clients_at(url: Url, operation_timeout: Duration) -> Clients {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "secret-access-key"),
        ("AWS_SESSION_TOKEN", "session-token"),
    ];
    let variables = BTreeMap::from(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let settings = Settings {
        region: "eu-west-1".parse().expect("a region"),
        endpoint_url: Some(url),
        credentials: aws::credentials(&variables),
        operation_timeout,
    };
    Clients::load(&settings).await
}

#[test]
fn credentials_come_from_the_given_variables_only_and_only_together() {
    let variables = |names: &[&str]| {
        let pair = |name: &&str| ((*name).to_owned(), "value".to_owned());
        names.iter().map(pair).collect::<BTreeMap<_, _>>()
    };
    assert!(aws::credentials(&variables(&["AWS_ACCESS_KEY_ID"])).is_none());
    assert!(aws::credentials(&variables(&[])).is_none());
    let both = variables(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    assert!(aws::credentials(&both).is_some());
}

#[tokio::test]
async fn a_function_without_credentials_says_so_and_asks_nobody() {
    let stub = Stub::start(|_| stub::Answer::xml(200, "")).await.unwrap();
    let settings = Settings {
        region: "eu-west-1".parse().unwrap(),
        endpoint_url: Some(stub.url.clone()),
        credentials: None,
        operation_timeout: Duration::from_secs(10),
    };
    let clients = Clients::new(&settings);
    let read = clients.secure_string("/monitor/token").await.unwrap_err().to_string();
    let got = clients.bucket(&"reports-1".parse().unwrap()).get("latest/a.json").await.unwrap_err().to_string();
    for told in [read, got] {
        assert!(told.contains("there are no AWS credentials"), "{told}");
    }
    assert!(stub.calls().is_empty());
}
