use crate::support::{command, config_file, told};

#[test]
fn what_would_be_monitored_is_told_without_the_token() {
    let told = told(command(&["validate", "--config", "infra/monitor.toml"]).env("KOSMA_AUTH_TOKEN", "canary"));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    for part in ["us-east-1, us-east-2, us-west-1, every 1 min", "klarna-playground: Klarna XS2A", "DE 00000"] {
        assert!(told.out.contains(part), "{}", told.out);
    }
    assert!(!told.out.contains("canary"), "{}", told.out);
}

#[test]
fn a_configuration_without_a_token_is_valid_and_what_to_set_is_told() {
    let file =
        config_file("one-token.toml", "[[target]]\nid = \"a\"\n[[target]]\nid = \"b\"\ntoken_parameter = \"/b\"\n");
    let told = told(&mut command(&["validate", "--config", file.to_str().unwrap()]));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    let tokens: Vec<_> = told.out.lines().filter_map(|line| line.strip_prefix("  token   ")).collect();
    let missing = "target `a` has no API token: set KOSMA_AUTH_TOKEN, or KOSMA_AUTH_TOKEN_PARAMETER or token_parameter \
                   to the name of an SSM SecureString";
    assert_eq!(tokens, [missing, "from SSM parameter /b"]);
}
