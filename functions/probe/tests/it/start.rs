use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use probe::Probe;

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_is_wrong_at_the_start_is_told_in_one_line_that_names_it() {
    let unknown_key = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unknown-key.toml");
    system::write_file(&unknown_key, b"home_region = \"us-east-1\"\ncolour = 1\n").unwrap();
    let unknown_key = unknown_key.to_str().unwrap();
    let no_token = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-token.toml");
    system::write_file(&no_token, b"[[target]]\nid = \"a\"\n").unwrap();
    let no_token = no_token.to_str().unwrap();
    let token = ("KOSMA_AUTH_TOKEN", "t0ken");
    for (pairs, expected) in [
        (vec![], "has no API token: set KOSMA_AUTH_TOKEN"),
        (vec![("MONITOR_CONFIG", no_token)], "no-token.toml: target `a` has no API token: set KOSMA_AUTH_TOKEN"),
        (vec![("KOSMA_AUTH_TOKEN", "two words")], "KOSMA_AUTH_TOKEN: "),
        (vec![token], "AWS_REGION: is not set"),
        (vec![token, ("XS2A_API_BASE_URL", "http://bank.example")], "XS2A_API_BASE_URL: "),
        (vec![token, ("RUN_RESULT_TOPIC_ARN", "topic")], "RUN_RESULT_TOPIC_ARN: `topic` is not the ARN"),
        (vec![token, ("MONITOR_CONFIG", "/no/such.toml")], "MONITOR_CONFIG: cannot read /no/such.toml: No such file"),
        (vec![token, ("MONITOR_CONFIG", unknown_key)], "unknown-key.toml: line 2, column 1: "),
        (vec![token, ("XS2A_EXTRA_CA_FILE", "/no/ca.pem")], "XS2A_EXTRA_CA_FILE: cannot read /no/ca.pem: No such file"),
        (vec![token, ("XS2A_EXTRA_CA_FILE", unknown_key)], "unknown-key.toml holds no PEM certificate"),
    ] {
        let error = Probe::start(&variables(&pairs)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{pairs:?}: {error:?}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn the_executable_says_what_is_wrong_and_fails_its_start() {
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"),
        ("AWS_LAMBDA_FUNCTION_NAME", "probe"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ]
    .map(|(name, value)| (name, OsStr::new(value)));
    let canary = ("KOSMA_AUTH_TOKEN", OsStr::new("canary token"));
    let latin = ("MONITOR_CONFIG", OsStr::from_bytes(b"canary\xe9.toml"));
    for (pairs, expected) in [
        (vec![], "probe: AWS_LAMBDA_RUNTIME_API: is not set; this program runs under AWS Lambda"),
        (lambda.into_iter().chain([canary]).collect(), "probe: KOSMA_AUTH_TOKEN: "),
        (lambda.into_iter().chain([latin]).collect(), "probe: MONITOR_CONFIG: is not UTF-8 text"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_probe")).env_clear().envs(pairs).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("canary"), "{said}");
        assert_eq!((said.lines().count(), output.status.code()), (1, Some(1)), "{said}");
    }
}
