use crate::support::{command, told};

#[test]
fn what_would_be_monitored_is_told_without_the_token() {
    let told = told(command(&["validate", "--config", "infra/monitor.toml"]).env("KOSMA_AUTH_TOKEN", "canary"));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    for part in ["us-east-1, us-east-2, us-west-1, every 1 min", "klarna-playground: Klarna XS2A", "DE 00000"] {
        assert!(told.out.contains(part), "{}", told.out);
    }
    assert!(!told.out.contains("canary"), "{}", told.out);
}
